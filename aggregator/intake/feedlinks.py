"""What on a page leads to a feed: link elements that name one, anchors that look like it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from aggregator.intake.page import HtmlElement, base_url, words
from aggregator.intake.sanitize import web_address
from aggregator.intake.weblinks import web_links
from aggregator.stories.given import web_form
from aggregator.stories.urls import outlet_of

MOST_ANCHORS = 8
LONGEST_TYPE = 200  # a media type's two names have up to 127 letters (RFC 6838, 4.2); most have 20
_FEED_TYPE = re.compile(
    r"(?:(?:application|text)/)?(?:x[.-])?(?:rss|atom|rdf)(?:[+ ]?xml)?|application/feed\+json"
)
# These may be of anything, or are no type at all but speak of feeds: they come behind.
_VAGUE_TYPE = re.compile(
    r"(?:application|text)/(?:xml|json)|(?:\S*[^a-z\s])?(?:rss|atom|feed)(?:[^a-z\s]\S*)?"
)
_FEED_HOST = re.compile(r"feeds?\d*\.", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"(?:^|[/._-])(?:(?:rss[_-]?)?feeds?|rss|atom|rdf)(?:[/._-]?\d*)?"
    r"(?:\.(?:xml|rss|atom|rdf|json|php|as[hp]x?|aspx|jsp|cgi))?/?$"
    r"|\.(?:rss|atom|rdf)$|/(?:index|news)\.xml$|/(?:feeds?|rss|atom)/[^/]+\.xml$|/rss/[^/.]+/?$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:(?:feed|format|type)=(?:rss[\d.]*|atom|feed)|(?:rss|atom)=\w*)(?:&|$)",
    re.IGNORECASE,
)
# Atom's own first ways to name a feed ("service.feed"), and what means other documents.
_RELATIONS = frozenset({"alternate", "feed"})
_LESSER_RELATIONS = frozenset({"service.feed", "self", "home", "rss", "atom", "syndication"})
# All that a link to a feed may be called, and what one of the words must be.
_CALLED = re.compile(r"rss|atom|rdf|xml|json|feeds?", re.IGNORECASE)
_AROUND = frozenset(
    (  # noqa: SIM905 - words are read as a line
        "our the this news site website blog all latest entries posts articles comments subscribe "
        "follow us via to by with in as on channel syndicate abonnieren flux fil canal kanal канал "
        "лента вести vesti novosti новости новини s abonner au aux de du des le les del noticias "
        "notizie nachrichten aktuelles izvor izvori vijesti kanał kanały wiadomości zprávy správy "
        "hírek știri uutiset nyheter uudised naujienos ziņas"
    ).split()
)
_MOST_WORDS = 6
_WORD = re.compile(r"\d(?:\.\d+)+|\w+")
_ICON = re.compile(r"(?:^|[\s_-])(?:rss|atomfeed)(?:$|[\s_-])", re.IGNORECASE)
_COMMENTS = re.compile(
    r"comm?ent|komm?ent|коммент|комент|yorum|reacties|σχόλι|コメント|评论|評論|\breplies\b",
    re.IGNORECASE,
)
# What a site's program says of each of its pages, and what is asked for by another way.
_NO_FEED = re.compile(r"/wp-json/|sitemap", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names as its own; `url` is absolute, `type` a media type."""

    url: str
    title: str
    type: str


def named_feeds(tree: HtmlElement, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that the page names in its link elements, each once.

    First those that are certain, in the page's order; then those of a vague
    type or relation; feeds of comments behind them.
    """
    return _named(tree, base_url(tree, url), url)


def announced_feeds(headers: Mapping[str, str], url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that an answer names in its Link headers, by type (RFC 8288, 3.4.1)."""
    stated = (link for link in web_links(headers, url) if "alternate" in link.relations)
    return tuple(
        FeedLink(link.url, " ".join(link.title.split()), link.type)
        for link in stated
        if _FEED_TYPE.fullmatch(link.type)
    )


def named_beside_base(tree: HtmlElement, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds of its link elements where the page's base leads astray.

    That is, as if it had none: what was copied from another site, or ignored by
    those who read it as HTML 4 (section 12.4), where a base counts from there on.
    """
    named = {link.url for link in named_feeds(tree, url)}
    beside = (link.url for link in _named(tree, url, url))
    return tuple(FeedLink(address, "", "") for address in beside if address not in named)


def anchored_feeds(tree: HtmlElement, url: str) -> tuple[FeedLink, ...]:
    """Return what looks like a feed among the page's anchors, in order, no more than are tried.

    Those that lead to other outlets are left out.
    """
    base = base_url(tree, url)
    found: dict[str, FeedLink] = {}
    for anchor in tree.iter("a", "area"):
        stated = anchor.get("href", "")
        address = _address(anchor, base)
        if address is None or _is_same(address, url) or not _is_near(address, url):
            continue
        looks = _FEED_TYPE.fullmatch(_type(anchor)) or _looks_like_a_feed(address)
        looks = looks or "feed" in anchor.get("rel", "").lower().split()
        if looks or web_form(stated) != stated or any(map(_is_called_a_feed, _names(anchor))):
            found.setdefault(address, FeedLink(address, words(anchor), _type(anchor)))
    return _comments_last([*found.values()])[:MOST_ANCHORS]


def _named(tree: HtmlElement, base: str, url: str) -> tuple[FeedLink, ...]:
    found: dict[str, tuple[int, FeedLink]] = {}
    for link in tree.iter():
        if not isinstance(link.tag, str) or link.tag.rpartition(":")[2] != "link":
            continue
        address = _address(link, base)
        if address is None or _is_same(address, url) or _is_dormant(link):
            continue
        rank = _rank(link, address)
        if rank is not None:
            named = FeedLink(address, " ".join(link.get("title", "").split()), _type(link))
            found.setdefault(address, (rank, named))
    ordered = [named for _, named in sorted(found.values(), key=lambda each: each[0])]
    return _comments_last(ordered)


def _address(link: HtmlElement, base: str) -> str | None:
    r"""Return where a link leads; "\" is taken for "/", as browsers do (WHATWG URL, 4.4)."""
    return web_address(web_form(link.get("href", "").replace("\\", "/")), base)


def _rank(link: HtmlElement, address: str) -> int | None:
    """Return how far behind a link element stands, None where it names no feed."""
    kind, relations = _type(link), {*link.get("rel", "").lower().split()}
    unsaid = not relations and link.get("rev") is None
    if _FEED_TYPE.fullmatch(kind):
        if relations & _RELATIONS:
            return 0
        return 1 if unsaid or relations & _LESSER_RELATIONS else None
    if "feed" in relations:
        return None if "html" in kind else 0
    if not (unsaid or "alternate" in relations) or _NO_FEED.search(address):
        return None
    if _VAGUE_TYPE.fullmatch(kind):
        return 2
    telling = relations and not kind and not link.get("hreflang")
    return 2 if telling and _looks_like_a_feed(address) else None


def _type(link: HtmlElement) -> str:
    return str(link.get("type", "")[:LONGEST_TYPE].partition(";")[0].strip().lower())


def _is_dormant(link: HtmlElement) -> bool:
    """Return whether a link stands in what a script may some day put on the page."""
    return next(link.iterancestors("template"), None) is not None


def _is_same(address: str, url: str) -> bool:
    return address.partition("#")[0] == url.partition("#")[0]


def _is_near(address: str, url: str) -> bool:
    """Return whether an address is its page's own affair, or on a host that serves feeds alone."""
    home, there = outlet_of(url), outlet_of(address)
    near = there == home or there.endswith(f".{home}") or home.endswith(f".{there}")
    return near or _FEED_HOST.match(urlsplit(address).hostname or "") is not None


def _looks_like_a_feed(address: str) -> bool:
    parts = urlsplit(address)
    at_feeds = _FEED_HOST.match(parts.hostname or "") and parts.path.strip("/")
    return bool(at_feeds or _FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def _names(anchor: HtmlElement) -> Iterator[str]:
    """Yield what an anchor is called: by its text, its pictures, its labels, its icons."""
    yield " ".join([words(anchor), *(image.get("alt", "") for image in anchor.iter("img"))])
    yield from (anchor.get(name, "") for name in ("title", "aria-label", "alt"))
    if not words(anchor):
        icons = (part.get("class", "") for part in anchor.iter() if isinstance(part.tag, str))
        yield from ("RSS" for icon in icons if _ICON.search(icon))


def _is_called_a_feed(name: str) -> bool:
    said = _WORD.findall(name.lower())
    others = [word for word in said if not _CALLED.fullmatch(word)]
    return (
        len(others) < len(said) <= _MOST_WORDS
        and all(word in _AROUND or word[0].isdigit() for word in others)
    )  # fmt: skip


def _comments_last(links: Sequence[FeedLink]) -> tuple[FeedLink, ...]:
    return tuple(sorted(links, key=lambda link: bool(_COMMENTS.search(f"{link.title} {link.url}"))))
