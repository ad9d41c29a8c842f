"""Claims: who may work on what is due, and until when.

A claim raises the row's epoch and writes a lease. Only the holder of the
present epoch may write the outcome, so a worker that was paused beyond its
lease can never write over its successor (a fencing token).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Row, Select, func, or_, select, update
from sqlalchemy.orm import QueryableAttribute, Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from aggregator.store.host_tables import HostRow
from aggregator.store.tables import EntryRow, SourceRow

Claimable = type[SourceRow] | type[EntryRow]

# So many of the sources that wait longest are looked at for each that may be claimed: after a day's
# rest all are due, each a turn of its own.
_LOOKED_AT = 5
# And of entries so many in all: after a first round tens of thousands wait. A dozen floods bring no
# more at a time (`poll.flood`), and are to keep no other source waiting.
_ENTRIES_LOOKED_AT = 4_000


@dataclass(frozen=True, slots=True)
class Appetite:
    """How much may be claimed: `limit` in all, `per_host` of one host, none of the `busy` hosts.

    `only` restricts the claim to these ids, `due_by` to what was due then. Who
    `yields` leaves a host at which another process is at work to that one.
    """

    limit: int
    per_host: int = 4
    busy: Collection[str] = ()
    only: Collection[int] | None = None
    due_by: datetime | None = None
    yields: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A host that is to be left alone until then."""

    host: str
    until: datetime


def due_ids(
    table: Claimable,
    due: ColumnElement[bool],
    order: ColumnElement[datetime] | ColumnElement[datetime | None],
    now: datetime,
    appetite: Appetite,
) -> Select[int]:
    """Return the query for the ids that are due and free, the longest waiting first.

    Sources take turns, among those that wait longest: the first of each comes before the second
    of any.
    """
    source_id = EntryRow.source_id if table is EntryRow else SourceRow.id
    held = select(HostRow.name).where(HostRow.held_until > now)
    free = select(table.id, table.host, source_id.label("source"), order.label("due_at")).where(
        due, _free(table, now), table.host.not_in(list(appetite.busy)), table.host.not_in(held)
    )
    if appetite.yields:
        free = free.where(table.host.not_in(_attended(table, now)))
    if appetite.only is not None:
        free = free.where(table.id.in_(appetite.only))
    most = appetite.limit * _LOOKED_AT if table is SourceRow else _ENTRIES_LOOKED_AT
    first = free.order_by(order, table.id).limit(most).subquery().c
    by_time = (first.due_at, first.id)
    rank = func.row_number().over(partition_by=first.host, order_by=by_time)
    turn = func.row_number().over(partition_by=first.source, order_by=by_time)
    waiting = select(first.id, first.due_at, rank.label("rank"), turn.label("turn")).subquery()
    return (
        select(waiting.c.id)
        .where(waiting.c.rank <= appetite.per_host)
        .order_by(waiting.c.turn, waiting.c.due_at, waiting.c.id)
        .limit(appetite.limit)
    )


def _attended(table: Claimable, now: datetime) -> Select[str]:
    """Return the query for the hosts at which somebody is at work."""
    held = aliased(table)
    return select(held.host).where(held.lease_until > now)


def claim(
    session: Session,
    table: Claimable,
    due: Select[int],
    now: datetime,
    length: timedelta,
    *wanted: QueryableAttribute[Any] | type[EntryRow],
    **changes: object,
) -> Sequence[Row[Any]]:
    """Claim what is still free of the ids that `due` finds; return its new epoch and `wanted`.

    `changes` are written with the claim. Who wants no whole row spares the making of an object.
    """
    ids = session.scalars(due).all()
    claimed = session.execute(
        update(table)
        .where(table.id.in_(ids), _free(table, now))
        .values(epoch=table.epoch + 1, lease_until=now + length, **changes)
        .returning(table.id, table.epoch, *wanted)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(claimed, key=lambda row: row.id)


def release(session: Session, table: Claimable, row_id: int, epoch: int) -> bool:
    """End the lease; False where a later claim has taken over and nothing may be written."""
    outcome = session.execute(
        update(table)
        .where(table.id == row_id, table.epoch == epoch)
        .values(lease_until=None)
        .execution_options(synchronize_session=False)
    )
    return isinstance(outcome, CursorResult) and outcome.rowcount == 1


def hold_host(session: Session, hold: Hold) -> None:
    """Leave a host alone, all that is due there; a longer hold stays as it is."""
    held = session.get(HostRow, hold.host)
    if held is None:
        session.add(HostRow(name=hold.host, held_until=hold.until))
    else:
        held.held_until = max(held.held_until, hold.until)


def hand_back(session: Session, polls: Mapping[int, int], readings: Mapping[int, int]) -> None:
    """End the leases of work that its holder gave up: epochs by id of source and of entry."""
    for source_id, epoch in polls.items():
        release(session, SourceRow, source_id, epoch)
    for entry_id, epoch in readings.items():
        release(session, EntryRow, entry_id, epoch)


def poll_again(session: Session, epochs: Mapping[int, int], at: datetime) -> None:
    """End the leases of polls whose outcome was not written, by epoch; they are due then at last.

    Not at once: as long as claims can be written and outcomes cannot, each would be a request.
    """
    for source_id, epoch in epochs.items():
        if release(session, SourceRow, source_id, epoch):
            row = session.get_one(SourceRow, source_id)
            row.next_poll_at = min(row.next_poll_at, at)


def read_again(session: Session, epochs: Mapping[int, int], at: datetime) -> None:
    """End the leases of readings whose outcome was not written, by epoch; they are due then."""
    for entry_id, epoch in epochs.items():
        if release(session, EntryRow, entry_id, epoch):
            session.get_one(EntryRow, entry_id).page_due_at = at


def break_leases(session: Session) -> None:
    """End every lease. For the one who knows that no other worker lives."""
    for table in (SourceRow, EntryRow):
        session.execute(
            update(table)
            .where(table.lease_until.is_not(None))
            .values(lease_until=None)
            .execution_options(synchronize_session=False)
        )


def _free(table: Claimable, now: datetime) -> ColumnElement[bool]:
    return or_(table.lease_until.is_(None), table.lease_until <= now)
