"""Reads an entry's page: the article in full, without the chrome around it.

The only home of trafilatura: it decides what in the article's box is text, and
reads what the page's head leaves unsaid. Before it the tree is pruned by what
elements are called, behind it the lines are trimmed by what they say.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

from trafilatura import bare_extraction
from trafilatura.metadata import extract_metadata
from trafilatura.settings import Document, Extractor

from aggregator.errors import ParseError
from aggregator.intake import page
from aggregator.intake.body import Body
from aggregator.intake.edges import told, trim
from aggregator.intake.entries import MOST_AUTHORS
from aggregator.intake.head import Statements
from aggregator.intake.page import HtmlElement
from aggregator.intake.prune import article, prune
from aggregator.intake.sanitize import clean_html, clean_line
from aggregator.model import Credit, Page
from aggregator.stories.credits import read_credits
from aggregator.stories.provenance import without_own_name
from aggregator.stories.urls import canonical_url, outlet_of, related

# It calls a page without an article an error; to us that is one line in the source's record.
for _library in ("trafilatura", "htmldate"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)

# What they raise on pages that no browser would show, either.
BROKEN = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
LONGEST_CREDIT = 400  # in characters
DATES = {"original_date": True, "extensive_search": False, "outputformat": "%Y-%m-%d"}


def extract_page(body: bytes, content_type: str, url: str, headline: str = "") -> Page:
    """Return the article that a page holds; `headline` is what its feed calls it.

    Blocking, and slow where a page means harm: to be called in a child process.

    Raises:
        ParseError: the page is no HTML, or holds no article.
    """
    try:
        found = _extracted(page.parse(body, content_type), url, headline)
    except BROKEN as error:
        message = f"the page cannot be read: {type(error).__name__}"
        raise ParseError(message) from error
    if not found.text:
        message = "the page holds no article"
        raise ParseError(message)
    return found


def _extracted(tree: HtmlElement, url: str, headline: str) -> Page:
    base = page.base_url(tree, url)
    stated = extract_metadata(tree, url, date_config=DATES, extensive=False)
    title = clean_line(stated.title or "")
    found = Statements.of(tree, base)
    signed = found.authors or (stated.author or "").split("; ")
    named = dict.fromkeys(filter(None, (_name(author) for author in signed)))
    authors = tuple(named)[:MOST_AUTHORS]
    prune(tree)
    box = article(tree)
    seen = page.captions(tree, box, base)
    credited = _credits(box, base)
    body = Body(_text_of(box, base))
    names = (stated.sitename or "", outlet_of(url))
    trimmed = trim(body.lines, (title, clean_line(headline)), (*authors, names[0]))
    body.keep(trimmed.kept)
    captions = map(clean_line, (found.image_text, *seen, *trimmed.captions))
    return Page(
        text=body.text,
        html=clean_html(body.html(), base),
        title=title,
        authors=authors,
        published=found.published or _day(stated.date),
        lang=found.lang,
        image=found.image,
        canonical_url=found.canonical_url,
        captions=tuple(
            dict.fromkeys(without_own_name(caption, names) for caption in captions if caption)
        ),
        credits=(*_canonical(found.canonical_url, url), *credited),
    )


def _credits(box: HtmlElement, base: str) -> tuple[Credit, ...]:
    """Return what the article's lines credit; they may stand in its box or right behind it."""
    behind = (node for node in box.itersiblings() if len(page.words(node)) <= LONGEST_CREDIT)
    lines = [line for node in (box, *behind) for line in page.linked_lines(node, base)]
    lines = [line for line in lines if line.text]
    return read_credits(lines[: told([line.text for line in lines])])


def _canonical(canonical: str | None, url: str) -> Iterator[Credit]:
    """Yield whom the page's canonical link credits: the page came from `url`, after redirects."""
    host = outlet_of(canonical or "")
    if canonical and canonical_url(canonical) and "." in host and not related(host, outlet_of(url)):
        yield Credit(host, host, url=canonical, shown_by="canonical")


def _text_of(box: HtmlElement, url: str) -> HtmlElement:
    """Return what of the article's box is text, in trafilatura's own tags."""
    options = Extractor(
        output_format="python", fast=True, comments=False, formatting=True, links=True, url=url
    )
    # Below 250 characters it would search the whole page again, and find the chrome.
    options.min_extracted_size = options.min_output_size = 1
    document = bare_extraction(page.alone(box), options=options)
    return document.body if isinstance(document, Document) else page.element("body")


def _name(author: str) -> str:
    """Return a by-line's name; themes print it twice, before and after the word."""
    return clean_line(author.rpartition(" by ")[2].removeprefix("by "))


def _day(date: str | None) -> datetime | None:
    return datetime.fromisoformat(date).replace(tzinfo=UTC) if date else None
