"""Poll: ask a source what is new, and write what it said.

A conditional GET, a parse in a child process, one transaction. There is no
retry: the schedule is the retry policy, and the last error stands on the
source.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from hashlib import blake2b

from aggregator.desk import Desk
from aggregator.errors import GoneError, PollError, StatusError
from aggregator.intake.fetch import Fetched, NotModified, Validators
from aggregator.intake.parse import parse_feed
from aggregator.logs import get_logger
from aggregator.model import Entry, ParsedFeed
from aggregator.settings import Settings
from aggregator.store import polls
from aggregator.store.polls import Answer, PollTask, Sighting, Tally
from aggregator.stories.dates import resolve_published
from aggregator.stories.schedule import wait_before_next_poll
from aggregator.stories.urls import has_name, host_of, outlet_of

logger = get_logger(__name__)


NOTHING = Tally()


class Outcome(StrEnum):
    """How a poll ended. Superseded: a later claim took over, nothing was written."""

    CHANGED = "changed"
    NOT_MODIFIED = "not_modified"
    FAILED = "failed"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of a poll; `reason` says why it failed, where it did."""

    url: str
    outcome: Outcome
    tally: Tally = NOTHING
    reason: str = ""


async def poll(desk: Desk, task: PollTask) -> Polled:
    """Poll one claimed source."""
    try:
        answer, feed = await _ask(desk, task)
    except PollError as error:
        return await _record_failure(desk, task, error)
    now = desk.clock()
    full_text = wants_pages(desk.settings, task.full_text)
    sightings = sightings_of(feed, task.outlet, now, full_text=full_text) if feed else ()
    tally = await desk.store.write(
        partial(polls.record_answer, task=task, answer=answer, sightings=sightings, now=now)
    )
    if tally is None:
        logger.warning("poll.superseded", url=task.url)
        return Polled(task.url, Outcome.SUPERSEDED)
    if feed is None:
        logger.debug("poll.unmodified", url=task.url)
        return Polled(task.url, Outcome.NOT_MODIFIED)
    log = logger.info if tally.new else logger.debug
    log("poll.finished", url=task.url, seen=tally.seen, new=tally.new, skipped=feed.skipped)
    return Polled(task.url, Outcome.CHANGED, tally)


async def _ask(desk: Desk, task: PollTask) -> tuple[Answer, ParsedFeed | None]:
    """Return the answer, and what it holds unless it is what we have already."""
    sent = Validators(task.etag, task.last_modified)
    limit = desk.settings.fetch.max_feed
    reply = await desk.fetcher.get(task.url, limit=limit, validators=sent)
    body_hash = hash_of(reply.body) if isinstance(reply, Fetched) else task.body_hash
    feed = None
    if isinstance(reply, Fetched) and body_hash != task.body_hash:
        feed = await desk.children.run(parse_feed, reply.body, reply.content_type, reply.url)
    next_poll_at = desk.clock() + pause(desk.settings, task.interval)
    return answer_of(reply, body_hash, feed, next_poll_at), feed


def answer_of(
    reply: Fetched | NotModified,
    body_hash: str | None,
    feed: ParsedFeed | None,
    next_poll_at: datetime,
) -> Answer:
    """Return what is to be stored of an answer; `feed` is None where nothing was parsed."""
    return Answer(
        etag=reply.validators.etag,
        last_modified=reply.validators.last_modified,
        body_hash=body_hash,
        next_poll_at=next_poll_at,
        kind=feed.kind if feed else None,
        title=feed.title if feed else None,
        site_url=feed.site_url if feed else None,
    )


def hash_of(body: bytes) -> str:
    """Return the hash by which a body is recognised as unchanged."""
    return blake2b(body, digest_size=16).hexdigest()


def wants_pages(settings: Settings, of_source: bool | None) -> bool:  # noqa: FBT001 - three-valued
    """Return whether a source's entries are read on their pages: its own word, else the setting."""
    return settings.read.full_text if of_source is None else of_source


def sightings_of(
    feed: ParsedFeed, outlet: str, now: datetime, *, full_text: bool
) -> tuple[Sighting, ...]:
    """Return the feed's entries with the outlet, date and way of reading that we give them."""
    sightings = []
    for entry in feed.entries:
        fetch = full_text and entry.link is not None
        sightings.append(
            Sighting(
                entry=entry,
                outlet=_outlet(entry, outlet),
                published_at=resolve_published(entry.published, entry.updated, now),
                host=host_of(entry.link) if fetch and entry.link else "",
                fetch_page=fetch,
            )
        )
    return tuple(sightings)


def _outlet(entry: Entry, of_source: str) -> str:
    """Return the outlet that the entry names as its publisher, else the source's own."""
    if entry.origin is None:
        return of_source
    named = entry.origin.url or ""
    return (outlet_of(named) if has_name(named) else entry.origin.title) or of_source


async def _record_failure(desk: Desk, task: PollTask, error: PollError) -> Polled:
    gone = isinstance(error, GoneError)
    reason = (
        f"{error}; polling stopped, `aggregator resume-source` tries again" if gone else f"{error}"
    )
    asked = error.retry_after if isinstance(error, StatusError) else None
    wait = pause(desk.settings, task.interval, task.failures + 1, timedelta(seconds=asked or 0))
    now = desk.clock()
    logger.warning("source.gone" if gone else "poll.failed", url=task.url, reason=reason)
    await desk.store.write(
        partial(
            polls.record_failure,
            task=task,
            reason=reason,
            next_poll_at=None if gone else now + wait,
            now=now,
        )
    )
    return Polled(task.url, Outcome.FAILED, reason=reason)


def pause(
    settings: Settings,
    interval: timedelta | None,
    failures: int = 0,
    asked: timedelta = timedelta(),
) -> timedelta:
    """Return how long to leave a source alone; `interval` None: the setting's."""
    return wait_before_next_poll(
        interval or settings.poll.interval,
        failures,
        asked,
        shortest=settings.poll.min_interval,
        longest=settings.poll.max_interval,
    )
