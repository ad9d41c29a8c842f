"""Where entries stand, and taking back what nobody has seen yet.

Only the holder of the lock `editor` calls what writes here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from aggregator.store.tables import (
    ArticleRow,
    EntryRow,
    FingerprintRow,
    RulingRow,
    StoryRow,
    TellingRow,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry in its story; `published` says whether readers have seen the story."""

    entry_id: int
    title: str
    fingerprint: bytes
    story_id: int
    uri: str
    published: bool


def standing_since(session: Session, since: datetime) -> Sequence[Standing]:
    """Return the placed entries published since, in the order of their placing."""
    rows = session.execute(
        select(
            TellingRow.entry_id,
            EntryRow.title,
            FingerprintRow.fingerprint,
            StoryRow.id,
            StoryRow.uri,
            StoryRow.appeared_at.is_not(None),
        )
        .join(FingerprintRow, FingerprintRow.entry_id == TellingRow.entry_id)
        .join(EntryRow, EntryRow.id == TellingRow.entry_id)
        .join(StoryRow, StoryRow.id == TellingRow.story_id)
        .where(EntryRow.published_at > since)
        .order_by(TellingRow.id)
    )
    return [Standing(*row) for row in rows]


def take_back(session: Session) -> int:
    """Let the entries of stories that have not appeared wait for a place; return how many.

    Stories that an operator ruled on stay, and those that others were merged
    into: their ids are known.
    """
    merged = aliased(StoryRow)
    unseen = select(StoryRow.id).where(
        StoryRow.appeared_at.is_(None),
        StoryRow.merged_into_id.is_(None),
        ~exists().where(merged.merged_into_id == StoryRow.id),
        ~exists().where(
            or_(RulingRow.story_id == StoryRow.id, RulingRow.other_story_id == StoryRow.id)
        ),
        ~exists().where(
            TellingRow.story_id == StoryRow.id, RulingRow.entry_id == TellingRow.entry_id
        ),
    )
    story_ids = session.scalars(unseen).all()
    entry_ids = session.scalars(
        select(TellingRow.entry_id).where(TellingRow.story_id.in_(story_ids))
    ).all()
    session.execute(delete(TellingRow).where(TellingRow.story_id.in_(story_ids)))
    session.execute(delete(StoryRow).where(StoryRow.id.in_(story_ids)))
    session.execute(
        update(ArticleRow).where(ArticleRow.entry_id.in_(entry_ids)).values(placed=False)
    )
    return len(entry_ids)
