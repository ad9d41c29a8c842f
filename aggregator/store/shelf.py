"""Stories as people see them: looked up, listed, put together from lead and tellings."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, load_only
from sqlalchemy.sql.elements import ColumnElement

from aggregator.errors import NoSuchError
from aggregator.model import Credit, Kind, Provenance, Story, Telling
from aggregator.store.correction_tables import CorrectionRow
from aggregator.store.pruning import is_pruned
from aggregator.store.sources import id_in
from aggregator.store.tables import (
    ArticleRow,
    EntryRow,
    ExactKeyRow,
    FingerprintRow,
    SourceRow,
    StoryCategoryRow,
    StoryRow,
    TellingRow,
)
from aggregator.stories.provenance import provenance_of
from aggregator.stories.slugs import ALL
from aggregator.stories.stored import from_bytes

# What of an entry a telling shows: its texts stay where they are.
_REVEALING = (ArticleRow.captions, ArticleRow.credits, CorrectionRow.first_title)
_SHOWN = (EntryRow.title, EntryRow.link, EntryRow.outlet, EntryRow.published_at)


def live_stories(session: Session, slug: str, limit: int) -> Sequence[Story]:
    """Return the stories of a feed that were not pruned, newest published first.

    They are the `limit` that appeared last, not the last published: whatever
    its date, a story stands in the live feed when it appears.
    """
    ids = session.scalars(
        select(StoryRow.id)
        .join(StoryCategoryRow, StoryCategoryRow.story_id == StoryRow.id)
        .where(StoryCategoryRow.slug == slug, _published(), ~is_pruned())
        .order_by(StoryRow.appeared_at.desc(), StoryRow.published_at.desc(), StoryRow.id.desc())
        .limit(limit)
    )
    stories = load_stories(session, ids.all())
    return sorted(stories, key=lambda story: (story.published, story.id), reverse=True)


def feed_stories(session: Session, slug: str, archive: str | None) -> Sequence[Story]:
    """Return the stories that stand in a live feed, or in its archive of a month."""
    query = select(StoryCategoryRow.story_id).where(
        StoryCategoryRow.slug == slug, StoryCategoryRow.archive == archive
    )
    return load_stories(session, session.scalars(query).all())


def confirmed_stories(session: Session, slug: str, limit: int) -> Sequence[Story]:
    """Return the stories of a feed that were confirmed last."""
    query = (
        select(StoryRow.id)
        .join(StoryCategoryRow, StoryCategoryRow.story_id == StoryRow.id)
        .where(StoryCategoryRow.slug == slug, StoryRow.confirmed_at.is_not(None), _published())
        .order_by(StoryRow.confirmed_at.desc(), StoryRow.id.desc())
        .limit(limit)
    )
    return load_stories(session, session.scalars(query).all())


def load_stories(
    session: Session, ids: Collection[int], lead: int | None = None
) -> Sequence[Story]:
    """Return these stories as published, in order of their ids, without the unpublished.

    `lead`: as this of their entries tells them, instead of their leads.
    """
    leads = session.execute(
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
        )
        .select_from(StoryRow)
        .join(EntryRow, EntryRow.id == (_lead() if lead is None else lead))
        .join(ArticleRow, ArticleRow.entry_id == EntryRow.id)
        .join(SourceRow, SourceRow.id == EntryRow.source_id)
        .where(StoryRow.id.in_(ids), _published())
        .order_by(StoryRow.id)
    ).all()
    tellings = _tellings(session, ids)
    slugs = _slugs(session, ids)
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
        )
        for row in leads
    ]


def _lead() -> ColumnElement[int]:
    """Return the lead, or the first telling where a split took it away just now."""
    first = (
        select(func.min(TellingRow.entry_id))
        .where(TellingRow.story_id == StoryRow.id)
        .correlate(StoryRow)
        .scalar_subquery()
    )
    return func.coalesce(StoryRow.lead_entry_id, first)


def _published() -> ColumnElement[bool]:
    """Return the condition that a story appeared and was not merged into another since.

    Between the editor's merge and the next edition, the merged one still has
    its lead and its categories, but no tellings.
    """
    return StoryRow.appeared_at.is_not(None) & StoryRow.merged_into_id.is_(None)


def _tellings(session: Session, ids: Collection[int]) -> dict[int, list[Telling]]:
    rows = session.execute(
        select(TellingRow, EntryRow, *_REVEALING)
        .join(EntryRow, EntryRow.id == TellingRow.entry_id)
        .join(ArticleRow, ArticleRow.entry_id == TellingRow.entry_id)
        .outerjoin(CorrectionRow, CorrectionRow.entry_id == TellingRow.entry_id)
        .options(load_only(*_SHOWN, raiseload=True))
        .where(TellingRow.story_id.in_(ids))
        .order_by(TellingRow.id)
    )
    found: dict[int, list[Telling]] = {}
    for row, entry, captions, credited, first_title in rows:
        telling = Telling(
            entry_id=row.entry_id,
            title=entry.title,
            url=entry.link,
            outlet=entry.outlet,
            kind=Kind(row.kind),
            score=row.score,
            published=entry.published_at,
            placed_at=row.placed_at,
            provenance=_provenance(entry, captions, credited),
            first_title=first_title,
        )
        found.setdefault(row.story_id, []).append(telling)
    return found


def _provenance(entry: EntryRow, captions: list[str], credited: list[Any]) -> Provenance | None:
    return provenance_of(entry.title, entry.outlet, captions, (Credit(*one) for one in credited))


def _slugs(session: Session, ids: Collection[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(StoryCategoryRow.story_id, StoryCategoryRow.slug)
        .where(StoryCategoryRow.story_id.in_(ids), StoryCategoryRow.slug != ALL)
        .order_by(StoryCategoryRow.slug)
    )
    found: dict[int, list[str]] = {}
    for story, slug in rows:
        found.setdefault(story, []).append(slug)
    return found


def story_id(session: Session, name: str) -> int:
    """Return the story called `name` (id, key or page address), or what it was merged into.

    Raises:
        NoSuchError: there is none.
    """
    key = name.rstrip("/").rpartition("/")[2]
    row = session.scalar(select(StoryRow).where((StoryRow.uri == name) | (StoryRow.key == key)))
    if row is None:
        message = f"no such story: {name}; `aggregator stories` shows what there is"
        raise NoSuchError(message)
    while row.merged_into_id is not None:
        row = session.get_one(StoryRow, row.merged_into_id)
    return row.id


def story_key(session: Session, story: int) -> str:
    """Return the last part of the story's permanent id."""
    return session.get_one(StoryRow, story).key


def story_uri(session: Session, story: int) -> str:
    """Return the story's permanent id."""
    return session.get_one(StoryRow, story).uri


def entry_ids(session: Session, name: str, keys: Collection[str]) -> Sequence[int]:
    """Return the entries called `name`: an entry's id, its link, or one of the exact `keys`."""
    number = id_in(name)
    if number is not None:
        found = session.scalars(select(EntryRow.id).where(EntryRow.id == number))
    else:
        by_key = select(ExactKeyRow.entry_id).where(ExactKeyRow.key.in_(keys))
        found = session.scalars(
            select(EntryRow.id)
            .where((EntryRow.link == name) | EntryRow.id.in_(by_key))
            .order_by(EntryRow.id)
        )
    return found.all()


def entry_titles(session: Session, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return outlet and title of these entries."""
    rows = session.execute(
        select(EntryRow.id, EntryRow.outlet, EntryRow.title).where(EntryRow.id.in_(ids))
    )
    return {entry: (outlet, title) for entry, outlet, title in rows}


def provenance(session: Session, entry: int) -> Provenance | None:
    """Return what an entry that was read reveals of the original that it was made from."""
    row = session.execute(
        select(EntryRow, ArticleRow.captions, ArticleRow.credits)
        .join(ArticleRow, ArticleRow.entry_id == EntryRow.id)
        .where(EntryRow.id == entry)
    ).one_or_none()
    return _provenance(*row) if row else None


def recycled_from(session: Session, entry: int, window: timedelta) -> Telling | None:
    """Return the first telling of the entry's story, where it is older by more than the window."""
    story = session.scalar(select(TellingRow.story_id).where(TellingRow.entry_id == entry))
    if story is None:
        return None
    tellings = {telling.entry_id: telling for telling in _tellings(session, [story])[story]}
    first = min(tellings.values(), key=lambda telling: (telling.published, telling.entry_id))
    return first if tellings[entry].published - first.published > window else None


def dated_back_to(session: Session, entry: int) -> date | None:
    """Return the day long past to which an entry's text dates its news, None if it does not."""
    query = select(FingerprintRow.fingerprint).where(FingerprintRow.entry_id == entry)
    found = from_bytes(session.scalar(query) or b"")
    if found is None or found.told_day is None:
        return None
    return date.fromordinal(found.told_day)


def members(session: Session, story: int) -> Sequence[int]:
    """Return the entries that tell the story, in the order of their placing."""
    query = select(TellingRow.entry_id).where(TellingRow.story_id == story).order_by(TellingRow.id)
    return session.scalars(query).all()


def categories_in_use(session: Session) -> dict[str, tuple[int, datetime]]:
    """Return how many stories each feed has had, and when the newest was published."""
    rows = session.execute(
        select(StoryCategoryRow.slug, func.count(), func.max(StoryRow.published_at))
        .join(StoryRow, StoryRow.id == StoryCategoryRow.story_id)
        .group_by(StoryCategoryRow.slug)
    )
    oldest = datetime.min.replace(tzinfo=UTC)
    return {slug: (count, newest or oldest) for slug, count, newest in rows}


def count_stories(session: Session) -> int:
    """Return how many stories there are, held ones and published ones."""
    living = select(func.count()).select_from(StoryRow).where(StoryRow.merged_into_id.is_(None))
    return session.scalar(living) or 0
