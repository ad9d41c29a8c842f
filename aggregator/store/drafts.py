"""Drafts: the stories that changed, with all that decides what they are published as."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import BindParameter, Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from aggregator.model import Role
from aggregator.store.correction_tables import CorrectionRow
from aggregator.store.pruning import is_pruned
from aggregator.store.tables import (
    ArticleRow,
    EntryRow,
    FingerprintRow,
    SourceCategoryRow,
    SourceRow,
    StoryRow,
    TellingRow,
)

_AT_ONCE = 500  # stories in a query
_HOME = aliased(StoryRow)
_MOST: BindParameter[int] = bindparam("most", type_=Integer)


@dataclass(frozen=True, slots=True)
class DraftTelling:
    """A telling with all that choosing a lead and its categories looks at.

    `bodies` counts how often its source gave it another body. `brought`: it stood
    in a story that readers know, before that was merged into this one; `led`: it led that.
    """

    entry_id: int
    role: Role
    title: str
    text: str
    outlet: str
    source: str
    lang: str | None
    tags: tuple[str, ...]
    fingerprint: bytes
    published: datetime
    given: tuple[str, ...]
    bodies: int = 0
    brought: bool = False
    led: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A story whose edition is out of date; no tellings: it was merged into another.

    `lead_entry_id` is None where the lead is still to be chosen.
    """

    story_id: int
    revision: int
    lead_entry_id: int | None
    tellings: tuple[DraftTelling, ...]


def due(session: Session, now: datetime, limit: int, *, hold: bool = True) -> Sequence[Draft]:
    """Return stories that changed: those that appeared, and those whose hold is over.

    A pruned one stays as its archive shows it, until it is merged into another.
    `hold` False: those whose hold is not over as well.
    """
    # One by one and in the order of their indexes: else SQLite would look at all stories.
    queries = _changed(), _ripe() if hold else _held_ones()
    named = {"now": now, "most": limit}
    found = [row for query in queries for row in session.scalars(query, named)]
    if not found:
        return []
    rows = sorted(found, key=lambda row: row.id)[:limit]
    members = _draft_tellings(session, [row.id for row in rows if row.merged_into_id is None])
    return [
        Draft(row.id, row.revision, row.lead_entry_id, tuple(members.get(row.id, ())))
        for row in rows
    ]


# Made once, as what else is asked every second or two: to put a statement together takes as long
# as to run it.
@cache
def _changed() -> Select[StoryRow]:
    changed = StoryRow.appeared_at.is_not(None) & (StoryRow.revision != StoryRow.edited_revision)
    changed &= StoryRow.merged_into_id.is_not(None) | ~is_pruned()
    return select(StoryRow).where(changed).order_by(StoryRow.appeared_at, StoryRow.id).limit(_MOST)


@cache
def _ripe() -> Select[StoryRow]:
    return _held_ones().where(StoryRow.appear_at <= bindparam("now"))


@cache
def _held_ones() -> Select[StoryRow]:
    return select(StoryRow).where(_held()).order_by(StoryRow.appear_at, StoryRow.id).limit(_MOST)


def leads_since(session: Session, since: datetime) -> dict[int, DraftTelling]:
    """Return the leads of the stories that appeared since then, by story, as rules see them."""
    query = select(StoryRow.id, StoryRow.lead_entry_id).where(
        StoryRow.appeared_at >= since, StoryRow.merged_into_id.is_(None)
    )
    leads = dict(session.execute(query).all())
    found: dict[int, DraftTelling] = {}
    ids = list(leads)
    for start in range(0, len(ids), _AT_ONCE):
        for story, tellings in _draft_tellings(session, ids[start : start + _AT_ONCE]).items():
            found.update((story, each) for each in tellings if each.entry_id == leads[story])
    return found


def draft_of(session: Session, story_id: int) -> Draft:
    """Return the draft of a story as it stands, changed or not."""
    row = session.get_one(StoryRow, story_id)
    members = _draft_tellings(session, [row.id])
    return Draft(row.id, row.revision, row.lead_entry_id, tuple(members.get(row.id, ())))


def _held() -> ColumnElement[bool]:
    return StoryRow.appeared_at.is_(None) & StoryRow.merged_into_id.is_(None)


def _draft_tellings(session: Session, story_ids: Collection[int]) -> dict[int, list[DraftTelling]]:
    rows = session.execute(_told(), {"ids": story_ids})
    given: dict[int, list[str]] = {}
    for category in session.scalars(select(SourceCategoryRow)):
        given.setdefault(category.source_id, []).append(category.slug)
    found: dict[int, list[DraftTelling]] = {}
    for telling, entry, article, fingerprint, source, bodies, brought, led in rows:
        found.setdefault(telling.story_id, []).append(
            DraftTelling(
                entry_id=entry.id,
                role=Role(source.role),
                title=entry.title,
                text=article.text,
                outlet=entry.outlet,
                source=source.title,
                lang=article.lang or entry.lang,
                tags=tuple(entry.tags),
                fingerprint=fingerprint,
                published=entry.published_at,
                given=tuple(given.get(source.id, ())),
                bodies=bodies or 0,
                brought=brought is not None,
                led=led == entry.id,
            )
        )
    return found


@cache
def _told() -> Select[TellingRow, EntryRow, ArticleRow, bytes, SourceRow, int, int, int | None]:
    home = (_HOME.id == TellingRow.home_id) & _HOME.appeared_at.is_not(None)
    return (
        select(
            TellingRow,
            EntryRow,
            ArticleRow,
            FingerprintRow.fingerprint,
            SourceRow,
            CorrectionRow.bodies,
            _HOME.id,
            _HOME.lead_entry_id,
        )
        .join(EntryRow, EntryRow.id == TellingRow.entry_id)
        .join(ArticleRow, ArticleRow.entry_id == TellingRow.entry_id)
        .join(FingerprintRow, FingerprintRow.entry_id == TellingRow.entry_id)
        .join(SourceRow, SourceRow.id == EntryRow.source_id)
        .outerjoin(CorrectionRow, CorrectionRow.entry_id == TellingRow.entry_id)
        .outerjoin(_HOME, home)
        .where(TellingRow.story_id.in_(bindparam("ids", expanding=True)))
        .order_by(TellingRow.id)
    )


def count_held(session: Session) -> int:
    """Return how many stories wait for their hold to end."""
    return session.scalar(select(func.count()).select_from(StoryRow).where(_held())) or 0
