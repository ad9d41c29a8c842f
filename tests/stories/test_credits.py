# ruff: noqa: RUF001 - lines in Cyrillic and with typographic signs
"""Lines that say where an article stood first, and lines that only look like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Credit
from aggregator.stories.credits import (
    Link,
    LinkedLine,
    credit,
    credits_in,
    read_credits,
    without_credits,
)

HOME, PAGE = "https://gazette.example/", "https://gazette.example/2026/03/fuel-depot-opens"
GAZETTE = Link("Harbour Gazette", HOME)
REPUBLISHED = (
    "This article is republished from Harbour Gazette under a Creative Commons licence. "
    "Read the original article."
)


@pytest.mark.parametrize(
    ("line", "outlet"),
    [
        ("This article was originally published by The Harbour Gazette.", "Harbour Gazette"),
        ("This story first appeared on Harbour Gazette and is used here", "Harbour Gazette"),
        ("A version of this piece appeared first in Harbour Gazette (print)", "Harbour Gazette"),
        ("(Originally published at gazette.example)", "gazette.example"),
        ("First published by Harbour Gazette on 3 March", "Harbour Gazette"),
        ("Reprinted with permission from the Harbour Gazette.", "Harbour Gazette"),
        ("This article is republished from Harbour Gazette under a licence.", "Harbour Gazette"),
        ("Original source: Harbour Gazette", "Harbour Gazette"),
        ("Preuzeto sa portala Lučke novine", "Lučke novine"),
        ("Преузето са: Лучке новине", "Лучке новине"),
        ("Tekst je prvobitno objavljen na portalu Lučke novine.", "Lučke novine"),
        ("Овај чланак је првобитно објављен у Лучке новине.", "Лучке новине"),
        ("Izvorno objavljeno na Lučke novine", "Lučke novine"),
        ("Članak je preuzet sa Lučke novine", "Lučke novine"),
        ("Čitajte cijeli tekst na Lučke novine", "Lučke novine"),
        ("Преземено од Вардарски весник", "Вардарски весник"),
        ("Текстот е првично објавен на Вардарски весник.", "Вардарски весник"),
        ("Dieser Artikel ist zuerst im Küstenblatt erschienen.", "Küstenblatt"),
        ("Dieser Beitrag wurde ursprünglich von Küstenblatt veröffentlicht.", "Küstenblatt"),
        ("Dieser Text erschien zuerst bei Küstenblatt", "Küstenblatt"),
        ("Zuerst erschienen auf Küstenblatt", "Küstenblatt"),
        ("Originalartikel: Küstenblatt", "Küstenblatt"),
        ("Cet article a été initialement publié sur Courrier du Port.", "Courrier du Port"),
        ("Publié initialement par Courrier du Port", "Courrier du Port"),
        ("Lire l’article original sur Courrier du Port", "Courrier du Port"),
        ("Marrë nga Gazeta e Portit", "Gazeta e Portit"),
    ],
)
def test_who_names_where_it_stood_first_credits_an_outlet(line: str, outlet: str) -> None:
    found = credit(LinkedLine(line))
    assert found is not None
    assert (found.outlet, found.firm, found.url) == (outlet, True, None)


@pytest.mark.parametrize(
    "line",
    [
        "The post Fuel depot opens in Bar appeared first on Harbour Gazette.",
        "Ships may call. The post Fuel depot opens in Bar first appeared on Harbour Gazette.",
        "Der Beitrag Fuel depot opens in Bar erschien zuerst auf Harbour Gazette.",
        "L’article Fuel depot opens in Bar est apparu en premier sur Harbour Gazette.",
        "Objava Fuel depot opens in Bar pojavila se prvi puta na Harbour Gazette.",
        "Чланак Fuel depot opens in Bar се појављује прво на Harbour Gazette.",
        "Source: Fuel depot opens in Bar – Harbour Gazette",
        "Извор: Fuel depot opens in Bar | Harbour Gazette",
    ],
)
def test_some_lines_give_the_headline_as_well(line: str) -> None:
    assert credit(LinkedLine(line)) == Credit("Harbour Gazette", "", "Fuel depot opens in Bar")


@pytest.mark.parametrize(
    "line",
    [
        "Source: Lučke novine", "Sources: Lučke novine, Radio", "Source : Lučke novine",
        "Via: Lučke novine", "(Izvor: Lučke novine)", "Извор: Lučke novine", "Quelle: Lučke novine",
        "Burimi: Lučke novine", "Източник: Lučke novine", "Источник: Lučke novine",
        "Джерело: Lučke novine", "Sursă: Lučke novine", "Fonte: Lučke novine",
        "Źródło: Lučke novine", "Forrás: Lučke novine", "Πηγή: Lučke novine", "Vir: Lučke novine",
    ],
)  # fmt: skip
def test_a_bare_source_is_named_loosely(line: str) -> None:
    assert credit(LinkedLine(line)) == Credit("Lučke novine", firm=False)
    assert credit(LinkedLine(line), loose=False) is None


@pytest.mark.parametrize(
    ("text", "links", "expected"),
    [
        ("Source: Harbour Gazette", [GAZETTE], ("Harbour Gazette", "gazette.example", None)),
        (
            "Source: Harbour Gazette",
            [Link("Harbour Gazette", PAGE)],
            ("Harbour Gazette", "gazette.example", PAGE),
        ),
        (
            "Via Harbour Gazette",
            [Link("Harbour Gazette", PAGE)],
            ("Harbour Gazette", "gazette.example", PAGE),
        ),
        (
            "Read the original article here.",
            [Link("here", PAGE)],
            ("gazette.example", "gazette.example", PAGE),
        ),
        (
            "View the original",
            [Link("View the original", PAGE)],
            ("gazette.example", "gazette.example", PAGE),
        ),
        (
            "Read the full story at Harbour Gazette.",
            [Link("full story", PAGE)],
            ("Harbour Gazette", "gazette.example", PAGE),
        ),
        (
            REPUBLISHED,
            [
                GAZETTE,
                Link("Creative Commons licence", "https://creativecommons.org/licenses/by/4.0/"),
                Link("original article", PAGE),
            ],
            ("Harbour Gazette", "gazette.example", PAGE),
        ),
        (f"Originally published at {PAGE}.", [], ("gazette.example", "gazette.example", PAGE)),
        (
            "See our old report. This article first appeared on Harbour Gazette.",
            [Link("old report", "https://farm.example/old-report")],
            ("Harbour Gazette", "", None),
        ),
    ],
)
def test_the_links_in_a_line_tell_where(
    text: str, links: list[Link], expected: tuple[str, str, str | None]
) -> None:
    found = credit(LinkedLine(text, links))
    assert found is not None
    assert (found.outlet, found.host, found.url) == expected


def test_the_post_is_linked_by_its_headline() -> None:
    line = LinkedLine(
        "The post Fuel depot opens in Bar appeared first on Harbour Gazette.",
        [Link("Fuel depot opens in Bar", PAGE), GAZETTE],
    )
    expected = Credit("Harbour Gazette", "gazette.example", "Fuel depot opens in Bar", PAGE)
    assert credit(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "Read also: Minister opens a second depot",
        "Read more: Minister opens a second depot",
        "Pročitajte i: Ministar otvara drugo skladište",
        "Lesen Sie auch: Minister eröffnet zweites Lager",
        "Lire aussi : la ministre ouvre un second dépôt",
        "Originally published in 1954, the treaty was amended twice.",
        "First published on 3 March 2026",
        "This article was originally published in May.",
        "This article was originally published on our website.",
        "The report was first published by the ministry in May.",
        "The ministry published its report on Tuesday.",
        "Via Egnatia reopens after the flood",
        "Sources said that the depot would open soon.",
        "The source: a spring above the town, feeds the river.",
        "Read the full text of what the ministers said below.",
        "Source:",
        "Izvori u vladi kažu da je skladište puno.",
    ],
)
def test_what_credits_nobody(line: str) -> None:
    assert credit(LinkedLine(line, [Link("another story", "https://farm.example/another")])) is None


def test_only_the_ends_of_an_article_are_read() -> None:
    body = [f"Paragraph {number} is about ships." for number in range(20)]
    first, last = "This article first appeared on The Quay.", "Source: The Pier"
    assert [one.outlet for one in credits_in("\n\n".join([first, *body, last]))] == ["Quay", "Pier"]
    assert credits_in("\n\n".join([*body, first, *body])) == ()
    assert credits_in("\n\n".join(["Source: The Pier", *body])) == ()
    assert credits_in("") == ()


def test_a_credit_that_stands_twice_counts_once() -> None:
    assert len(read_credits([LinkedLine("Source: The Pier")] * 3)) == 1


@given(st.text(), st.lists(st.builds(Link, st.text(), st.text()), max_size=3))
def test_any_line_is_read(text: str, links: list[Link]) -> None:
    for prefix in ("", "Source: ", "The post ", "Originally published by "):
        found = credit(LinkedLine(prefix + text, links))
        assert found is None or found.outlet


@pytest.mark.parametrize(
    "line",
    [
        "The post first appeared here.",
        "This article was originally published here",
        "The post Fuel depot opens at the harbour appeared first on Harbour Gazette.",
        "This article was originally published by The Harbour Gazette. Read the rest.",
        "[Reprinted with permission from the Harbour Gazette]",
        "Преузето са: Лучке новине",
    ],
)
def test_a_line_that_only_credits_is_left_out(line: str) -> None:
    assert without_credits(f"Fuel depot opens.\n\n{line}") == "Fuel depot opens.\n"
    told = "\n".join(f"Of the depot, {number}." for number in range(9))
    assert without_credits(f"{line}\n{told}\n{line}") == told
    amid = told.replace("3.", f"3.\n{line}", 1)
    assert without_credits(f"{amid}\n{told}") == f"{amid}\n{told}", "no line at an end"
    assert without_credits(line) == line, "there is nothing else"


@pytest.mark.parametrize(
    "line",
    [
        "Originally published by Reuters. Forty drones struck the depot before dawn.",
        "The depot first appeared here in 1911.",
        "Here the post first appeared, said the mayor.",
        "Preuzeto sa portala Lučke novine: " + "skladište goriva je otvoreno " * 8,
        "Original source: " + "Harbour Gazette " * 30,
    ],
)
def test_a_line_that_tells_more_stays(line: str) -> None:
    assert without_credits(f"Fuel depot opens.\n{line}") == f"Fuel depot opens.\n{line}"


@given(st.text())
def test_what_is_left_out_are_lines(text: str) -> None:
    left = iter(text.split("\n"))
    assert all(line in left for line in without_credits(text).split("\n"))
