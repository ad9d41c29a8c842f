"""A page as a tree, and what it says outside its article: captions, lines with links.

The only module that imports lxml; trees travel on as `HtmlElement`.
"""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from lxml import etree, html
from lxml.html import HtmlElement

from aggregator.errors import ParseError
from aggregator.intake.sanitize import web_address
from aggregator.stories.credits import Link, LinkedLine
from aggregator.stories.urls import canonical_url, outlet_of

__all__ = [
    "HtmlElement",
    "alone",
    "base_url",
    "captions",
    "element",
    "linked_lines",
    "markup",
    "parse",
    "web_address",
    "well_formed",
    "words",
]

# How a page begins in what it is written in: by its byte order mark, or by "<" without one.
BEGINNINGS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\x00\x00\x00": "utf-32-le",
    b"\x00\x00\x00<": "utf-32-be",
    b"<\x00": "utf-16-le",
    b"\x00<": "utf-16-be",
}
# The web's labels for Western text have always meant the Windows code page (WHATWG Encoding, 4.2).
LEGACY = {"iso8859-1": "windows-1252", "ascii": "windows-1252"}
CHARSET = re.compile(r"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
META_WINDOW = 4096
# Ordinary pages have one thousand to five; the worst of sixty thousand take eleven seconds.
MOST_ELEMENTS = 60_000
LONGEST_CAPTION = 600
CAPTION = (
    ".//figcaption[not(parent::figure//table)] | .//img | .//amp-img"
    " | .//*[contains(concat(' ', @class, ' '), 'caption-text ')"
    " or contains(concat(' ', @class, ' '), ' caption ')"
    " or contains(concat(' ', @class, ' '), '_caption ')"
    " or contains(concat(' ', @class, ' '), '-caption ')]"
    "[not(.//figure or .//table or .//img)]"
)
PICTURES = ("img", "amp-img")
FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|avif|svg)", re.IGNORECASE)
# What holds a line of text, unless others of its kind stand in it.
LINES = ("p", "li", "dd", "td", "blockquote", "div", "section", "h2", "h3", "h4", "h5", "h6")


def parse(
    body: bytes, content_type: str, *, needs_body: bool = True, most: int = MOST_ELEMENTS
) -> HtmlElement:
    """Return the page's tree; what nests deeper than 255 elements is left out.

    `most`: how many elements there may be.

    Raises:
        ParseError: there is no HTML in the body, or far too many elements.
    """
    text = _decoded(body, content_type)
    reader = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=reader)
    except (etree.LxmlError, ValueError) as error:
        message = "the page holds no HTML"
        raise ParseError(message) from error
    if "<" not in text or (needs_body and tree.find(".//body") is None):
        message = "the page holds no HTML"
        raise ParseError(message)
    if sum(1 for _ in islice(tree.iter(), most + 1)) > most:
        message = f"the page has more than {most} elements"
        raise ParseError(message)
    return tree


def _decoded(body: bytes, content_type: str) -> str:
    """Return the body as text: by its beginning, the header, a meta element, or as UTF-8.

    That is the order of WHATWG HTML, 13.2.3.2; a charset that the body
    contradicts gives way to the next one.
    """
    stated = list(_stated_charsets(body, content_type))
    for charset in (*stated, "utf-8"):
        with suppress(UnicodeError):
            return body.decode(charset)
    return body.decode(stated[0] if stated else "windows-1252", "replace")


def _stated_charsets(body: bytes, content_type: str) -> Iterator[str]:
    yield from (charset for start, charset in BEGINNINGS.items() if body.startswith(start))
    window = body[:META_WINDOW].decode("latin-1")
    for label in (*CHARSET.findall(content_type), *CHARSET.findall(window)):
        with suppress(LookupError, ValueError):
            name = codecs.lookup(label).name
            b"a".decode(name)  # refuses what is no charset, and UTF-16, which shows by itself
            yield LEGACY.get(name, name)


def well_formed(document: bytes) -> bytes:
    """Return XML in UTF-8 with what libxml2 could make out of it; nothing where that is nothing.

    It takes an end tag of a wrong name for the one that is missing.
    """
    reader = etree.XMLParser(recover=True, no_network=True, resolve_entities=False)
    try:
        tree = etree.fromstring(document, parser=reader)
    except (etree.LxmlError, ValueError):
        return b""
    return b"" if tree is None else etree.tostring(tree, encoding="utf-8")


def element(tag: str, **attributes: str) -> HtmlElement:
    """Return a new element that stands in no tree yet."""
    return html.Element(tag, attributes)


def alone(box: HtmlElement) -> HtmlElement:
    """Return a page of nothing but the element's content, moved there and marked as its article."""
    tree, body = element("html"), element("body")
    main = element("div", itemprop="articleBody")
    main.text = box.text
    main.extend(list(box))
    body.append(main)
    tree.append(body)
    return tree


def markup(tree: HtmlElement) -> str:
    """Return the element as HTML."""
    return str(html.tostring(tree, encoding="unicode", with_tail=False))


def words(tree: HtmlElement) -> str:
    """Return the element's text on one line."""
    return " ".join("".join(tree.itertext()).split())


def base_url(tree: HtmlElement, url: str) -> str:
    """Return what the page's relative addresses are relative to (HTML, 4.2.3)."""
    return web_address(tree.xpath("string(//base/@href)"), url) or url


def captions(tree: HtmlElement, until: HtmlElement, url: str) -> tuple[str, ...]:
    """Return the texts under and behind pictures, in order, each once; they leave the tree.

    What stands behind the end of `until` is passed over, and so is what leads to another page of
    the site than the one at `url`: those pictures belong to other articles.
    """
    found: dict[str, None] = {}
    beyond = set(until.xpath("following::*"))
    for node in tree.xpath(CAPTION):
        if node in beyond:
            continue
        is_picture = node.tag in PICTURES
        texts = (node.get("alt"), node.get("title")) if is_picture else (words(node),)
        for text in texts if not _is_teaser(node, url) else ():
            line = " ".join((text or "").split())
            if " " in line and len(line) <= LONGEST_CAPTION and not FILE_NAME.fullmatch(line):
                found.setdefault(line)
        if not is_picture and node.getparent() is not None:
            node.drop_tree()
    return tuple(found)


def _is_teaser(node: HtmlElement, url: str) -> bool:
    """Return whether a picture or its caption is part of a link to another page of the site."""
    figure = next(node.iterancestors("figure"), node)
    around = (link for link in figure.iter("a") if next(link.iter(*PICTURES), None) is not None)
    links = [*node.iterancestors("a"), *around]
    addresses = filter(None, (web_address(link.get("href", ""), url) for link in links))
    return any(
        outlet_of(address) == outlet_of(url)
        and canonical_url(address) not in {None, canonical_url(url)}
        and not FILE_NAME.fullmatch(address.partition("?")[0])
        for address in addresses
    )


def linked_lines(box: HtmlElement, base: str) -> list[LinkedLine]:
    """Return the lines of text in an element, in order, with the links in each.

    Line breaks part them as paragraphs do.
    """
    return [
        line
        for node in box.iter(*LINES)
        if next(node.iterdescendants(*LINES), None) is None
        for line in _broken(node, base)
    ]


def _broken(node: HtmlElement, base: str) -> Iterator[LinkedLine]:
    """Yield the lines into which breaks part an element."""
    parts: list[str] = []
    links: list[Link] = []
    for event, part in etree.iterwalk(node, events=("start", "end")):
        if event == "start":
            if part.tag == "br":
                yield LinkedLine(" ".join("".join(parts).split()), tuple(links))
                parts, links = [], []
            address = web_address(part.get("href", ""), base) if part.tag == "a" else None
            if address:
                links.append(Link(words(part), address))
            parts.append(part.text or "")
        elif part is not node:
            parts.append(part.tail or "")
    yield LinkedLine(" ".join("".join(parts).split()), tuple(links))
