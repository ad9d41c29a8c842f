"""Discovery: the feed that an address leads to, itself or by the page that stands there."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from urllib.parse import urljoin

from aggregator.desk import Desk
from aggregator.documents import Reading, read_document
from aggregator.errors import (
    FetchError,
    NoSuchError,
    ParseError,
    PollError,
    RefusedError,
    UsageError,
)
from aggregator.intake.discover import (
    feeds_beside_base,
    linked_feeds,
    linked_hubs,
    onward_pages,
    sitemaps_in,
    usual_places,
)
from aggregator.intake.feedlinks import FeedLink, announced_feeds
from aggregator.intake.fetch import Fetched
from aggregator.intake.websub import announced
from aggregator.model import Source
from aggregator.store import sources
from aggregator.stories.given import checked_url

Asking = Callable[[str], None]

MOST_TOLD = 12  # of the addresses tried in vain
MOST_PAGES = 3  # that a page leads to, looked through for feeds in their turn


def ask_silently(_address: str) -> None:
    """Tell nobody which address is asked for."""


class Lead(StrEnum):
    """By what a page led to a feed: tried in this order."""

    NAMED = "named"
    LINKED = "linked"
    GUESSED = "guessed"
    NEAR = "near"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was asked and read; `others` are those that were named beside it.

    `page` is what led to it, and `lead` by what; None where the address was the
    feed's own.
    """

    url: str
    reply: Fetched
    reading: Reading
    others: tuple[FeedLink, ...] = ()
    page: Fetched | None = None
    lead: Lead | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A source that is there already, and further feeds that were named beside it."""

    source: Source
    others: tuple[FeedLink, ...] = ()


@dataclass(frozen=True, slots=True)
class _Trail:
    """Where the search has been: which addresses, why in vain, and what pages stood there."""

    asked: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    pages: list[Fetched] = field(default_factory=list)


async def find_feed(desk: Desk, url: str, asking: Asking = ask_silently) -> Found | Known:
    """Return the feed at the address, or the one that the page there names as its own.

    An address that leads to a source that is there already is that source.

    Raises:
        FetchError: it does not answer.
        RefusedError: it is no feed and names none.
    """
    if (known := await _known(desk, url)) is not None:
        return Known(known)
    page = await _get(desk, url, asking)
    if (known := await _known(desk, page.url)) is not None:
        return Known(known)
    try:
        return Found(url, page, await _parse(desk, page))
    except ParseError as error:
        return await _discover(desk, page, error, asking)


async def hub_of_page(desk: Desk, page: Fetched) -> tuple[str, str] | None:
    """Return the hub and the topic that a page names, for a feed that names none itself."""
    with suppress(PollError):
        inside = await desk.children.run(linked_hubs, page.body, page.content_type, page.url)
        return announced(page.headers, *inside, page.url)
    return None


async def _get(desk: Desk, url: str, asking: Asking) -> Fetched:
    """Return what stands at the address; errors name it, since a page may have named it to us."""
    asking(url)
    try:
        reply = await desk.fetcher.get(url, limit=desk.settings.fetch.max_feed)
    except FetchError as error:
        message = f"{url}: {error}"
        raise FetchError(message) from error
    assert isinstance(reply, Fetched)  # noqa: S101 - we sent no validators
    return reply


async def _parse(desk: Desk, reply: Fetched) -> Reading:
    try:
        return await read_document(desk, reply)
    except ParseError as error:
        message = f"{reply.url}: {error}"
        raise ParseError(message) from error


async def _known(desk: Desk, url: str) -> Source | None:
    try:
        return await desk.store.read(partial(sources.find_source, name=url))
    except NoSuchError:
        return None


async def _discover(
    desk: Desk, page: Fetched, refusal: ParseError, asking: Asking
) -> Found | Known:
    """Return the first feed that a page leads to, or the source that it is already.

    Tried in this order: its link elements, its Link headers, its anchors, the same of the pages
    that it leads to (its frames, where it forwards to, its list of feeds), the
    places where feeds usually stand, the link elements of its site's front
    page, the news sitemaps of its robots.txt.
    """
    trail = _Trail({page.url})
    async for lead, links in _leads(desk, page, trail, asking):
        sound = [link for link in links if _is_sound(link.url)]
        for link in sound:
            others = tuple(other for other in sound if other is not link and other.type)
            found = await _try(desk, link.url, others, trail, asking)
            if isinstance(found, Found):
                return replace(found, page=page, lead=lead)
            if found is not None:
                return found
    tried = trail.failures
    message = f"{refusal}; and it names no feed. Tried: {', '.join(tried[:MOST_TOLD])}"
    message += f" and {len(tried) - MOST_TOLD} more" if len(tried) > MOST_TOLD else ""
    raise RefusedError(message) from refusal


async def _leads(
    desk: Desk, page: Fetched, trail: _Trail, asking: Asking
) -> AsyncIterator[tuple[Lead, Sequence[FeedLink]]]:
    async for found in _links(desk, page):
        yield found
    with suppress(ParseError):
        onward = await desk.children.run(onward_pages, page.body, page.content_type, page.url)
        yield Lead.NAMED, [FeedLink(address, "", "") for address in onward[:MOST_PAGES]]
    for beyond in trail.pages[:MOST_PAGES]:
        async for found in _links(desk, beyond):
            yield found
    yield Lead.GUESSED, usual_places(page.url)
    if (front := urljoin(page.url, "/")) not in trail.asked:
        with suppress(FetchError):
            async for lead, links in _links(desk, await _get(desk, front, asking)):
                if lead is Lead.NAMED:
                    yield Lead.NEAR, links
    with suppress(FetchError):
        robots = await _get(desk, urljoin(page.url, "/robots.txt"), asking)
        yield Lead.LISTED, sitemaps_in(robots.body, robots.url)


async def _links(desk: Desk, page: Fetched) -> AsyncIterator[tuple[Lead, Sequence[FeedLink]]]:
    what = page.body, page.content_type, page.url
    announced_ones = announced_feeds(page.headers, page.url)
    try:
        named, anchors = await desk.children.run(linked_feeds, *what)
    except ParseError:  # an image has headers, too
        yield Lead.NAMED, announced_ones
        return
    yield Lead.NAMED, named
    yield Lead.NAMED, announced_ones
    yield Lead.LINKED, anchors
    with suppress(ParseError):
        yield Lead.NAMED, await desk.children.run(feeds_beside_base, *what)


async def _try(
    desk: Desk, url: str, others: tuple[FeedLink, ...], trail: _Trail, asking: Asking
) -> Found | Known | None:
    """Return what stands there, None where it is no feed or was asked for before."""
    if url in trail.asked:
        return None
    trail.asked.add(url)
    if (known := await _known(desk, url)) is not None:
        return Known(known, others)
    try:
        reply = await _get(desk, url, asking)
    except PollError as error:
        trail.failures.append(str(error))
        return None
    if (known := await _known(desk, reply.url)) is not None:
        return Known(known, others)
    try:
        return Found(url, reply, await _parse(desk, reply), others)
    except PollError as error:
        trail.failures.append(str(error))
        trail.pages.append(reply)
    return None


def _is_sound(url: str) -> bool:
    try:
        checked_url(url)
    except UsageError:
        return False
    return True
