"""The place verb's transactions: where articles went, and why.

Only the holder of the lock `editor` calls what writes here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from aggregator.model import Candidate, Kind, Signal, Verdict
from aggregator.store.merging import living, merge_stories, ruled_apart, touch
from aggregator.store.tables import ArticleRow, StoryRow, TellingRow


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


def record_placings(
    session: Session, placings: Sequence[Placing], now: datetime, hold: timedelta
) -> dict[Kind, int]:
    """Write the verdicts in order; return how many of each kind."""
    begun = _begin_stories(session, placings, now, hold)
    counts = dict.fromkeys(Kind, 0)
    for placing in placings:
        verdict = placing.verdict
        if verdict.story_id is None:
            story_id = begun[-placing.entry_id]
        else:
            # What it was matched with may have been joined to another earlier in the batch.
            story_id = living(session, begun.get(verdict.story_id, verdict.story_id)).id
            touch(session, story_id)
        telling = _telling(placing, story_id, begun, now)
        if placing.original:
            _crown(session, telling)
        # In whatever groups they are flushed: their ids rise in this order.
        session.add(telling)
        counts[verdict.kind] += 1
        if verdict.joins:
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


def _begin_stories(
    session: Session, placings: Sequence[Placing], now: datetime, hold: timedelta
) -> dict[int, int]:
    """Return the new stories, each under minus the id of the entry that begins it."""
    stories = {
        -placing.entry_id: StoryRow(
            uri=placing.uri, key=placing.key, created_at=now, appear_at=now + hold
        )
        for placing in placings
        if placing.verdict.story_id is None
    }
    session.add_all(stories.values())
    session.flush()
    return {entry_id: story.id for entry_id, story in stories.items()}


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
