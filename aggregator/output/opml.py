"""OPML 2.0: our sources, or the feeds that we publish, for other programs to import."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from aggregator.output.legal import legal_line, legal_text, legal_url, plain

# Before a letter, whether or not HTML knows that name: strict parsers of it complain of either.
_REFERENCE = re.compile(r"&(?=\S)")


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed in an OPML document.

    `categories` are slugs. What is ours alone goes into the same attribute, as
    paths of their own (`/nato,/role/primary,/interval/15m`): OPML 2.0 has it
    for that, and other programs pass over what they do not know. `facts` are
    such by their names.
    """

    title: str
    xml_url: str
    html_url: str | None = None
    categories: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def render_opml(title: str, outlines: Iterable[Outline]) -> bytes:
    """Return the document; the outlines keep their order."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = legal_line(title)
    body = ET.SubElement(root, "body")
    for outline in outlines:
        ET.SubElement(body, "outline", _attributes(outline))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def feed_outlines(base_url: str, titles: Mapping[str, str]) -> list[Outline]:
    """Return the feeds that we publish, from their titles by slug.

    OPML 2.0 takes `text` for HTML and most programs take it for text, so nothing
    in it is a sign of either.
    """
    return [
        Outline(_unmarked(title), f"{base_url}/feeds/{slug}.atom", f"{base_url}/categories/{slug}")
        for slug, title in titles.items()
    ]


def _unmarked(title: str) -> str:
    return _REFERENCE.sub("\N{FULLWIDTH AMPERSAND}", plain(legal_line(title)))


def _attributes(outline: Outline) -> dict[str, str]:
    """Return the attributes that have a value; `text` and `title` both, since readers differ."""
    title = legal_line(outline.title) or outline.xml_url
    stated = {
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": outline.xml_url,
        # An address that a program opens when its user clicks: of a page or of nothing.
        "htmlUrl": legal_url(outline.html_url) or "",
        "category": ",".join(_paths(outline)),
    }
    return {name: legal_text(value) for name, value in stated.items() if value}


def _paths(outline: Outline) -> Iterator[str]:
    """Return the category paths; a comma parts them and so cannot stand in one."""
    stated = [*outline.categories]
    stated += [f"{name}/{value}" for name, value in outline.facts.items() if value]
    return (f"/{path.replace(',', ' ')}" for path in stated)
