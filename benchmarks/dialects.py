"""Feeds in every dialect there is, each with the entries that it holds: our own, by the hundred.

Four families, after what is known to trip readers of feeds: whole documents in every layout and
every encoding; items and entries that say what they say in an odd way; JSON Feeds; and documents
that are damaged, of which it is said what can still be made out.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from dialect_items import ATOM_ENTRIES, JSON_ITEMS, RSS_ITEMS, Told

SITE = "https://gazette.example"
XML = "application/xml"
TOLD = (
    Told("Dredging begins", f"{SITE}/dredging", "urn:gazette:1"),
    Told("Café & quay: “open”", f"{SITE}/cafe?a=1&b=2", "urn:gazette:2"),
    Told("Nets > lines; “mended”", f"{SITE}/nets", "urn:gazette:3"),
)
# What every encoding can spell.
PLAIN = tuple(
    Told(title, told.link, told.guid)
    for told, title in zip(TOLD, ("Dredging begins", "Kafa i molo", "Nets & lines"), strict=True)
)
BODY = "The harbour office says so, in a notice of some length."


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as a source sends it, and the entries that it holds, in order."""

    name: str
    body: bytes
    content_type: str
    entries: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How one dialect is laid out; `{title}`, `{link}` and `{guid}` stand in the item.

    `named`: its entries have a guid; else it is "about" (their links, in RDF) or there is none.
    `inside` is what is repeated for each entry in the head (RDF's list of its items).
    """

    head: str
    item: str
    tail: str
    named: bool = True
    inside: str = ""

    def write(self, entries: Sequence[Told]) -> str:
        """Return a document with these entries."""
        head = self.head.replace("{inside}", "".join(_filled(self.inside, e) for e in entries))
        return head + "".join(_filled(self.item, entry) for entry in entries) + self.tail

    def read(self, entries: Sequence[Told]) -> tuple[Told, ...]:
        """Return what such a document says of them."""
        if self.named:
            return tuple(entries)
        return tuple(replace(e, guid=e.link if "rdf:about" in self.item else "") for e in entries)


def _filled(template: str, told: Told) -> str:
    for name in ("title", "link", "guid"):
        stated = getattr(told, name)
        template = template.replace(f"[{{{name}}}]", f"[{stated}]")
        template = template.replace(f"{{{name}}}", escape(stated))
    return template


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS10 = "http://purl.org/rss/1.0/"
ATOM = "http://www.w3.org/2005/Atom"
CHANNEL = f"<title>Gazette</title>\n<link>{SITE}/</link>\n<description>News</description>\n"
IMAGE = f"<image><title>Crest</title><url>{SITE}/crest.png</url><link>{SITE}/about</link></image>"
SEARCH = f"<textInput><title>Search</title><name>q</name><link>{SITE}/find</link></textInput>"
BARE = (
    f"<item><title>{{title}}</title><link>{{link}}</link><description>{BODY}</description></item>"
)
FULL = BARE.replace("</item>", "<guid isPermaLink='false'>{guid}</guid></item>")
ABOUT = BARE.replace("<item>", "<item rdf:about='{link}'>")
LISTED = "<rdf:li rdf:resource='{link}'/>"
ENTRY = (
    f"<entry><title>{{title}}</title><link href='{{link}}'/><id>{{guid}}</id>"
    f"<updated>2026-03-04T05:06:07Z</updated><summary>{BODY}</summary></entry>"
)
FEED = f"<title>Gazette</title><link href='{SITE}/'/><id>urn:gazette</id>"
NETSCAPE = (
    "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' "
    "'http://my.netscape.com/publish/formats/rss-0.91.dtd'>\n"
)


def _rss(version: str, namespaces: str = "", prolog: str = "", item: str = FULL) -> Layout:
    head = f"{prolog}<rss {version} {namespaces}><channel>{CHANNEL}"
    return Layout(head, item, "</channel></rss>", named="guid" in item)


def _rdf(prefix: str, name: str = RSS10, item: str = ABOUT, root: str = "rdf:RDF") -> Layout:
    """Return a layout of RDF; with a prefix its elements all bear it."""
    opens = f"<{root} xmlns:rdf='{RDF}' xmlns{':' + prefix if prefix else ''}='{name}'>"
    items = "<items><rdf:Seq>{inside}</rdf:Seq></items>"
    parts = [f"<channel rdf:about='{SITE}/'>{CHANNEL}{items}</channel>{IMAGE}", item]
    if prefix:
        parts = [_prefixed(part, prefix) for part in parts]
    return Layout(opens + parts[0], parts[1], f"</{root}>", named=False, inside=LISTED)


def _prefixed(xml: str, prefix: str) -> str:
    """Return XML whose elements have the prefix, but those that have one."""
    pieces = xml.split("<")
    for at, piece in enumerate(pieces[1:], 1):
        slash, name = ("/", piece[1:]) if piece.startswith("/") else ("", piece)
        known = ":" in name.split(">")[0].split(" ")[0]
        pieces[at] = piece if known else f"{slash}{prefix}:{name}"
    return "<".join(pieces)


def _atom(name: str, prefix: str = "", entry: str = ENTRY, version: str = "") -> Layout:
    space = f" xmlns{':' + prefix if prefix else ''}='{name}'" if name else ""
    parts = [f"<feed{space}{version}>{FEED}", entry, "</feed>"]
    head, entry, tail = [_prefixed(part, prefix) if prefix else part for part in parts]
    return Layout(head, entry, tail)


OLD_ENTRY = ENTRY.replace("<link ", "<link rel='alternate' type='text/html' ").replace(
    "<updated>2026-03-04T05:06:07Z</updated>",
    "<issued>2026-03-04T05:06:07Z</issued><modified>2026-03-04T05:06:07Z</modified>",
)
LAYOUTS: Mapping[str, Layout] = {
    "rss-0.90": _rdf("", "http://my.netscape.com/rdf/simple/0.9/", BARE),
    "rss-0.90-channel": _rdf("", "http://channel.netscape.com/rdf/simple/0.9/", BARE),
    "rss-0.91-netscape": _rss("version='0.91'", "", NETSCAPE, BARE),
    "rss-0.91": _rss("version='0.91'", item=BARE),
    "rss-0.92": _rss("version='0.92'", item=BARE),
    "rss-0.93": _rss("version='0.93'"),
    "rss-0.94": _rss("version='0.94'"),
    "rss-1.0": _rdf(""),
    "rss-1.0-prefixed": _rdf("rss"),
    "rss-1.0-odd-prefix": _rdf("x"),
    "rss-1.0-other-root": _rdf("", root="rdf:rdf"),
    "rss-1.0-items-within": Layout(
        f"<rdf:RDF xmlns:rdf='{RDF}' xmlns='{RSS10}'><channel>{CHANNEL}",
        ABOUT,
        "</channel></rdf:RDF>",
        named=False,
    ),
    "rss-1.1": Layout(
        f"<Channel xmlns='http://purl.org/net/rss1.1#' xmlns:rdf='{RDF}' rdf:about='{SITE}/'>"
        f"{CHANNEL}<items rdf:parseType='Collection'>",
        ABOUT,
        "</items></Channel>",
        named=False,
    ),
    "rss-2.0": _rss("version='2.0'"),
    "rss-2.0-with-modules": _rss(
        "version='2.0'",
        f"xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:atom='{ATOM}' "
        "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:media="
        "'http://search.yahoo.com/mrss/' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'",
        item=FULL.replace(
            "</item>",
            "<dc:creator>A. Writer</dc:creator><atom:link rel='self' href='https://other.example/'/>"
            "<content:encoded><![CDATA[<p>All of it.</p>]]></content:encoded><media:group>"
            "<media:title>A picture</media:title><media:content url='https://pic.example/1.jpg'/>"
            "</media:group><itunes:title>Heard</itunes:title></item>",
        ),
    ),
    "rss-2.0-backend-namespace": _rss("version='2.0'", "xmlns='http://backend.userland.com/rss2'"),
    "rss-2.0-blogs-namespace": _rss(
        "version='2.0'", "xmlns='http://blogs.law.harvard.edu/tech/rss'"
    ),
    "rss-2.0-purl-namespace": _rss("version='2.0'", f"xmlns='{RSS10}'"),
    "rss-2.0-atom-namespace": _rss("version='2.0'", f"xmlns='{ATOM}'"),
    "rss-2.0-unknown-namespace": _rss("version='2.0'", "xmlns='https://gazette.example/ns'"),
    "rss-2.0-namespace-of-html": _rss("version='2.0'", "xmlns='http://www.w3.org/1999/xhtml'"),
    "rss-2.0-no-version": _rss(""),
    "rss-2.0-odd-version": _rss("version='two'"),
    "rss-2.0-version-2.0.1": _rss("version='2.0.1'"),
    "rss-2.0-items-behind": Layout(
        f"<rss version='2.0'><channel>{CHANNEL}</channel>", FULL, "</rss>"
    ),
    "rss-2.0-no-channel": Layout("<rss version='2.0'>", FULL, "</rss>"),
    "rss-2.0-items-first": Layout(
        "<rss version='2.0'><channel>", FULL, f"{CHANNEL}{IMAGE}{SEARCH}</channel></rss>"
    ),
    "rss-2.0-items-box": Layout(
        f"<rss version='2.0'><channel>{CHANNEL}<items>", FULL, "</items></channel></rss>"
    ),
    "rss-2.0-channel-each": Layout(
        "<rss version='2.0'>", f"<channel>{CHANNEL}{FULL}</channel>", "</rss>"
    ),
    "rss-2.0-image-and-search": _rss("version='2.0'", item=f"{IMAGE}{SEARCH}{FULL}"),
    "rss-2.0-comments-between": _rss("version='2.0'", item=f"<!-- <item/> -->{FULL}<?php echo ?>"),
    "rss-2.0-indented": _rss("version='2.0'", item=FULL.replace("><", ">\n\t  <") + "\n\n"),
    "rss-2.0-sections": _rss(
        "version='2.0'",
        item="<item><title><![CDATA[{title}]]></title><link><![CDATA[{link}]]></link>"
        "<guid isPermaLink='false'><![CDATA[{guid}]]></guid></item>",
    ),
    "rss-2.0-stylesheet": _rss(
        "version='2.0'",
        prolog="<?xml-stylesheet type='text/xsl' href='/feed.xsl'?><!-- for you -->",
    ),
    "rss-2.0-entities": _rss(
        "version='2.0'",
        prolog="<!DOCTYPE rss [<!ENTITY copy '&#169;'><!ENTITY % HTMLlat1 'x'>]>",
    ),
    "cdf": Layout(
        f"<CHANNEL HREF='{SITE}/'><TITLE>Gazette</TITLE><ABSTRACT>News</ABSTRACT>",
        f"<ITEM HREF='{{link}}'><TITLE>{{title}}</TITLE><ABSTRACT>{BODY}</ABSTRACT></ITEM>",
        "</CHANNEL>",
        named=False,
    ),
    "rss-2.0-capitals": Layout(
        f"<RSS VERSION='2.0'><CHANNEL>{CHANNEL}",
        "<ITEM><TITLE>{title}</TITLE><LINK>{link}</LINK><GUID>{guid}</GUID></ITEM>",
        "</CHANNEL></RSS>",
    ),
    "rss-2.0-prefixed": Layout(
        "<x:rss xmlns:x='http://backend.userland.com/rss2' version='2.0'><x:channel>",
        "<x:item><x:title>{title}</x:title><x:link>{link}</x:link><x:guid>{guid}</x:guid></x:item>",
        "</x:channel></x:rss>",
    ),
    "atom-0.3": _atom("http://purl.org/atom/ns#", "", OLD_ENTRY, " version='0.3'"),
    "atom-0.3-prefixed": _atom("http://purl.org/atom/ns#", "a", OLD_ENTRY, " version='0.3'"),
    "atom-0.3-no-version": _atom("http://purl.org/atom/ns#", "", OLD_ENTRY),
    "atom-0.2": _atom("http://purl.org/atom/ns#", "", OLD_ENTRY, " version='0.2'"),
    "atom-1.0": _atom(ATOM),
    "atom-1.0-prefixed": _atom(ATOM, "atom"),
    "atom-1.0-odd-prefix": _atom(ATOM, "feedns"),
    "atom-1.0-capital-prefix": _atom(ATOM, "A"),
    "atom-1.0-other-spelling": _atom("http://www.w3.org/2005/atom"),
    "atom-1.0-slash": _atom(f"{ATOM}/"),
    "atom-1.0-blanks-around-namespace": _atom(f" {ATOM} "),
    "atom-1.0-within-rss": Layout(
        f"<rss version='2.0'><channel xmlns:atom='{ATOM}'>{CHANNEL}",
        _prefixed(ENTRY, "atom"),
        "</channel></rss>",
    ),
    "atom-1.0-no-namespace": _atom(""),
    "atom-1.0-unknown-namespace": _atom("https://gazette.example/ns"),
    "atom-1.0-entries-first": Layout(f"<feed xmlns='{ATOM}'>", ENTRY, f"{FEED}</feed>"),
    "atom-1.0-with-source": _atom(
        ATOM,
        "",
        ENTRY.replace(
            "<entry>",
            "<entry><source><id>urn:other</id><title>Elsewhere</title>"
            "<link href='https://other.example/'/></source>",
        ),
    ),
}
DECLARATION = '<?xml version="1.0" encoding="{}"?>\n'


@dataclass(frozen=True, slots=True)
class Dress:
    """How a document is put into bytes; `alters` is done to its text before."""

    encoding: str = "utf-8"
    declared: str | None = "UTF-8"
    content_type: str = XML
    mark: bytes = b""
    alters: Callable[[str], str] = str
    behind: bytes = b""

    def put_on(self, text: str) -> bytes:
        """Return the document's bytes."""
        declaration = DECLARATION.format(self.declared) if self.declared else ""
        return self.mark + self.alters(declaration + text).encode(self.encoding) + self.behind


DRESSES: Mapping[str, Dress] = {
    "plain": Dress(),
    "no-declaration": Dress(declared=None),
    "mark": Dress(mark=b"\xef\xbb\xbf"),
    "mark-twice": Dress(mark=b"\xef\xbb\xbf\xef\xbb\xbf"),
    "mark-and-blanks": Dress(mark=b"\xef\xbb\xbf \r\n"),
    "blanks-before": Dress(mark=b"\r\n\n\t "),
    "blanks-behind": Dress(behind=b"\n\n \x00"),
    "comment-behind": Dress(behind=b"\n<!-- made in 0.3 s -->\n"),
    "carriage-returns": Dress(alters=lambda text: text.replace("\n", "\r\n").replace("><", ">\r<")),
    "single-quotes": Dress(alters=lambda text: text.replace('"', "'", 6)),
    "standalone": Dress(alters=lambda text: text.replace('"?>', '" standalone="yes"?>', 1)),
    "version-1.1": Dress(alters=lambda text: text.replace('"1.0"', '"1.1"', 1)),
    "capital-declaration": Dress(alters=lambda text: text.replace("<?xml", "<?XML", 1)),
    "utf-16": Dress("utf-16", "UTF-16"),
    "utf-16-le": Dress("utf-16-le", "UTF-16LE"),
    "utf-16-be": Dress("utf-16-be", "UTF-16", mark=b"\xfe\xff"),
    "utf-16-declares-utf-8": Dress("utf-16"),
    "utf-8-declares-utf-16": Dress(declared="UTF-16"),
    "utf-32": Dress("utf-32", "UTF-32"),
    "latin-1": Dress("latin-1", "ISO-8859-1"),
    "latin-1-by-header": Dress("latin-1", None, "text/xml; charset=ISO-8859-1"),
    "windows-1252": Dress("windows-1252", "windows-1252"),
    "windows-1252-as-latin-1": Dress("windows-1252", "ISO-8859-1"),
    "windows-1252-as-utf-8": Dress("windows-1252"),
    "windows-1251": Dress("windows-1251", "windows-1251"),
    "koi8-r": Dress("koi8-r", "KOI8-R"),
    "gb2312": Dress("gb2312", "GB2312"),
    "big5": Dress("big5", "Big5"),
    "shift-jis": Dress("shift_jis", "Shift_JIS"),
    "euc-kr": Dress("euc_kr", "EUC-KR"),
    "ebcdic": Dress("cp037", "cp037"),
    "unknown-encoding": Dress(declared="x-klingon"),
    "no-type": Dress(content_type=""),
    "as-html": Dress(content_type="text/html; charset=utf-8"),
    "as-text": Dress(content_type="text/plain"),
    "as-text-ascii": Dress(content_type="text/xml; charset=us-ascii"),
    "as-json": Dress(content_type="application/json"),
    "as-octets": Dress(content_type="application/octet-stream"),
    "as-nonsense": Dress(content_type="text/xml;;charset=;q"),
}


def documents() -> Iterator[Document]:
    """Yield every document that is whole: all layouts in all encodings, all items, all JSON."""
    for name, layout in LAYOUTS.items():
        for how, dress in DRESSES.items():
            entries = _spelled(dress)
            body = dress.put_on(layout.write(entries))
            yield Document(f"{name} {how}", body, dress.content_type, layout.read(entries))
    yield from _items("rss", RSS_ITEMS, LAYOUTS["rss-2.0"])
    yield from _items("atom", ATOM_ENTRIES, LAYOUTS["atom-1.0"])
    for name, (feed, entries) in JSON_ITEMS.items():
        for escaped in (True, False):
            body = json.dumps(feed, ensure_ascii=escaped).encode()
            yield Document(f"json {name} {escaped}", body, "application/feed+json", entries)


def _spelled(dress: Dress) -> tuple[Told, ...]:
    try:
        "".join(told.title for told in TOLD).encode(dress.encoding)
    except UnicodeEncodeError:
        return PLAIN
    return TOLD


NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "atom": ATOM,
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "rdf": RDF,
    "x": "https://gazette.example/ns",
    "h": "http://www.w3.org/1999/xhtml",
}


def _items(
    dialect: str, items: Mapping[str, tuple[str, tuple[Told, ...]]], layout: Layout
) -> Iterator[Document]:
    """Yield documents with an odd item between two that are not."""
    spaces = "".join(f" xmlns:{name}='{space}'" for name, space in NAMESPACES.items())
    root = layout.head.partition(" ")[0]
    for name, (item, told) in items.items():
        around = layout.write(TOLD[:2]).replace(root, root + spaces, 1)
        second = around.rindex("<item>" if dialect == "rss" else "<entry>")
        text = around[:second] + item + around[second:]
        body = (DECLARATION.format("utf-8") + text).encode()
        yield Document(f"{dialect} {name}", body, XML, (TOLD[0], *told, TOLD[1]))
