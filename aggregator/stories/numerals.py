"""Numbers as words, in the languages of the region, as matching needs them.

To know that a word is a number, and which, is enough: no text is calculated with. Folded spelling;
cardinals and ordinals from two on, in the forms that news has most. Words that stand for something
else as often ("on" is ten in Turkish) are left out, and so is one: in half the languages it is an
article.
"""

_SPELLINGS = {
    2: """
        anden andra andre antras deux deuxieme divi divu doi dois dos doua druga drugi
        drugiego drugii drugij drugo drugog drugoji druha druheho druhy duas dva dvaja dvama
        dvata dve dvema dvete dvieju dvije dvoch dvoe dvoh dvoih dvoje dvojica dvojice dvom
        dvoma dvou dvuh dvum dwa dwie dwoch dwoje dyte iki ikinci kahden kahe kahta kaks
        kaksi ket ketto masodik otrais second seconda seconde secondo segunda segundo teine
        toinen tva twee tweede two vtora vtoraja vtori vtoro vtorogo vtoroi vtoroj zwei
        zweite zweiten zweiter δευτερη δευτερο δευτεροσ δυο
    """,
    3: """
        derde drei drie dritte dritten dritter harmadik harom kolm kolmas kolme kolmen
        terceira terceiro tercer tercera tercero terza terzo third three traja tre treca
        treceg treci trecias treh trei treia trem tres tresais treta tretego treti tretiho
        tretii tretij tretja tretje tretji treto tri triju trima tris troch troe troh troih
        trois troisieme troje trojica trojice trom troma trys trzech trzeci trzecia
        trzeciego trzej trzy uc ucuncu τρεισ τρια τριτη τριτο τριτοσ
    """,
    4: """
        cetiri cetirima cetri cetrta cetrti cetru ceturtais cetvero cetverta cetvertaja
        cetvertii cetvertij cetvertyi cetvertyj cetvorica cetvorice cetvoro cetvrt cetvrta
        cetvrti cetvrto cetyre cetyreh coteri cotiri cotiroh ctvrta ctvrty ctyri cuarta
        cuarto cuatro czterech czterej cztery czwarta czwarty czworo dorduncu dort fjarde
        fjerde four fourth fyra kater katert katerte keturi keturiu ketvirtas negy negyedik
        neli nelja neljan neljas patra patru quarta quarto quatre quatrieme quatro quattro
        stiri stirje stvrta stvrty styri styria styroch vier vierde vierte vierten vierter
        τεσσερα τεσσερισ τεταρτη τεταρτοσ
    """,
    5: """
        bes besinci cincea cinci cinco cinq cinque cinquieme fem femte fifth five funf
        funfte funften funfter otodik pat pata paty penki penkiu penktas pese pesta pesti
        pestima pet peta peti petima peto petorica petorice petoro piata piati piatich piaty
        piec pieci piecioro pieciu piecu piektais pjat pjata pjataja pjatero pjati pjatii
        pjatij pjatoh pjatyi pjatyj quinta quinto viiden viides viie viis viisi vijf vijfde
        πεμπτοσ πεντε
    """,
    6: """
        alti altinci gjashta gjashte hatodik kuuden kuudes kuue kuus kuusi sase sasea sechs
        sechse sechste sechsten sechster sei seis seks sesi sesiu sest sesta sestais sestaja
        sestas sestata sestero sesti sestijat sestima sesto sestoh sestoi sestoj sestorica
        sestoro sesty sesu sex sexta sexto siesti siestich siesty sist sistoh six sixieme
        sixth sjatte sjette sosta sostii sostij szesc szescioro szesciu szosta szosty zes
        zesde εκτη εκτοσ εξι
    """,
    7: """
        hetedik sapte saptea sedam sedem sedm sedma sedmaja sedmata sedmi sedmijat sedmo
        sedmoi sedmoj sedmorica sedmoro sedmy sedum seitse seitseman seitsemas semero semi
        septieme septima septimo septini septintas septinu septitais septyni septyniu sete
        setima setimo sette settima settimo seven seventh shtata shtate sieben siebte
        siebten siebter siedem siedmi siedmich siedmioro siedmiu siedmy siete simoh siodma
        siodmy sju sjunde somii somij syv syvende yedi yedinci zeven zevende εβδομη εβδομοσ
        επτα εφτα
    """,
    8: """
        acht achte achten achter achtste astoni astonu astotais astuntas astuoni astuoniu
        atta attonde eight eighth huit huitieme kahdeksan kahdeksas kaheksa nyolc nyolcadik
        ocho octava octavo oitava oitavo oito opt opta optulea osam osem osiem osm osma
        osmata osmi osmich osmijat osmioro osmiu osmo osmorica osmoro osmy ottava ottavo
        ottende otto sekiz sekizinci teta tete visim vosem vosma vosmaja vosmero vosmi
        vosmii vosmij vosmoh vosmoi vosmoj ογδοοσ οκτω οχτω
    """,
    9: """
        devat devatoh devaty devet deveta devetata deveti devetima deveto devetoro deviati
        deviatich deviaty devini devintas devinu devitais deviti devjat devjata devjataja
        devjati devjatii devjatij devjatoh devjatyi devjatyj devyni devyniu dokuz dokuzuncu
        dziewiata dziewiaty dziewiec dziewiecioro dziewieciu kilenc kilencedik negen negende
        nenta nente neuf neun neunte neunten neunter neuvieme niende nine ninth nio nionde
        nona nono noua nove novena noveno nueve uheksa yhdeksan yhdeksas ενατοσ εννεα εννια
    """,
    10: """
        decima decimo desat desatoh desaty deset deseta desetak desetata deseti desetima
        deseto desetoro desiati desiatich desiaty desimt desimtas desimties desjat desjata
        desjataja desjati desjatii desjatij desjatoh desjatyi desjatyj desmit desmitais
        desmitu dez dhjeta dhjete dieci diez dix dixieme dziesiata dziesiaty dziesiec
        dziesiecioro dziesieciu kumme kymmenen kymmenes onuncu ten tenth tien tiende tio
        tionde tiz tizedik zece zecea zehn zehnte zehnten zehnter δεκα δεκατοσ
    """,
    11: """
        decimoprimero edinaeset edinajset eleven eleventh elf elfde elfte elften elfter
        elleve ellevte elva enajst enajsti jedanaest jedanaesta jedanaesti jedenact
        jedenacti jedenascie jedenast jedenasti jedenastu jedenasty njembedhjete odinadcat
        odinadcati odinadcjat odinadcjatii odinnadcat odinnadcati odinnadcatyi onbir
        onbirinci onze onzieme tizenegy tizenegyedik uksteist undicesimo undici unsprezece
        vienpadsmit vienuolika yhdestoista yksitoista ενδεκα εντεκα
    """,
    12: """
        decimosegundo divpadsmit doce docena dodicesimo dodici doisprezece douasprezece
        douzaine douze douzieme doze dozen dutzend dvanact dvanacti dvanadcat dvanadcati
        dvanadcjat dvanadcjatii dvanaeset dvanaest dvanaesta dvanaesti dvanajset dvanajst
        dvanajsti dvanast dvanasti dvenadcat dvenadcati dvenadcatyi dvylika dwanascie
        dwunastu dwunasty dymbedhjete kahdestoista kaksitoista kaksteist oniki onikinci
        tizenkettedik tizenketto tolfte tolv tolvte twaalf twaalfde twelfth twelve zwolf
        zwolfte zwolften δωδεκα
    """,
    13: """
        dertien dertiende dreizehn dreizehnte kolmastoista kolmetoista onuc onucuncu
        thirteen thirteenth tizenharmadik tizenharom tredicesimo tredici treisprezece treize
        treizieme tretten trettende trettforste tretton trettonde treze trinact trinadcat
        trinadcatyi trinadcjat trinadcjatii trinaest trinajst trinajsti trinast trispadsmit
        trylika trzynascie trzynasty
    """,
    14: """
        catorce catorze cetrnaest cetrpadsmit cetyrnadcat cetyrnadcatyi cotirnadcjat
        cotirnadcjatii ctrnact czternascie czternasty fjorten fjortende fjorton fjortonde
        fourteen fourteenth keturiolika neljastoista neljatoista ondorduncu ondort
        paisprezece quatorze quatorzieme quattordicesimo quattordici stirinajst stirinajsti
        strnast tizennegy tizennegyedik veertien veertiende vierzehn vierzehnte
    """,
    15: """
        cincisprezece femten femtende femton femtonde fifteen fifteenth funfzehn funfzehnte
        onbes onbesinci patnact patnast penkiolika petnaest petnajst petnajsti piecpadsmit
        pietnascie pietnasty pjatnadcat pjatnadcatyi pjatnadcjat pjatnadcjatii quince
        quindicesimo quindici quinze quinzieme tizenot tizenotodik viidestoista viisitoista
        vijftien vijftiende
    """,
    16: """
        dezasseis dieciseis kuudestoista kuusitoista onalti onaltinci saisprezece sechzehn
        sechzehnte sedicesimo sedici seize seizieme seksten sekstende sesiolika sesnaest
        sespadsmit sestnact sestnadcat sestnadcatyi sestnajst sestnajsti sestnast sexton
        sextonde sistnadcjat sistnadcjatii sixteen sixteenth szesnascie szesnasty tizenhat
        tizenhatodik zestien zestiende
    """,
    17: """
        dezassete diciassette diciassettesimo diecisiete dixsept dixseptieme onyedi
        onyedinci saptesprezece sedamnaest sedemnajst sedemnajsti sedemnast sedmnact
        seitsemantoista seitsemastoista semnadcat semnadcatyi septinpadsmit septyniolika
        seventeen seventeenth siebzehn siebzehnte siedemnascie siedemnasty simnadcjat
        simnadcjatii sjutton sjuttonde sytten syttende tizenhet tizenhetedik zeventien
        zeventiende
    """,
    18: """
        achttien achttiende achtzehn achtzehnte arton artonde astonpadsmit astuoniolika
        atten dezoito diciottesimo diciotto dieciocho dixhuit dixhuitieme eighteen
        eighteenth kahdeksantoista kahdeksastoista onsekiz onsekizinci optsprezece osamnaest
        osemnajst osemnajsti osemnast osiemnascie osiemnasty osmnact tizennyolc
        tizennyolcadik visimnadcjat visimnadcjatii vosemnadcat vosemnadcatyi
    """,
    19: """
        devatenact devatnast devetnaest devetnajst devetnajsti devinpadsmit devjatnadcat
        devjatnadcatyi devjatnadcjat devjatnadcjatii devyniolika dezanove diciannove
        diciannovesimo diecinueve dixneuf dixneuvieme dziewietnascie dziewietnasty negentien
        negentiende neunzehn neunzehnte nineteen nineteenth nitten nittende nitton nittonde
        nouasprezece ondokuz ondokuzuncu tizenkilenc tizenkilencedik yhdeksantoista
        yhdeksastoista
    """,
    20: """
        divdesmit douazeci dvacet dvaceti dvadcat dvadcati dvadcatoh dvadcatyi dvadcjat
        dvadcjatii dvadeset dvadesetak dvadeseti dvadsat dvadsati dvajset dvajseti dvidesimt
        dwadziescia dwudziestu dwudziesty husz huszadik kahdenkymmenen kahdeskymmenes
        kaksikymmenta njezet tjue tjuende tjugo tjugode tjugonde twentieth twenty twintig
        twintigste tyve tyvende veinte ventesimo venti vigesimo vingt vingtieme vinte yirmi
        yirminci zwanzig zwanzigste zwanzigsten εικοσι
    """,
    30: """
        dertig dertigste dreissig dreissigste harminc harmincadik kolmaskymmenes
        kolmekymmenta otuz otuzuncu thirtieth thirty tredive tredivete treinta treizeci
        trenta trente trentesimo trentieme tretti trettiende trettio trettionde tricet
        triceti tridcat tridcati tridcatoh tridcatyi tridcjat tridcjatii trideset tridesetak
        trideseti tridhjete tridsat tridsiatich trigesimo trinta trisdesimt trisdesmit
        trzydziesci trzydziestu trzydziesty τριαντα
    """,
    40: """
        cetirideset cetrdeset cetrdesmit ctyricet ctyriceti cuarenta czterdziesci
        czterdziestu czterdziesty dyzet forti fortiende fortieth fortio fortionde forty
        fyrre fyrreende keturiasdesimt kirkinci negyven negyvenedik neljakymmenta
        neljaskymmenes patruzeci quadragesimo quaranta quarante quarantesimo quarantieme
        quarenta sorok soroka sorokovii sorokovoi stirideset stirideseti styridsat veertig
        veertigste vierzig vierzigste σαραντα
    """,
    50: """
        cincizeci cincuenta cinquanta cinquante cinquantesimo cinquantieme cinquenta ellinci
        femti femtiende femtio femtionde fiftieth fifty funfzig funfzigste halvtreds
        halvtredsende otven otvenedik padesat padesati patdesiat pedeset penkiasdesimt
        pesedhjete petdeset petdeseti piecdesmit piecdziesiat piecdziesiaty piecdziesieciu
        pjatdesjat pjatdesjatii pjatidesjati pjatidesjatyi quincuagesimo quinquagesimo
        viideskymmenes viisikymmenta vijftig vijftigste πενηντα
    """,
    60: """
        altmis altmisinci gjashtedhjete hatvan hatvanadik kuudeskymmenes kuusikymmenta
        saizeci sechzig sechzigste sedesat sedesati sejset seksti sekstiende sesdesmit
        sesenta sesiasdesimt sessanta sessantesimo sessenta sestdeset sestdeseti sestdesiat
        sestdesjat sestidesjati sestidesjatyi sexagesimo sextio sextionde sezdeset
        sistdesjat sistdesjatii sixtieth sixty soixante soixantieme szescdziesiat
        szescdziesiaty szescdziesieciu treds tredsende zestig zestigste εξηντα
    """,
    70: """
        halvfjerds halvfjerdsende hetven hetvenedik saptezeci sedamdeset sedemdeset
        sedemdeseti sedemdesiat sedmdesat sedmdesati seitsemankymmenta seitsemaskymmenes
        semdesjat semidesjatyi septindesmit septuagesimo septyniasdesimt setenta settanta
        settantesimo seventieth seventy siebzig siebzigste siedemdziesiat siedemdziesiaty
        siedemdziesieciu simdesjat simdesjatii sjuttio sjuttionde soixantedix
        soixantedixieme sytti syttiende yetmis yetmisinci zeventig zeventigste εβδομηντα
    """,
    80: """
        achtzig achtzigste astondesmit astuoniasdesimt atti attiende attio attionde
        eightieth eighty firsende kahdeksankymmenta kahdeksaskymmenes nyolcvan nyolcvanadik
        ochenta octogesimo oitenta optzeci osamdeset osemdeset osemdeseti osemdesiat
        osiemdziesiat osiemdziesiaty osiemdziesieciu osmdesat osmdesati ottanta ottantesimo
        quatrevingts quatrevingtsieme seksen sekseninci tachtig tachtigste visimdesjat
        visimdesjatii vosemdesjat vosmidesjatyi ογδοντα
    """,
    90: """
        devadesat devadesati devatdesiat devedeset devetdeset devetdeseti devindesmit
        devjanostii devjanosto devjanostyi devyniasdesimt doksan doksaninci dziewiecdziesiat
        dziewiecdziesiaty dziewiecdziesieciu halvfems halvfemsende kilencven kilencvenedik
        negentig negentigste neunzig neunzigste ninetieth ninety nitti nittiende nittio
        nittionde nonagesimo nouazeci novanta novantesimo noventa quatrevingtdix
        quatrevingtdixieme yhdeksankymmenta yhdeksaskymmenes ενενηντα
    """,
    100: """
        cem centesimo centieme cento cien ciento einhundert ethundrede ethundredete
        etthundra etthundrade honderd honderdste hundert hundertste hundra hundre hundred
        hundrede qind sada sadan sadas sata setna setny simtas simts sotii sotyi sto stoti
        stotinak stotine stu suta szaz szazadik yuz yuzuncu εκατο
    """,
    200: """
        doscientas doscientos duecento dvesta dvesti dvisti dvjesta dweiscie dwiescie
        kahdensadan ketszaz tohundre tvahundra zweihundert
    """,
    300: """
        dreihundert haromszaz trecento trehundra trescientas trescientos trista tristo
        trzysta
    """,
}
_VALUES = {word: str(value) for value, words in _SPELLINGS.items() for word in words.split()}


def value_of(word: str) -> str | None:
    """Return the number that a folded word stands for, in digits; None where it is none.

    >>> value_of("nineteenth"), value_of("dvanaest"), value_of("mine")
    ('19', '12', None)
    """
    return _VALUES.get(word)
