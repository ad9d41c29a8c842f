"""Documents: what stands at a source's address, read; of sitemaps that are listed, the newest."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from aggregator.desk import Desk
from aggregator.errors import FetchError, ParseError, SitemapIndexError, without_trace
from aggregator.intake.fetch import Fetched
from aggregator.intake.news import joined_feeds, joined_news
from aggregator.intake.remote import parse_feed, read_news
from aggregator.intake.room import Share
from aggregator.intake.sanitize import web_address
from aggregator.intake.sift import pieces
from aggregator.model import ParsedFeed

P = ParamSpec("P")
T = TypeVar("T")

LARGE = 500_000  # bytes
# A parser takes up to a millisecond or two for each, and is stopped after some seconds.
ITEMS_A_PIECE = 1_000
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
    return Reading(joined_feeds(feeds), lasting=lasting)


def _likely(sitemaps: Sequence[str], url: str) -> list[str]:
    """Return which of an index's sitemaps to ask for, given the newest first."""
    addresses = dict.fromkeys(filter(None, (web_address(each, url) for each in sitemaps)))
    addresses.pop(url, None)
    return sorted(addresses, key=lambda each: "news" not in each.lower())[:MOST_LISTED]


async def _read(desk: Desk, reply: Fetched, items: bytes | None, *, to_the_end: bool) -> Reading:
    if to_the_end:
        return Reading(await _parsed(desk, reply.body, reply, to_the_end=True))
    about = (reply.content_type, reply.url)
    parts = await _by_the_piece(desk, reply.body, read_news, items, *about)
    news = joined_news(parts)
    if len(parts) > 1 and news.known and news.items is None:
        # A piece may say of its own what is known in another.
        news = joined_news(await _by_the_piece(desk, reply.body, read_news, None, *about))
    return Reading(news.feed, news.items, news.known)


async def _parsed(
    desk: Desk, body: bytes, reply: Fetched, *, to_the_end: bool = False
) -> ParsedFeed:
    about = (reply.content_type, reply.url, to_the_end)
    return joined_feeds(await _by_the_piece(desk, body, parse_feed, *about))


async def _by_the_piece(
    desk: Desk,
    body: bytes,
    read: Callable[Concatenate[bytes, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Sequence[T]:
    """Return what is read of the body; a very long one is read by several children at a time."""
    if len(body) < LARGE:
        return [await desk.children.run_together(read, body, *args, **kwargs)]
    parts = await asyncio.to_thread(pieces, body, ITEMS_A_PIECE)
    with desk.children.large():
        reading = [desk.children.run(read, part, *args, **kwargs) for part in parts]
        return await asyncio.gather(*reading)
