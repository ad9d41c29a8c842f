"""Where a page's feeds may stand: what it links to, and where such things usually are."""

import re
from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from aggregator.intake.feedlinks import (
    FeedLink,
    anchored_feeds,
    named_beside_base,
    named_feeds,
)
from aggregator.intake.page import HtmlElement, base_url, parse
from aggregator.intake.sanitize import web_address

MOST_SITEMAPS = 8
# Looking for links takes a moment where taking an article from so many elements takes minutes.
MOST_ELEMENTS = 600_000
SOON = 10  # seconds: after more, a page that refreshes itself was meant to be read
# What the usual programs that make sites call their feeds, the most usual first.
_USUAL = (
    "feed/", "feed", "rss.xml", "rss", "feed.xml", "atom.xml", "index.xml", "feed.json",
    "index.rss", "feed.atom",
)  # fmt: skip
_USUAL_BELOW = ("feed/", "index.xml", "rss.xml")
_SITEMAP = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
# A page of frames has no body, and what stands behind a page's end is there all the same.
_FRAMES = re.compile(rb"<(/?)(?:frameset|noframes)\b", re.IGNORECASE)
_ENDS = re.compile(rb"</(?:body|html)\s*>", re.IGNORECASE)
# HTML, 4.2.5.3, read without a step back: what it is given may be long.
_REFRESH = re.compile(
    r"\s*+(\d{1,9}+)[\d.]*+(?=[;,\s])\s*+[;,]?+\s*+(?:url\s*+=\s*+)?+[\"']?([^\"']+)",
    re.IGNORECASE,
)


def linked_feeds(
    body: bytes, content_type: str, url: str
) -> tuple[tuple[FeedLink, ...], tuple[FeedLink, ...]]:
    """Return the feeds in a page's link elements, and what looks like one in its anchors.

    Raises:
        ParseError: there is no HTML in the body.
    """
    tree = _with_frames(body, content_type)
    named = named_feeds(tree, url)
    known = {link.url for link in named}
    return named, tuple(link for link in anchored_feeds(tree, url) if link.url not in known)


def feeds_beside_base(body: bytes, content_type: str, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds in a page's link elements, where its base leads astray.

    Raises:
        ParseError: there is no HTML in the body.
    """
    return named_beside_base(_with_frames(body, content_type), url)


def onward_pages(body: bytes, content_type: str, url: str) -> tuple[str, ...]:
    """Return where a page sends its readers at once, and what stands in its frames.

    Raises:
        ParseError: there is no HTML in the body.
    """
    tree = parse(body, content_type, needs_body=False, most=MOST_ELEMENTS)
    base, stated = base_url(tree, url), list[str]()
    for meta in tree.iter("meta"):
        refresh = _REFRESH.match(meta.get("content", ""))
        if meta.get("http-equiv", "").strip().lower() == "refresh" and refresh:
            stated += [refresh[2]] if int(refresh[1]) <= SOON else []
    stated += (frame.get("src", "") for frame in tree.iter("frame"))
    pages = (web_address(each.strip(), base) for each in stated)
    return tuple(dict.fromkeys(page for page in pages if page and page != url))


def _with_frames(body: bytes, content_type: str) -> HtmlElement:
    page = _FRAMES.sub(rb"<\1div", _ENDS.sub(b"", body))
    return parse(page, content_type, needs_body=False, most=MOST_ELEMENTS)


def linked_hubs(body: bytes, content_type: str, url: str) -> tuple[Sequence[str], str | None]:
    """Return the WebSub hubs in a page's link elements, and the address it gives as its own.

    Raises:
        ParseError: there is no HTML in the body.
    """
    tree = parse(body, content_type)
    base, found = base_url(tree, url), defaultdict[str, list[str]](list)
    for link in tree.iter("link"):
        address = web_address(link.get("href", ""), base)
        for relation in link.get("rel", "").lower().split():
            found[relation] += [address] if address else []
    return found["hub"], next(iter(found["self"]), None)


def usual_places(url: str) -> tuple[FeedLink, ...]:
    """Return where feeds usually stand: below the page itself, then below the site."""
    parts = urlsplit(url)
    above, _, last = parts.path.rpartition("/")
    folder = f"{above}/" if "." in last or not last else f"{parts.path}/"
    site = f"{parts.scheme}://{parts.netloc}"
    below = [f"{site}{folder}{name}" for name in _USUAL_BELOW] if folder != "/" else []
    addresses = [*below, *(urljoin(site, f"/{name}") for name in _USUAL)]
    return tuple(FeedLink(address, "", "") for address in dict.fromkeys(addresses))


def sitemaps_in(robots: bytes, url: str) -> tuple[FeedLink, ...]:
    """Return the sitemaps that a robots.txt names, those for news first (RFC 9309 2.2.4)."""
    stated = (found.decode("utf-8", "replace") for found in _SITEMAP.findall(robots))
    addresses = [address for each in stated if (address := web_address(each, url))]
    return news_first(addresses)


def news_first(addresses: Sequence[str]) -> tuple[FeedLink, ...]:
    """Return links to sitemaps, those that call themselves news first, no more than are tried."""
    ordered = sorted(dict.fromkeys(addresses), key=lambda address: "news" not in address.lower())
    return tuple(FeedLink(address, "", "application/xml") for address in ordered[:MOST_SITEMAPS])
