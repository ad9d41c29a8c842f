# ruff: noqa: RUF001 - letters that look alike are what folding is about

import string
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import RuleError
from aggregator.stories.folding import fold, words
from aggregator.stories.query import DEEPEST, Document, compile_query

ARTICLE = Document(
    title="Alliance ministers meet in Podgorica",
    text="NATO's anti-tank drill ended near the Black Sea. L\u2019OTAN at \u5317\u7ea6 and \u0627.",
    outlet="news.example.org",
    source="Example News, Europe",
    lang="sr-Latn",
    tags=("Foreign policy", "Defence"),
)


@pytest.mark.parametrize(
    "query",
    [
        "podgorica",
        "PODGORICA",
        '"black sea"',
        '"anti tank" AND anti-tank',
        '"bla* s?a"',
        "podgor*",
        "*gorica",
        "p?dgorica",
        "*",
        "nato",
        "nato's",
        "otan",
        "l'otan",
        "absent podgorica",
        "absent OR podgorica",
        "absent podgorica AND nato",
        "nato AND podgorica AND NOT absent",
        "absent OR nato AND podgorica",
        "+nato absent",
        "+nato +podgorica -absent",
        "nato NOT absent",
        "NOT absent",
        "nato AND (NOT absent)",
        "-absent -missing",
        "+podgorica AND nato",
        "title:podgorica",
        "title:(absent OR podgorica)",
        "title:(absent text:nato)",
        "text:nato",
        "outlet:example.org",
        "outlet:news.*.org",
        'source:"example news"',
        "lang:sr",
        "tag:defence",
        'tag:"foreign policy"',
        '"foreign policy"',
        r"nato\*",
        r"\podgorica",
        "*\u7ea6",
    ],
)
def test_selects(query: str) -> None:
    assert compile_query(query).matches(ARTICLE)


@pytest.mark.parametrize(
    "query",
    [
        "absent",
        "podgoric",
        "p?gorica",
        '"sea black"',
        '"black se"',
        "antitank",
        "nato AND absent",
        "(nato podgorica) AND absent",
        "nato -podgorica",
        "nato NOT podgorica",
        "nato OR -podgorica",
        "+absent nato",
        "NOT nato",
        "-nato -absent",
        "nato AND (NOT podgorica)",
        "title:nato",
        "text:podgorica",
        "outlet:nato",
        "example",
        "latn",
        '"podgorica nato"',
        '"policy defence"',
        "tag:(nato OR podgorica)",
        r"podgor\*",
        "s",
    ],
)
def test_does_not_select(query: str) -> None:
    assert not compile_query(query).matches(ARTICLE)


@pytest.mark.parametrize(
    ("query", "where", "what"),
    [
        ("", "line 1, column 1", "empty"),
        (" \n ", "line 2, column 2", "empty"),
        ("(nato", "line 1, column 6", "left open"),
        ("nato AND", "line 1, column 9", "too early"),
        ("nato )", "line 1, column 6", "unexpected ')'"),
        ("nato\n  'x", "line 2, column 3", "unexpected"),
        ('a "open', "line 1, column 3", "quote is left open"),
        ("a colour:red", "line 1, column 3", "no field 'colour'"),
        ("nato~", "line 1, column 1", "fuzzy"),
        ('a\nb "x y"~3', "line 2, column 3", "proximity"),
        ('"x y"~1.5', "line 1, column 1", "number"),
        ("a^.", "line 1, column 1", "number"),
        ("nato^2", "line 1, column 1", "boosting"),
        ("[a TO b]", "line 1, column 1", "range"),
        ("a >2", "line 1, column 3", "comparison"),
        ("a <=2", "line 1, column 3", "comparison"),
        ("/nat./", "line 1, column 1", "regular expression"),
        ("a and b", "line 1, column 3", "in capitals"),
        ("a && b", "line 1, column 3", "in capitals"),
        ("!a", "line 1, column 1", "in capitals"),
        ('a"b c"', "line 1, column 1", "quotes around phrases"),
        ("%", "line 1, column 1", "no letter"),
        ('""', "line 1, column 1", "no letter"),
        ("(" * 5000 + "a" + ")" * 5000, "line 1, column", f"{DEEPEST} levels"),
        ("NOT " * 5000 + "a", "line 1, column", f"{DEEPEST} levels"),
    ],
)
def test_refusal_says_where_what_and_what_is_allowed(query: str, where: str, what: str) -> None:
    with pytest.raises(RuleError) as refusal:
        compile_query(query)
    message = str(refusal.value)
    assert where in message
    assert what in message
    assert "allowed are" in message
    assert "title, text, head, outlet, source, lang, tag" in message
    assert "\n" not in message


def test_a_failed_query_leaves_the_parser_usable() -> None:
    with pytest.raises(RuleError):
        compile_query('nato "open')
    assert compile_query("nato").matches(ARTICLE)


PIECES = ["a", "b*", "AND", "OR", "NOT", "(", ")", "title:", "x:", "+", "-", '"a b"', '"']
PIECES += ["~", "^", "2", ".", "[", "]", "{", "}", "TO", "/a/", "<", ">", "=", "\\", " ", "\n", "'"]


@given(
    st.text()
    | st.text(string.punctuation + " ab")
    | st.lists(st.sampled_from(PIECES)).map("".join)
    | st.lists(st.sampled_from(PIECES)).map(" ".join)
)
def test_any_text_compiles_or_is_refused(query: str) -> None:
    try:
        compiled = compile_query(query)
    except RuleError as refusal:
        assert "\n" not in str(refusal)  # noqa: PT017 - either outcome is right
    else:
        assert isinstance(compiled.matches(ARTICLE), bool)


@given(st.text())
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_folding_ignores_composition_and_upper_case(text: str) -> None:
    assert fold(normalize("NFC", text)) == fold(normalize("NFD", text)) == fold(text)


@given(st.lists(st.text("abcčćdđežš", min_size=1), min_size=1))
def test_matching_ignores_case_and_marks(terms: list[str]) -> None:
    document = Document(text=" ".join(terms).upper())
    bare = str.maketrans("čćđžš", "ccdzs")
    assert all(compile_query(f'"{term.translate(bare)}"').matches(document) for term in terms)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Đukanović", "Djukanović", "Dukanovic", "ĐUKANOVIĆ", "Ђукановић"),
        ("Crna Gora", "Црна Гора"),
        ("Njegoš", "Његош"),
        ("Ukraina", "Украина", "Україна", "Украйна"),
        ("Gruevski", "Груевски"),
        ("Gorgi", "Ǵorgi", "Ѓорги"),
        ("Moskva", "Москва"),
        ("Turkiye", "Türkiye", "TÜRKİYE"),
        ("Lodz", "Łódź"),
        ("Tromso", "Tromsø"),
        ("strasse", "Straße"),
        ("Iasi", "Iași", "I\u00ada\u200b\u0219i"),
        ("l'OTAN", "l\u2019OTAN", "l\u02bcOTAN", "l`OTAN"),
    ],
)
def test_spellings_of_one_word_fold_alike(spellings: tuple[str, ...]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NATO's, NATO\u2019s", ["nato", "nato"]),
        ("l'OTAN dell\u2019Ucraina", ["l", "otan", "dell", "ucraina"]),
        ("NATO-led anti\u2011tank", ["nato", "led", "anti", "tank"]),
        ("об\u2019єднання", ["ob", "jednannja"]),
        ("U.S. snake_case F-16", ["u", "s", "snake", "case", "f", "16"]),
        ("북대서양 조약 北约", ["북대서양", "조약", "北约"]),
        ("...", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_head_is_what_an_article_is_about_not_all_that_it_mentions() -> None:
    opening = "The bridge over the Ibar opened today. " + "People crossed it on foot. " * 40
    document = Document(
        title="Bridge opens", text=f"{opening} Norway sent a letter.", tags=("Kosovo",)
    )
    assert compile_query("head:ibar").matches(document)
    assert compile_query("head:(bridge AND kosovo)").matches(document)
    assert not compile_query("head:norway").matches(document)
    assert compile_query("norway").matches(document)
