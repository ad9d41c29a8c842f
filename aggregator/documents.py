"""Documents: what stands at a source's address, read; of sitemaps that are listed, the newest."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Concatenate, ParamSpec, TypeVar

from aggregator.desk import Desk
from aggregator.errors import FetchError, ParseError, SitemapIndexError, without_trace
from aggregator.intake.entries import distinct
from aggregator.intake.fetch import Fetched
from aggregator.intake.remote import parse_feed
from aggregator.intake.room import Share
from aggregator.intake.sanitize import web_address
from aggregator.intake.sift import pieces, sift
from aggregator.model import ParsedFeed

P = ParamSpec("P")
T = TypeVar("T")

# A parser takes a millisecond or two for each, and is stopped after some seconds.
ITEMS_A_PIECE = 1_000
LARGE = 500_000  # bytes
# News sitemaps hold the last two days (Google News): what is new stands in the newest.
MOST_LISTED = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says.

    `items` is what to remember of its items, `known` how many of them we had
    already and left out. Where it is not `lasting`, the very same bytes may say
    more the next time: they are those of an index that does not tell when what
    it lists has changed, or of one that could not be read to the end.
    """

    feed: ParsedFeed
    items: bytes | None = None
    known: int = 0
    lasting: bool = True


async def read_document(
    desk: Desk,
    reply: Fetched,
    items: bytes | None = None,
    share: Share | None = None,
    *,
    to_the_end: bool = False,
) -> Reading:
    """Return what a document says beyond the `items` that we have; an index says what it lists.

    What it lists is asked for, and takes of the document's `share`. `to_the_end`: the item
    within which a document is cut off is taken, too.

    Raises:
        ParseError: it is no feed.
    """
    try:
        return await _read(desk, reply, items, to_the_end=to_the_end)
    except SitemapIndexError as index:
        return await _read_listed(desk, reply.url, index, share)


async def _read_listed(
    desk: Desk, url: str, index: SitemapIndexError, share: Share | None
) -> Reading:
    """Return the news in the newest sitemaps of an index; no more than a few are asked for.

    Raises:
        ParseError: none of them holds news.
    """
    feeds, lasting, last = [], index.dated, ParseError("a list of no sitemaps, not a feed")
    for address in _likely(index.sitemaps, url):
        try:
            limit = desk.settings.fetch.max_feed
            reply = await desk.fetcher.get(address, limit=limit, share=share)
            assert isinstance(reply, Fetched)  # noqa: S101 - we sent no validators
            feeds.append(await _parsed(desk, reply.body, reply))
        except ParseError as error:
            last = without_trace(error)
        except FetchError as error:
            last, lasting = ParseError(f"{address}: {error}"), False
    if not feeds:
        message = f"a list of sitemaps that hold no news: {last}"
        raise ParseError(message) from last
    return Reading(_joined(feeds), lasting=lasting)


def _likely(sitemaps: Sequence[str], url: str) -> list[str]:
    """Return which of an index's sitemaps to ask for, given the newest first."""
    addresses = dict.fromkeys(filter(None, (web_address(each, url) for each in sitemaps)))
    addresses.pop(url, None)
    return sorted(addresses, key=lambda each: "news" not in each.lower())[:MOST_LISTED]


async def _read(desk: Desk, reply: Fetched, items: bytes | None, *, to_the_end: bool) -> Reading:
    if to_the_end:
        return Reading(await _parsed(desk, reply.body, reply, to_the_end=True))
    about = (reply.url, reply.content_type)
    sifted = await _beside(sift, reply.body, items, *about)
    if sifted is not None and sifted.cut:
        with suppress(ParseError):
            feed = await _parsed(desk, sifted.rest, reply)
            if not sifted.doubts(feed):
                return Reading(feed, sifted.memory(feed), sifted.cut)
        sifted = await _beside(sift, reply.body, None, *about)
    feed = await _parsed(desk, reply.body, reply)
    return Reading(feed, sifted.memory(feed) if sifted is not None else None)


async def _parsed(
    desk: Desk, body: bytes, reply: Fetched, *, to_the_end: bool = False
) -> ParsedFeed:
    """Return what the body says; a very long one is read piece by piece, by several at a time."""
    parts = await _beside(pieces, body, ITEMS_A_PIECE)
    about = (reply.content_type, reply.url, to_the_end)
    with desk.children.large() if len(body) >= LARGE else nullcontext():
        reading = [desk.children.run(parse_feed, part, *about) for part in parts]
        feeds = await asyncio.gather(*reading)
    return _joined(feeds)


async def _beside(
    work: Callable[Concatenate[bytes, P], T], body: bytes, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return what the work on the body comes to; a large one would hold up the loop."""
    if len(body) < LARGE:
        return work(body, *args, **kwargs)
    return await asyncio.to_thread(work, body, *args, **kwargs)


def _joined(feeds: Sequence[ParsedFeed]) -> ParsedFeed:
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
