import inspect
import json
import re
from dataclasses import asdict
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest
from feedparser import mixin
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.intake import parse
from aggregator.intake.entries import Stated, entry_from
from aggregator.intake.mend import mend, mend_sections
from aggregator.intake.parse import parse_feed
from aggregator.intake.references import mend_references
from aggregator.model import Entry, ParsedFeed, SourceKind

CASES = Path(__file__).parents[1] / "golden" / "feeds"
URL = "https://gazette.example/dir/feed.xml"
XML = "application/xml"


def shown(feed: ParsedFeed) -> dict[str, Any]:
    """What a golden file says of a feed: whatever differs from the defaults."""
    stated = {name: _plain(value) for name, value in asdict(feed).items() if value}
    stated["hints"] = {name: _plain(value) for name, value in asdict(feed.hints).items() if value}
    stated = {name: value for name, value in stated.items() if value}
    stated["entries"] = [
        {name: _plain(value) for name, value in asdict(entry).items() if value and name != "twin"}
        for entry in feed.entries
    ]
    return stated


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value / timedelta(minutes=1)
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


DOCUMENTS = [path for path in sorted(CASES.iterdir()) if path.suffix != ".json"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_read_as_its_golden_file_says(document: Path) -> None:
    expected = json.loads(document.with_suffix(".json").read_text())
    feed = parse_feed(document.read_bytes(), expected.pop("content_type"), URL)
    assert shown(feed) == expected


def test_there_are_golden_cases_for_every_dialect() -> None:
    kinds = [json.loads(path.read_text())["kind"] for path in CASES.glob("*.json")]
    assert set(kinds) == set(SourceKind)
    assert len(kinds) >= 25


@pytest.mark.parametrize(
    "before",
    [
        b"<!-- made by <html> tools --->",
        b"<!-- <urlset> --><!-- <opml> -->",
        b"<?made by='<html>'?>",
        b"<!DOCTYPE html>",
        b"<?xml version='1.0'?>\n<!-- <p> -->\n<!DOCTYPE html>",
    ],
)
@pytest.mark.parametrize("prefix", ["", "atom:"])
def test_the_root_is_the_first_element_and_nothing_in_a_comment_before_it(
    before: bytes, prefix: str
) -> None:
    xmlns = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    document = (
        f"<{prefix}feed {xmlns}='http://www.w3.org/2005/Atom'><{prefix}entry><{prefix}id>urn:x:1"
        f"</{prefix}id><{prefix}title>Quay</{prefix}title></{prefix}entry></{prefix}feed>"
    )
    (entry,) = parse_feed(before + document.encode(), "text/xml", URL).entries
    assert entry.title == "Quay"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty body, not a feed"),
        (b" \n ", "an empty body, not a feed"),
        (b"<!DOCTYPE html><html><title>Home</title></html>", "an HTML page, not a feed"),
        (b"<?xml version='1.0'?><!doctype HTML><p>", "an HTML page, not a feed"),
        (b"<html><body><item><title>x</title></item></body></html>", "an HTML page, not a feed"),
        (b"Not a feed.", "plain text, not a feed"),
        (b"<", "plain text, not a feed"),
        (b"<places><url/></places>", "XML of another kind (<places>), not a feed"),
        (b"<opml><body/></opml>", "an OPML list of feeds, not a feed: import it instead"),
        ("<html>page</html>".encode("utf-16"), "an HTML page, not a feed"),
    ],
)
def test_what_is_no_feed_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as raised:
        parse_feed(body, XML, URL)
    assert str(raised.value) == reason


@pytest.mark.parametrize("name", [b"/etc/passwd", b"/etc/hostname", b"file:///etc/passwd"])
def test_a_body_that_names_a_file_opens_none(name: bytes) -> None:
    with pytest.raises(ParseError, match="plain text"):
        parse_feed(name, XML, URL)


def test_a_body_that_names_a_feed_on_disk_opens_none(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_bytes((CASES / "undated.xml").read_bytes())
    with pytest.raises(ParseError, match="plain text"):
        parse_feed(str(feed).encode(), XML, URL)


def test_one_bad_entry_is_counted_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    def fussy(stated: Stated) -> Entry:
        if stated.title == "Crane falls":
            raise ValueError(stated.title)
        return entry_from(stated)

    monkeypatch.setattr(parse, "entry_from", fussy)
    feed = parse_feed((CASES / "rss-0.92.xml").read_bytes(), XML, URL)
    assert (len(feed.entries), feed.skipped) == (1, 1)


def test_an_entry_that_says_nothing_is_counted() -> None:
    feed = parse_feed(b"<rss version='2.0'><channel><item/></channel></rss>", XML, URL)
    assert (feed.entries, feed.skipped) == ((), 1)


def test_whatever_feedparser_raises_is_the_documents_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("feedparser.parse", refuse)
    with pytest.raises(ParseError, match=r"no feed could be read from it \(AssertionError\)"):
        parse_feed(b"<rss/>", XML, URL)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "utf-16"])
@pytest.mark.parametrize(
    ("reference", "title"),
    [
        ("&#xd83d;&#xde00;", "\U0001f600"),
        ("&#55357;&#56832;", "\U0001f600"),
        ("&#xD800;", "\ufffd"),
        ("&#055296;!", "\ufffd!"),
        ("&#x110000;", "\ufffd"),
        ("&#99999999999999999999;", "\ufffd"),
        (f"&#{'9' * 5000};", "\ufffd"),
        ("&#xDE00&#x20AC;gone", "\ufffd\u20acgone"),
    ],
)
def test_a_reference_to_no_character_costs_that_character_only(
    reference: str, title: str, encoding: str
) -> None:
    document = (
        f"<?xml version='1.0' encoding='{encoding}'?><rss version='2.0'><channel><title>T</title>"
        f"<item><title>{reference}</title></item><item><title>\u2014</title></item></channel></rss>"
    )
    feed = parse_feed(document.encode(encoding), XML, URL)
    assert [entry.title for entry in feed.entries] == [title, "\u2014"]


@pytest.mark.parametrize(
    "body", [b"no reference", b"&#8217;&#x1F600;", b"\xff&#38;", "&#38;".encode("utf-16-be")]
)
def test_a_body_without_bad_references_stays_as_it_is(body: bytes) -> None:
    assert mend_references(body) is body


def test_no_entry_of_a_long_feed_is_lost() -> None:
    items = b"".join(b"<item><title>t%d</title></item>" % number for number in range(300))
    feed = parse_feed(b"<rss version='2.0'><channel>%s</channel></rss>" % items, XML, URL)
    assert [entry.title for entry in feed.entries] == [f"t{number}" for number in range(300)]


SCRAPS = st.sampled_from(
    [
        *("<rss version='2.0'>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<guid>"),
        *("<entry>", "<feed>", "<link>", "<![CDATA[", "]]>", "<content type='xhtml'>", "<pubDate>"),
        *("<!--", "&amp;", "<source url='", "xml:base='", "{", "}", "\x00"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(st.one_of(SCRAPS, st.text(max_size=8)), max_size=25).map(
            lambda scraps: "".join(scraps).encode("utf-8", "replace")
        ),
    ),
    st.sampled_from([XML, "", "text/html", "application/json", "text/xml; charset=rot13"]),
)
def test_any_bytes_are_a_feed_or_a_parse_error(body: bytes, content_type: str) -> None:
    try:
        feed = parse_feed(body, content_type, URL)
    except ParseError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert all(entry.key and entry.title for entry in feed.entries)


def test_xml_that_calls_itself_json_is_read_as_xml() -> None:
    body = b"<rss version='2.0'><channel><item><title>Fog</title></item></channel></rss>"
    assert [entry.title for entry in parse_feed(body, "application/json", URL).entries] == ["Fog"]


def test_a_document_may_declare_entities_of_its_own() -> None:
    body = b"""<!DOCTYPE rss [
    <!ENTITY copy "&#169;">]>
    <rss version='2.0'><channel><item><title>&copy; &eacute;</title></item></channel></rss>"""
    assert mend_references(body) is body
    assert parse_feed(body, XML, URL).entries[0].title.startswith("\N{COPYRIGHT SIGN}")


@pytest.mark.parametrize(
    "text",
    ["<![CDATA[a]]><![CDATA[b]]>", "<![CDATA[a", "<![CDATA[a <![CDATA[b", "]]> <![CDATA[a]]>"],
)
def test_sections_that_stand_beside_each_other_stay(text: str) -> None:
    assert mend_sections(text) == text


@pytest.mark.parametrize(
    "quoted",
    [
        "</description><link>https://other.example/</link> there",
        "</description></item><item><title>Fog</title><link>https://other.example/</link>",
        "how <code><![CDATA[</code> begins",
    ],
)
def test_what_a_section_quotes_is_no_entry_wherever_the_damage_is(
    quoted: str,
) -> None:
    item = "<item><title>{0}</title><link>https://q.example/{0}</link>{1}</item>"
    sound = item.format("a", f"<description><![CDATA[Write {quoted}]]></description>")
    damaged = item.format("b", "<description>Bread & butter ]]></description>")
    document = f"<rss version='2.0'><channel>{sound}{damaged}</channel></rss>"
    assert "]]></description></item><item>" in mend_sections(document)
    feed = parse_feed(document.encode(), XML, URL)
    assert [(entry.title, entry.link) for entry in feed.entries] == [
        ("a", "https://q.example/a"),
        ("b", "https://q.example/b"),
    ]


@pytest.mark.parametrize(
    "scrap", [b"<content type='application/atom+xml'><entry>", b"<textinput ", b"<rss "]
)
def test_what_never_ends_is_sought_once(scrap: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were it sought from each place anew, the test would hit its limit."""

    def refuse(*_: object, **__: object) -> None:
        raise KeyError

    monkeypatch.setattr("feedparser.parse", refuse)
    with pytest.raises(ParseError, match="no feed could be read"):
        parse_feed(b"<rss>" + scrap * (2_000_000 // len(scrap)), XML, URL)


@pytest.mark.parametrize("end", ["", '"'])
def test_blanks_around_a_namespace_are_sought_once(end: str) -> None:
    document = f'<rss xmlns="{" " * 300_000}x{end}>y</rss>'
    assert mend(document) == (document.replace(" " * 300_000, "") if end else document)


def test_what_is_quoted_without_an_end_hides_nothing() -> None:
    body = (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>Fog</title><id>a</id></entry>"
        b"<!-- <content type='application/atom+xml'><entry> -->"
        b"<entry><title>Mist</title><id>b</id></entry></feed>"
    )
    assert [entry.title for entry in parse_feed(body, XML, URL).entries] == ["Fog", "Mist"]


def let_feedparser_fail_at(mark: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    true_parse = feedparser.parse

    def fussy(body: BytesIO, **options: object) -> object:
        if mark in body.getvalue():
            raise KeyError
        return true_parse(body, **options)

    monkeypatch.setattr("feedparser.parse", fussy)


def test_a_mending_that_feedparser_fails_at_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    let_feedparser_fail_at(b"&#38;", monkeypatch)
    body = b"<rss version='2.0'><channel><item><title>Ice & fog</title></item></channel></rss>"
    assert len(parse_feed(body, XML, URL).entries) == 1


def test_an_item_that_feedparser_fails_at_costs_no_other() -> None:
    form = b"<textInput><title>Search</title><link>https://gazette.example/q</link></textInput>"
    body = b"<rss version='2.0'><channel>%s</channel></rss>" % b"".join(
        b"<item><title>t%d</title>%s</item>" % (number, form * (number == 1)) for number in range(3)
    )
    feed = parse_feed(body, XML, URL)
    assert [entry.title for entry in feed.entries] == ["t0", "t1", "t2"]
    assert not feed.damaged


def test_where_an_item_cannot_be_borne_it_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    let_feedparser_fail_at(b"t1", monkeypatch)
    items = b"".join(b"<item><title>t%d</title><b/></item>" % number for number in range(3))
    feed = parse_feed(b"<rss version='2.0'><channel>%s</channel></rss>" % items, XML, URL)
    assert [entry.title for entry in feed.entries] == ["t0", "t2"]
    assert feed.skipped == 1


ITEM = (
    "<title>Fog</title>",
    "<description>It lies low, over the harbour</description>",
    "<link>https://gazette.example/{0}</link>",
    "<guid>fog-{0}</guid>",
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 0, 3, 2), (3, 2, 1, 0)])
def test_what_is_cut_off_anywhere_gives_no_entry_that_the_whole_has_not(
    order: tuple[int, ...],
) -> None:
    items = "".join(
        f"<item>{''.join(ITEM[at].format(n) for at in order)}</item>\n" for n in range(3)
    )
    whole = f"<rss version='2.0'><channel><title>Gazette</title>{items}</channel></rss>".encode()
    known = parse_feed(whole, XML, URL).entries
    first = whole.index(b"</item>") + len(b"</item>")
    for end in range(first, len(whole) - 1):
        cut = parse_feed(whole[:end], XML, URL)
        assert cut.cut_off
        assert cut.entries == known[: whole[:end].count(b"</item>")], whole[:end]


@pytest.mark.parametrize("quoted", ["<![CDATA[<p>{}</p>]]>", "Mist<!-- {} -->"])
@pytest.mark.parametrize("ends", ["</item>", "</rss>", "</item></channel></rss>"])
def test_an_end_that_is_quoted_ends_nothing(quoted: str, ends: str) -> None:
    said = f"<description>{quoted.format(f'An end, {ends}, is quoted')}</description>"
    items = "".join(f"<item><guid>{n}</guid>{said}<title>t{n}</title></item>" for n in range(3))
    whole = f"<rss version='2.0'><channel><title>Gazette</title>{items}</channel></rss>".encode()
    known = parse_feed(whole, XML, URL).entries
    for end in range(whole.rindex(b" is quoted"), whole.rindex(b"</title>")):
        cut = parse_feed(whole[:end], XML, URL)
        assert (cut.entries, cut.cut_off) == (known[:2], True), whole[:end]


@pytest.mark.parametrize("begins", ["<![CDATA[", "<!--"])
def test_what_ends_within_a_section_left_open_is_not_cut_off(begins: str) -> None:
    items = f"<item>{ITEM[0]}</item><item><title>Mist</title><description>{begins}It"
    body = f"<rss version='2.0'><channel>{items}</description></item></channel></rss>\n".encode()
    feed = parse_feed(body, XML, URL)
    assert ([entry.title for entry in feed.entries], feed.cut_off) == (["Fog", "Mist"], False)


def test_of_what_is_cut_off_within_its_first_item_nothing_is_taken() -> None:
    body = b"<rss version='2.0'><channel><title>Gazette</title><item><title>Fog</title>"
    feed = parse_feed(body, XML, URL)
    assert (feed.title, feed.entries, feed.cut_off) == ("Gazette", (), True)
    with pytest.raises(ParseError, match="cut off within its first entry"):
        parse_feed(b"<rss", XML, URL)


MIST = "<title>Mist</title>"
MIST_LINK = "<link>https://gazette.example/m</link>"


@pytest.mark.parametrize(
    ("tail", "taken"),
    [
        (f"{MIST}{MIST_LINK}<guid>mi", Entry(key="https://gazette.example/m", title="Mist")),
        (f"<guid>m</guid>{MIST}<link>https://gaz", Entry(key="m", title="Mist")),
        ("<guid>m</guid><title>A & b</title><pubDate>Thu", Entry(key="m", title="A & b")),
        (f"<guid>m</guid>{MIST}<description><![CDATA[<p>It</p>", Entry(key="m", title="Mist")),
        (f"{MIST}<description>It is</description><guid>m", None),
        (f"{MIST}<link>https://gazette.example/m", None),
        (f"<guid>fog-0</guid>{MIST}", None),
        ("<link>https://gazette.example/0</link><title>Fog</title>", None),
        ("<title>Mi", None),
        ("", None),
    ],
)
def test_to_the_end_the_last_item_is_an_entry_if_it_names_another(
    tail: str, taken: Entry | None
) -> None:
    known = "".join(ITEM[at].format(0) for at in range(4))
    body = f"<rss version='2.0'><channel><title>G</title><item>{known}</item><item>{tail}".encode()
    first, *last = parse_feed(body, XML, URL, to_the_end=True).entries
    assert (first,) == parse_feed(body, XML, URL).entries
    assert not first.cut_off
    assert [(entry.key, entry.title, entry.summary, entry.cut_off) for entry in last] == (
        [(taken.key, taken.title, "", True)] if taken else []
    )


def test_a_last_item_that_cannot_be_read_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    true_parse = feedparser.parse

    def fussy(body: BytesIO, **options: object) -> object:
        if b"Fog" not in body.getvalue():
            raise KeyError
        return true_parse(body, **options)

    monkeypatch.setattr("feedparser.parse", fussy)
    known = "".join(ITEM[at].format(0) for at in range(4))
    body = f"<rss version='2.0'><channel><item>{known}</item><item>{MIST}{MIST_LINK}<gu".encode()
    (entry,) = parse_feed(body, XML, URL, to_the_end=True).entries
    assert entry.title == "Fog"


def test_feedparser_copies_nothing_deeper_than_what_it_knows_of_a_text() -> None:
    copied = re.findall(r"copy\.deepcopy\(([^()]*)\)", inspect.getsource(mixin))
    assert copied
    assert set(copied) == {"self.contentparams"}
