"""What was folded: tellings of published stories that another telling leads."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Literal

from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from aggregator.model import Folded, Kind, Signal, Telling
from aggregator.store.correction_tables import CorrectionRow
from aggregator.store.feed_tables import StoryCategoryRow
from aggregator.store.kept import Kept
from aggregator.store.tables import EntryRow, RulingRow, StoryRow, TellingRow
from aggregator.stories.slugs import ALL


def folded_entries(session: Session, slug: str, limit: int, kept: Kept[Folded]) -> Sequence[Folded]:
    """Return what was folded into the stories of a feed, placed last first."""
    query = _folded(everywhere=slug == ALL)
    rows = session.execute(query, {"slug": slug, "most": limit})
    # Whatever is told of a telling moves its story's revision.
    marks: dict[int, Hashable] = {telling: tuple(mark) for telling, *mark in rows}
    return kept.take(marks, partial(_load, session))


@cache
def _folded(*, everywhere: bool) -> Select[int, int, int, int]:
    """Return what asks for the last tellings that were folded, `most` of them.

    Nearly every story stands in `all`: there the last tellings are looked at until there are
    enough. A category may have hardly any of them, and is begun with.
    """
    query = (
        select(TellingRow.id, StoryRow.id, StoryRow.revision, StoryRow.edited_revision)
        .select_from(TellingRow)
        .join(StoryRow, StoryRow.id == TellingRow.story_id)
        .where(StoryRow.appeared_at.is_not(None), StoryRow.lead_entry_id != TellingRow.entry_id)
        .order_by(TellingRow.id.desc())  # ids rise in the order of placing
        .limit(bindparam("most", type_=Integer))
    )
    slug = bindparam("slug", type_=String)
    stands = (StoryCategoryRow.slug == slug) & (StoryCategoryRow.story_id == StoryRow.id)
    return (
        query.where(exists().where(stands)) if everywhere else query.join(StoryCategoryRow, stands)
    )


def _load(session: Session, telling_ids: Collection[int]) -> dict[int, Folded]:
    rows = session.execute(_told(), {"ids": telling_ids})
    return {
        row.telling_id: Folded(
            telling=Telling(
                entry_id=row.id,
                title=row.title,
                url=row.url,
                outlet=row.outlet,
                kind=Kind(row.kind),
                score=row.score,
                published=row.published_at,
                placed_at=row.placed_at,
            ),
            threshold=row.threshold,
            signals=_deciding(row.evidence, row.threshold),
            story_key=row.key,
            story_title=row.lead_title,
            story_outlet=row.lead_outlet,
            changed_at=max(row.placed_at, row.moved_at or row.placed_at),
            joined=_joined(row.home_id, ruled=row.ruled, split=row.split),
        )
        for row in rows
    }


@cache
def _told() -> Select[Any]:
    lead = aliased(EntryRow)
    return (
        select(
            TellingRow.id.label("telling_id"),
            EntryRow.id,
            EntryRow.title,
            EntryRow.link.label("url"),
            EntryRow.outlet,
            EntryRow.published_at,
            TellingRow.kind,
            TellingRow.score,
            TellingRow.threshold,
            TellingRow.evidence,
            TellingRow.placed_at,
            TellingRow.moved_at,
            StoryRow.key,
            # As it was called first: its correction says nothing of what was folded.
            func.coalesce(CorrectionRow.first_title, lead.title).label("lead_title"),
            lead.outlet.label("lead_outlet"),
            TellingRow.home_id,
            _ruled_one().label("ruled"),
            _split_off().label("split"),
        )
        .select_from(EntryRow)
        .join(TellingRow, TellingRow.entry_id == EntryRow.id)
        .join(StoryRow, StoryRow.id == TellingRow.story_id)
        .join(lead, lead.id == StoryRow.lead_entry_id)
        .outerjoin(CorrectionRow, CorrectionRow.entry_id == lead.id)
        .where(TellingRow.id.in_(bindparam("ids", expanding=True)))
    )


def _joined(
    home_id: int | None, *, ruled: bool, split: bool
) -> Literal["", "operator", "article", "split"]:
    if home_id is None:
        return "split" if split else ""
    return "operator" if ruled else "article"


def _split_off() -> ColumnElement[bool]:
    """Return whether an operator took the telling out of a story in which it stood."""
    return exists().where(
        RulingRow.verb == "split",
        RulingRow.entry_id == TellingRow.entry_id,
        RulingRow.applied_at.is_not(None),
    )


def _ruled_one() -> ColumnElement[bool]:
    """Return whether an operator merged the story in which the telling was placed."""
    parts = RulingRow.story_id, RulingRow.other_story_id
    named = or_(*(part == TellingRow.home_id for part in parts))
    return exists().where(RulingRow.verb == "merge", named)


def _deciding(evidence: Sequence[Mapping[str, Any]], threshold: float) -> tuple[Signal, ...]:
    """Return the signals of the comparison by which an entry was placed: the best one."""
    best = max(evidence, key=lambda seen: seen["score"], default=None)
    if best is None or best["score"] < threshold:
        return ()
    return tuple(Signal(*signal) for signal in best["signals"])
