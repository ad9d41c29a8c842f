"""What tells a report from a notice: it says who said something, or on what day it happened.

A notice, on cookies or subscriptions or who wrote this, speaks to its readers or of its outlet.
Both are told by words that stand in the lead. Where a language has none here, nothing is told.
"""

# ruff: noqa: RUF001 - letters that look alike are Greek

from aggregator.stories.days import WEEKDAYS as ENGLISH_WEEKDAYS
from aggregator.stories.sides import Side
from aggregator.stories.terms import View, term_of

# In folded spelling, and only where they stand for nothing else: forms that report what somebody
# said, and days of the week. English ones are read as dates (`Fingerprint.lead_days`).
SAID = """
    said says told announced sagte sagten erklarte betonte berichtete kundigte teilte declare
    affirme souligne detto dichiarato annunciato affermato riferito dijo afirmo senalo informo
    aseguro disse afirmou declarou anunciou informou zei verklaarde meldde declarat anuntat spus
    precizat rekao rekla kazao kazala izjavio izjavila saopstio saopstila saopstilo saopsteno
    saopcio saopcilo saopceno priopcio priopcila priopcilo porucio porucila naveo navela istakao
    istakla najavio najavila naglasio naglasila izjavi soopsti soopsteno najavi istakna kaza zajavi
    saobsci podcerta dejal dejala povedal povedala sporocil sporocila sporocili poudaril poudarila
    tha deklaroi njoftoi theksoi ειπε δηλωσε ανακοινωσε ανεφερε τονισε dedi soyledi acikladi
    belirtti bildirdi vurguladi skazav skazala zajaviv zajavila povidomiv povidomila povidomili
    nagolosiv skazal zajavil soobscil soobscila soobscili podcerknul powiedzial powiedziala
    oswiadczyl oswiadczyla poinformowal poinformowala podkreslil podkreslila rekl uvedl uvedla
    oznamil oznamila uviedol uviedla mondta elmondta kozolte bejelentette sade uppgav meddelade
    sager opplyste uttalte meldte sagde oplyste sier sanoi kertoi ilmoitti totesi utles teatas
    lausus teige pranese pareiske sacija pazinoja
"""
WEEKDAYS = """
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lundi mardi mercredi jeudi
    vendredi samedi dimanche lunedi martedi mercoledi giovedi venerdi sabato domenica lunes martes
    miercoles jueves viernes maandag dinsdag woensdag donderdag vrijdag zaterdag zondag miercuri joi
    vineri sambata duminica ponedeljak utorak sredu srijedu cetvrtak petak subotu nedelju ponedelnik
    vtornik sreda cetvrtok petok sabota nedela srjada cetvartak nedelja ponedeljek torek sredo
    cetrtek soboto henen marten merkuren enjten premten shtunen δευτερα τεταρτη πεμπτη παρασκευη
    σαββατο κυριακη pazartesi carsamba persembe cuma cumartesi ponedilok vivtorok seredu cetver
    jatnicju nedilju cetverg pjatnicu subbotu poniedzialek wtorek srode czwartek piatek sobote
    niedziele pondeli utery stredu ctvrtek patek pondelok utorok stvrtok piatok hetfon kedden
    szerdan csutortokon penteken szombaton mandag mandagen tisdag tisdagen onsdag onsdagen torsdag
    torsdagen fredag fredagen lordag lordagen sondag sondagen tirsdag maanantaina tiistaina
    keskiviikkona torstaina perjantaina lauantaina sunnuntaina esmaspaeval teisipaeval kolmapaeval
    neljapaeval laupaeval puhapaeval pirmadieni antradieni treciadieni ketvirtadieni penktadieni
    sestadieni pirmdien otrdien tresdien ceturtdien piektdien sestdien svetdien
"""
# Forms in which an outlet speaks to its readers, or of itself: its rights, editors, subscriptions.
OWN = """
    you your yours cookie cookies javascript browser privacy consent newsletter newsroom podcast
    subscribe subscribed subscriber subscribers subscription subscriptions membership advertising
    advertisement advertisements editor editors edited copyright reserved licence license licensed
    reprinted republished reproduced unsubscribe inbox app
    einwilligung datenschutz datenschutzerklarung impressum redaktion werbung abo abonnement
    abonnenten abonnieren newsletters
    vous votre vos abonne abonnes abonnez redaction usted suscripcion suscriptores redaccion
    tuo tuoi puoi abbonamento abbonati redazione assinatura assinantes jouw uw abonnee abonnees
    dumneavoastra abonament abonamentul abonati redactia redactiei
    vas vam vasa vase vasu kolacice kolacici pretplata pretplate pretplatu pretplatnici
    pretplatnicima pretplatnika oglasa oglase redakcija redakcije redakciju redakcijata urednik
    urednica urednici kolacinja pretplatata abonati narocnina narocniki urednistvo
    juaj juve redaksia abonim reklama σασ συνδρομη συνδρομητεσ sizin abonelik cerez cerezleri vy
    redakciji pidpiska pidpisujtes pidtrimajte podpiska podpisivajtes redakcii
    redakcja redakcji prenumerata subskrypcja predplatne redakce predplatitel
    elofizetes elofizetok szerkesztoseg
    prenumerant prenumeranter prenumeration redaktionen abonnenter informasjonskapsler redaksjonen
    evasteet tilaajille tilaus toimitus kupsised tellijatele toimetus slapukai prenumeratoriams
    redakcijos sikdatnes abonentiem
"""


def _terms(text: str) -> frozenset[int]:
    return frozenset(map(term_of, text.split()))


_SAID_TERMS, _WEEKDAY_TERMS, _OWN_TERMS = map(_terms, (SAID, WEEKDAYS, OWN))


_SAID, _WEEKDAYS = frozenset(SAID.split()), frozenset(WEEKDAYS.split())


def reports_speech(word: str) -> bool:
    """Return whether a folded word reports what somebody said."""
    return word in _SAID


def is_weekday(word: str) -> bool:
    """Return whether a folded word names a day of the week."""
    return word in _WEEKDAYS or word in ENGLISH_WEEKDAYS


def quote_somebody(one: Side, other: Side) -> bool:
    """Return whether the leads of both, in the same words, report what somebody said."""
    return _share(one, other, _SAID_TERMS)


def name_weekday(one: Side, other: Side) -> bool:
    """Return whether the leads of both name the same day of the week, in other than English."""
    return _share(one, other, _WEEKDAY_TERMS)


def speak_for_themselves(one: Side, other: Side) -> bool:
    """Return whether the leads of both, in the same words, speak to readers or of their outlet."""
    return _share(one, other, _OWN_TERMS)


def _share(one: Side, other: Side, sought: frozenset[int]) -> bool:
    lead, others = (side.ids[side.counts[:, View.LEAD] > 0].tolist() for side in (one, other))
    return not sought.intersection(lead).isdisjoint(others)
