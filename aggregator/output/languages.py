"""Languages as readers of feeds know them: by the tags of ISO 639-1 and 639-2 (RFC 5646).

A language that came into those lists late, or stands in ISO 639-3 alone, is
no fault; but the W3C's validator calls it one, and a reader that looks for the
letters or the voice of a language finds none by that name.
"""


def _words(lines: str) -> list[str]:
    return lines.split()


# What has a name of two letters goes by that (RFC 5646, section 2.2.1).
_SHORTER = dict(
    pair.split("=")
    for pair in _words("""
    aar=aa abk=ab afr=af aka=ak alb=sq amh=am ara=ar arg=an arm=hy asm=as ava=av ave=ae aym=ay
    aze=az bak=ba bam=bm baq=eu bel=be ben=bn bih=bh bis=bi bod=bo bos=bs bre=br bul=bg bur=my
    cat=ca ces=cs cha=ch che=ce chi=zh chu=cu chv=cv cor=kw cos=co cre=cr cym=cy cze=cs dan=da
    deu=de div=dv dut=nl dzo=dz ell=el eng=en epo=eo est=et eus=eu ewe=ee fao=fo fas=fa fij=fj
    fin=fi fra=fr fre=fr fry=fy ful=ff geo=ka ger=de gla=gd gle=ga glg=gl glv=gv gre=el grn=gn
    guj=gu hat=ht hau=ha heb=he her=hz hin=hi hmo=ho hrv=hr hun=hu hye=hy ibo=ig ice=is ido=io
    iii=ii iku=iu ile=ie ina=ia ind=id ipk=ik isl=is ita=it jav=jv jpn=ja kal=kl kan=kn kas=ks
    kat=ka kau=kr kaz=kk khm=km kik=ki kin=rw kir=ky kom=kv kon=kg kor=ko kua=kj kur=ku lao=lo
    lat=la lav=lv lim=li lin=ln lit=lt ltz=lb lub=lu lug=lg mac=mk mah=mh mal=ml mao=mi mar=mr
    may=ms mkd=mk mlg=mg mlt=mt mon=mn mri=mi msa=ms mya=my nau=na nav=nv nbl=nr nde=nd ndo=ng
    nep=ne nld=nl nno=nn nob=nb nor=no nya=ny oci=oc oji=oj ori=or orm=om oss=os pan=pa per=fa
    pli=pi pol=pl por=pt pus=ps que=qu roh=rm ron=ro rum=ro run=rn rus=ru sag=sg san=sa sin=si
    slk=sk slo=sk slv=sl sme=se smo=sm sna=sn snd=sd som=so sot=st spa=es sqi=sq srd=sc srp=sr
    ssw=ss sun=su swa=sw swe=sv tah=ty tam=ta tat=tt tel=te tgk=tg tgl=tl tha=th tib=bo tir=ti
    ton=to tsn=tn tso=ts tuk=tk tur=tr twi=tw uig=ug ukr=uk urd=ur uzb=uz ven=ve vie=vi vol=vo
    wel=cy wln=wa wol=wo xho=xh yid=yi yor=yo zha=za zho=zh zul=zu
    """)
)
_LONG = frozenset(
    _words("""
    ace ach ada ady afa afh ain akk ale alg alt ang anp apa arc arn arp art arw ast ath aus
    awa bad bai bal ban bas bat bej bem ber bho bik bin bla bnt bra btk bua bug byn cad cai
    car cau ceb cel chb chg chk chm chn cho chp chr chy cmc cop cpe cpf cpp crh crp csb cus
    dak dar day del den dgr din doi dra dsb dua dum dyu efi egy eka elx enm ewo fan fat fil
    fiu fon frm fro frr frs fur gaa gay gba gem gez gil gmh goh gon gor got grb grc gsw gwi
    hai haw hil him hit hmn hsb hup iba ijo ilo inc ine inh ira iro jbo jpr jrb kaa kab kac
    kam kar kaw kbd kha khi kho kmb kok kos kpe krc krl kro kru kum kut lad lah lam lez lol
    loz lua lui lun luo lus mad mag mai mak man map mas mdf mdr men mga mic min mkh mnc mni
    mno moh mos mun mus mwl mwr myn myv nah nai nap nds new nia nic niu nog non nso nub nwc
    nym nyn nyo nzi osa ota oto paa pag pal pam pap pau peo phi phn pon pra pro raj rap rar
    roa rom rup sad sah sai sal sam sas sat scn sco sel sem sga sgn shn sid sio sit sla sma
    smi smj smn sms snk sog son srn srr ssa suk sus sux syr tai tem ter tet tig tiv tkl tlh
    tli tmh tog tpi tsi tum tup tut tvl tyv udm uga umb vai vot wak wal war was wen xal yao
    yap ypk zap zen znd zun
    """)
)
# Former names, and languages by the one that they are a kind of: as the Unicode CLDR has it.
_OTHER_NAMES = {
    "arb": "ar", "cmn": "zh", "cnr": "sr-ME", "hbs": "sh", "in": "id", "iw": "he", "ji": "yi",
    "jw": "jv", "kmr": "ku", "mo": "ro", "pes": "fa", "prs": "fa-AF",
}  # fmt: skip
_SHORT = frozenset(_SHORTER.values()) | {"sh"}


def feed_language(tag: str) -> str:
    """Return the tag that a feed states for a language, "" where it had better state none.

    >>> [feed_language(tag) for tag in ("sr-Latn-RS", "eng-GB", "cnr", "gsw", "yue", "")]
    ['sr-Latn-RS', 'en-GB', 'sr-ME', 'gsw', '', '']
    """
    primary, hyphen, others = tag.partition("-")
    known = _SHORTER.get(primary.lower(), primary.lower())
    known = _OTHER_NAMES.get(known, known)
    if "-" in known:  # the place is part of its name
        return known
    return f"{known}{hyphen}{others}" if known in _SHORT or known in _LONG else ""
