"""Plain feeds are read as feedparser reads them, or left to it."""

import json
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.intake import parse
from aggregator.intake.plain import plain
from aggregator.model import ParsedFeed

CASES = Path(__file__).parents[1] / "golden" / "feeds"
DOCUMENTS = [path for path in sorted(CASES.iterdir()) if path.suffix not in {".json", ".jsonfeed"}]
URL = "https://gazette.example/dir/feed.xml"
XML = "application/xml"

RSS = (
    "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    " xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:atom='http://www.w3.org/2005/Atom'"
    " xmlns:media='http://search.yahoo.com/mrss/' xmlns:geo='http://geo.example/'"
    " xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'"
    " xmlns:slash='http://purl.org/rss/1.0/modules/slash/'"
    " xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'{}><channel>{}</channel></rss>"
)
ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:media='http://search.yahoo.com/mrss/'{}>{}"
    "</feed>"
)


def read(body: bytes, kind: str = XML, url: str = URL) -> ParsedFeed | str:
    try:
        return parse.parse_feed(body, kind, url)
    except ParseError as error:
        return str(error)


def read_by_feedparser(body: bytes, kind: str = XML, url: str = URL) -> ParsedFeed | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "plain", lambda _body, _url: None)
        return read(body, kind, url)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_golden_document_is_read_as_feedparser_reads_it(document: Path) -> None:
    kind = str(json.loads(document.with_suffix(".json").read_text())["content_type"])
    body = document.read_bytes()
    assert read(body, kind) == read_by_feedparser(body, kind)


# Texts that are in doubt stand beside those that are not.
LETTERS = st.text(
    st.sampled_from("abc XYZ 019 .,;:-/'\"<>&()@éüßřжд\u2026\x85\xa0\t\n"), max_size=30
)
WORDS = st.sampled_from(
    [
        "Fog lies low",
        "Café à la carte",
        "CafÃ© twice",
        "\x93quoted\x94",
        "Туман над портом",
        "<b>Fog</b> &amp; mist",
        "ana@gazette.example (Ana Lind)",
        "Ana &lt;ana@gazette.example&gt;",
        "",
        " ",
    ]
)
TEXTS = LETTERS | WORDS
ADDRESSES = st.sampled_from(
    [
        "https://gazette.example/fog",
        "https://gazette.example/fog?a=1&b=2",
        "https://gazette.example/fog?a=1;b=2",
        "https://gazette.example/fog?a&copy;b",
        "http://127.0.0.1:8900/fog.html#end",
        "https://gazette.example/a/../fog",
        "/fog",
        "//gazette.example/fog",
        "https://gazette.example/fo g",
        "ftp://gazette.example/fog",
        "fog",
        "tag:gazette.example,2026:1",
        "",
    ]
)
DATES = st.sampled_from(
    [
        "Mon, 30 Nov 2026 18:29:04 GMT",
        "30 Nov 2026 18:29:04 +0200",
        "Mon, 30 Nov 2026 18:29:04 EST",
        "Mon, 31 Nov 2026 18:29:04 -0930",
        "Mon, 1 Feb 2026 8:29 GMT",
        "2026-11-30T18:29:04Z",
        "2026-11-30T18:29:04.250+05:30",
        "2026-11-30",
        "20261130",
        "30 novembre 2026",
        "",
    ]
)
KINDS = st.sampled_from(["text/html", "TEXT/HTML", "image/jpeg", "html", "application/atom+xml"])
RELATIONS = st.sampled_from(["alternate", "self", "hub", "enclosure", "Alternate", "replies"])


def written(text: str) -> st.SearchStrategy[str]:
    """The text as XML, in one of the ways that there are."""
    whole = escape(text, quote=False)
    return st.sampled_from(
        [whole, f"<![CDATA[{text.replace(']]>', '')}]]>", f"{whole}<!-- - -->", f"\n {whole}\n"]
    )


def element(
    name: str, texts: st.SearchStrategy[str], **attributes: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    given_ = st.fixed_dictionaries({}, optional=attributes).map(
        lambda chosen: "".join(
            f" {key.rstrip('_')}='{escape(value)}'" for key, value in chosen.items()
        )
    )
    return st.builds(lambda inner, rest: f"<{name}{rest}>{inner}</{name}>", texts, given_)


SAID = TEXTS.flatmap(written)
NOTHING = st.just("")
MEDIA = [
    element(
        f"media:{name}", NOTHING | SAID, url=ADDRESSES, type=KINDS, medium=st.just("image"),
        width=st.just("9"),
    )
    for name in ("content", "thumbnail")
]  # fmt: skip
OF_ITEMS = [
    element("title", SAID),
    element("link", ADDRESSES.flatmap(written)),
    element("description", SAID),
    element("content:encoded", SAID),
    element("guid", TEXTS.flatmap(written) | ADDRESSES.flatmap(written),
            isPermaLink=st.sampled_from(["true", "false", "False"])),
    element("pubDate", DATES),
    element("author", SAID),
    element("dc:creator", SAID),
    element("dc:date", DATES),
    element("dc:subject", SAID),
    element("dc:language", st.sampled_from(["sr", "sr-Latn", ""])),
    element("dc:rights", SAID),
    element("category", SAID, domain=ADDRESSES),
    element("comments", ADDRESSES.flatmap(written)),
    element("slash:comments", st.just("7")),
    element("enclosure", NOTHING, url=ADDRESSES, type=KINDS, length=st.just("1")),
    element("source", SAID, url=ADDRESSES),
    element("atom:link", NOTHING, href=ADDRESSES, rel=RELATIONS, type=KINDS),
    element("feedburner:origLink", ADDRESSES.flatmap(written)),
    element("geo:lat", SAID),
    element("title", SAID, lang=st.just("de")),
    element("description", SAID, base=ADDRESSES),
    *MEDIA,
]  # fmt: skip
OF_CHANNELS = [
    element("title", SAID),
    element("link", ADDRESSES.flatmap(written)),
    element("description", SAID),
    element("language", st.sampled_from(["en", "sr_Latn", ""])),
    element("copyright", SAID),
    element("ttl", st.sampled_from(["60", " 5", "soon"])),
    element("sy:updatePeriod", st.sampled_from(["hourly", " daily\n", ""])),
    element("sy:updateFrequency", st.sampled_from(["1", "4"])),
    element("lastBuildDate", DATES),
    element("managingEditor", SAID),
    element("webMaster", SAID),
    element("category", SAID, domain=ADDRESSES),
    element("generator", SAID),
    element("docs", ADDRESSES.flatmap(written)),
    element("atom:link", NOTHING, href=ADDRESSES, rel=RELATIONS, type=KINDS),
    st.builds("".join, st.lists(st.sampled_from([
        "<title>Logo</title>", "<link>https://gazette.example/</link>", "<width>9</width>",
        "<url>https://gazette.example/logo.png</url>", "<height>9</height>",
    ]), unique=True)).map(lambda inner: f"<image>{inner}</image>"),
    element("cloud", NOTHING, domain=st.just("gazette.example")),
]  # fmt: skip
TYPES = st.sampled_from(["text", "html", "text/html", "HTML", "xhtml", ""])
PERSONS = [
    element("name", SAID), element("email", SAID), element("uri", ADDRESSES.flatmap(written)), SAID,
]  # fmt: skip
PERSON = st.lists(st.one_of(PERSONS), max_size=3).map(
    lambda parts: f"<author>{''.join(parts)}</author>"
)
OF_ENTRIES = [
    element("title", SAID, type=TYPES),
    element("link", NOTHING, href=ADDRESSES, rel=RELATIONS, type=KINDS, hreflang=st.just("en")),
    element("id", ADDRESSES.flatmap(written)),
    element("published", DATES),
    element("updated", DATES),
    PERSON,
    element("category", NOTHING | SAID, term=TEXTS, label=TEXTS, scheme=ADDRESSES),
    element("summary", SAID, type=TYPES),
    element("content", SAID, type=TYPES, src=ADDRESSES),
    element("rights", SAID, type=TYPES),
    *MEDIA,
]
OF_FEEDS = [
    element("title", SAID, type=TYPES),
    element("subtitle", SAID, type=TYPES),
    element("link", NOTHING, href=ADDRESSES, rel=RELATIONS, type=KINDS),
    element("id", ADDRESSES.flatmap(written)),
    element("updated", DATES),
    PERSON,
    element("generator", SAID, uri=ADDRESSES, version=st.just("1")),
    element("icon", ADDRESSES.flatmap(written)),
    element("rights", SAID),
    element("category", NOTHING, term=TEXTS),
]
LANGUAGES = st.sampled_from(["", " xml:lang='sr_Latn'", " xml:lang=''", " xml:base='/b/'"])


def feeds(
    frame: str, name: str, of_wholes: list[st.SearchStrategy[str]],
    of_parts: list[st.SearchStrategy[str]],
) -> st.SearchStrategy[str]:  # fmt: skip
    part = st.lists(st.one_of(of_parts), max_size=7).map(
        lambda inner: f"<{name}>{''.join(inner)}</{name}>"
    )
    parts = st.lists(st.one_of([*of_wholes, part, part, part, part]), max_size=8)
    return st.builds(lambda lang, inner: frame.format(lang, "\n".join(inner)), LANGUAGES, parts)


@given(feeds(RSS, "item", OF_CHANNELS, OF_ITEMS) | feeds(ATOM, "entry", OF_FEEDS, OF_ENTRIES))
@settings(max_examples=300)
@example(RSS.format("", "<item><guid>fog</guid><link>https://gazette.example/fog</link></item>"))
@example(RSS.format("", "<item><link/><guid>https://gazette.example/fog</guid></item>"))
@example(ATOM.format("", "<author>Ana<name>Bo</name></author><entry><title>Fog</title></entry>"))
@example(ATOM.format("", "<entry><author><email>a@b.example</email></author></entry>"))
def test_whatever_a_feed_holds_it_is_read_as_feedparser_reads_it(document: str) -> None:
    assert read(document.encode()) == read_by_feedparser(document.encode())


ITEM = (
    "<item><title>Fog &amp; mist</title><link>https://gazette.example/fog</link>"
    "<guid isPermaLink='false'>7</guid><pubDate>Mon, 30 Nov 2026 18:29:04 GMT</pubDate>"
    "<dc:creator>Ana Lind</dc:creator><category>Ports</category><category>Weather</category>"
    "<description>It lies low.</description><content:encoded><![CDATA[<p>It lies</p>]]>"
    "</content:encoded></item>"
)
ENTRY = (
    "<entry><title>Fog</title><link href='https://gazette.example/fog'/><id>tag:7</id>"
    "<updated>2026-11-30T18:29:04Z</updated><author><name>Ana Lind</name></author>"
    "<category term='ports'/><content type='html'>&lt;p&gt;It lies&lt;/p&gt;</content></entry>"
)


@pytest.mark.parametrize("document", [RSS.format("", ITEM), ATOM.format("", ENTRY)])
def test_what_is_plain_needs_no_feedparser(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read_by_feedparser(document.encode())
    monkeypatch.setattr("feedparser.parse", _fail)
    found = read(document.encode())
    assert found == expected
    assert isinstance(found, ParsedFeed)
    assert len(found.entries) == 1


def _fail(*_given: object, **_named: object) -> None:
    raise AssertionError


def changed(old: str, new: str) -> Callable[[], str]:
    def change() -> str:
        document = RSS.format("", ITEM)
        assert old in document
        return document.replace(old, new)

    return change


@pytest.mark.parametrize(
    "doubtful",
    [
        changed("<category>Ports</category>", "<title>Other</title>"),
        changed("<title>", "<title type='html'>"),
        changed("Ports", "<b>Ports</b>"),
        changed("Ports", "CafÃ©"),
        changed("Ports", "\x93Ports\x94"),
        changed("https://gazette.example/fog", "/fog"),
        changed("https://gazette.example/fog", "https://gazette.example/?a;b"),
        changed("Mon, 30 Nov 2026 18:29:04 GMT", "on Monday"),
        changed("<category>Ports</category>", "<geo:lat>7</geo:lat>"),
        changed("version='2.0'", "version='0.91'"),
        changed("version='2.0'", "version='2.0' xml:base='/b/'"),
        changed("http://geo.example/", "http://purl.org/rss/1.0/"),
        changed("http://geo.example/", "http://backend.userland.com/RSS2"),
        changed("xmlns:slash=", "xmlns:own="),
        changed("http://search.yahoo.com/mrss/", "http://media.example/"),
        changed("<rss", "<!DOCTYPE rss><rss"),
        changed("<rss", "<!--\n<!DOCTYPE rss SYSTEM 'netscape'>\n--><rss"),
        changed("<rss", "<?made \n<!ENTITY x ?><rss"),
        changed("<rss", "<?xml-stylesheet href='a>b'?><rss"),
        changed("http://geo.example/", "http://www.w3.org/1999/xlink"),
        changed("18:29:04 GMT", "18:29:04\x7f GMT"),
        changed("Mon, 30 Nov 2026 18:29:04 GMT", "2026-11-30\x7f18:29:04"),
        changed("Mon, 30 Nov 2026 18:29:04 GMT", "2026-11-30\x8518:29:04"),
        changed("</rss>", ""),
    ],
)
def test_what_is_in_doubt_is_left_to_feedparser(doubtful: Callable[[], str]) -> None:
    document = doubtful()
    is_plain = "xmlns:own" in document  # nothing of that name is used
    assert (plain(document.encode(), URL) is not None) is is_plain
    assert read(document.encode()) == read_by_feedparser(document.encode())


def test_many_authors_take_no_longer_than_they_are_many() -> None:
    people = "".join(f"<author><name>{number}</name></author>" for number in range(100_000))
    found = plain(ATOM.format("", f"<entry>{people}</entry>").encode(), URL)
    assert found is not None
    assert len(found["entries"][0]["authors"]) == 100_000


def test_who_has_no_whole_address_is_read_by_feedparser() -> None:
    body = RSS.format("", ITEM).encode()
    assert plain(body, "feed.xml") is None
    assert read(body, url="https://gazette.example/a b") == read_by_feedparser(
        body, url="https://gazette.example/a b"
    )
