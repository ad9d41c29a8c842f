"""OPML 2.0: our sources, or the feeds that we publish, for other programs to import."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from aggregator.output.legal import legal_line, legal_text


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed in an OPML document.

    `categories` are slugs. `role` and `outlet` go into the same attribute,
    as paths of their own (`/nato,/role/primary,/outlet/nato.int`): OPML 2.0
    has it for that, and other programs pass over what they do not know.
    """

    title: str
    xml_url: str
    html_url: str | None = None
    categories: tuple[str, ...] = ()
    role: str = ""
    outlet: str = ""


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


def _attributes(outline: Outline) -> dict[str, str]:
    """Return the attributes that have a value; `text` and `title` both, since readers differ."""
    title = legal_line(outline.title) or outline.xml_url
    stated = {
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": outline.xml_url,
        "htmlUrl": outline.html_url or "",
        "category": ",".join(_paths(outline)),
    }
    return {name: legal_text(value) for name, value in stated.items() if value}


def _paths(outline: Outline) -> Iterator[str]:
    """Return the category paths; a comma parts them and so cannot stand in one."""
    stated = [*outline.categories]
    stated += [f"role/{outline.role}"] if outline.role else []
    stated += [f"outlet/{outline.outlet}"] if outline.outlet else []
    return (f"/{path.replace(',', ' ')}" for path in stated)
