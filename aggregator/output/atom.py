"""Atom (RFC 4287) with archives (RFC 5005), written by feedgen."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from html import escape

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from aggregator.output.feed import OutEntry, OutFeed, OutLink, newest_update
from aggregator.output.legal import legal_line, legal_text, plain
from aggregator.output.markup import KEPT, Element, Head, filled, styled, written

MEDIA_TYPE = "application/atom+xml"
UNTITLED = "(untitled)"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HISTORY = "http://purl.org/syndication/history/1.0"


def render_atom(feed: OutFeed, entries: Sequence[OutEntry]) -> bytes:
    """Return the feed as an Atom document; the same arguments give the same bytes."""
    generator = FeedGenerator()
    generator.id(legal_text(feed.uri))
    generator.title(plain(legal_line(feed.title)) or UNTITLED)
    generator.subtitle(plain(legal_line(feed.subtitle)) or None)
    generator.updated(_utc(newest_update(feed, entries)))
    for link in _links(feed):
        generator.link(href=legal_text(link.href), rel=link.rel, type=link.type or None)
    generator.generator("aggregator", version=legal_text(feed.version))
    namespaces = {"fh": _HISTORY} if feed.archive else {}
    head = Head(namespaces, partial(_mark, feed))
    generator.register_extension("head", lambda: head)
    document: bytes = generator.atom_str(pretty=True)
    return styled(feed, filled(document, b"</feed>", map(_written, entries)))


def _links(feed: OutFeed) -> Sequence[OutLink]:
    return [
        OutLink("self", feed.self_url, type=MEDIA_TYPE),
        OutLink("alternate", feed.html_url, type="text/html"),
        *(OutLink("hub", hub) for hub in feed.hubs),
        *feed.archives,
    ]


def _mark(feed: OutFeed, root: Element) -> None:
    """Say that the document is an archive (RFC 5005 section 4)."""
    if feed.archive:
        xml_elem(f"{{{_HISTORY}}}archive", root)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@lru_cache(maxsize=KEPT)
def _written(entry: OutEntry) -> bytes:
    element = FeedEntry()
    element.id(entry.uri)
    element.title(entry.title)
    element.published(_utc(entry.published))
    element.updated(_utc(entry.updated))
    element.author([{"name": plain(name)} for name in entry.authors])
    element.category(
        [{"term": c.term, "scheme": c.scheme, "label": plain(c.label)} for c in entry.categories]
    )
    element.content(entry.content, type="html")
    element.rights(plain(entry.rights))
    element.register_extension("complement", partial(_Complement, entry), rss=False)
    return written(element.atom_entry(), ["feed"], {})


class _Complement:
    """Adds to an entry what feedgen 1.0 cannot write.

    It drops every attribute but `href` from an entry's links, gives a
    `source` no id and no date, and knows neither the language of an entry nor
    the type of its title.
    """

    def __init__(self, entry: OutEntry) -> None:
        self._entry = entry

    def extend_atom(self, element: Element) -> None:
        """Add language, links and source to feedgen's element."""
        if plain(self._entry.title) != self._entry.title:
            # As HTML there is no doubt what is meant: these very letters.
            title = element.find("title")
            title.set("type", "html")
            title.text = escape(self._entry.title, quote=False)
        if self._entry.lang:
            element.set(_XML_LANG, self._entry.lang)
        for link in self._entry.links:
            title = {"title": plain(link.title)} if link.title else {}
            xml_elem("link", element, rel=link.rel, href=link.href, **title)
        self._add_source(element)

    def _add_source(self, element: Element) -> None:
        if (origin := self._entry.source) is None:
            return
        source = xml_elem("source", element)
        xml_elem("id", source).text = origin.uri
        xml_elem("title", source).text = plain(origin.title)
        xml_elem("updated", source).text = _utc(origin.updated).isoformat()
        xml_elem("link", source, rel="self", href=origin.uri)
