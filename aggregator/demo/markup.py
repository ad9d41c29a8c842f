"""Turns the marked paragraphs of a piece into HTML."""

import re
from collections.abc import Iterable
from html import escape

from aggregator.demo.newsroom import LIST_MARK, MARKS

HEADING = "## "


def block_html(block: str) -> str:
    """Return one paragraph, heading or list as HTML; headings carry an anchor."""
    if block.startswith(HEADING):
        heading = block.removeprefix(HEADING)
        return f'<h2 id="{anchor(heading)}">{escape(heading)}</h2>'
    if LIST_MARK.match(block):
        tag = "ul" if block.startswith("- ") else "ol"
        return f"<{tag}>{items_html(map(escape, MARKS.sub('', block).splitlines()))}</{tag}>"
    return f"<p>{escape(block)}</p>"


def body_html(paragraphs: Iterable[str]) -> str:
    """Return all paragraphs as HTML, a line each."""
    return "\n".join(map(block_html, paragraphs))


def items_html(items: Iterable[str]) -> str:
    """Return list items around what is HTML already."""
    return "".join(f"<li>{item}</li>" for item in items)


def link_html(url: str, text: str) -> str:
    """Return a link with the text escaped."""
    return f'<a href="{escape(url)}">{escape(text)}</a>'


def headings(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """Return the texts of the headings, in order."""
    return tuple(block[len(HEADING) :] for block in paragraphs if block.startswith(HEADING))


def anchor(heading: str) -> str:
    """Return the name by which a page links to one of its headings."""
    return re.sub(r"\W+", "-", heading.lower()).strip("-")


def excerpt(paragraphs: Iterable[str], words: int = 30) -> str:
    """Return the first words of the piece, with an ellipsis where more follow."""
    first = next(iter(paragraphs)).split()
    return " ".join(first[:words]) + (" […]" if len(first) > words else "")
