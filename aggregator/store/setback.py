"""After the clock was set back: what was put off by a time that was wrong is due now."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, update
from sqlalchemy.orm import Session

from aggregator.store.base import Base
from aggregator.store.host_tables import HostRow
from aggregator.store.hub_tables import HubErrandRow
from aggregator.store.tables import EntryRow, SourceRow, StoryRow
from aggregator.store.websub_tables import SubscriptionRow


def bring_back(session: Session, now: datetime, longest: timedelta) -> None:
    """Make due what a clock ahead of `now` put off.

    That is what happened after `now`, and what is to happen later than
    `longest` from now, which no plan is. Each source is polled once for it.
    """
    beyond = now + longest
    for table in (SourceRow, EntryRow):
        _change(session, table, table.lease_until > beyond, lease_until=None)
    slowest = func.coalesce(SourceRow.interval_s, 0) <= longest.total_seconds()
    ahead = or_(SourceRow.last_polled_at > now, (SourceRow.next_poll_at > beyond) & slowest)
    _change(session, SourceRow, ahead, next_poll_at=now)
    pages = EntryRow.page_due_at > now
    # What was seen before, and is not held in a flood, was postponed, and then for an hour at most.
    postponed = ~EntryRow.held | (EntryRow.seen_at > now)
    _change(session, EntryRow, pages & postponed, page_due_at=now)
    _change(session, StoryRow, StoryRow.created_at > now, appear_at=now)
    # Else whatever appears from now on would be older news than they, and an archive its place.
    _change(session, StoryRow, StoryRow.appeared_at > now, appeared_at=now)
    _change(session, StoryRow, StoryRow.confirmed_at > now, confirmed_at=now)
    _change(session, HubErrandRow, HubErrandRow.due_at > beyond, due_at=now)
    _change(session, SubscriptionRow, SubscriptionRow.asked_at > now, due_at=now)
    session.execute(delete(HostRow).where(HostRow.held_until > beyond))


def _change(
    session: Session, table: type[Base], where: ColumnElement[bool], **values: object
) -> None:
    session.execute(
        update(table).where(where).values(values).execution_options(synchronize_session=False)
    )
