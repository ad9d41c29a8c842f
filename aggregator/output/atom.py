"""Atom (RFC 4287), written by feedgen."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from aggregator.model import Story
from aggregator.output.entry import UNTITLED, out_entries
from aggregator.output.feed import OutEntry, OutFeed
from aggregator.output.legal import legal_line, legal_text

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def render_atom(feed: OutFeed, stories: Sequence[Story]) -> bytes:
    """Return the feed as an Atom document, newest published story first.

    The same arguments give the same bytes, in whatever order the stories come.
    """
    entries = out_entries(feed, stories)
    generator = _head(feed)
    generator.updated(_utc(max((entry.updated for entry in entries), default=feed.updated)))
    for entry in entries:
        generator.add_entry(_entry(entry), order="append")
    document: bytes = generator.atom_str(pretty=True)
    return document


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _head(feed: OutFeed) -> FeedGenerator:
    generator = FeedGenerator()
    generator.id(legal_text(feed.uri))
    generator.title(legal_line(feed.title) or UNTITLED)
    generator.link(href=legal_text(feed.self_url), rel="self", type="application/atom+xml")
    generator.link(href=legal_text(feed.html_url), rel="alternate", type="text/html")
    if feed.hub:
        generator.link(href=legal_text(feed.hub), rel="hub")
    generator.generator("aggregator", version=legal_text(feed.version))
    return generator


def _entry(entry: OutEntry) -> FeedEntry:
    element = FeedEntry()
    element.id(entry.uri)
    element.title(entry.title)
    element.published(_utc(entry.published))
    element.updated(_utc(entry.updated))
    element.author([{"name": name} for name in entry.authors])
    element.category(
        [{"term": c.term, "scheme": c.scheme, "label": c.label} for c in entry.categories]
    )
    element.content(entry.html, type="html")
    element.rights(entry.rights)
    element.register_extension("complement", partial(_Complement, entry), rss=False)
    return element


class _Element(Protocol):
    """What we use of the element that feedgen hands to its extensions."""

    def set(self, name: str, value: str) -> None: ...


class _Complement:
    """Adds to an entry what feedgen 1.0 cannot write.

    It drops every attribute but `href` from an entry's links, gives a
    `source` no id and no date, and knows no language of an entry.
    """

    def __init__(self, entry: OutEntry) -> None:
        self._entry = entry

    def extend_atom(self, element: _Element) -> None:
        """Add language, links and source to feedgen's element."""
        if self._entry.lang:
            element.set(_XML_LANG, self._entry.lang)
        for link in self._entry.links:
            title = {"title": link.title} if link.title else {}
            xml_elem("link", element, rel=link.rel, href=link.href, **title)
        self._add_source(element)

    def _add_source(self, element: _Element) -> None:
        if (origin := self._entry.source) is None:
            return
        source = xml_elem("source", element)
        xml_elem("id", source).text = origin.uri
        xml_elem("title", source).text = origin.title
        xml_elem("updated", source).text = _utc(origin.updated).isoformat()
        xml_elem("link", source, rel="self", href=origin.uri)
