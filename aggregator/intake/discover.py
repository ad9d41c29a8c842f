"""Where a page's feeds may stand: what it links to, and where such things usually are."""

import re
from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from aggregator.intake.page import (
    FEED_TYPE,
    FeedLink,
    base_url,
    feed_address,
    feed_links,
    parse,
    words,
)
from aggregator.intake.sanitize import web_address
from aggregator.stories.urls import outlet_of

MOST_ANCHORS = 8
MOST_SITEMAPS = 8
# What the usual programs that make sites call their feeds, the most usual first.
_USUAL = ("feed/", "feed", "rss.xml", "rss", "feed.xml", "atom.xml", "index.xml", "feed.json")
_FEED_PATH = re.compile(
    r"(?:^|[/._-])(?:feeds?|rss|atom|rdf)(?:[/._-]?\d*)?(?:\.(?:xml|rss|atom|rdf|json|php))?/?$"
    r"|\.(?:rss|atom|rdf)$|/(?:index|news)\.xml$|/(?:feeds?|rss|atom)/[^/]+\.xml$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed|format|type)=(?:rss2?|atom|feed)\b", re.IGNORECASE)
# All that a link to a feed may be called.
_CALLED = re.compile(
    r"\W*(?:(?:our|the|news|rss|atom|xml|\d\.\d)\W+)*(?:rss|atom|feed|xml)s?\W*", re.IGNORECASE
)
_SITEMAP = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_COMMENTS = re.compile(r"comment|komentar|коментар", re.IGNORECASE)


def linked_feeds(
    body: bytes, content_type: str, url: str
) -> tuple[tuple[FeedLink, ...], tuple[FeedLink, ...]]:
    """Return the feeds in a page's link elements, and what looks like one in its anchors.

    Feeds of comments come last; anchors that lead to other outlets are left out.

    Raises:
        ParseError: there is no HTML in the body.
    """
    named = feed_links(body, content_type, url)
    tree = parse(body, content_type)
    base = base_url(tree, url)
    found: dict[str, FeedLink] = {}
    for anchor in tree.iter("a"):
        address = feed_address(anchor.get("href", ""), base)
        kind = anchor.get("type", "").partition(";")[0].strip().lower()
        shown = " ".join([words(anchor), *(image.get("alt", "") for image in anchor.iter("img"))])
        if not address or address == url or not _is_near(address, url):
            continue
        if FEED_TYPE.fullmatch(kind) or _CALLED.fullmatch(shown) or _looks_like_a_feed(address):
            found.setdefault(address, FeedLink(address, words(anchor), kind))
    anchors = [link for link in found.values() if link.url not in {each.url for each in named}]
    return _comments_last(named), _comments_last(anchors)[:MOST_ANCHORS]


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
    folder = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    site = f"{parts.scheme}://{parts.netloc}"
    below = [f"{site}{folder}feed/"] if folder != "/" else []
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


def _is_near(address: str, url: str) -> bool:
    """Return whether an address is its page's own affair, or on a host that serves feeds alone."""
    home, there = outlet_of(url), outlet_of(address)
    near = there == home or there.endswith(f".{home}") or home.endswith(f".{there}")
    return near or (urlsplit(address).hostname or "").startswith("feeds.")


def _looks_like_a_feed(address: str) -> bool:
    parts = urlsplit(address)
    return bool(_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def _comments_last(links: Sequence[FeedLink]) -> tuple[FeedLink, ...]:
    return tuple(sorted(links, key=lambda link: bool(_COMMENTS.search(f"{link.title} {link.url}"))))
