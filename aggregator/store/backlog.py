"""How much is due and not done, and since when; how the sources do; how many stories there are."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from aggregator.store.tables import ArticleRow, EntryRow, SourceRow, StoryRow


class Queue(NamedTuple):
    """How much is due, and for how many seconds the oldest of it has been."""

    length: int
    age: float


def queues(session: Session, now: datetime) -> Mapping[str, Queue]:
    """Return the queue of each verb.

    An article waits for its place since its page was read.
    """
    due = {
        "poll": select(func.count(), func.min(SourceRow.next_poll_at)).where(
            SourceRow.enabled, SourceRow.next_poll_at <= now
        ),
        "read": select(func.count(), func.min(EntryRow.page_due_at)).where(
            EntryRow.page_due_at <= now, ~EntryRow.held
        ),
        "place": select(func.count(), func.min(ArticleRow.read_at)).where(~ArticleRow.placed),
        "publish": select(func.count(), func.min(StoryRow.appear_at)).where(
            StoryRow.appeared_at.is_(None),
            StoryRow.merged_into_id.is_(None),
            StoryRow.appear_at <= now,
        ),
    }
    return {verb: _measured(session, query, now) for verb, query in due.items()}


def _measured(session: Session, query: Select[int, datetime | None], now: datetime) -> Queue:
    length, oldest = session.execute(query).one()
    return Queue(length, max((now - oldest).total_seconds(), 0.0) if oldest else 0.0)


def source_states(session: Session) -> Mapping[str, int]:
    """Return how many sources do well, fail, and are not polled."""
    state = case((~SourceRow.enabled, "paused"), (SourceRow.failures > 0, "failing"), else_="well")
    query = select(state, func.count()).where(SourceRow.removed_at.is_(None)).group_by(state)
    return {"well": 0, "failing": 0, "paused": 0} | dict(session.execute(query).all())


def count_stories(session: Session) -> int:
    """Return how many stories there are, held ones and published ones."""
    living = select(func.count()).select_from(StoryRow).where(StoryRow.merged_into_id.is_(None))
    return session.scalar(living) or 0
