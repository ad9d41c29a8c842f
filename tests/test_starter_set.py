# ruff: noqa: RUF001 - letters that look alike are what the rules must see through
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import listparser
import pytest

from aggregator.model import Role
from aggregator.stories.query import Document, Query, compile_query

CONFIG = Path(__file__).parents[1] / "config"
TABLES = tomllib.loads((CONFIG / "categories.toml").read_text())
NAMED = {
    "nato", "western-balkans", "montenegro", "bosnia-and-herzegovina", "kosovo", "serbia",
    "albania", "north-macedonia", "ukraine", "baltic", "nordic-arctic", "black-sea", "eu-defence",
    "enlargement", "defence-industry", "cyber", "hybrid-threats", "exercises",
}  # fmt: skip

# Of each category: headlines that belong to it, in the languages and scripts it is told in.
BELONGS = {
    "nato": [
        "NATO's defence ministers gather on Thursday",
        "Генерални секретар НАТО-а стиже у посету",
        "L'OTAN renforce son flanc est",
        "La riunione della NATO si apre domani",
        "Рада Північноатлантичного альянсу збереться у вівторок",
    ],
    "alliance-ops": [
        "KFOR patrols return to the administrative line",
        "Војници Кфора појачали присуство на северу",
        "Portugal takes over Baltic air policing in spring",
        "Mirovna misija dobija novog komandanta",
    ],
    "exercises": [
        "Live-fire exercise closes with a river crossing",
        "Vojna vježba počinje u ponedjeljak",
        "Заједничка војна вежба на полигону",
        "Військові навчання тривали три дні",
        "Soldiers of six countries begin the exercise at dawn",
    ],
    "nuclear": [
        "Inspectors ask for access to the nuclear plant",
        "Ядерний реактор зупинено після обстрілу",
        "Нуклеарно наоружање тема преговора",
    ],
    "eu-defence": [
        "Common security and defence policy needs more money, say MEPs",
        "Européens: l'Europe de la défense cherche son budget",
        "Европска одбрана пред новим кораком",
        "European Union governments agree to raise defence spending",
    ],
    "enlargement": [
        "Accession talks open two more chapters",
        "Pristupni pregovori ulaze u završnicu",
        "Европске интеграције и даље приоритет",
        "Вступ до ЄС підтримує більшість",
        "Kommission empfiehlt Beitrittsverhandlungen",
    ],
    "western-balkans": [
        "Western Balkan leaders sign a border agreement",
        "Samit lidera Zapadnog Balkana u Tirani",
        "Лидери Западног Балкана без договора",
        "Samiti i Ballkanit Perëndimor",
        "Montenegro hosts the region's interior ministers",
    ],
    "montenegro": [
        "Montenegro's parliament adopts the defence budget",
        "Vojska Crne Gore dobija nove helikoptere",
        "Влада Црне Горе усвојила предлог",
        "Mali i Zi forcon kufirin",
        "Чорногорія надасть допомогу",
    ],
    "bosnia-and-herzegovina": [
        "Sarajevo court rules on state property",
        "Vijeće ministara BiH usvojilo plan",
        "Скупштина Републике Српске заседа",
        "Bosnien wählt im Oktober",
    ],
    "kosovo": [
        "Kosovo police open a new station",
        "Kuvendi i Kosovës miraton ligjin",
        "Састанак о Косову одложен",
        "Priština najavila nove mere",
    ],
    "serbia": [
        "Serbia orders new radars",
        "Влада Србије прихватила извештај",
        "Protest u Beogradu završen mirno",
        "Сербія відкрила кордон",
        "Serbien kauft Kampfflugzeuge",
    ],
    "albania": [
        "Tirana signs a port agreement",
        "Qeveria e Shqipërisë prezanton planin",
        "Албанија отвара нову базу",
        "Ministar obrane Albanije u posjetu",
    ],
    "north-macedonia": [
        "North Macedonia appoints a chief of staff",
        "Владата на Северна Македонија со нов предлог",
        "U Skoplju počeo sastanak",
        "Maqedonia e Veriut në zgjedhje",
    ],
    "ukraine": [
        "Kyiv receives a first delivery of generators",
        "Україна отримала нову допомогу",
        "Украина просит о встрече",
        "Помоћ за Украјину стиже у марту",
        "Київ посилює оборону",
    ],
    "russia": [
        "Moscow rejects the ceasefire terms",
        "Россия объявила о продлении срока",
        "Росія атакувала вночі",
        "Русија најавила одговор",
        "Russland kündigt Abkommen",
    ],
    "moldova-and-caucasus": [
        "Chisinau summons the ambassador",
        "Молдова скликає раду безпеки",
        "Georgia marks its army's day as NATO visitors look on",
        "Грузия закрывает границу",
        "Armenia and Azerbaijan initial a treaty",
    ],
    "black-sea": [
        "Minesweepers clear a lane in the Black Sea",
        "Bezbednost na Crnom moru",
        "Флот у Чорному морі зазнав втрат",
        "Флот в Черном море",
        "Mines dérivantes en mer Noire",
    ],
    "turkiye": [
        "Türkiye hosts the contact group",
        "Ankara lifts its objection",
        "Turkey sends a frigate",
        "Турција шаље помоћ преко Турске",
        "Die Türkei liefert Drohnen",
    ],
    "baltic": [
        "Lithuania finishes its border fence",
        "Eesti kaitsevägi alustas õppust",
        "Lietuvos kariuomenė gauna naują techniką",
        "Latvijas armija",
        "Страны Прибалтики закрыли небо",
        "Wojna w eterze nad Morzem Bałtyckim",
    ],
    "nordic-arctic": [
        "Finland trains in the high north",
        "Sverige skickar fartyg",
        "Norge styrker beredskapen i nord",
        "Арктика под наблюдением",
        "Danish soldiers leave for the island",
    ],
    "defence-industry": [
        "Rheinmetall opens a shell plant",
        "Namjenska industrija bilježi rast izvoza",
        "Оборонна промисловість нарощує випуск",
        "Przemysł zbrojeniowy szuka inżynierów",
        "Army signs contract for 40 howitzers",
    ],
    "cyber": [
        "Ransomware halts a hospital's bookings",
        "Хакери напали сајт владе",
        "Кібератака на енергомережу",
        "Cyberangriff auf das Parlament",
    ],
    "hybrid-threats": [
        "Sabotage suspected after rail cable is cut",
        "Hibridni rat bez ispaljenog metka",
        "Хибридне претње тема састанка",
        "Хибриден напад врз мрежата",
        "Гібридна війна триває",
        "Desinformation vor der Wahl",
    ],
    "think-tanks": [
        "Think tank warns of a gap in air defence",
        "Chatham House publishes paper on deterrence",
        "Аналітичний центр оприлюднив звіт",
    ],
}  # fmt: skip

# Of each category: a headline that looks the part and is not.
LOOKS_LIKE = {
    "nato": "Lo scrittore è nato a Torino nel 1931",
    "alliance-ops": "KFOR in Oklahoma City wins a local television award",
    "exercises": "Ten fitness exercises to do at your desk",
    "nuclear": "The nuclear family is no longer the rule",
    "eu-defence": "Defence lawyers ask for a new trial",
    "enlargement": "New drug slows enlargement of the prostate",
    "western-balkans": "Danielle Montenegro, life coach, on quiet mornings",
    "montenegro": "Luís Montenegro presents the budget in Lisbon",
    "bosnia-and-herzegovina": "Dayton, Ohio, reopens its aviation museum",
    "kosovo": "Oklahoma's KFOR tower is repainted",
    "serbia": "Belgrade, Montana, elects a mayor",
    "albania": "Albany debates the state budget of New York",
    "north-macedonia": "Alexander the Great and the army of ancient Macedonia",
    "ukraine": "Chicken Kiev: the recipe that never fails",
    "russia": "Student from Moscow, Idaho, wins the spelling bee",
    "moldova-and-caucasus": "Georgia governor signs Atlanta airport bill, with an eye on EU trade",
    "black-sea": "Grilled black sea bass with lemon",
    "turkiye": "How to roast a turkey for Thanksgiving",
    "baltic": "Which Monopoly player never buys Baltic Avenue? Baltimore has the answer",
    "nordic-arctic": "Arctic Monkeys announce a summer tour",
    "defence-industry": "Central defence signs a new contract with the club",
    "cyber": "Cyber Monday: the best offers",
    "hybrid-threats": "Hybrid cars outsell diesel for the first time",
    "think-tanks": "Fish tank leaks as the North Atlantic Council meets",
}


@pytest.fixture(scope="module")
def rules() -> dict[str, Query]:
    return {slug: compile_query(table["query"]) for slug, table in TABLES.items()}


def test_categories_hold_a_title_and_a_query_and_nothing_else() -> None:
    assert all(table.keys() == {"title", "query"} for table in TABLES.values())
    assert len({table["title"] for table in TABLES.values()}) == len(TABLES)
    assert all(slug == slug.lower() and slug.isascii() for slug in TABLES)


def test_the_named_categories_are_there() -> None:
    assert TABLES.keys() >= NAMED


def test_every_category_has_examples() -> None:
    assert TABLES.keys() == BELONGS.keys() == LOOKS_LIKE.keys()


@pytest.mark.parametrize(
    ("slug", "headline"), [(slug, headline) for slug in BELONGS for headline in BELONGS[slug]]
)
def test_rule_selects(rules: dict[str, Query], slug: str, headline: str) -> None:
    assert rules[slug].matches(Document(title=headline))
    assert rules[slug].matches(Document(text=headline.upper()))


@pytest.mark.parametrize(("slug", "headline"), LOOKS_LIKE.items())
def test_rule_leaves_look_alikes(rules: dict[str, Query], slug: str, headline: str) -> None:
    assert not rules[slug].matches(Document(title=headline))
    assert not rules[slug].matches(Document(text=headline))


def test_everyday_news_is_in_no_category(rules: dict[str, Query]) -> None:
    everyday = Document(
        title="Bakery at the old mill reopens",
        text="After a year of repairs the ovens are lit again. The corn more than doubled in "
        "price, the baker said, but the queue went round the corner. A concert follows.",
        lang="en",
    )
    assert [slug for slug, rule in rules.items() if rule.matches(everyday)] == []


def test_sources_are_read_with_role_outlet_and_known_categories() -> None:
    harvest = listparser.parse((CONFIG / "sources.opml").read_bytes())
    assert not harvest.bozo
    assert harvest.version == "opml2"
    assert len(harvest.feeds) >= 60
    assert len({feed.url for feed in harvest.feeds}) == len(harvest.feeds)
    for feed in harvest.feeds:
        named = dict(path for path in feed.categories if len(path) == 2)
        assert feed.title
        assert urlsplit(feed.url).scheme in {"http", "https"}
        assert urlsplit(feed.url).hostname
        assert feed.tags
        assert set(feed.tags) <= TABLES.keys()
        assert named.keys() == {"role", "outlet"}
        assert named["role"] in set(Role)
        assert "." in named["outlet"]


def test_every_category_has_a_source() -> None:
    harvest = listparser.parse((CONFIG / "sources.opml").read_bytes())
    served = {tag for feed in harvest.feeds for tag in feed.tags}
    assert served == TABLES.keys()
