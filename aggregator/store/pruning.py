"""The prune verb's transactions: texts go, what an entry and a story are known by stays.

Of a pruned story all is kept that its archives show and that matching finds it
by: the lead's HTML, titles, links, ids, fingerprints, exact keys. So archives
remain functions of the database, and whatever comes again is still known.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from sqlalchemy import ColumnElement, exists, func, select, tuple_, update
from sqlalchemy.orm import Session

from aggregator.store import facts, fulltext
from aggregator.store.archives import archive
from aggregator.store.feed_tables import StoryCategoryRow
from aggregator.store.pruned_tables import PrunedStoryRow
from aggregator.store.tables import ArticleRow, EntryRow, MoveRow, StoryRow, TellingRow
from aggregator.stories.slugs import ALL

_PASSED = "pruned_to"  # the fact under which the last entry stands that was looked at


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a story is kept after its last telling: the longest of what its categories say."""

    stories: timedelta
    categories: Mapping[str, timedelta]

    @property
    def shortest(self) -> timedelta:
        """Return the age before which nothing is pruned."""
        return min([self.stories, *self.categories.values()])

    def of(self, slugs: Collection[str]) -> timedelta:
        """Return how long a story that stands in these feeds is kept."""
        own = [self.categories.get(slug, self.stories) for slug in slugs if slug != ALL]
        return max(own, default=self.stories)


@dataclass(frozen=True, slots=True)
class Batch:
    """How many were pruned, and the place from which to go on, None at the end."""

    pruned: int
    after: tuple[datetime, int] | None


def is_pruned() -> ColumnElement[bool]:
    """Return the condition that a story was pruned."""
    return exists().where(PrunedStoryRow.story_id == StoryRow.id)


def was_pruned(session: Session, story_id: int) -> bool:
    """Return whether the story was pruned."""
    return session.get(PrunedStoryRow, story_id) is not None


def prune_stories(
    session: Session,
    retention: Retention,
    now: datetime,
    after: tuple[datetime, int] | None,
    limit: int,
) -> Batch:
    """Prune what is past its time among the next stories, in the order of their appearing.

    Only the holder of the lock `publisher` calls this. A story that waits for
    its next edition waits here, too.
    """
    query = (
        select(StoryRow)
        .where(
            StoryRow.appeared_at < now - retention.shortest,
            StoryRow.merged_into_id.is_(None),
            StoryRow.revision == StoryRow.edited_revision,
            ~is_pruned(),
        )
        .order_by(StoryRow.appeared_at, StoryRow.id)
        .limit(limit)
        .with_for_update()
    )
    if after is not None:
        query = query.where(tuple_(StoryRow.appeared_at, StoryRow.id) > after)
    rows = session.scalars(query).all()
    past = _past_their_time(session, [row.id for row in rows], retention, now)
    _archive(session, past, now)
    _strip(session, past)
    session.add_all(PrunedStoryRow(story_id=story_id, pruned_at=now) for story_id in past)
    last = rows[-1] if len(rows) == limit else None
    return Batch(len(past), (last.appeared_at, last.id) if last and last.appeared_at else None)


def _past_their_time(
    session: Session, ids: Sequence[int], retention: Retention, now: datetime
) -> list[int]:
    slugs: dict[int, set[str]] = {story_id: set() for story_id in ids}
    feeds = select(StoryCategoryRow.story_id, StoryCategoryRow.slug)
    for story_id, slug in session.execute(feeds.where(StoryCategoryRow.story_id.in_(ids))):
        slugs[story_id].add(slug)
    newest = (
        select(TellingRow.story_id, func.max(TellingRow.placed_at))
        .where(TellingRow.story_id.in_(ids))
        .group_by(TellingRow.story_id)
    )
    return [
        story_id
        for story_id, told_at in session.execute(newest)
        if told_at < now - retention.of(slugs[story_id])
    ]


def _archive(session: Session, story_ids: Sequence[int], now: datetime) -> None:
    """Move the stories from the live feeds into their archives."""
    rows = session.scalars(
        select(StoryCategoryRow)
        .where(StoryCategoryRow.story_id.in_(story_ids), StoryCategoryRow.archive.is_(None))
        .order_by(StoryCategoryRow.slug, StoryCategoryRow.turn, StoryCategoryRow.story_id)
    )
    for slug, leaving in groupby(rows.all(), key=attrgetter("slug")):
        archive(session, slug, leaving, now)


def _strip(session: Session, story_ids: Sequence[int]) -> None:
    """Take the texts from the tellings; leads keep what archives show, also of merged stories."""
    merged = (
        select(MoveRow.story_id)
        .join(TellingRow, TellingRow.id == MoveRow.telling_id)
        .where(TellingRow.story_id.in_(story_ids))
    )
    shown = StoryRow.id.in_(story_ids) | StoryRow.id.in_(merged)
    leads = select(StoryRow.lead_entry_id).where(shown, StoryRow.lead_entry_id.is_not(None))
    tellings = session.scalars(select(TellingRow).where(TellingRow.story_id.in_(story_ids))).all()
    for telling in tellings:
        # The comparison that decided says why it stands there.
        telling.evidence = sorted(telling.evidence, key=lambda seen: -seen["score"])[:1]
    entry_ids = [telling.entry_id for telling in tellings]
    _strip_entries(session, entry_ids)
    articles = update(ArticleRow).where(ArticleRow.entry_id.in_(entry_ids))
    session.execute(articles.values(text=""))
    session.execute(articles.where(ArticleRow.entry_id.not_in(leads)).values(html=""))
    fulltext.forget(session, entry_ids)


def prune_baseline(session: Session, before: datetime, limit: int) -> int | None:
    """Prune the next entries seen before that which were known from the beginning.

    They stand in no story. Returns how many were looked at, None at the end.
    """
    passed = int(facts.fact(session, _PASSED) or 0)
    query = (
        select(EntryRow.id, EntryRow.baseline)
        .where(EntryRow.id > passed, EntryRow.seen_at < before)
        .order_by(EntryRow.id)
        .limit(limit)
    )
    rows = session.execute(query).all()
    if not rows:
        return None
    _strip_entries(session, [row.id for row in rows if row.baseline])
    facts.note(session, _PASSED, str(rows[-1].id))
    return len(rows)


def _strip_entries(session: Session, entry_ids: Sequence[int]) -> None:
    session.execute(
        update(EntryRow).where(EntryRow.id.in_(entry_ids)).values(summary="", content="")
    )
