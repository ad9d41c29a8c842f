"""Writes the outlets' web pages, with all that real pages put around an article."""

from calendar import HTMLCalendar
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from aggregator.demo.edition import Edition
from aggregator.demo.feeds import FEED_TYPES
from aggregator.demo.markup import (
    anchor,
    block_html,
    body_html,
    excerpt,
    headings,
    items_html,
    link_html,
)
from aggregator.demo.newsroom import Outlet, Piece

ADVERTISEMENT = (
    '<div class="ad-slot ad-inline" aria-hidden="true"><small>ADVERTISEMENT</small></div>'
)
PARAGRAPHS_BEFORE_ADVERTISEMENT = 2
RELATED = 4


def article_page(edition: Edition, piece: Piece) -> str:
    """Return the page of a piece in its outlet's template."""
    outlet = edition.newsroom.outlet(piece.outlet)
    fields = _outlet_fields(edition, outlet) | _piece_fields(edition, piece)
    return _template(outlet.template).substitute(fields, **_neighbours(edition, piece, outlet))


def front_page(edition: Edition, outlet: Outlet) -> str:
    """Return the outlet's front page, with the headlines that it shows."""
    links = (link_html(edition.url(piece), piece.title) for piece in edition.of(outlet))
    return _template("front").substitute(_outlet_fields(edition, outlet), items=items_html(links))


def index_page(edition: Edition) -> str:
    """Return the list of all outlets and their feeds."""
    items = (
        f"{link_html(edition.home_url(outlet), outlet.name)} "
        f"({link_html(edition.feed_url(outlet), outlet.dialect)})"
        for outlet in edition.newsroom.outlets
    )
    return _template("index").substitute(items=items_html(items))


def picture(piece: Piece) -> str:
    """Return a plain picture (SVG) whose colour depends on the story."""
    hue = sum(piece.story.encode()) % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360">'
        f'<rect width="100%" height="100%" fill="hsl({hue} 35% 55%)"/></svg>'
    )


@cache
def _template(name: str) -> Template:
    return Template((files("aggregator.demo") / "templates" / f"{name}.html").read_text("utf-8"))


def _outlet_fields(edition: Edition, outlet: Outlet) -> dict[str, str]:
    now = edition.now
    return {
        "lang": outlet.lang,
        "outlet": escape(outlet.name),
        "tagline": escape(outlet.tagline),
        "home_url": escape(edition.home_url(outlet)),
        "feed_url": escape(edition.feed_url(outlet)),
        "feed_type": FEED_TYPES[outlet.dialect].partition(";")[0],
        "calendar": HTMLCalendar().formatmonth(now.year, now.month),
        "year": str(now.year),
    }


def _piece_fields(edition: Edition, piece: Piece) -> dict[str, str]:
    published = edition.published(piece)
    return {
        "title": escape(piece.title),
        "summary": escape(excerpt(piece.paragraphs)),
        "canonical_url": escape(edition.canonical_url(piece)),
        "picture_url": escape(edition.picture_url(piece)),
        "published": published.isoformat(),
        "published_date": f"{published:%d/%m/%Y}",
        "authors": escape(", ".join(piece.authors)),
        "figure": _figure(edition, piece),
        "contents": _contents(piece),
        "body": body_html(piece.paragraphs),
        "body_with_advertisement": _interrupted(piece),
        "tags": items_html(f'<a rel="tag" href="#">{escape(tag)}</a>' for tag in piece.tags),
    }


def _figure(edition: Edition, piece: Piece) -> str:
    if piece.caption is None:
        return ""
    image = f'<img src="{escape(edition.picture_url(piece))}" alt="" width="640" height="360">'
    return f"<figure>{image}<figcaption>{escape(piece.caption)}</figcaption></figure>"


def _contents(piece: Piece) -> str:
    """Return a table of contents, nothing where there are no headings."""
    links = [link_html(f"#{anchor(text)}", text) for text in headings(piece.paragraphs)]
    title = '<p class="toc_title">Table of Contents</p>'
    return f'<div id="toc" class="toc">{title}<ul>{items_html(links)}</ul></div>' if links else ""


def _interrupted(piece: Piece) -> str:
    blocks = [block_html(block) for block in piece.paragraphs]
    blocks.insert(PARAGRAPHS_BEFORE_ADVERTISEMENT, ADVERTISEMENT)
    return "\n".join(blocks)


def _neighbours(edition: Edition, piece: Piece, outlet: Outlet) -> dict[str, str]:
    """Return the links to other pieces: those before and after, and some more."""
    others = [other for other in edition.of(outlet) if other != piece]
    links = [link_html(edition.url(other), other.title) for other in others]
    newer = [link for link, other in zip(links, others, strict=True) if other.age < piece.age]
    older = links[len(newer) :]
    return {
        "related": items_html(links[:RELATED]),
        "next_post": newer[-1] if newer else "",
        "previous_post": older[0] if older else "",
    }
