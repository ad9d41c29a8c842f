"""The place verb's transactions: where articles went, and why.

Only the holder of the lock `editor` calls what writes here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from aggregator.model import Candidate, Kind, Signal, Verdict
from aggregator.store.merging import (
    all_living,
    kept_apart,
    known_since,
    merge_stories,
    placed_after,
    touch_all,
)
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
    for run in _runs(placings):
        _record(session, run, begun, now)
    session.execute(
        update(ArticleRow)
        .where(ArticleRow.entry_id.in_([placing.entry_id for placing in placings]))
        .values(placed=True)
        .execution_options(synchronize_session=False)
    )
    counts = Counter(placing.verdict.kind for placing in placings)
    return {kind: counts[kind] for kind in Kind}


def _runs(placings: Sequence[Placing]) -> Iterator[Sequence[Placing]]:
    """Yield placings that can be written together, in order.

    One that is an original changes what was written before it; one that joins
    stories changes where those after it belong.
    """
    start = 0
    for place, placing in enumerate(placings):
        if placing.original:
            yield placings[start:place]
            start = place
        if placing.verdict.joins:
            yield placings[start : place + 1]
            start = place + 1
    yield placings[start:]


def _record(
    session: Session, run: Sequence[Placing], begun: Mapping[int, int], now: datetime
) -> None:
    """Write a run; a story of a verdict is looked for among those `begun` first."""
    stories = (placing.verdict.story_id for placing in run)
    told = [begun.get(story_id, story_id) for story_id in stories if story_id is not None]
    # What it was matched with may have been joined to another earlier in the batch.
    homes = all_living(session, told)
    known = known_since(session, homes.values(), now)
    touch_all(session, [homes[story_id] for story_id in told])
    rows = []
    for placing in run:
        verdict = placing.verdict
        if verdict.story_id is None:
            story_id = begun[-placing.entry_id]
        else:
            story_id = homes[begun.get(verdict.story_id, verdict.story_id)]
        if placing.original:
            _crown(session, story_id, verdict.kind)
        rows.append(_telling(placing, story_id, begun, placed_after(known.get(story_id), now)))
        if verdict.joins:
            _insert(session, rows)
            _join(session, story_id, [begun.get(other, other) for other in verdict.joins], now)
            return
    _insert(session, rows)


def count_unplaced(session: Session) -> int:
    """Return how many articles wait for a place."""
    waiting = select(func.count()).select_from(ArticleRow).where(~ArticleRow.placed)
    return session.scalar(waiting) or 0


def _insert(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write tellings, past the ORM, which would take twice the time: their ids rise in order."""
    if rows:
        session.connection().execute(_TELLING, rows)


_TELLING = insert(TellingRow)


def _crown(session: Session, story_id: int, instead: Kind) -> None:
    """Let the original of a story be so no more: its place is that which another had instead."""
    session.execute(
        update(TellingRow)
        .where(TellingRow.story_id == story_id, TellingRow.kind == Kind.ORIGINAL)
        .values(kind=instead)
    )


def _join(session: Session, story_id: int, others: Sequence[int], now: datetime) -> None:
    """Make one of the stories that a telling shows to be one, unless they are kept apart."""
    for other in others:
        if not kept_apart(session, story_id, other):
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


def _telling(
    placing: Placing, story_id: int, begun: Mapping[int, int], placed_at: datetime
) -> Mapping[str, object]:
    verdict = placing.verdict
    return {
        "entry_id": placing.entry_id,
        "story_id": story_id,
        "kind": Kind.ORIGINAL if placing.original else verdict.kind,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "evidence": [
            {
                "entry_id": candidate.entry_id,
                "story_id": begun.get(candidate.story_id, candidate.story_id),
                "score": candidate.score,
                "signals": list(map(list, candidate.signals)),
            }
            for candidate in verdict.candidates
        ],
        "placed_at": placed_at,
    }


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
