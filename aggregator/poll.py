"""Poll: ask a source what is new, and write what it said.

A conditional GET, a parse in a child process, one transaction. There is no
retry: the schedule is the retry policy, and the last error stands on the
source.
"""

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

from aggregator import metrics, timetable
from aggregator.desk import Desk
from aggregator.errors import GoneError, PollError, ShortageError, StatusError, without_trace
from aggregator.intake.fetch import Fetched, NotModified
from aggregator.logs import get_logger
from aggregator.model import NO_HINTS, Entry, ParsedFeed
from aggregator.settings import Settings
from aggregator.store import answers, claims, polls
from aggregator.store.answers import Answer, Answered
from aggregator.store.polls import PollTask
from aggregator.store.sightings import Sighting
from aggregator.store.tally import Tally
from aggregator.stories.dates import resolve_published
from aggregator.stories.urls import has_name, host_of, outlet_of

if TYPE_CHECKING:
    from aggregator.documents import Reading

logger = get_logger(__name__)


NOTHING = Tally()


class Outcome(StrEnum):
    """How a poll ended.

    Postponed: we had no room or no process for what came, and ask again soon.
    Superseded: a later claim took over, nothing was written.
    """

    CHANGED = "changed"
    NOT_MODIFIED = "not_modified"
    FAILED = "failed"
    POSTPONED = "postponed"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of a poll; `reason` says why it failed or was postponed, where it was."""

    url: str
    outcome: Outcome
    tally: Tally = NOTHING
    reason: str = ""


async def poll(desk: Desk, task: PollTask) -> Polled:
    """Poll one claimed source."""
    try:
        answer, feed, hub = await _ask(desk, task)
    except ShortageError as error:
        return await _postpone(desk, task, without_trace(error))
    except PollError as error:
        return await _record_failure(desk, task, without_trace(error))
    now = desk.clock()
    full_text = wants_pages(desk.settings, task.full_text)
    sightings = sightings_of(feed, task.outlet, now, full_text=full_text) if feed else ()
    tally = await desk.store.write_together(
        answers.record_answers, Answered(task, answer, now, sightings, hub)
    )
    if tally is None:
        logger.warning("poll.superseded", url=task.url)
        return Polled(task.url, Outcome.SUPERSEDED)
    if answer.moved.adopt:
        logger.warning("source.moved", url=task.url, to=answer.moved.to)
    if feed is None:
        logger.debug("poll.unmodified", url=task.url)
        return Polled(task.url, Outcome.NOT_MODIFIED)
    log = logger.info if tally.new or tally.corrected else logger.debug
    facts = {
        "corrected": tally.corrected,
        "skipped": feed.skipped,
        "damaged": feed.damaged,
        "cut_off": feed.cut_off,
    }
    log("poll.finished", url=task.url, seen=tally.seen, new=tally.new, **facts)
    return Polled(task.url, Outcome.CHANGED, tally)


async def _ask(
    desk: Desk, task: PollTask
) -> tuple[Answer, ParsedFeed | None, tuple[str, str] | None]:
    """Return the answer, what it holds unless it is what we have, and its hub and topic."""
    sent = timetable.validators_for(task, desk.clock())
    limit = desk.settings.fetch.max_feed
    # Who has said something fit to be read is not kept waiting by those who have not.
    known = task.body_hash is not None and not task.failures
    with (
        desk.fetcher.share(known=known) as share,
        nullcontext() if known else desk.children.strangers(),
    ):
        reply = await desk.fetcher.get(task.url, limit=limit, validators=sent, share=share)
        body_hash = hash_of(reply.body) if isinstance(reply, Fetched) else task.body_hash
        reading = None
        # What comes twice without its end has no other. Polls are minutes apart.
        to_the_end = body_hash == task.body_hash and task.cut_off == 1
        if isinstance(reply, Fetched) and (body_hash != task.body_hash or to_the_end):
            from aggregator.documents import read_document  # noqa: PLC0415 - most say nothing new

            reading = await read_document(desk, reply, task.items, share, to_the_end=to_the_end)
    feed = reading.feed if reading else None
    now = desk.clock()
    own = timetable.pace(desk.settings.poll, task.interval, task.rhythm, now)
    hints = timetable.hints_now(task.hints, reply.headers, feed)
    answer = Answer(
        etag=reply.validators.etag,
        last_modified=reply.validators.last_modified,
        body_hash=body_hash,
        next_poll_at=timetable.after_answer(
            desk.settings.poll,
            task.url,
            timetable.relaxed(desk.settings.poll, task, own, now),
            hints,
            reply.headers,
            now,
        ),
        whole=isinstance(reply, Fetched),
        etag_misses=timetable.etag_misses(task, sent, reply, body_hash or ""),
        hints=hints,
        moved=timetable.moved(task, reply.moved_to),
        pace=own,
        flood=desk.settings.poll.flood,
    )
    hub = _announced(reply, feed) if feed else None
    return _with_facts(answer, reading, to_the_end=to_the_end), feed, hub


def _announced(reply: Fetched | NotModified, feed: ParsedFeed) -> tuple[str, str] | None:
    from aggregator.intake.websub import announced  # noqa: PLC0415 - as above

    return announced(reply.headers, feed.hubs, feed.self_url, reply.url)


def first_answer(
    settings: Settings,
    interval: timedelta | None,
    reply: Fetched,
    reading: "Reading",
    now: datetime,
) -> Answer:
    """Return what is to be stored of the answer by which a source was taken on."""
    own = timetable.pace(settings.poll, interval, None, now)
    hints = timetable.hints_now(NO_HINTS, reply.headers, reading.feed)
    answer = Answer(
        etag=reply.validators.etag,
        last_modified=reply.validators.last_modified,
        body_hash=hash_of(reply.body),
        next_poll_at=timetable.after_answer(
            settings.poll, reply.url, own, hints, reply.headers, now
        ),
        whole=True,
        hints=hints,
        pace=own,
        flood=settings.poll.flood,
    )
    return _with_facts(answer, reading)


def _with_facts(answer: Answer, reading: "Reading | None", *, to_the_end: bool = False) -> Answer:
    """Return the answer with what the document says of the source, if it was read."""
    if reading is None:
        return answer
    feed = reading.feed
    if feed.cut_off and not to_the_end:
        # What was cut off is asked for again. Should the same come once more, its hash tells.
        answer = replace(answer, etag=None, last_modified=None)
    if not reading.lasting:
        answer = replace(answer, etag=None, last_modified=None, body_hash=None)
    return replace(
        answer,
        kind=feed.kind,
        title=feed.title,
        site_url=feed.site_url,
        items=reading.items,
        known=reading.known,
        cut_off=feed.cut_off + to_the_end,
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
    now, settings = desk.clock(), desk.settings.poll
    own = timetable.pace(settings, task.interval, task.rhythm, now)
    asked = timedelta(seconds=(error.retry_after or 0) if isinstance(error, StatusError) else 0)
    next_poll_at = timetable.after_failure(settings, task, own, asked, now)
    logger.warning("source.gone" if gone else "poll.failed", url=task.url, reason=reason)
    await desk.store.write(
        partial(
            polls.record_failure,
            task=task,
            reason=reason,
            next_poll_at=None if gone else next_poll_at,
            now=now,
            hold=timetable.hold_by(error, now, settings.max_interval),
        )
    )
    return Polled(task.url, Outcome.FAILED, reason=reason)


async def _postpone(desk: Desk, task: PollTask, error: ShortageError) -> Polled:
    """Have the source asked again as early as may be; nothing is held against it."""
    reason = str(error)
    metrics.SHORTAGES.labels("poll").inc()
    logger.warning("poll.postponed", url=task.url, reason=reason)
    at = timetable.after_shortage(desk.settings.poll, task, desk.clock())
    await desk.store.write(partial(claims.poll_again, epochs={task.source_id: task.epoch}, at=at))
    return Polled(task.url, Outcome.POSTPONED, reason=reason)
