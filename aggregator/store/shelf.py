"""Stories as people see them: looked up and listed."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session

from aggregator.errors import NoSuchError
from aggregator.model import Provenance, Story, Telling
from aggregator.store.composed import (
    kept_stories,
    load_merged,
    load_stories,
    published,
    revealed,
    tellings_of,
)
from aggregator.store.feed_tables import StoryCategoryRow
from aggregator.store.kept import Kept
from aggregator.store.merging import led_by, living_id
from aggregator.store.pruning import is_pruned
from aggregator.store.sources import id_in
from aggregator.store.tables import (
    ArticleRow,
    EntryRow,
    ExactKeyRow,
    StoryRow,
    TellingRow,
)


def live_stories(session: Session, slug: str, limit: int) -> Sequence[Story]:
    """Return the stories of a feed that were not pruned, newest published first.

    They are the `limit` that appeared last, not the last published: whatever
    its date, a story stands in the live feed when it appears.
    """
    ids = session.scalars(
        select(StoryRow.id)
        .join(StoryCategoryRow, StoryCategoryRow.story_id == StoryRow.id)
        .where(StoryCategoryRow.slug == slug, published(), ~is_pruned())
        .order_by(StoryRow.appeared_at.desc(), StoryRow.published_at.desc(), StoryRow.id.desc())
        .limit(limit)
    )
    stories = load_stories(session, ids.all())
    return sorted(stories, key=lambda story: (story.published, story.id), reverse=True)


def feed_stories(session: Session, slug: str, kept: Kept[Story]) -> Sequence[Story]:
    """Return the stories that stand in a live feed."""
    return kept_stories(session, _live(), {"slug": slug}, kept)


@cache
def _live() -> Select[int]:
    return select(StoryCategoryRow.story_id).where(
        StoryCategoryRow.slug == bindparam("slug"), StoryCategoryRow.archive.is_(None)
    )


def archived_stories(session: Session, slug: str, archive: str) -> Sequence[Story]:
    """Return the stories that stand in a feed's archive of a month.

    Those that were merged since stand there as they did: who knows the archive looks
    for them no more, should they return, and who does not is told of them nowhere else
    where the others do not stand in the feed.
    """
    query = (
        select(StoryRow.id, StoryRow.merged_into_id)
        .join(StoryCategoryRow, StoryCategoryRow.story_id == StoryRow.id)
        .where(StoryCategoryRow.slug == slug, StoryCategoryRow.archive == archive)
    )
    found = dict(iter(session.execute(query)))
    merged = {each: living_id(session, other) for each, other in found.items() if other}
    return [*load_stories(session, found), *load_merged(session, merged)]


def confirmed_stories(
    session: Session, slug: str, limit: int, kept: Kept[Story]
) -> Sequence[Story]:
    """Return the stories of a feed that were confirmed last."""
    return kept_stories(session, _confirmed(), {"slug": slug, "most": limit}, kept)


@cache
def _confirmed() -> Select[int]:
    return (
        select(StoryRow.id)
        .join(StoryCategoryRow, StoryCategoryRow.story_id == StoryRow.id)
        .where(
            StoryCategoryRow.slug == bindparam("slug"),
            StoryRow.confirmed_at.is_not(None),
            published(),
        )
        .order_by(StoryRow.confirmed_at.desc(), StoryRow.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


def story_id(session: Session, name: str) -> int:
    """Return the story called `name` (id, key or page address), or what it was merged into.

    Raises:
        NoSuchError: there is none.
    """
    key = name.rstrip("/").rpartition("/")[2]
    named = (StoryRow.uri == name) | (StoryRow.key == key)
    # PostgreSQL takes no text with a NUL, not even to look for it.
    row = None if "\0" in name else session.scalar(select(StoryRow).where(named))
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


def lead_of(session: Session, story: int) -> int | None:
    """Return the entry that leads the story, or led it before a merge; None where it is held."""
    return led_by(session, session.get_one(StoryRow, story))


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
        select(EntryRow.title, EntryRow.outlet, ArticleRow.captions, ArticleRow.credits)
        .join(ArticleRow, ArticleRow.entry_id == EntryRow.id)
        .where(EntryRow.id == entry)
    ).one_or_none()
    return revealed(*row) if row else None


def recycled_from(session: Session, entry: int, window: timedelta) -> Telling | None:
    """Return the first telling of the entry's story, where it is older by more than the window."""
    story = session.scalar(select(TellingRow.story_id).where(TellingRow.entry_id == entry))
    if story is None:
        return None
    tellings = {telling.entry_id: telling for telling in tellings_of(session, [story])[story]}
    first = min(tellings.values(), key=lambda telling: (telling.published, telling.entry_id))
    return first if tellings[entry].published - first.published > window else None


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
