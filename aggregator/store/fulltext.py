"""Full text over what was told: FTS5 in SQLite, tsvector in PostgreSQL.

Words come folded, so neither engine has to know about languages: SQLite is
given them with spaces between, PostgreSQL with their positions.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, Row, Select, column, select, text
from sqlalchemy.orm import Session

from aggregator.store import facts
from aggregator.store.pruned_tables import PrunedStoryRow
from aggregator.store.tables import ArticleRow, EntryRow, StoryRow, TellingRow
from aggregator.stories.folding import words
from aggregator.stories.search import Search, Term

INDEXED = "search_indexed"  # the fact under which the last telling stands that was indexed
# A tsvector holds a megabyte, its words 2 kB, its positions 16383.
_MOST_WORDS, _LONGEST_WORD, _LAST_POSITION = 16_000, 200, 16_383


@dataclass(frozen=True, slots=True)
class _Engine:
    """How one of the engines keeps words and is asked for them."""

    add: str
    remove: str
    find: str
    written: Callable[[Sequence[str]], str]
    term: Callable[[Term], str]
    either: str
    both: str
    without: str


def _sqlite_term(term: Term) -> str:
    return f'"{" ".join(map(_short, term.words))}"{"*" if term.prefix else ""}'


def _postgresql_term(term: Term) -> str:
    quoted = [f"'{_short(word)}'" for word in term.words]
    return f"({' <-> '.join(quoted)}{':*' if term.prefix else ''})"


def _short(word: str) -> str:
    return word[:_LONGEST_WORD]


def _positions(found: Sequence[str]) -> str:
    return " ".join(f"'{word}':{min(at, _LAST_POSITION)}" for at, word in enumerate(found, 1))


_ENGINES = {
    "sqlite": _Engine(
        add="INSERT INTO search (rowid, words) VALUES (:entry_id, :words)",
        remove="DELETE FROM search WHERE rowid = :entry_id",
        find="SELECT rowid AS entry_id FROM search WHERE search MATCH :sought",
        written=" ".join,
        term=_sqlite_term,
        either=" OR ",
        both=" AND ",
        without=" NOT ",
    ),
    "postgresql": _Engine(
        add="INSERT INTO search (entry_id, words) VALUES (:entry_id, CAST(:words AS tsvector))",
        remove="DELETE FROM search WHERE entry_id = :entry_id",
        find="SELECT entry_id FROM search WHERE words @@ CAST(:sought AS tsquery)",
        written=_positions,
        term=_postgresql_term,
        either=" | ",
        both=" & ",
        without=" & !",
    ),
}


def index_tellings(session: Session, limit: int) -> int:
    """Take what was placed since the last time into the index; return how many were taken in."""
    last = int(facts.fact(session, INDEXED) or 0)
    rows = session.execute(_told().where(TellingRow.id > last).limit(limit)).all()
    if rows:
        _add(session, rows)
        facts.note(session, INDEXED, str(rows[-1].id))
    return len(rows)


def forget(session: Session, entry_ids: Sequence[int]) -> None:
    """Take these entries out of the index."""
    if entry_ids:
        remove = text(_engine(session).remove)
        session.execute(remove, [{"entry_id": entry_id} for entry_id in entry_ids])


def index_again(session: Session, entry_id: int) -> None:
    """Let a telling be found by what it says now, if it is in the index already."""
    last = int(facts.fact(session, INDEXED) or 0)
    told = _told().where(TellingRow.id <= last, TellingRow.entry_id == entry_id)
    for row in session.execute(told):
        session.execute(text(_engine(session).remove), {"entry_id": entry_id})
        _add(session, [row])


def _add(session: Session, rows: Iterable[Row[tuple[int, int, str, str, str, list[str]]]]) -> None:
    engine = _engine(session)
    found = [{"entry_id": row.entry_id, "words": engine.written(_indexed(row))} for row in rows]
    session.execute(text(engine.add), found)


def _indexed(row: Row[tuple[int, int, str, str, str, list[str]]]) -> list[str]:
    """Return the words by which a telling is found."""
    told = words(" ".join([row.title, row.text, row.outlet, *row.tags]))
    return [_short(word) for word in told[:_MOST_WORDS]]


def is_behind(session: Session) -> bool:
    """Return whether something was placed that is not indexed yet."""
    last = int(facts.fact(session, INDEXED) or 0)
    return session.scalar(select(TellingRow.id).where(TellingRow.id > last).limit(1)) is not None


def _told() -> Select[tuple[int, int, str, str, str, list[str]]]:
    return (
        select(
            TellingRow.id,
            TellingRow.entry_id,
            EntryRow.title,
            ArticleRow.text,
            EntryRow.outlet,
            EntryRow.tags,
        )
        .join(EntryRow, EntryRow.id == TellingRow.entry_id)
        .join(ArticleRow, ArticleRow.entry_id == TellingRow.entry_id)
        .order_by(TellingRow.id)
    )


def find_stories(session: Session, search: Search, limit: int) -> Sequence[int]:
    """Return the published stories of which a telling holds what is sought, newest first."""
    engine = _engine(session)
    found = text(engine.find).bindparams(sought=_sought(engine, search))
    entries = found.columns(column("entry_id", Integer)).subquery()
    told = select(TellingRow.story_id).where(TellingRow.entry_id.in_(select(entries.c.entry_id)))
    query = (
        select(StoryRow.id)
        .where(
            StoryRow.id.in_(told),
            StoryRow.appeared_at.is_not(None),
            StoryRow.merged_into_id.is_(None),
            StoryRow.id.not_in(select(PrunedStoryRow.story_id)),
        )
        .order_by(StoryRow.published_at.desc(), StoryRow.id.desc())
        .limit(limit)
    )
    return session.scalars(query).all()


def _engine(session: Session) -> _Engine:
    return _ENGINES[session.get_bind().dialect.name]


def _sought(engine: _Engine, search: Search) -> str:
    groups = (f"({engine.either.join(map(engine.term, group))})" for group in search.groups)
    excluded = "".join(engine.without + engine.term(term) for term in search.excluded)
    return f"({engine.both.join(groups)}){excluded}"
