"""What of a document is news: it is read without the items that we have already."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from aggregator.errors import ParseError
from aggregator.intake.entries import distinct
from aggregator.intake.sift import joined, sift
from aggregator.model import ParsedFeed


@dataclass(frozen=True, slots=True)
class News:
    """What a document says beyond the `known` items, which were left out.

    `items` is what to remember of all of them, None where they cannot be told
    from each other.
    """

    feed: ParsedFeed
    items: bytes | None
    known: int


def read_news(
    parse: Callable[[bytes, str, str], ParsedFeed],
    body: bytes,
    items: bytes | None,
    content_type: str,
    url: str,
) -> News:
    """Return what the document says beyond the `items` that are remembered of earlier ones.

    `parse` is given a body, its content type and its address.

    Raises:
        ParseError: The body is no feed.
    """
    about = (url, content_type)
    sifted = sift(body, items, *about)
    if sifted is not None and sifted.cut:
        with suppress(ParseError):
            feed = parse(sifted.rest, content_type, url)
            if not sifted.doubts(feed):
                return News(feed, sifted.memory(feed), sifted.cut)
        sifted = sift(body, None, *about)
    feed = parse(body, content_type, url)
    return News(feed, sifted.memory(feed) if sifted is not None else None, 0)


def joined_news(parts: Sequence[News]) -> News:
    """Return what several parts of a document say, in order, as if it were one."""
    if len(parts) == 1:
        return parts[0]
    feed = joined_feeds([part.feed for part in parts])
    return News(feed, joined([part.items for part in parts]), sum(part.known for part in parts))


def joined_feeds(feeds: Sequence[ParsedFeed]) -> ParsedFeed:
    """Return what several documents say as if it were one."""
    if len(feeds) == 1:
        return feeds[0]
    return replace(
        feeds[0],
        entries=distinct(entry for feed in feeds for entry in feed.entries),
        skipped=sum(feed.skipped for feed in feeds),
        damaged=any(feed.damaged for feed in feeds),
        cut_off=any(feed.cut_off for feed in feeds),
    )
