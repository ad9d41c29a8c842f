"""Sources that are due: claimed to be polled, made due, counted; and polls that failed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from aggregator.model import NO_HINTS, Hints
from aggregator.store.claims import Appetite, Hold, claim, due_ids, hold_host, release
from aggregator.store.habits import hints_of, rhythm_of
from aggregator.store.host_tables import HostRow
from aggregator.store.tables import SourceRow
from aggregator.stories.rhythm import Rhythm

# What a poll needs of a source; most of them have nothing new, and no more need be read.
_WANTED = (
    SourceRow.url,
    SourceRow.host,
    SourceRow.outlet,
    SourceRow.interval_s,
    SourceRow.pace_s,
    SourceRow.full_text,
    SourceRow.only_new,
    SourceRow.failures,
    SourceRow.etag,
    SourceRow.last_modified,
    SourceRow.body_hash,
    SourceRow.etag_misses,
    SourceRow.whole_at,
    SourceRow.moved_to,
    SourceRow.moves,
    SourceRow.lifetime_s,
    SourceRow.ttl_s,
    SourceRow.skips,
    SourceRow.rhythm,
    SourceRow.rhythm_at,
    SourceRow.observed_at,
    SourceRow.items,
    SourceRow.pushed_until,
    SourceRow.cut_off,
)
# Made once: making it takes ten times as long as doing it.
_LATER = (
    update(SourceRow)
    .where(SourceRow.id == bindparam("source"))
    .values(next_poll_at=bindparam("due"))
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
    rows = claim(session, SourceRow, ids, now, length, *_WANTED, next_poll_at=now + ahead)
    own = ((row.id, timedelta(seconds=row.interval_s or row.pace_s or 0)) for row in rows)
    if later := [{"source": number, "due": now + pace} for number, pace in own if pace > ahead]:
        session.connection().execute(_LATER, later)
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


def _task(row: Row[Any]) -> PollTask:
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


def record_failure(
    session: Session,
    task: PollTask,
    reason: str,
    next_poll_at: datetime | None,
    now: datetime,
    hold: Hold | None = None,
) -> None:
    """Store why a poll failed; `next_poll_at` None pauses the source for good (it is gone)."""
    from aggregator.store import websub  # noqa: PLC0415 - most polls do not fail
    from aggregator.store.health import note_turn  # noqa: PLC0415

    if hold is not None:
        hold_host(session, hold)
    if not release(session, SourceRow, task.source_id, task.epoch):
        return
    row = session.get_one(SourceRow, task.source_id)
    if not row.failures or (next_poll_at is None and row.enabled):
        note_turn(session, row, now, failing=True, reason=reason)
    row.failures += 1
    row.last_error, row.last_polled_at = reason, now
    if next_poll_at is None:
        row.enabled = False
        websub.leave(session, row.id, now)
    else:
        row.next_poll_at = next_poll_at
