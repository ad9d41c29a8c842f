"""Documents read into entries (the only home of feedparser).

feedparser may take minutes and gigabytes over a hostile document: this runs in
a child process. Its own sanitizer and resolver stay off; sanitize.py does both.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache, partial
from io import BytesIO
from time import struct_time
from types import SimpleNamespace
from typing import TypeAlias

import feedparser
from feedparser import mixin

from aggregator.errors import ParseError
from aggregator.intake.beginning import is_json, root_of, unlike_a_feed
from aggregator.intake.charset import fitted
from aggregator.intake.dates import read_date
from aggregator.intake.entries import Stated, distinct, entry_from, language, with_begun
from aggregator.intake.headline import headline
from aggregator.intake.hints import hints_in
from aggregator.intake.jsonfeed import parse_json_feed
from aggregator.intake.plain import plain
from aggregator.intake.recover import bearable, is_cut_off, is_damaged, recovered
from aggregator.intake.references import mend_references
from aggregator.intake.sanitize import clean_line, legible, paragraphs, web_address
from aggregator.intake.sitemap import parse_sitemap
from aggregator.model import Entry, Origin, ParsedFeed, SourceKind

Members: TypeAlias = dict[str, object]

# A guid is a name: one that reads "4711" must not turn into an address below the source's.
mixin._FeedParserMixin.can_be_relative_uri -= {"id"}  # noqa: SLF001
# It joins each element's base to that of the element around it: the same ones over and over.
mixin.make_safe_absolute_uri = lru_cache(maxsize=16)(mixin.make_safe_absolute_uri)
# What it knows of a text it copies as if it went deep, which takes ten times as long.
mixin.copy = SimpleNamespace(deepcopy=feedparser.FeedParserDict)
feedparser.api.PREFERRED_XML_PARSERS.insert(0, "aggregator.intake.sax")

# What stands in HTML's namespace is shown, not read.
_XHTML_ROOT = re.compile(
    rb"(<(?:rss|rdf:RDF)\b[^<>]*?)\sxmlns=[\"']http://www\.w3\.org/1999/xhtml/?[\"']", re.IGNORECASE
)
# A form for searching: within an item it is more than feedparser bears.
_TEXT_INPUT = re.compile(rb"<textinput\b.*?(</textinput\s*>|\Z)", re.IGNORECASE | re.DOTALL)
# An entry within an entry's content is quoted, and no entry of the feed.
_QUOTED = re.compile(
    rb"(<content\b[^<>]*\btype=[\"']application/atom\+xml\b[^<>]*(?<!/)>)\s*<(?:\w+:)?entry\b"
    rb".*?(</content\s*>|\Z)",
    re.DOTALL,
)
_RDF = frozenset({"rss090", "rss10"})
# RFC 4287 4.2.7.2: both spell the same relation.
_ALTERNATE = frozenset({"alternate", "http://www.iana.org/assignments/relation/alternate"})
_MARKUP = re.compile(r"<[a-z/!]|&[#a-z]", re.IGNORECASE)


def parse_feed(
    body: bytes,
    content_type: str,
    url: str,
    to_the_end: bool = False,  # noqa: FBT001, FBT002 - a child is given arguments by place
) -> ParsedFeed:
    """Return what the document at `url` says, its entries in document order.

    Damaged documents are read as far as they go; an entry that cannot be read
    is skipped and counted. Where XML is cut off within an entry, that is left
    out; `to_the_end` its whole fields are an entry, if they say which it is.

    Raises:
        ParseError: The body is no feed.
    """
    if is_json(body, content_type):
        return parse_json_feed(body, url)
    body, fits = fitted(body, content_type)
    if root_of(body) in {"urlset", "sitemapindex"}:
        return parse_sitemap(body, url)
    if root_of(body) in {"html", "opml"}:  # feedparser would look for entries in it
        raise ParseError(unlike_a_feed(body))
    document = _parsed(body, url, to_the_end=to_the_end)
    if not document.get("version") and not document.get("entries"):
        raise ParseError(unlike_a_feed(body))
    feed, stated = _members(document, "feed"), _list(document, "entries")
    kind = _kind(str(document.get("version")))
    entries = [_entry(one, feed, kind, url) for one in stated]
    read = [entry for entry in entries if entry is not None]
    return ParsedFeed(
        kind=kind,
        title=headline(_text(feed, "title"), is_text=_has_text_title(feed, kind)),
        entries=with_begun(
            distinct(read), [_entry(one, feed, kind, url) for one in _list(document, "begun")]
        ),
        site_url=web_address(_text(feed, "link"), url),
        lang=language(_text(feed, "language")),
        skipped=len(entries) - len(read),
        hubs=tuple(_related(feed, "hub", url)),
        self_url=next(_related(feed, "self", url), None),
        damaged=is_damaged(document) or not fits,
        cut_off=is_damaged(document) and is_cut_off(body),
        hints=hints_in(
            body,
            _text(feed, "ttl"),
            _text(feed, "sy_updateperiod"),
            _text(feed, "sy_updatefrequency"),
        ),
    )


def _parsed(body: bytes, url: str, *, to_the_end: bool) -> Members:
    body = _XHTML_ROOT.sub(rb"\1", mend_references(body), count=1)
    body = _QUOTED.sub(lambda found: found[1] + found[2] if found[2] else found[0], body)
    read = partial(_as_it_is, url=url)
    if (document := plain(body, url)) is not None:
        return document
    try:
        document = read(body)
    except ParseError as error:
        body = _TEXT_INPUT.sub(lambda form: b"" if form[1] else form[0], body)
        document = bearable(body, error, read)
    if is_damaged(document):
        return recovered(body, document, read, to_the_end=to_the_end)
    return document


def _as_it_is(body: bytes, url: str) -> Members:
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        document: Members = feedparser.parse(
            BytesIO(body),
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers=headers,
        )
    except Exception as error:  # feedparser names nothing that it may raise
        message = f"no feed could be read from it ({type(error).__name__})"
        raise ParseError(message) from error
    return document


def _kind(version: str) -> SourceKind:
    if version.startswith("atom"):
        return SourceKind.ATOM
    return SourceKind.RDF if version in _RDF else SourceKind.RSS


def _entry(said: Members, feed: Members, kind: SourceKind, url: str) -> Entry | None:
    if not said:
        return None
    try:
        return entry_from(_stated(said, feed, kind, url))
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _stated(said: Members, feed: Members, kind: SourceKind, url: str) -> Stated:
    published, updated = _date(said, "published"), _date(said, "updated")
    if kind is not SourceKind.ATOM:
        published = published or updated  # dc:date is all the date that RSS 1.0 has
    content, content_base = _content(said)
    return Stated(
        base_url=url,
        guid=_text(said, "id"),
        # Where an empty link stands before the guid, feedparser takes the guid for none.
        guid_is_link=bool(said.get("guidislink")) or said.get("link") == "",
        links=list(_links(said)),
        title=_text(said, "title"),
        title_is_text=_has_text_title(said, kind),
        authors=_authors(said, feed, kind),
        published=published,
        updated=updated,
        content=content,
        content_base=content_base,
        summary=_summary(said),
        tags=[_text(tag, "label") or _text(tag, "term") for tag in _list(said, "tags")],
        langs=[_text(said, "language"), _inherited_language(said), _text(feed, "language")],
        images=list(_images(said)),
        origin=_origin(said, url),
        rights=_text(said, "rights") or _text(feed, "rights"),
    )


def _links(said: Members) -> Iterator[str]:
    yield _text(said, "feedburner_origlink")
    if _text(said, "link") != _text(said, "id"):  # feedparser repeats the guid there
        yield _text(said, "link")
    yield from (
        _text(link, "href") for link in _list(said, "links") if link.get("rel") in _ALTERNATE
    )


def _related(feed: Members, relation: str, url: str) -> Iterator[str]:
    """Yield where the feed's own links of that relation lead (Atom's, in RSS too)."""
    for link in _list(feed, "links"):
        if relation in _text(link, "rel").lower().split():
            address = web_address(_text(link, "href"), url)
            if address:
                yield address


def _content(said: Members) -> tuple[str, str | None]:
    """Return the longest content as HTML, and what its addresses are relative to."""
    contents = [(_html(one), _text(one, "base") or None) for one in _list(said, "content")]
    return max(contents, key=lambda content: len(content[0]), default=("", None))


def _summary(said: Members) -> str:
    # Without a detail it is a copy of the content that feedparser made.
    return _html(_members(said, "summary_detail"))


def _has_text_title(said: Members, kind: SourceKind) -> bool:
    return kind is SourceKind.ATOM and _is_text(_members(said, "title_detail"))


def _is_text(construct: Members) -> bool:
    return _text(construct, "type") == "text/plain"


def _html(detail: Members) -> str:
    """Return a text construct as HTML; feedparser calls text HTML if it is of unknown type."""
    kind, value = _text(detail, "type"), _text(detail, "value")
    if _is_text(detail) or (kind.startswith("text/") and not _MARKUP.search(value)):
        return paragraphs(value)
    return value if kind.endswith(("html", "xhtml+xml")) else ""


def _authors(said: Members, feed: Members, kind: SourceKind) -> list[str]:
    """Return the authors, in Atom those of the source or the whole (RFC 4287, 4.2.1)."""
    holders = [said, _members(said, "source"), feed] if kind is SourceKind.ATOM else [said]
    return next((names for names in map(_names, holders) if any(names)), [])


def _names(holder: Members) -> list[str]:
    authors = _list(holder, "authors")
    if len(authors) == 1:  # feedparser cuts addresses out of `authors`, but not always whole
        return [_text(holder, "author")]
    return [_text(author, "name") for author in authors]


def _date(said: Members, name: str) -> datetime | None:
    parsed = dict.get(said, f"{name}_parsed")
    return read_date(_text(said, name), parsed if isinstance(parsed, struct_time) else None)


def _inherited_language(said: Members) -> str:
    details = [_members(said, name) for name in ("title_detail", "summary_detail")]
    return next(filter(None, (_text(detail, "language") for detail in details)), "")


def _images(said: Members) -> Iterator[str]:
    for thumbnail in _list(said, "media_thumbnail"):
        yield _text(thumbnail, "url")
    for medium in _list(said, "media_content"):
        if _text(medium, "medium") == "image" or _text(medium, "type").startswith("image/"):
            yield _text(medium, "url")
    for link in _list(said, "links"):
        if link.get("rel") == "enclosure" and _text(link, "type").startswith("image/"):
            yield _text(link, "href")


def _origin(said: Members, url: str) -> Origin | None:
    source = _members(said, "source")
    # One search engine gives its outlets' names alone, in an element of its own.
    title = clean_line(_text(source, "title") or _text(said, "news_source"))
    address = _text(source, "href") or _text(source, "link")
    return Origin(title, web_address(address, url)) if title else None


def _members(holder: Members, name: str) -> Members:
    value = dict.get(holder, name)
    return value if isinstance(value, dict) else {}


def _list(holder: Members, name: str) -> list[Members]:
    value = dict.get(holder, name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(holder: Members, name: str) -> str:
    # Past FeedParserDict's own look-up, which answers `updated` with `published`.
    value = dict.get(holder, name)
    return legible(value).strip() if isinstance(value, str) else ""
