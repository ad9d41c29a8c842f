"""RSS 2.0 with the content, dc, media and atom namespaces, written by feedgen."""

from collections.abc import Sequence
from datetime import UTC
from functools import lru_cache, partial
from html import escape

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from aggregator.output.feed import OutEntry, OutFeed, newest_update
from aggregator.output.legal import legal_line, legal_text, plain
from aggregator.output.markup import KEPT, Element, Head, filled, styled, written
from aggregator.output.teaser import teaser

MEDIA_TYPE = "application/rss+xml"
UNTITLED = "(untitled)"
_ATOM = "http://www.w3.org/2005/Atom"
_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}
# Those that feedgen declares as well.
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DECLARED = _NAMESPACES | {"atom": _ATOM, "content": _CONTENT}


def render_rss(feed: OutFeed, entries: Sequence[OutEntry]) -> bytes:
    """Return the feed as an RSS document; the same arguments give the same bytes."""
    generator = FeedGenerator()
    title = plain(legal_line(feed.title)) or UNTITLED
    generator.title(title)
    generator.link(href=legal_text(feed.self_url), rel="self", type=MEDIA_TYPE)
    generator.link(href=legal_text(feed.html_url), rel="alternate")
    generator.description(plain(legal_line(feed.subtitle)) or title)
    generator.lastBuildDate(newest_update(feed, entries).astimezone(UTC))
    generator.generator("aggregator", version=legal_text(feed.version))
    head = Head(_NAMESPACES, partial(_point_to_hubs, feed))
    generator.register_extension("head", lambda: head)
    document: bytes = generator.rss_str(pretty=True)
    return styled(feed, filled(document, b"  </channel>", map(_written, entries)))


def _point_to_hubs(feed: OutFeed, channel: Element) -> None:
    for hub in feed.hubs:
        xml_elem(f"{{{_ATOM}}}link", channel, rel="hub", href=legal_text(hub))


@lru_cache(maxsize=KEPT)
def _written(entry: OutEntry) -> bytes:
    element = FeedEntry()
    title = plain(entry.title)
    element.title(title)
    element.link(href=_as_rss_knows_it(entry.alternate) or entry.page or entry.alternate)
    element.guid(entry.uri, permalink=False)
    element.pubDate(entry.published.astimezone(UTC))
    element.description(teaser(entry.html) or escape(entry.title))
    element.content(entry.content)
    for category in entry.categories:
        named = plain(category.label or category.term)
        element.category({"term": named, "scheme": category.scheme})
    if entry.source and _as_rss_knows_it(entry.source.uri):
        element.source(entry.source.uri, plain(entry.source.title))
    element.register_extension("complement", partial(_Complement, entry), atom=False)
    return written(element.rss_entry(), ["rss", "channel"], _DECLARED)


def _as_rss_knows_it(url: str) -> str:
    """Return the address, "" where its host is an address of IPv6: RFC 2396 has no brackets."""
    return "" if "[" in url else url


class _Complement:
    """Adds to an item what RSS 2.0 itself has no element for."""

    def __init__(self, entry: OutEntry) -> None:
        self._entry = entry

    def extend_rss(self, item: Element) -> None:
        """Add authors, rights, language, picture and the other tellings to feedgen's element."""
        for name in self._entry.authors:
            _add(item, "dc", "creator", name)
        if self._entry.rights:
            _add(item, "dc", "rights", self._entry.rights)
        if self._entry.lang:
            _add(item, "dc", "language", self._entry.lang)
        if _as_rss_knows_it(self._entry.image):
            media = f"{{{_NAMESPACES['media']}}}content"
            xml_elem(media, item, url=self._entry.image, medium="image")
        for link in self._entry.links[1:]:
            title = {"title": plain(link.title)} if link.title else {}
            xml_elem(f"{{{_ATOM}}}link", item, rel=link.rel, href=link.href, **title)


def _add(item: Element, prefix: str, name: str, text: str) -> None:
    xml_elem(f"{{{_NAMESPACES[prefix]}}}{name}", item).text = plain(text)
