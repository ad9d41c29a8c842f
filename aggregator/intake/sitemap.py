"""News sitemaps, read into the values that every dialect ends in (sitemaps.org 0.9, Google News).

Only what is marked as news has a headline; other addresses are passed over.
"""

from collections import Counter
from xml.etree import ElementTree as ET

from aggregator.errors import ParseError, SitemapIndexError
from aggregator.intake.dates import read_date
from aggregator.intake.entries import Stated, distinct, entry_from, language
from aggregator.intake.sanitize import clean_line, legible
from aggregator.model import Entry, ParsedFeed, SourceKind


def parse_sitemap(body: bytes, url: str) -> ParsedFeed:
    """Return what a news sitemap in UTF-8 says, in document order.

    Raises:
        SitemapIndexError: it lists other sitemaps, which the error names.
        ParseError: it is damaged, or nothing in it is news.
    """
    root = _root(body)
    if _name(root) == "sitemapindex":
        listed = [each for each in _newest_first(root) if _text(each, "loc")]
        dated = all(_text(each, "lastmod") for each in listed)
        raise SitemapIndexError([_text(each, "loc") for each in listed], dated=dated)
    news = [(each, _child(each, "news")) for each in root if _name(each) == "url"]
    entries = [_entry(place, about, url) for place, about in news if about is not None]
    if not entries:
        message = "a sitemap without news, not a feed"
        raise ParseError(message)
    read = [entry for entry in entries if entry is not None]
    publications = [_child(about, "publication") for _, about in news if about is not None]
    names = Counter(_text(each, "name") for each in publications if each is not None)
    langs = Counter(entry.lang for entry in read)
    return ParsedFeed(
        kind=SourceKind.SITEMAP,
        title=clean_line(names.most_common(1)[0][0]) if names else "",
        entries=distinct(read),
        lang=langs.most_common(1)[0][0] if langs else None,
        skipped=len(entries) - len(read),
    )


def _root(body: bytes) -> ET.Element:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        message = "a sitemap that declares a document type: not read"
        raise ParseError(message)
    try:
        return ET.fromstring(body)  # noqa: S314 - no declarations, in a child with limits
    except ET.ParseError as error:
        message = f"a damaged sitemap ({error})"
        raise ParseError(message) from error


def _newest_first(root: ET.Element) -> list[ET.Element]:
    """Return the sitemaps of an index; where there are no dates, the order stays."""
    return sorted(
        (each for each in root if _name(each) == "sitemap"),
        key=lambda each: _text(each, "lastmod"),
        reverse=True,
    )


def _entry(place: ET.Element, about: ET.Element, url: str) -> Entry | None:
    publication = _child(about, "publication")
    image = _child(place, "image")
    lang = _text(publication, "language") if publication is not None else ""
    address, title = _text(place, "loc"), _text(about, "title")
    if not address or not title:
        return None
    return entry_from(
        Stated(
            base_url=url,
            links=[address],
            title=title,
            title_is_text=True,
            published=read_date(_text(about, "publication_date")),
            updated=read_date(_text(place, "lastmod")),
            tags=_text(about, "keywords").split(","),
            langs=[lang if language(lang) else ""],
            images=[_text(image, "loc")] if image is not None else [],
        )
    )


def _child(element: ET.Element, name: str) -> ET.Element | None:
    return next((each for each in element if _name(each) == name), None)


def _text(element: ET.Element, name: str) -> str:
    found = _child(element, name)
    return legible("".join(found.itertext())).strip() if found is not None else ""


def _name(element: ET.Element) -> str:
    """Return an element's name without its namespace, of which there are several spellings."""
    return element.tag.rpartition("}")[2].lower()
