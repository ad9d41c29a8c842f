"""Subscribe: take on a source, found at an address or listed in an OPML file."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from urllib.parse import urljoin

from aggregator.desk import Desk
from aggregator.errors import (
    FetchError,
    NoSuchError,
    ParseError,
    PollError,
    RefusedError,
    SitemapIndexError,
    UsageError,
)
from aggregator.intake.discover import linked_feeds, news_first, sitemaps_in, usual_places
from aggregator.intake.fetch import Fetched
from aggregator.intake.opml import OpmlSource, parse_opml
from aggregator.intake.page import FeedLink
from aggregator.intake.websub import announced
from aggregator.model import ParsedFeed, Role, Source
from aggregator.poll import Reading, first_answer, read_feed, sightings_of, wants_pages
from aggregator.settings import parse_duration
from aggregator.store import polls, sources, websub
from aggregator.store.arrivals import Tally
from aggregator.store.database import Session
from aggregator.stories.given import checked_url, known_outlet

MOST_TOLD = 12  # of the addresses tried in vain


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operator asks for; what is None is found out."""

    url: str
    categories: tuple[str, ...] = ()
    name: str | None = None
    outlet: str | None = None
    role: Role = Role.PRESS
    interval: timedelta | None = None
    full_text: bool | None = None
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """A source taken on, or found to be there. `others`: further feeds that its page names."""

    source: Source
    entries: int
    added: bool
    others: tuple[FeedLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a list of sources; `refused` holds addresses and the reason."""

    added: int
    known: int
    refused: tuple[tuple[str, str], ...]


async def subscribe(desk: Desk, wish: Wish, *, dry_run: bool = False) -> Subscription:
    """Take on the source at `wish.url`, or the one that the page there names as its own.

    One GET where the address is a feed's: what it says is stored at once.
    `dry_run`: nothing is stored, the source's id is 0.

    An address that leads to a source that is there already is that source.

    Raises:
        UsageError: the address is none that we can ask.
        FetchError: it does not answer.
        RefusedError: it is no feed and names none.
    """
    url = checked_url(wish.url)
    if (known := await _known(desk, url)) is not None:
        return Subscription(known, known.entries, added=False)
    reply = await _get(desk, url)
    if (known := await _known(desk, reply.url)) is not None:
        return Subscription(known, known.entries, added=False)
    try:
        found: _Found | Subscription = _Found(url, reply, await _parse(desk, reply))
    except ParseError as error:
        found = await _discover(desk, reply, error)
    if isinstance(found, Subscription):
        return found
    url, reply, reading, others = found.url, found.reply, found.reading, found.others
    source = _source(replace(wish, url=url), reading.feed)
    if dry_run:
        return Subscription(source, len(reading.feed.entries), added=True, others=others)
    return await _take_on(desk, source, reply, reading, others)


async def _get(desk: Desk, url: str) -> Fetched:
    """Return what stands at the address; errors name it, since a page may have named it to us."""
    try:
        reply = await desk.fetcher.get(url, limit=desk.settings.fetch.max_feed)
    except FetchError as error:
        message = f"{url}: {error}"
        raise FetchError(message) from error
    assert isinstance(reply, Fetched)  # noqa: S101 - we sent no validators
    return reply


async def _parse(desk: Desk, reply: Fetched) -> Reading:
    try:
        return await read_feed(desk, reply)
    except ParseError as error:
        message = f"{reply.url}: {error}"
        raise ParseError(message) from error


async def _known(desk: Desk, url: str) -> Source | None:
    try:
        return await desk.store.read(partial(sources.find_source, name=url))
    except NoSuchError:
        return None


@dataclass(frozen=True, slots=True)
class _Found:
    """A feed that was asked and read; `others` are those that were named beside it."""

    url: str
    reply: Fetched
    reading: Reading
    others: tuple[FeedLink, ...] = ()


async def _discover(desk: Desk, page: Fetched, refusal: ParseError) -> _Found | Subscription:
    """Return the first feed that a page leads to, or the source that it is already.

    Tried in this order: its link elements, its anchors, the places where feeds
    usually stand, the news sitemaps of its robots.txt.
    """
    tried: list[str] = []
    async for links in _leads(desk, page, refusal):
        sound = [link for link in links if _is_sound(link.url)]
        for link in sound:
            others = tuple(other for other in sound if other is not link and other.type)
            found = await _try(desk, link.url, others, tried)
            if found is not None:
                return found
    message = f"{refusal}; and it names no feed. Tried: {', '.join(tried[:MOST_TOLD])}"
    message += f" and {len(tried) - MOST_TOLD} more" if len(tried) > MOST_TOLD else ""
    raise RefusedError(message) from refusal


async def _leads(
    desk: Desk, page: Fetched, refusal: ParseError
) -> AsyncIterator[Sequence[FeedLink]]:
    if isinstance(refusal.__cause__, SitemapIndexError):
        yield news_first(refusal.__cause__.sitemaps)
        return
    with suppress(ParseError):
        named, anchors = await desk.children.run(
            linked_feeds, page.body, page.content_type, page.url
        )
        yield named
        yield anchors
        yield usual_places(page.url)
    with suppress(FetchError):
        robots = await _get(desk, urljoin(page.url, "/robots.txt"))
        yield sitemaps_in(robots.body, robots.url)


async def _try(
    desk: Desk,
    url: str,
    others: tuple[FeedLink, ...],
    tried: list[str],
    *,
    deeper: bool = True,
) -> _Found | Subscription | None:
    """Return what stands there, None where it is no feed; `deeper`: in a sitemap listed there."""
    if (known := await _known(desk, url)) is not None:
        return Subscription(known, known.entries, added=False, others=others)
    try:
        reply = await _get(desk, url)
        if (known := await _known(desk, reply.url)) is not None:
            return Subscription(known, known.entries, added=False, others=others)
        return _Found(url, reply, await _parse(desk, reply), others)
    except PollError as error:
        tried.append(str(error))
        listed = error.__cause__.sitemaps if isinstance(error.__cause__, SitemapIndexError) else ()
    for link in news_first(listed) if deeper else ():
        if found := await _try(desk, link.url, (), tried, deeper=False):
            return found
    return None


def _is_sound(url: str) -> bool:
    try:
        checked_url(url)
    except UsageError:
        return False
    return True


def _source(wish: Wish, feed: ParsedFeed) -> Source:
    return Source(
        id=0,
        url=wish.url,
        title=wish.name or feed.title or wish.url,
        outlet=wish.outlet or known_outlet(feed.site_url, wish.url, feed.title),
        role=wish.role,
        kind=feed.kind,
        site_url=feed.site_url,
        categories=wish.categories,
        interval=wish.interval,
        full_text=wish.full_text,
        only_new=wish.only_new,
    )


async def _take_on(
    desk: Desk, source: Source, reply: Fetched, reading: Reading, others: tuple[FeedLink, ...]
) -> Subscription:
    now = desk.clock()
    full_text = wants_pages(desk.settings, source.full_text)
    answer = first_answer(desk.settings, source.interval, reply, reading, now)
    said = sightings_of(reading.feed, source.outlet, now, full_text=full_text)
    hub = announced(reply.headers, reading.feed, reply.url)

    def record(session: Session) -> tuple[Source, Tally] | None:
        stored = polls.record_first_answer(session, source, answer, said, now)
        if stored is not None:
            websub.follow(session, stored[0].id, hub, now)
        return stored

    stored = await desk.store.write(record)
    if stored is None:
        known = await desk.store.read(partial(sources.find_source, name=source.url))
        return Subscription(known, known.entries, added=False, others=others)
    added, tally = stored
    return Subscription(added, tally.seen, added=True, others=others)


async def import_sources(desk: Desk, body: bytes) -> Imported:
    """Take on the sources of an OPML file, unasked; those that are there already stay as they are.

    Raises:
        ParseError: it is no OPML.
    """
    return await take_on_listed(desk, await desk.children.run(parse_opml, body))


async def take_on_listed(desk: Desk, listed: Sequence[OpmlSource]) -> Imported:
    """Take on the sources of a list, unasked; they are due at once."""
    wanted: dict[str, Source] = {}
    refused: list[tuple[str, str]] = []
    for outline in listed:
        try:
            url = checked_url(outline.url)
        except UsageError as error:
            refused.append((outline.url, str(error)))
            continue
        wanted.setdefault(url, _listed_source(url, outline))
    added = await desk.store.write(
        partial(sources.add_sources, sources=wanted.values(), now=desk.clock())
    )
    return Imported(added, len(listed) - len(refused) - added, tuple(refused))


def _listed_source(url: str, outline: OpmlSource) -> Source:
    return Source(
        id=0,
        url=url,
        title=outline.title,
        outlet=outline.outlet or known_outlet(outline.site_url, url, outline.title),
        role=Role(outline.role) if outline.role in set(Role) else Role.PRESS,
        site_url=outline.site_url,
        categories=outline.categories,
        interval=_listed_interval(outline.interval),
        full_text=outline.full_text,
        enabled=not outline.paused,
    )


def _listed_interval(stated: str | None) -> timedelta | None:
    """Return an interval that another program may have written; None where it is none."""
    try:
        interval = parse_duration(stated) if stated else None
    except ValueError:
        return None
    return interval if interval and interval >= timedelta(seconds=1) else None
