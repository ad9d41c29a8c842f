"""The poll verb's transactions: claim a source, write what it said.

Validators are written with the entries they vouch for, never before: after a
crash the server is asked again as if nothing had come.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from aggregator.model import NO_HINTS, Hints, Source, SourceKind
from aggregator.store import websub
from aggregator.store.arrivals import Tally, take_in
from aggregator.store.claims import Appetite, Hold, claim, due_ids, hold_host, release
from aggregator.store.habits import (
    NOT_MOVED,
    Moved,
    follow,
    hints_of,
    rhythm_of,
    seconds,
    set_hints,
)
from aggregator.store.health import note_turn
from aggregator.store.host_tables import HostRow
from aggregator.store.sightings import Sighting
from aggregator.store.sources import add_source, find_source
from aggregator.store.tables import SourceRow
from aggregator.stories.rhythm import Rhythm

_TOLD = (
    "etag last_modified body_hash next_poll_at last_polled_at last_success_at failures last_error "
    "lease_until pace_s etag_misses lifetime_s moved_to moves whole_at observed_at"
)
# Made once: making it takes ten times as long as doing it.
_UNMODIFIED = (
    update(SourceRow)
    .where(SourceRow.id == bindparam("source"), SourceRow.epoch == bindparam("claimed"))
    .values({name: bindparam(name) for name in _TOLD.split()})
)


@dataclass(frozen=True, slots=True)
class PollTask:
    """A claimed source, with what a poll needs of it."""

    source_id: int
    epoch: int
    url: str
    host: str
    outlet: str
    interval: timedelta | None
    full_text: bool | None
    only_new: bool
    failures: int
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    etag_misses: int = 0
    whole_at: datetime | None = None
    moved_to: str | None = None
    moves: int = 0
    hints: Hints = NO_HINTS
    rhythm: Rhythm | None = None
    items: bytes | None = None
    pushed_until: datetime | None = None
    cut_off: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said beside the entries.

    `kind`, `title` and `site_url` are None where nothing was parsed. `whole`:
    it was no 304. `pace` is our own interval, by the operator or the rhythm.
    `items` is what to remember of the document's items, `known` how many of
    them we had already and did not read again. Of more than `flood` new
    entries the rest waits for later rounds; 0: none does. `cut_off`: how often
    in a row the same document came without its end, up to twice.
    """

    etag: str | None
    last_modified: str | None
    body_hash: str | None
    next_poll_at: datetime
    kind: SourceKind | None = None
    title: str | None = None
    site_url: str | None = None
    whole: bool = False
    etag_misses: int = 0
    hints: Hints = NO_HINTS
    moved: Moved = NOT_MOVED
    pace: timedelta | None = None
    items: bytes | None = None
    known: int = 0
    flood: int = 0
    cut_off: int = 0


def claim_due_polls(
    session: Session,
    now: datetime,
    length: timedelta,
    appetite: Appetite,
    ahead: timedelta = timedelta(minutes=15),
) -> Sequence[PollTask]:
    """Claim the sources that are due.

    When each is due again is written before anybody is asked: whatever becomes
    of this process, none is asked early. That is `ahead`, or the source's own
    pace where it is slower.
    """
    due = SourceRow.enabled & (SourceRow.next_poll_at <= min(now, appetite.due_by or now))
    ids = due_ids(SourceRow, due, SourceRow.next_poll_at.expression, now, appetite)
    rows = claim(session, SourceRow, ids, now, length, next_poll_at=now + ahead)
    for row in rows:
        own = timedelta(seconds=row.interval_s or row.pace_s or 0)
        if own > ahead:
            row.next_poll_at = now + own
    return [_task(row) for row in rows]


def make_due(session: Session, now: datetime, only: Collection[int] | None = None) -> int:
    """Make the sources that are not paused due at once, all or `only` these; return how many.

    Whoever asks for that does not wait until a host's hold is over, either.
    """
    wanted = SourceRow.enabled if only is None else SourceRow.enabled & SourceRow.id.in_(only)
    session.execute(update(SourceRow).where(wanted).values(next_poll_at=now))
    session.execute(delete(HostRow).where(HostRow.name.in_(select(SourceRow.host).where(wanted))))
    return session.scalar(select(func.count()).select_from(SourceRow).where(wanted)) or 0


def count_due(session: Session, now: datetime, only: Collection[int] | None = None) -> int:
    """Return how many sources are due, and not held back."""
    held = select(HostRow.name).where(HostRow.held_until > now)
    due = SourceRow.enabled & (SourceRow.next_poll_at <= now) & SourceRow.host.not_in(held)
    wanted = due if only is None else due & SourceRow.id.in_(only)
    return session.scalar(select(func.count()).select_from(SourceRow).where(wanted)) or 0


def _task(row: SourceRow) -> PollTask:
    return PollTask(
        source_id=row.id,
        epoch=row.epoch,
        url=row.url,
        host=row.host,
        outlet=row.outlet,
        interval=timedelta(seconds=row.interval_s) if row.interval_s else None,
        full_text=row.full_text,
        only_new=row.only_new,
        failures=row.failures,
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        etag_misses=row.etag_misses,
        whole_at=row.whole_at,
        moved_to=row.moved_to,
        moves=row.moves,
        hints=hints_of(row),
        rhythm=rhythm_of(row),
        items=row.items,
        pushed_until=row.pushed_until,
        cut_off=row.cut_off,
    )


def record_answer(
    session: Session, task: PollTask, answer: Answer, sightings: Iterable[Sighting], now: datetime
) -> Tally | None:
    """Store what a poll yielded, all of it at once; None where a later claim has taken over."""
    if not has_news(answer):
        return record_unmodified(session, [(task, answer, now)])[0]
    if not release(session, SourceRow, task.source_id, task.epoch):
        return None
    return _record(session, session.get_one(SourceRow, task.source_id), answer, sightings, now)


def has_news(answer: Answer) -> bool:
    """Return whether the answer says more than that all is as it was."""
    return answer.kind is not None or answer.moved.adopt


def record_unmodified(
    session: Session, answered: Sequence[tuple[PollTask, Answer, datetime]]
) -> Sequence[Tally | None]:
    """Store answers without news, each with its moment; None where a later claim has taken over.

    Most answers are such: many take a single statement.
    """
    rows = [_unmodified(*each) for each in answered]
    together = session.connection().execute(_UNMODIFIED, rows)
    if together.rowcount == len(rows) and not any(task.failures for task, _, _ in answered):
        return [Tally()] * len(rows)
    return [_recorded(session, *each) for each in answered]


def _recorded(session: Session, task: PollTask, answer: Answer, now: datetime) -> Tally | None:
    """Store one answer without news, again where it was; also that a source has recovered."""
    row = _unmodified(task, answer, now)
    if session.connection().execute(_UNMODIFIED, row).rowcount != 1:
        return None
    if task.failures:
        source = session.get_one(SourceRow, task.source_id, populate_existing=True)
        note_turn(session, source, now, failing=False)
    return Tally()


def _unmodified(task: PollTask, answer: Answer, now: datetime) -> dict[str, object]:
    return {
        "source": task.source_id,
        "claimed": task.epoch,
        "etag": answer.etag,
        "last_modified": answer.last_modified,
        "body_hash": answer.body_hash,
        "next_poll_at": answer.next_poll_at,
        "last_polled_at": now,
        "last_success_at": now,
        "failures": 0,
        "last_error": None,
        "lease_until": None,
        "pace_s": seconds(answer.pace),
        "etag_misses": answer.etag_misses,
        "lifetime_s": seconds(answer.hints.lifetime),
        "moved_to": answer.moved.to,
        "moves": answer.moved.times,
        "whole_at": now if answer.whole else task.whole_at,
        "observed_at": task.rhythm.since if task.rhythm else now,
    }


def record_first_answer(
    session: Session, source: Source, answer: Answer, sightings: Iterable[Sighting], now: datetime
) -> tuple[Source, Tally] | None:
    """Add a source together with what it said when it was looked at; None where it is there."""
    added = add_source(session, source, now)
    if added is None:
        return None
    tally = _record(session, session.get_one(SourceRow, added.id), answer, sightings, now)
    session.flush()
    return find_source(session, str(added.id)), tally


def _record(
    session: Session, row: SourceRow, answer: Answer, sightings: Iterable[Sighting], now: datetime
) -> Tally:
    row.etag, row.last_modified, row.body_hash = answer.etag, answer.last_modified, answer.body_hash
    row.next_poll_at, row.last_polled_at, row.last_success_at = answer.next_poll_at, now, now
    if row.failures:
        note_turn(session, row, now, failing=False)
    row.failures, row.last_error = 0, None
    row.pace_s = seconds(answer.pace)
    row.etag_misses = answer.etag_misses
    if answer.whole:
        row.whole_at = now
    set_hints(row, answer.hints)
    follow(session, row, answer.moved)
    if answer.kind is None:
        row.observed_at = row.observed_at or now
        return Tally()
    row.kind, row.site_url = answer.kind, answer.site_url
    row.title = row.title or answer.title or row.url
    row.items, row.cut_off = answer.items, answer.cut_off
    return take_in(session, row, sightings, now, known=answer.known, flood=answer.flood)


def record_failure(
    session: Session,
    task: PollTask,
    reason: str,
    next_poll_at: datetime | None,
    now: datetime,
    hold: Hold | None = None,
) -> None:
    """Store why a poll failed; `next_poll_at` None pauses the source for good (it is gone)."""
    if hold is not None:
        hold_host(session, hold)
    if not release(session, SourceRow, task.source_id, task.epoch):
        return
    row = session.get_one(SourceRow, task.source_id)
    if not row.failures:
        note_turn(session, row, now, failing=True, reason=reason)
    row.failures += 1
    row.last_error, row.last_polled_at = reason, now
    if next_poll_at is None:
        row.enabled = False
        websub.leave(session, row.id, now)
    else:
        row.next_poll_at = next_poll_at
