"""What the editor matches with: the fingerprints of what waits, of the window, of candidates."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain, repeat
from typing import NamedTuple

from sqlalchemy import BindParameter, Executable, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from aggregator.store.tables import ArticleRow, ExactKeyRow, FingerprintRow, TellingRow

# What a key finds beyond the window: enough to be sure, few enough to compare.
MOST_HOLDERS = 8
# So many of a key are read for a whole batch; where there are more, the database counts.
_MOST_READ = 32
# So many are asked for at a time: a statement takes some ten thousand values, memory less.
_CHUNK = 512


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An article that waits for a place, with what matching knows of it."""

    entry_id: int
    fingerprint: bytes


class Placed(NamedTuple):
    """An article that has its place, the story that it tells, and what matching knows of it."""

    entry_id: int
    story_id: int
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Renewal:
    """A fingerprint computed anew, with the exact keys that come with it."""

    entry_id: int
    fingerprint: bytes
    keys: frozenset[str]


def unplaced(session: Session, limit: int) -> Sequence[Unplaced]:
    """Return the articles that wait, in order of publication: an original before its copies."""
    rows = session.execute(
        select(ArticleRow.entry_id, FingerprintRow.fingerprint)
        .join(FingerprintRow, FingerprintRow.entry_id == ArticleRow.entry_id)
        .where(~ArticleRow.placed)
        .order_by(FingerprintRow.published_at, ArticleRow.entry_id)
        .limit(limit)
    )
    return [Unplaced(*row) for row in rows]


def any_unplaced(session: Session) -> bool:
    """Return whether an article waits."""
    return (
        session.scalar(select(ArticleRow.entry_id).where(~ArticleRow.placed).limit(1)) is not None
    )


def placed_in(session: Session, oldest: datetime) -> Sequence[int]:
    """Return the placed entries that were published since, in the order of placing."""
    # Sorted here: asked for an order, a database may walk through all that was ever placed.
    rows = session.execute(
        select(TellingRow.id, TellingRow.entry_id)
        .join(FingerprintRow, FingerprintRow.entry_id == TellingRow.entry_id)
        .where(FingerprintRow.published_at >= oldest)
    )
    return [entry_id for _, entry_id in sorted(map(tuple, rows))]


def placed_since(session: Session, sequence: int) -> Sequence[int]:
    """Return the entries placed after that, whenever published, in the order of placing."""
    return session.scalars(
        select(TellingRow.entry_id).where(TellingRow.id > sequence).order_by(TellingRow.id)
    ).all()


def last_sequence(session: Session) -> int:
    """Return the sequence of what was placed last, 0 where nothing was."""
    return session.scalar(select(func.max(TellingRow.id))) or 0


def fingerprints_of(session: Session, entry_ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield the fingerprint of each of these entries, in their order."""
    for start in range(0, len(entry_ids), _CHUNK):
        some = entry_ids[start : start + _CHUNK]
        rows = session.execute(
            select(FingerprintRow.entry_id, FingerprintRow.fingerprint).where(
                FingerprintRow.entry_id.in_(some)
            )
        )
        found: dict[int, bytes] = dict(rows.all())
        yield from ((entry_id, found[entry_id]) for entry_id in some)


def placed_among(session: Session, entry_ids: Sequence[int]) -> Sequence[Placed]:
    """Return those of the entries that have a place."""
    found: list[Placed] = []
    for start in range(0, len(entry_ids), _CHUNK):
        asked = _asked(entry_ids[start : start + _CHUNK])
        rows = session.connection().execute(_placed_among(len(asked)), asked)
        # All at once: fetched one by one each row costs as much again.
        found += [Placed(*row) for row in rows.all()]
    return found


def holders(session: Session, sought: Sequence[frozenset[str]]) -> Sequence[Sequence[int]]:
    """Return for each set of exact keys the placed entries that share them, however old.

    Those that share the most, at most eight.
    """
    found: defaultdict[str, list[int]] = defaultdict(list)
    in_order = sorted(frozenset().union(*sought))
    for start in range(0, len(in_order), _CHUNK):
        some = {"keys": in_order[start : start + _CHUNK]}
        for key, entry_id in session.connection().execute(_HOLDERS, some).all():
            found[key].append(entry_id)
    return [_those_that_share_most(session, keys & found.keys(), found) for keys in sought]


def _those_that_share_most(
    session: Session, keys: Collection[str], found: Mapping[str, Sequence[int]]
) -> Sequence[int]:
    if any(len(found[key]) > _MOST_READ for key in keys):
        rows = session.connection().execute(_THOSE_THAT_SHARE_MOST, {"keys": tuple(keys)})
        return [entry_id for (entry_id,) in rows]
    counts = Counter(chain.from_iterable([found[key] for key in keys]))
    return sorted(counts, key=lambda entry_id: (-counts[entry_id], entry_id))[:MOST_HOLDERS]


# Asked for each few articles: put together once, and past the ORM, which would take half of the
# time. One whose places grow with what is asked would be written anew each time, so that there are
# some more, and the last that is asked for stands in all that are left.
_STEP = 16
_PLACES = [f"entry_{place}" for place in range(_CHUNK)]


def _asked(entry_ids: Sequence[int]) -> Mapping[str, int]:
    """Return some entries in their places."""
    places = _PLACES[: len(entry_ids) + -len(entry_ids) % _STEP]
    return dict(zip(places, chain(entry_ids, repeat(entry_ids[-1])), strict=False))


_KEYS, _TELLINGS = ExactKeyRow.__table__.c, TellingRow.__table__.c
_FINGERPRINTS = FingerprintRow.__table__.c


@cache
def _placed_among(places: int) -> Executable:
    asked: list[BindParameter[int]] = [bindparam(place) for place in _PLACES[:places]]
    return select(_TELLINGS.entry_id, _TELLINGS.story_id, _FINGERPRINTS.fingerprint).where(
        _FINGERPRINTS.entry_id == _TELLINGS.entry_id, _TELLINGS.entry_id.in_(asked)
    )


_UNDER_KEYS = (
    _KEYS.key.in_(bindparam("keys", expanding=True)),
    _TELLINGS.entry_id == _KEYS.entry_id,
)
_NUMBERED = (
    select(
        _KEYS.key,
        _KEYS.entry_id,
        func.row_number().over(partition_by=_KEYS.key, order_by=_KEYS.entry_id).label("number"),
    )
    .where(*_UNDER_KEYS)
    .subquery()
)
_HOLDERS = select(_NUMBERED.c.key, _NUMBERED.c.entry_id).where(_NUMBERED.c.number <= _MOST_READ + 1)
_THOSE_THAT_SHARE_MOST = (
    select(_KEYS.entry_id)
    .where(*_UNDER_KEYS)
    .group_by(_KEYS.entry_id)
    .order_by(func.count().desc(), _KEYS.entry_id)
    .limit(MOST_HOLDERS)
)


def outdated(session: Session, oldest: datetime, mark: bytes) -> Sequence[int]:
    """Return entries published since whose fingerprints do not begin with the present mark."""
    return session.scalars(
        select(FingerprintRow.entry_id)
        .where(
            FingerprintRow.published_at >= oldest,
            func.substr(FingerprintRow.fingerprint, 1, len(mark)) != mark,
        )
        .order_by(FingerprintRow.published_at)
    ).all()


def next_prints(
    session: Session, after: int, oldest: datetime, limit: int
) -> Sequence[tuple[int, bytes]]:
    """Return the next fingerprints of entries published since, in the order of their ids."""
    rows = session.execute(
        select(FingerprintRow.entry_id, FingerprintRow.fingerprint)
        .where(FingerprintRow.entry_id > after, FingerprintRow.published_at >= oldest)
        .order_by(FingerprintRow.entry_id)
        .limit(limit)
    )
    return [(entry_id, stored) for entry_id, stored in rows]


def renew(session: Session, renewals: Iterable[Renewal]) -> None:
    """Write fingerprints that were computed anew, and their keys, over the old ones."""
    for renewal in renewals:
        session.execute(
            update(FingerprintRow)
            .where(FingerprintRow.entry_id == renewal.entry_id)
            .values(fingerprint=renewal.fingerprint)
        )
        session.execute(delete(ExactKeyRow).where(ExactKeyRow.entry_id == renewal.entry_id))
        session.add_all(
            ExactKeyRow(key=key, entry_id=renewal.entry_id) for key in sorted(renewal.keys)
        )
