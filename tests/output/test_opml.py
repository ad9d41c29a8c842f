from dataclasses import replace

import listparser
from hypothesis import given
from hypothesis import strategies as st
from rfc4287 import parsed
from w3c import opml_warnings

from aggregator.output.opml import Outline, feed_outlines, render_opml

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=40)
NATO = Outline(
    title="NATO & friends",
    xml_url="https://nato.example/rss?a=1&b=2",
    html_url="https://nato.example/",
    categories=("nato", "exercises"),
    facts={"role": "primary", "outlet": "nato.int", "paused": ""},
)


def test_another_program_reads_back_what_it_needs() -> None:
    read = listparser.parse(render_opml("Sources", [NATO]))
    assert not read.bozo
    assert read.meta.title == "Sources"
    assert [(feed.title, feed.url, feed.categories) for feed in read.feeds] == [
        (
            "NATO & friends",
            "https://nato.example/rss?a=1&b=2",
            [["nato"], ["exercises"], ["role", "primary"], ["outlet", "nato.int"]],
        )
    ]


def test_categories_role_and_outlet_are_paths_of_one_attribute() -> None:
    outline = parsed(render_opml("Sources", [NATO])).find("body/outline")
    assert outline is not None
    assert outline.get("category") == "/nato,/exercises,/role/primary,/outlet/nato.int"
    assert outline.get("htmlUrl") == "https://nato.example/"


def test_a_comma_in_a_name_starts_no_other_category() -> None:
    read = listparser.parse(
        render_opml("", [replace(NATO, categories=(), facts={"outlet": "A, B"})])
    )
    assert read.feeds[0].categories == [["outlet", "A  B"]]


def test_what_is_not_known_is_left_out_and_the_address_stands_for_a_title() -> None:
    outline = parsed(render_opml("", [Outline("", "https://a.example/")])).find("body/outline")
    assert outline is not None
    address = "https://a.example/"
    assert outline.attrib == {"type": "rss", "text": address, "title": address, "xmlUrl": address}


def test_the_same_outlines_give_the_same_bytes_in_their_order() -> None:
    outlines = [Outline(name, f"https://{name}.example/") for name in "cab"]
    assert render_opml("Feeds", outlines) == render_opml("Feeds", outlines)
    titles = [
        found.get("title") for found in parsed(render_opml("Feeds", outlines)).iter("outline")
    ]
    assert titles == ["c", "a", "b"]


@given(ANYTHING, ANYTHING, ANYTHING)
def test_no_text_can_break_the_document(title: str, url: str, outlet: str) -> None:
    document = render_opml(title, [Outline(title, url, url, (title,), {"outlet": outlet})])
    assert parsed(document).find("body/outline") is not None


def test_no_title_of_ours_is_taken_for_html() -> None:
    titles = {"a": "R&D and AT&T", "b": "5&6 <b>", "c": "Q & A", "d": "x\ufdd0"}
    sign = "\N{FULLWIDTH AMPERSAND}"
    document = render_opml("Feeds", feed_outlines("https://news.example", titles))
    assert opml_warnings(document) == []
    read = [outline.get("text") for outline in parsed(document).iter("outline")]
    assert [read[0], *read[2:]] == [f"R{sign}D and AT{sign}T", "Q & A", "x"]
