"""The place verb's transactions: what waits for a place, what was placed, where it went.

Only the holder of the lock `editor` calls what writes here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from aggregator.model import Candidate, Kind, Signal, Verdict
from aggregator.store.merging import living, merge_stories, ruled_apart, touch
from aggregator.store.tables import ArticleRow, EntryRow, ExactKeyRow, StoryRow, TellingRow

# What a key finds beyond the window: enough to be sure, few enough to compare.
MOST_HOLDERS = 8


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An article that waits for a place, with what matching knows of it."""

    entry_id: int
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Placed:
    """An article that has its place; `sequence` rises in the order of placing."""

    sequence: int
    entry_id: int
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Placing:
    """A verdict to be written.

    Its `story_id` may be minus the id of an entry placed earlier in the same
    batch: the story that this entry began and that has no id yet. `original`:
    the story's tellings name it as the one that they were made from.
    """

    entry_id: int
    verdict: Verdict
    uri: str
    key: str
    original: bool = False


def unplaced(session: Session, limit: int) -> Sequence[Unplaced]:
    """Return the articles that wait, in order of publication: an original before its copies."""
    rows = session.execute(
        select(ArticleRow.entry_id, ArticleRow.fingerprint)
        .join(EntryRow, EntryRow.id == ArticleRow.entry_id)
        .where(~ArticleRow.placed)
        .order_by(EntryRow.published_at, ArticleRow.entry_id)
        .limit(limit)
    )
    return [Unplaced(entry_id, fingerprint) for entry_id, fingerprint in rows]


def placed_since(session: Session, sequence: int, oldest: datetime) -> Sequence[Placed]:
    """Return what was placed after `sequence` and published after `oldest`, in that order."""
    rows = session.execute(
        select(TellingRow.id, TellingRow.entry_id, ArticleRow.fingerprint)
        .join(ArticleRow, ArticleRow.entry_id == TellingRow.entry_id)
        .join(EntryRow, EntryRow.id == TellingRow.entry_id)
        .where(TellingRow.id > sequence, EntryRow.published_at > oldest)
        .order_by(TellingRow.id)
    )
    return [Placed(*row) for row in rows]


def stories_of(session: Session, entry_ids: Collection[int]) -> dict[int, int]:
    """Return the story of each of these entries that has one."""
    rows = session.execute(
        select(TellingRow.entry_id, TellingRow.story_id).where(TellingRow.entry_id.in_(entry_ids))
    )
    return dict(rows.all())


def holders_of(session: Session, keys: Collection[str]) -> Sequence[tuple[int, bytes]]:
    """Return the placed entries that share exact keys, however old, with fingerprints.

    Those that share the most, where there are many.
    """
    rows = session.execute(
        select(ArticleRow.entry_id, ArticleRow.fingerprint)
        .join(ExactKeyRow, ExactKeyRow.entry_id == ArticleRow.entry_id)
        .where(ExactKeyRow.key.in_(keys), ArticleRow.placed)
        .group_by(ArticleRow.entry_id, ArticleRow.fingerprint)
        .order_by(func.count().desc(), ArticleRow.entry_id)
        .limit(MOST_HOLDERS)
    )
    return [(entry_id, fingerprint) for entry_id, fingerprint in rows]


def record_placings(
    session: Session, placings: Sequence[Placing], now: datetime, hold: timedelta
) -> dict[Kind, int]:
    """Write the verdicts in order; return how many of each kind."""
    begun: dict[int, int] = {}
    counts = dict.fromkeys(Kind, 0)
    for placing in placings:
        verdict = placing.verdict
        story_id = verdict.story_id
        if story_id is None:
            story_id = begun[-placing.entry_id] = _begin_story(session, placing, now, hold)
        else:
            # What it was matched with may have been joined to another earlier in the batch.
            story_id = living(session, begun.get(story_id, story_id)).id
            touch(session, story_id)
        telling = _telling(placing, story_id, begun, now)
        if placing.original:
            _crown(session, telling)
        session.add(telling)
        counts[verdict.kind] += 1
        # The order of flushing is the order of the tellings' ids.
        session.flush()
        _join(session, story_id, [begun.get(other, other) for other in verdict.joins], now)
    session.execute(
        update(ArticleRow)
        .where(ArticleRow.entry_id.in_([placing.entry_id for placing in placings]))
        .values(placed=True)
    )
    return counts


def count_unplaced(session: Session) -> int:
    """Return how many articles wait for a place."""
    waiting = select(func.count()).select_from(ArticleRow).where(~ArticleRow.placed)
    return session.scalar(waiting) or 0


def _crown(session: Session, telling: TellingRow) -> None:
    """Make a telling its story's original; the one that was takes its place."""
    session.execute(
        update(TellingRow)
        .where(TellingRow.story_id == telling.story_id, TellingRow.kind == Kind.ORIGINAL)
        .values(kind=telling.kind)
    )
    telling.kind = Kind.ORIGINAL


def _join(session: Session, story_id: int, others: Sequence[int], now: datetime) -> None:
    """Make one of the stories that a telling shows to be one, unless an operator split them."""
    for other in others:
        if not ruled_apart(session, story_id, other):
            merge_stories(session, story_id, other, now)


def _begin_story(session: Session, placing: Placing, now: datetime, hold: timedelta) -> int:
    story = StoryRow(uri=placing.uri, key=placing.key, created_at=now, appear_at=now + hold)
    session.add(story)
    session.flush()
    return story.id


def _telling(placing: Placing, story_id: int, begun: dict[int, int], now: datetime) -> TellingRow:
    verdict = placing.verdict
    return TellingRow(
        entry_id=placing.entry_id,
        story_id=story_id,
        kind=verdict.kind,
        score=verdict.score,
        threshold=verdict.threshold,
        evidence=[
            {
                "entry_id": candidate.entry_id,
                "story_id": begun.get(candidate.story_id, candidate.story_id),
                "score": candidate.score,
                "signals": [[s.name, s.value, s.weight] for s in candidate.signals],
            }
            for candidate in verdict.candidates
        ],
        placed_at=now,
    )


def verdict_on(session: Session, entry_id: int) -> Verdict | None:
    """Return why the entry stands where it stands; None where it has no place yet.

    The verdict's story is the present one, after all merges and splits.
    """
    row = session.scalar(select(TellingRow).where(TellingRow.entry_id == entry_id))
    if row is None:
        return None
    return Verdict(
        story_id=row.story_id,
        kind=Kind(row.kind),
        score=row.score,
        threshold=row.threshold,
        candidates=tuple(
            Candidate(
                entry_id=seen["entry_id"],
                story_id=seen["story_id"],
                score=seen["score"],
                signals=tuple(Signal(*signal) for signal in seen["signals"]),
            )
            for seen in row.evidence
        ),
    )
