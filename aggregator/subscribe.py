"""Subscribe: take on a source, found at an address or listed in an OPML file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from aggregator.desk import Desk
from aggregator.errors import FetchError, NoSuchError, ParseError, RefusedError, UsageError
from aggregator.intake.fetch import Fetched
from aggregator.intake.opml import OpmlSource, parse_opml
from aggregator.intake.page import FeedLink, feed_links
from aggregator.intake.parse import parse_feed
from aggregator.model import ParsedFeed, Role, Source
from aggregator.poll import answer_of, hash_of, pause, sightings_of, wants_pages
from aggregator.store import polls, sources
from aggregator.stories.urls import has_name, outlet_of

LONGEST_URL = 2000


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
    others: tuple[FeedLink, ...] = ()
    if (known := await _known(desk, url)) is not None:
        return Subscription(known, known.entries, added=False)
    reply = await _get(desk, url)
    if (known := await _known(desk, reply.url)) is not None:
        return Subscription(known, known.entries, added=False)
    try:
        feed = await _parse(desk, reply)
    except ParseError as error:
        url, others = await _named_feeds(desk, reply, error)
        if (known := await _known(desk, url)) is not None:
            return Subscription(known, known.entries, added=False, others=others)
        reply = await _get(desk, url)
        if (known := await _known(desk, reply.url)) is not None:
            return Subscription(known, known.entries, added=False, others=others)
        feed = await _parse(desk, reply)
    source = _source(replace(wish, url=url), feed)
    if dry_run:
        return Subscription(source, len(feed.entries), added=True, others=others)
    return await _take_on(desk, source, reply, feed, others)


async def _get(desk: Desk, url: str) -> Fetched:
    """Return what stands at the address; errors name it, since a page may have named it to us."""
    try:
        reply = await desk.fetcher.get(url, limit=desk.settings.fetch.max_feed)
    except FetchError as error:
        message = f"{url}: {error}"
        raise FetchError(message) from error
    assert isinstance(reply, Fetched)  # noqa: S101 - we sent no validators
    return reply


async def _parse(desk: Desk, reply: Fetched) -> ParsedFeed:
    try:
        return await desk.children.run(parse_feed, reply.body, reply.content_type, reply.url)
    except ParseError as error:
        message = f"{reply.url}: {error}"
        raise ParseError(message) from error


async def _known(desk: Desk, url: str) -> Source | None:
    try:
        return await desk.store.read(partial(sources.find_source, name=url))
    except NoSuchError:
        return None


async def _named_feeds(
    desk: Desk, reply: Fetched, refusal: ParseError
) -> tuple[str, tuple[FeedLink, ...]]:
    """Return the feed that a page names as its own, and the others: feeds of comments come last."""
    try:
        named = await desk.children.run(feed_links, reply.body, reply.content_type, reply.url)
    except ParseError:
        named = ()
    links = [link for link in named if _is_sound(link.url)]
    if not links:
        message = f"{refusal}; and it names no feed: give the address of the feed"
        raise RefusedError(message) from refusal
    first, *others = sorted(links, key=lambda link: "comment" in f"{link.title} {link.url}".lower())
    return first.url, tuple(others)


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


def known_outlet(site_url: str | None, url: str, title: str) -> str:
    """Return the host that publishes; where addresses have numbers for names, the feed's title.

    A number says nothing of who publishes there, and may serve many.
    """
    named = next((address for address in (site_url, url) if address and has_name(address)), None)
    return outlet_of(named) if named else title or outlet_of(url)


async def _take_on(
    desk: Desk, source: Source, reply: Fetched, feed: ParsedFeed, others: tuple[FeedLink, ...]
) -> Subscription:
    now = desk.clock()
    full_text = wants_pages(desk.settings, source.full_text)
    next_poll_at = now + pause(desk.settings, source.interval)
    answer = answer_of(reply, hash_of(reply.body), feed, next_poll_at)
    stored = await desk.store.write(
        partial(
            polls.record_first_answer,
            source=source,
            answer=answer,
            sightings=sightings_of(feed, source.outlet, now, full_text=full_text),
            now=now,
        )
    )
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
        outlet=outline.outlet or known_outlet(None, url, outline.title),
        role=Role(outline.role) if outline.role in set(Role) else Role.PRESS,
        categories=outline.categories,
    )


def checked_url(text: str) -> str:
    """Return the address, fit to be asked.

    Raises:
        UsageError: it is none that we can ask.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    sound = host and parts.scheme.lower() in {"http", "https"} and url.isprintable()
    if not sound or " " in url:
        message = f"not a web address: {text[:200]!r}; allowed: http://… and https://…"
        raise UsageError(message)
    if len(url) > LONGEST_URL:
        message = f"the address is longer than {LONGEST_URL} characters: {url[:80]}…"
        raise UsageError(message)
    return url
