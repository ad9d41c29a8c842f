"""Writes an outlet's feed in the dialect that it speaks.

RSS 2.0 (full, with summaries only, and as aggregators write it), RSS 1.0,
Atom (RFC 4287) and JSON Feed 1.1. Prefixed names are written out, since
ElementTree would otherwise invent prefixes of its own.
"""

import json
from collections.abc import Callable
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from aggregator.demo.edition import Edition
from aggregator.demo.markup import body_html, excerpt, items_html, link_html
from aggregator.demo.newsroom import Dialect, Outlet, Piece

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS1 = "http://purl.org/rss/1.0/"

ItemWriter = Callable[[ET.Element, Edition, Piece], None]


FEED_TYPES = {
    Dialect.RSS_FULL: "application/rss+xml; charset=utf-8",
    Dialect.RSS_SUMMARY: "text/xml; charset=utf-8",
    Dialect.ATOM: "application/atom+xml; charset=utf-8",
    Dialect.RDF: "application/rdf+xml; charset=utf-8",
    Dialect.JSON: "application/feed+json; charset=utf-8",
    Dialect.AGGREGATOR: "application/xml; charset=utf-8",
}


def feed_body(edition: Edition, outlet: Outlet) -> bytes:
    """Return the bytes of the outlet's feed, newest pieces first."""
    match outlet.dialect:
        case Dialect.RSS_FULL:
            return _rss(edition, outlet, _full_item)
        case Dialect.RSS_SUMMARY:
            return _rss(edition, outlet, _summary_item)
        case Dialect.AGGREGATOR:
            return _rss(edition, outlet, _aggregated_item)
        case Dialect.ATOM:
            return _atom(edition, outlet)
        case Dialect.RDF:
            return _rdf(edition, outlet)
        case Dialect.JSON:
            return _json(edition, outlet)


def _rss(edition: Edition, outlet: Outlet, write_item: ItemWriter) -> bytes:
    rss = ET.Element("rss", {"version": "2.0", "xmlns:content": CONTENT, "xmlns:dc": DUBLIN_CORE})
    channel = ET.SubElement(rss, "channel")
    _add(channel, "title", outlet.name)
    _add(channel, "link", edition.home_url(outlet))
    _add(channel, "description", outlet.tagline)
    _add(channel, "language", outlet.lang)
    _add(channel, "lastBuildDate", format_datetime(edition.changed(outlet), usegmt=True))
    for piece in edition.of(outlet):
        write_item(ET.SubElement(channel, "item"), edition, piece)
    return _document(rss)


def _full_item(item: ET.Element, edition: Edition, piece: Piece) -> None:
    _summary_item(item, edition, piece)
    for author in piece.authors:
        _add(item, "dc:creator", author)
    for tag in piece.tags:
        _add(item, "category", tag)
    _add(item, "content:encoded", body_html(piece.paragraphs))


def _summary_item(item: ET.Element, edition: Edition, piece: Piece) -> None:
    _add(item, "title", piece.title)
    _add(item, "link", edition.url(piece))
    _add(item, "guid", f"{piece.outlet}:{piece.id}", isPermaLink="false")
    _add(item, "pubDate", format_datetime(edition.published(piece), usegmt=True))
    _add(item, "description", excerpt(piece.paragraphs))


def _aggregated_item(item: ET.Element, edition: Edition, piece: Piece) -> None:
    publisher = edition.newsroom.outlet(edition.newsroom.piece(piece.story).outlet)
    _add(item, "title", f"{piece.title} - {publisher.name}")
    _add(item, "link", edition.url(piece))
    _add(item, "guid", piece.id, isPermaLink="false")
    _add(item, "pubDate", format_datetime(edition.published(piece), usegmt=True))
    _add(item, "description", _coverage(edition, piece))
    _add(item, "source", publisher.name, url=edition.home_url(publisher).rstrip("/"))


def _coverage(edition: Edition, piece: Piece) -> str:
    """Return the list of links by which an aggregator describes a story."""
    told = [other for other in edition.visible() if other.story == piece.story]
    return f"<ol>{items_html(link_html(edition.url(other), other.title) for other in told)}</ol>"


def _atom(edition: Edition, outlet: Outlet) -> bytes:
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": outlet.lang})
    _add(feed, "id", edition.home_url(outlet))
    _add(feed, "title", outlet.name)
    _add(feed, "subtitle", outlet.tagline)
    _add(feed, "updated", edition.changed(outlet).isoformat())
    _add(feed, "link", rel="self", href=edition.feed_url(outlet))
    _add(feed, "link", rel="alternate", href=edition.home_url(outlet))
    for piece in edition.of(outlet):
        _atom_entry(ET.SubElement(feed, "entry"), edition, piece)
    return _document(feed)


def _atom_entry(entry: ET.Element, edition: Edition, piece: Piece) -> None:
    _add(entry, "id", f"tag:{piece.outlet}.example,2024:{piece.id}")
    _add(entry, "title", piece.title)
    _add(entry, "link", rel="alternate", type="text/html", href=edition.url(piece))
    _add(entry, "published", edition.published(piece).isoformat())
    _add(entry, "updated", edition.published(piece).isoformat())
    for author in piece.authors:
        _add(_add(entry, "author"), "name", author)
    for tag in piece.tags:
        _add(entry, "category", term=tag)
    _add(entry, "summary", excerpt(piece.paragraphs))
    _add(entry, "content", body_html(piece.paragraphs), type="html")


def _rdf(edition: Edition, outlet: Outlet) -> bytes:
    rdf = ET.Element("rdf:RDF", {"xmlns": RSS1, "xmlns:rdf": RDF, "xmlns:dc": DUBLIN_CORE})
    channel = _add(rdf, "channel", **{"rdf:about": edition.home_url(outlet)})
    _add(channel, "title", outlet.name)
    _add(channel, "link", edition.home_url(outlet))
    _add(channel, "description", outlet.tagline)
    _add(channel, "dc:language", outlet.lang)
    order = _add(_add(channel, "items"), "rdf:Seq")
    for piece in edition.of(outlet):
        _add(order, "rdf:li", **{"rdf:resource": edition.url(piece)})
        _rdf_item(rdf, edition, piece)
    return _document(rdf)


def _rdf_item(rdf: ET.Element, edition: Edition, piece: Piece) -> None:
    item = _add(rdf, "item", **{"rdf:about": edition.url(piece)})
    _add(item, "title", piece.title)
    _add(item, "link", edition.url(piece))
    _add(item, "description", excerpt(piece.paragraphs))
    _add(item, "dc:date", edition.published(piece).isoformat())
    for author in piece.authors:
        _add(item, "dc:creator", author)
    for tag in piece.tags:
        _add(item, "dc:subject", tag)


def _json(edition: Edition, outlet: Outlet) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "description": outlet.tagline,
        "home_page_url": edition.home_url(outlet),
        "feed_url": edition.feed_url(outlet),
        "language": outlet.lang,
        "items": [_json_item(edition, piece) for piece in edition.of(outlet)],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def _json_item(edition: Edition, piece: Piece) -> dict[str, object]:
    return {
        "id": edition.url(piece),
        "url": edition.url(piece),
        "title": piece.title,
        "summary": excerpt(piece.paragraphs),
        "content_html": body_html(piece.paragraphs),
        "image": edition.picture_url(piece),
        "date_published": edition.published(piece).isoformat(),
        "authors": [{"name": author} for author in piece.authors],
        "tags": list(piece.tags),
    }


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _document(root: ET.Element) -> bytes:
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
