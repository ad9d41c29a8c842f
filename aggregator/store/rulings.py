"""An operator's word: merges and splits, written by anyone, applied by the editor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from aggregator.errors import RefusedError
from aggregator.model import Kind
from aggregator.store.archives import open_archives_of
from aggregator.store.corrections import let_go
from aggregator.store.feeds import mark_stale
from aggregator.store.merging import (
    led_by,
    living,
    merge_stories,
    merged_under,
    move,
    placed_after,
    touch,
)
from aggregator.store.pruning import was_pruned
from aggregator.store.tables import EntryRow, MoveRow, RulingRow, StoryRow, TellingRow


@dataclass(frozen=True, slots=True)
class Ruling:
    """A ruling that waits for the editor; a split needs a `uri` and `key` for the new story."""

    id: int
    verb: Literal["merge", "split"]


def rule_merge(session: Session, story_id: int, other_id: int, now: datetime) -> bool:
    """Note that two stories are one; False where they are already.

    The ids must be of stories that were not merged into others.

    Raises:
        RefusedError: one of them was pruned.
    """
    if story_id == other_id:
        return False
    _refuse_pruned(session, story_id, other_id)
    session.add(RulingRow(verb="merge", story_id=story_id, other_story_id=other_id, made_at=now))
    return True


def rule_split(session: Session, story_id: int, entry_id: int, now: datetime) -> None:
    """Note that an entry tells another story than the one it stands in.

    Raises:
        RefusedError: the entry is not in the story, or alone in it, or the story was pruned.
    """
    _refuse_pruned(session, story_id)
    members = _members(session, story_id)
    if entry_id not in {telling.entry_id for telling in members}:
        message = f"entry {entry_id} does not stand in that story; `aggregator explain {entry_id}`"
        raise RefusedError(message)
    if len(members) == 1:
        message = f"entry {entry_id} stands alone in that story: there is nothing to split"
        raise RefusedError(message)
    session.add(RulingRow(verb="split", story_id=story_id, entry_id=entry_id, made_at=now))


def _refuse_pruned(session: Session, *story_ids: int) -> None:
    if any(was_pruned(session, story_id) for story_id in story_ids):
        message = "the story was pruned: it stays as the archives show it"
        raise RefusedError(message)


def ruled_on(session: Session, entry_id: int) -> bool:
    """Return whether an operator's word took part in where the entry stands.

    With an entry that led a story before a merge all that stood there was split off.
    """
    found = session.execute(
        select(TellingRow.story_id, TellingRow.placed_at).where(TellingRow.entry_id == entry_id)
    ).first()
    story_id, placed_at = found or (None, None)
    beside = select(TellingRow.entry_id).where(TellingRow.story_id == story_id)
    with_it = RulingRow.entry_id.in_(beside) & (RulingRow.applied_at > placed_at)
    split = (RulingRow.verb == "split") & ((RulingRow.entry_id == entry_id) | with_it)
    merged = select(StoryRow.id).where(StoryRow.merged_into_id == story_id)
    merge = (RulingRow.verb == "merge") & (
        RulingRow.story_id.in_(merged) | RulingRow.other_story_id.in_(merged)
    )
    return session.scalar(select(RulingRow.id).where(split | merge).limit(1)) is not None


def pending_rulings(session: Session) -> Sequence[Ruling]:
    """Return the rulings that were not applied yet, in the order they were made."""
    rows = session.scalars(
        select(RulingRow).where(RulingRow.applied_at.is_(None)).order_by(RulingRow.id)
    )
    return [Ruling(row.id, "merge" if row.verb == "merge" else "split") for row in rows]


def apply_ruling(session: Session, ruling: Ruling, uri: str, key: str, now: datetime) -> int:
    """Apply one ruling; return the story that lives, or the one that a split begins or restores.

    `uri` and `key` are what a story that a split begins is called. Only the
    holder of the lock `editor` calls this. What was pruned since the ruling was
    made stays as it is, and an entry that left its story since has left it.
    """
    row = session.get_one(RulingRow, ruling.id)
    former = living(session, row.story_id)
    other = living(session, row.other_story_id or row.story_id)
    if was_pruned(session, former.id) or was_pruned(session, other.id):
        session.delete(row)
        return former.id
    row.applied_at = now
    if row.other_story_id is not None:
        merged = merge_stories(session, row.story_id, row.other_story_id, now)
        # Who gave his word looks for what came of it; a late telling waits until there is more.
        mark_stale(session, open_archives_of(session, merged))
        return merged
    telling = session.scalars(select(TellingRow).where(TellingRow.entry_id == row.entry_id)).one()
    if telling.story_id != former.id:
        return telling.story_id
    members = _members(session, former.id)
    if len(members) == 1:
        return former.id
    leads = former.lead_entry_id == telling.entry_id
    # A published id keeps its lead, and with it the link that readers know: the others leave.
    leaving = [each for each in members if (each.entry_id == telling.entry_id) != leads]
    parted = _restore(session, former, leaving) or _begin(session, uri, key, now)
    _leave(session, former, parted, leaving, now)
    mark_stale(session, open_archives_of(session, former.id))
    if leads:
        # The part that was split from: what keeps the two apart looks for it there.
        row.story_id = parted.id
        session.add_all(_taken_out(former, each, row) for each in leaving)
        return former.id
    return parted.id


def _taken_out(former: StoryRow, telling: TellingRow, ruling: RulingRow) -> RulingRow:
    """Return what a split says of an entry that leaves its story to the lead."""
    return RulingRow(
        verb="split",
        story_id=former.id,
        entry_id=telling.entry_id,
        made_at=ruling.made_at,
        applied_at=ruling.applied_at,
    )


def _members(session: Session, story_id: int) -> Sequence[TellingRow]:
    query = (
        select(TellingRow)
        .join(EntryRow, EntryRow.id == TellingRow.entry_id)
        .where(TellingRow.story_id == story_id)
        .order_by(EntryRow.published_at, TellingRow.entry_id)
    )
    return session.scalars(query).all()


def _begin(session: Session, uri: str, key: str, now: datetime) -> StoryRow:
    story = StoryRow(uri=uri, key=key, created_at=now, appear_at=now)
    session.add(story)
    session.flush()
    return story


def _restore(session: Session, former: StoryRow, leaving: Sequence[TellingRow]) -> StoryRow | None:
    """Undo the merge of the first story whose lead leaves; None where there is none.

    Of a published one readers know the id, and a new one would show them the
    story twice: those come first. The addresses of the others whose leads
    leave lead to it from now on.
    """
    query = (
        select(StoryRow)
        .where(StoryRow.id.in_(merged_under(session, former.id) - {former.id}))
        .order_by(StoryRow.appeared_at.is_(None), StoryRow.appeared_at, StoryRow.id)
        .with_for_update()
    )
    gone = {telling.entry_id for telling in leaving}
    rows = [row for row in session.scalars(query) if led_by(session, row) in gone]
    if not rows:
        return None
    restored, *others = rows
    restored.merged_into_id = None
    for other in others:
        other.merged_into_id = restored.id
    touch(session, restored.id)
    session.flush()
    return restored


def _leave(
    session: Session,
    former: StoryRow,
    parted: StoryRow,
    leaving: Sequence[TellingRow],
    now: datetime,
) -> None:
    """Move tellings into the story that parts; with a restored one goes all that was placed there.

    Those retell its lead and followed it into the merge. The lead of a published
    story stays with its id all the same, and so does whoever would leave none behind.
    """
    homes = merged_under(session, parted.id)
    members = _members(session, former.id)
    following = [each for each in members if each.home_id in homes]
    moved = {*leaving, *(each for each in following if each.entry_id != former.lead_entry_id)}
    if len(moved) == len(members):
        moved = set(leaving)
    updated = former.updated_at
    if updated is not None and any(telling.placed_at <= updated for telling in moved):
        let_go(session, former.id, TellingRow)
    arrived = placed_after(parted.updated_at, now)
    stood = {telling: _unwind(session, telling, parted.id, homes) for telling in moved}
    restored = any(stood.values())
    for telling, before in stood.items():
        # What returns stands where it stood: of its archive, too, which may be past.
        move(telling, parted.id, before.placed_at if before else arrived, now)
        if before:
            telling.kind = before.kind
        elif restored and telling.kind == Kind.ORIGINAL:
            telling.kind = Kind.RETELLING
    session.flush()
    for story in (former, parted):
        members = _members(session, story.id)
        if not any(member.kind == Kind.ORIGINAL for member in members):
            led = led_by(session, story)
            first = next((each for each in members if each.entry_id == led), members[0])
            first.kind = Kind.ORIGINAL
    touch(session, former.id)


def _unwind(
    session: Session, telling: TellingRow, story_id: int, homes: set[int]
) -> MoveRow | None:
    """Return how a telling stood in a story before that was merged; None where it never did.

    What is known of its way ends there, or with the last story that was merged into that one.
    Should the others return, they do so without it, and with another body where it was named.
    """
    query = select(MoveRow).where(MoveRow.telling_id == telling.id).order_by(MoveRow.id)
    way = session.scalars(query).all()
    before = next((each for each in reversed(way) if each.story_id == story_id), None)
    ended = way.index(before) if before else len(way)
    kept = [each for each in way[:ended] if each.story_id in homes]
    for each in way:
        if each in kept:
            continue
        left = session.get_one(StoryRow, each.story_id).updated_at
        if each is not before and left is not None and each.placed_at <= left:
            let_go(session, each.story_id, MoveRow)
        session.delete(each)
    telling.home_id = kept[0].story_id if kept else None
    return before
