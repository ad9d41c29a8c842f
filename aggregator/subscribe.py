"""Subscribe: take on a source, found at an address or listed in an OPML file."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from aggregator.desk import Desk
from aggregator.discovery import Asking, Found, Known, Lead, ask_silently, find_feed, hub_of_page
from aggregator.errors import UsageError
from aggregator.intake.feedlinks import FeedLink
from aggregator.intake.opml import OpmlList, OpmlSource, read_opml
from aggregator.intake.websub import announced
from aggregator.model import ParsedFeed, Role, Source
from aggregator.poll import first_answer, sightings_of, wants_pages
from aggregator.settings.address import is_own_feed
from aggregator.store import answers, sources, websub
from aggregator.store.database import Session
from aggregator.store.tally import Tally
from aggregator.stories.given import checked_url, known_outlet


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
    """A source taken on, or found to be there. `others`: further feeds that its page names.

    `lead` is by what a page led to it, None where the address was its own.
    """

    source: Source
    entries: int
    added: bool
    others: tuple[FeedLink, ...] = ()
    lead: Lead | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a list of sources; `refused` holds addresses and the reason.

    `categories` are all that the list names, `own` the feeds of ours among them; `strange` is
    what it states in words that mean nothing here: the name, the words, and of how many sources.
    """

    added: int
    known: int
    refused: tuple[tuple[str, str], ...]
    categories: tuple[str, ...] = ()
    strange: tuple[tuple[str, str, int], ...] = ()
    own: tuple[str, ...] = ()


async def subscribe(
    desk: Desk, wish: Wish, *, dry_run: bool = False, asking: Asking = ask_silently
) -> Subscription:
    """Take on the source at `wish.url`, or the one that the page there names as its own.

    One GET where the address is a feed's: what it says is stored at once.
    `dry_run`: nothing is stored, the source's id is 0. `asking` hears of each
    address that is asked for.

    An address that leads to a source that is there already is that source.

    Raises:
        UsageError: the address is none that we can ask.
        FetchError: it does not answer.
        RefusedError: it is no feed and names none.
    """
    found = await find_feed(desk, checked_url(wish.url), asking)
    if isinstance(found, Known):
        return Subscription(found.source, found.source.entries, added=False, others=found.others)
    source = _source(replace(wish, url=found.url), found.reading.feed)
    if dry_run:
        count = len(found.reading.feed.entries)
        return Subscription(source, count, added=True, others=found.others, lead=found.lead)
    return await _take_on(desk, source, found)


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
        cut_off=feed.cut_off,
    )


async def _take_on(desk: Desk, source: Source, found: Found) -> Subscription:
    reply, reading, others, now = found.reply, found.reading, found.others, desk.clock()
    full_text = wants_pages(desk.settings, source.full_text)
    answer = first_answer(desk.settings, source.interval, reply, reading, now)
    said = sightings_of(reading.feed, source.outlet, now, full_text=full_text)
    hub = announced(reply.headers, reading.feed.hubs, reading.feed.self_url, reply.url)
    of_page = await hub_of_page(desk, found.page) if found.page and not hub else None

    def record(session: Session) -> tuple[Source, Tally] | None:
        stored = answers.record_first_answer(session, source, answer, said, now)
        if stored is not None:
            websub.follow(session, stored[0].id, hub or of_page, now, by_page=hub is None)
        return stored

    stored = await desk.store.write(record)
    if stored is None:
        known = await desk.store.read(partial(sources.find_source, name=source.url))
        return Subscription(known, known.entries, added=False, others=others)
    added, tally = stored
    return Subscription(added, tally.seen, added=True, others=others, lead=found.lead)


async def import_sources(desk: Desk, body: bytes) -> Imported:
    """Take on the sources of an OPML file, unasked; those that are there already stay as they are.

    Raises:
        ParseError: it is no OPML.
    """
    return await take_on_listed(desk, await desk.children.run(read_opml, body))


async def take_on_listed(desk: Desk, listed: OpmlList) -> Imported:
    """Take on the sources of a list, unasked; they are due at once."""
    wanted: dict[str, Source] = {}
    refused: list[tuple[str, str]] = []
    for outline in listed.sources:
        try:
            url = checked_url(outline.url)
        except UsageError as error:
            refused.append((outline.url, str(error)))
            continue
        wanted.setdefault(url, _listed_source(url, outline))
    added = await desk.store.write(
        partial(sources.add_sources, sources=wanted.values(), now=desk.clock())
    )
    named = dict.fromkeys(slug for source in wanted.values() for slug in source.categories)
    known = len(listed.sources) - len(refused) - added
    odd = Counter(stated for source in listed.sources for stated in source.strange)
    strange = tuple((name, words, count) for (name, words), count in odd.items())
    own = tuple(url for url in wanted if is_own_feed(desk.settings, url))
    return Imported(added, known, (*refused, *listed.left_out), tuple(named), strange, own)


def _listed_source(url: str, outline: OpmlSource) -> Source:
    return Source(
        id=0,
        url=url,
        title=outline.title,
        outlet=outline.outlet or known_outlet(outline.site_url, url, outline.title),
        role=outline.role or Role.PRESS,
        site_url=outline.site_url,
        categories=outline.categories,
        interval=outline.interval,
        full_text=outline.full_text,
        enabled=not outline.paused,
    )
