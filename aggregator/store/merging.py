"""Two stories become one, or may not: the operator's word holds against the editor's."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, defer

from aggregator.model import Kind
from aggregator.store.pruning import was_pruned
from aggregator.store.tables import MoveRow, RulingRow, StoryRow, TellingRow


def touch(session: Session, story_id: int) -> None:
    """Note that the story changed, so that the feeds that hold it are rendered anew."""
    session.execute(
        update(StoryRow).where(StoryRow.id == story_id).values(revision=StoryRow.revision + 1)
    )


def touch_all(session: Session, story_ids: Sequence[int]) -> None:
    """Note that each of the stories changed, as often as it is named."""
    if story_ids:
        changes = [{"story": story_id} for story_id in story_ids]
        session.connection().execute(_TOUCHED, changes)


_TOUCHED = (
    update(StoryRow).where(StoryRow.id == bindparam("story")).values(revision=StoryRow.revision + 1)
)


def living(session: Session, story_id: int) -> StoryRow:
    """Return the story or what it was merged into, kept from the publisher until all is done."""
    story = session.get_one(StoryRow, story_id, with_for_update=True)
    while story.merged_into_id is not None:
        story = session.get_one(StoryRow, story.merged_into_id, with_for_update=True)
    return story


def known_since(
    session: Session, story_ids: Collection[int], now: datetime
) -> Mapping[int, datetime]:
    """Return when those of the stories were updated of which readers know since then or later."""
    if not story_ids:
        return {}
    query = select(StoryRow.id, StoryRow.updated_at).where(
        StoryRow.id.in_(set(story_ids)), StoryRow.updated_at >= now
    )
    return {story_id: updated for story_id, updated in session.execute(query) if updated}


def all_living(session: Session, story_ids: Iterable[int]) -> Mapping[int, int]:
    """Return for each of the stories the id of the living one, as `living` does, asked at once."""
    asked = sorted(set(story_ids))
    rows = session.execute(
        select(StoryRow.id, StoryRow.merged_into_id)
        .where(StoryRow.id.in_(asked))
        .order_by(StoryRow.id)
        .with_for_update()
    )
    alive = {story_id for story_id, merged_into_id in rows.all() if merged_into_id is None}
    return {
        story_id: story_id if story_id in alive else living(session, story_id).id
        for story_id in asked
    }


def led_by(session: Session, story: StoryRow) -> int | None:
    """Return the entry that leads the story, also after a merge; of a held one that which began it.

    None where it is not known: a held story that was never merged.
    """
    if story.lead_entry_id is not None:
        return story.lead_entry_id
    began = select(TellingRow.entry_id).where(TellingRow.home_id == story.id)
    return session.scalar(began.order_by(TellingRow.id).limit(1))


def placed_after(updated: datetime | None, now: datetime) -> datetime:
    """Return since when what is placed now in a story stands there: later than what readers know.

    The body names what was placed until it was updated. By another process that
    may have been since `now`, and by a clock that was ahead it is to come.
    """
    return now if updated is None or updated < now else updated + timedelta(microseconds=1)


def move(telling: TellingRow, story_id: int, placed_at: datetime, now: datetime) -> None:
    """Move a telling to another story, in which it stands since `placed_at`.

    When it was moved never goes back, whatever the clock says: readers know of it,
    to the second.
    """
    known = max(telling.placed_at, telling.moved_at or telling.placed_at).replace(microsecond=0)
    telling.moved_at = max(now, known + timedelta(seconds=1))
    telling.story_id, telling.placed_at = story_id, placed_at


def merged_under(session: Session, story_id: int) -> set[int]:
    """Return the story and all that became it, by one merge or by several."""
    found, latest = {story_id}, {story_id}
    while latest:
        query = select(StoryRow.id).where(StoryRow.merged_into_id.in_(latest))
        latest = set(session.scalars(query)) - found
        found |= latest
    return found


def merge_stories(session: Session, story_id: int, other_id: int, now: datetime) -> int:
    """Make two stories one; return the one that lives: the older published, whose id readers know.

    What moves has its place in that one since `now`, or since just after what
    readers know of it. Nothing happens where they are one already.
    """
    one, other = living(session, story_id), living(session, other_id)
    if one.id == other.id:
        return one.id
    survivor, merged = sorted(
        (one, other), key=lambda story: (story.appeared_at is None, story.appeared_at, story.id)
    )
    merged.merged_into_id = survivor.id
    # The hold counts from the first telling, whichever of the two it began.
    survivor.appear_at = min(survivor.appear_at, merged.appear_at)
    placed_at = placed_after(survivor.updated_at, now)
    query = select(TellingRow).where(TellingRow.story_id == merged.id)
    for telling in session.scalars(query.options(defer(TellingRow.evidence))):
        stood = {"placed_at": telling.placed_at, "kind": telling.kind}
        session.add(MoveRow(telling_id=telling.id, story_id=merged.id, **stood))
        telling.home_id = telling.home_id or merged.id
        if telling.kind == Kind.ORIGINAL:
            telling.kind = Kind.RETELLING
        move(telling, survivor.id, placed_at, now)
    session.flush()
    touch(session, survivor.id)
    touch(session, merged.id)
    return survivor.id


def kept_apart(session: Session, story_id: int, other_id: int) -> bool:
    """Return whether two stories stay two, whatever shows them to be one.

    An operator split them (`ruled_apart`), or one was pruned: nothing is told
    of that any more, and neither would be of what it took in.
    A number that is no story's yet, as below 0, is neither.
    """
    ends = {living_id(session, each) for each in (story_id, other_id)}
    pruned = any(was_pruned(session, end) for end in ends)
    return pruned or ruled_apart(session, story_id, other_id)


def ruled_apart(session: Session, story_id: int, other_id: int) -> bool:
    """Return whether an operator split one of the two stories, or what they became, from the other.

    Nothing is locked: only the editor merges and splits.
    """
    splits = session.execute(
        select(RulingRow.story_id, TellingRow.story_id)
        .join(TellingRow, TellingRow.entry_id == RulingRow.entry_id)
        .where(RulingRow.verb == "split")
    ).all()
    if not splits:
        return False
    pair = {living_id(session, story_id), living_id(session, other_id)}
    return any({living_id(session, former), taken_out} == pair for former, taken_out in splits)


def living_id(session: Session, story_id: int) -> int:
    """Return the story or what it was merged into."""
    merged_into = select(StoryRow.merged_into_id)
    while (other := session.scalar(merged_into.where(StoryRow.id == story_id))) is not None:
        story_id = other
    return story_id
