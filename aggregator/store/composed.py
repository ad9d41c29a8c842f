"""Stories put together, as they are published: from their leads and their tellings."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from aggregator.model import Credit, Kind, Provenance, Story, Telling
from aggregator.store.correction_tables import CorrectionRow, StoryBodyRow
from aggregator.store.feed_tables import StoryCategoryRow
from aggregator.store.kept import Kept
from aggregator.store.pruning import is_pruned
from aggregator.store.tables import (
    ArticleRow,
    EntryRow,
    MoveRow,
    SourceRow,
    StoryRow,
    TellingRow,
)
from aggregator.stories.provenance import provenance_of
from aggregator.stories.slugs import ALL

_IDS: BindParameter[int] = bindparam("ids", expanding=True)


def load_stories(
    session: Session, ids: Collection[int], lead: int | None = None
) -> Sequence[Story]:
    """Return these stories as published, in order of their ids, without the unpublished.

    `lead`: as this of their entries tells them, instead of their leads.
    """
    query = _leads(told_by_lead=lead is None).where(published())
    leads = session.execute(query, {"ids": ids, "lead": lead}).all()
    return _put_together(session, leads, tellings_of(session, ids))


def load_merged(session: Session, merged: Mapping[int, int]) -> Sequence[Story]:
    """Return stories as they were published before they were merged, each into a living one.

    Without those of whose lead is not known that it stood there.
    """
    if not merged:
        return []
    ids = {"ids": list(merged), "into": list(merged.values())}
    leads = session.execute(_leads(told_by_lead=True), ids).all()
    tellings = _told(session.execute(_moved(), ids))
    known = [
        row
        for row in leads
        if any(each.entry_id == row.lead_entry_id for each in tellings.get(row.id, ()))
    ]
    return _put_together(session, known, tellings)


def _put_together(
    session: Session, leads: Sequence[Any], tellings: Mapping[int, Sequence[Telling]]
) -> list[Story]:
    slugs = _slugs(session, [row.id for row in leads])
    named = _named(session, leads)
    return [
        Story(
            id=row.id,
            uri=row.uri,
            key=row.key,
            title=row.title,
            link=row.link,
            html=row.html,
            published=row.published,
            updated=row.updated,
            lead_entry_id=row.lead_entry_id,
            tellings=tuple(tellings[row.id]),
            categories=tuple(slugs.get(row.id, ())),
            authors=tuple(row.page_authors or row.authors),
            tags=tuple(row.tags),
            lang=row.page_lang or row.lang,
            image=row.image or row.page_image,
            rights=row.rights,
            source_title=row.source_title,
            source_url=row.source_url,
            named=named.get(row.id),
            settled=not row.waits,
        )
        for row in leads
    ]


@cache
def _leads(*, told_by_lead: bool) -> Select[Any]:
    """Return what asks for stories of these `ids`, as their leads or the entry `lead` tells them.

    Like others here it is made once: to put a statement together takes as long as to run it.
    """
    return (
        select(
            StoryRow.id,
            StoryRow.uri,
            StoryRow.key,
            func.coalesce(StoryRow.published_at, StoryRow.created_at).label("published"),
            func.coalesce(StoryRow.updated_at, StoryRow.created_at).label("updated"),
            EntryRow.id.label("lead_entry_id"),
            EntryRow.title,
            EntryRow.link,
            EntryRow.authors,
            EntryRow.tags,
            EntryRow.lang,
            EntryRow.image,
            EntryRow.rights,
            ArticleRow.html,
            ArticleRow.authors.label("page_authors"),
            ArticleRow.lang.label("page_lang"),
            ArticleRow.image.label("page_image"),
            SourceRow.title.label("source_title"),
            SourceRow.url.label("source_url"),
            StoryBodyRow.named,
            _waits().label("waits"),
        )
        .select_from(StoryRow)
        .outerjoin(StoryBodyRow, StoryBodyRow.story_id == StoryRow.id)
        .join(
            EntryRow, EntryRow.id == (_lead() if told_by_lead else bindparam("lead", type_=Integer))
        )
        .outerjoin(CorrectionRow, CorrectionRow.entry_id == EntryRow.id)
        .join(ArticleRow, ArticleRow.entry_id == EntryRow.id)
        .join(SourceRow, SourceRow.id == EntryRow.source_id)
        .where(StoryRow.id.in_(_IDS))
        .order_by(StoryRow.id)
    )


def _waits() -> ColumnElement[bool]:
    """Return the condition that another body waits for the story's next edition.

    A pruned one has none: it stays as its archive shows it.
    """
    other = func.coalesce(StoryBodyRow.shown, 0) != func.coalesce(CorrectionRow.bodies, 0)
    return other & (StoryRow.revision != StoryRow.edited_revision) & ~is_pruned()


def kept_stories(
    session: Session, wanted: Select[int], named: Mapping[str, Any], kept: Kept[Story]
) -> Sequence[Story]:
    """Return what `load_stories` returns of those that are wanted; loads what changed since.

    `wanted` selects ids by what is `named`; it is made once.
    """
    return kept.take(
        {story_id: tuple(mark) for story_id, *mark in session.execute(_marks(wanted), named)},
        lambda changed: {story.id: story for story in load_stories(session, changed)},
    )


@cache
def _marks(wanted: Select[int]) -> Select[int, str, int, int, str, str]:
    """Return what asks for that which differs whenever the story would be put together otherwise.

    Its URI where a database was restored meanwhile. Its revision moves with its tellings, the other
    with what the editor made of them. Nobody touches a story when a source gets another name.
    """
    return (
        select(
            StoryRow.id,
            StoryRow.uri,
            StoryRow.revision,
            StoryRow.edited_revision,
            SourceRow.title,
            SourceRow.url,
        )
        .select_from(StoryRow)
        .join(EntryRow, EntryRow.id == _lead())
        .join(SourceRow, SourceRow.id == EntryRow.source_id)
        .where(StoryRow.id.in_(wanted), published())
        .order_by(StoryRow.id)
    )


def _lead() -> ColumnElement[int]:
    """Return the lead, or the first telling where a split took it away just now."""
    first = (
        select(func.min(TellingRow.entry_id))
        .where(TellingRow.story_id == StoryRow.id)
        .correlate(StoryRow)
        .scalar_subquery()
    )
    return func.coalesce(StoryRow.lead_entry_id, first)


def published() -> ColumnElement[bool]:
    """Return the condition that a story appeared and was not merged into another since.

    Between the editor's merge and the next edition, the merged one still has
    its lead and its categories, but no tellings.
    """
    return StoryRow.appeared_at.is_not(None) & StoryRow.merged_into_id.is_(None)


def tellings_of(session: Session, ids: Collection[int]) -> dict[int, list[Telling]]:
    """Return the tellings of these stories, by story, in the order of their placing."""
    return _told(session.execute(_tellings(), {"ids": ids}))


def _told(rows: Iterable[Any]) -> dict[int, list[Telling]]:
    found: dict[int, list[Telling]] = {}
    for row in rows:
        telling = Telling(
            entry_id=row.entry_id,
            title=row.title,
            url=row.link,
            outlet=row.outlet,
            kind=Kind(row.kind),
            score=row.score,
            published=row.published_at,
            placed_at=row.placed_at,
            provenance=revealed(row.title, row.outlet, row.captions, row.credits),
            first_title=row.first_title,
        )
        found.setdefault(row.story_id, []).append(telling)
    return found


def _named(session: Session, leads: Iterable[Any]) -> dict[int, tuple[Telling, ...]]:
    """Return whom bodies go on naming that may change no more, by story: few do."""
    told_in = {row.id: row.named for row in leads if row.named is not None}
    if not told_in:
        return {}
    entry_ids = {entry_id for named in told_in.values() for entry_id in named}
    query = _tellings_as(TellingRow, TellingRow.entry_id.in_(entry_ids))
    found = [telling for some in _told(session.execute(query)).values() for telling in some]
    by_entry = {telling.entry_id: telling for telling in found}
    return {
        story_id: tuple(by_entry[entry_id] for entry_id in named)
        for story_id, named in told_in.items()
    }


@cache
def _tellings() -> Select[Any]:
    return _tellings_as(TellingRow, TellingRow.story_id.in_(_IDS))


@cache
def _moved() -> Select[Any]:
    """Return what asks for the tellings that stood in stories before those were merged."""
    stand = TellingRow.story_id.in_(bindparam("into", expanding=True))
    moved = _tellings_as(MoveRow, MoveRow.story_id.in_(_IDS) & stand)
    return moved.join(MoveRow, MoveRow.telling_id == TellingRow.id)


def _tellings_as(stood: type[TellingRow | MoveRow], wanted: ColumnElement[bool]) -> Select[Any]:
    # By column: their evidence, texts and fingerprints stay where they are.
    return (
        select(
            stood.story_id,
            TellingRow.entry_id,
            stood.kind,
            TellingRow.score,
            stood.placed_at,
            EntryRow.title,
            EntryRow.link,
            EntryRow.outlet,
            EntryRow.published_at,
            ArticleRow.captions,
            ArticleRow.credits,
            CorrectionRow.first_title,
        )
        .select_from(TellingRow)
        .join(EntryRow, EntryRow.id == TellingRow.entry_id)
        .join(ArticleRow, ArticleRow.entry_id == TellingRow.entry_id)
        .outerjoin(CorrectionRow, CorrectionRow.entry_id == TellingRow.entry_id)
        .where(wanted)
        .order_by(TellingRow.id)
    )


def revealed(
    title: str, outlet: str, captions: list[str], credited: list[Any]
) -> Provenance | None:
    """Return what an entry reveals of its original, from what is stored of it."""
    return provenance_of(title, outlet, captions, (Credit(*one) for one in credited))


def _slugs(session: Session, ids: Collection[int]) -> dict[int, list[str]]:
    rows = session.execute(_stands_in(), {"ids": ids})
    found: dict[int, list[str]] = {}
    for story, slug in rows:
        found.setdefault(story, []).append(slug)
    return found


@cache
def _stands_in() -> Select[int, str]:
    return (
        select(StoryCategoryRow.story_id, StoryCategoryRow.slug)
        .where(StoryCategoryRow.story_id.in_(_IDS), StoryCategoryRow.slug != ALL)
        .order_by(StoryCategoryRow.slug)
    )
