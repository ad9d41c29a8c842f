"""What a source said before, and what is new although it is called the same."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from aggregator.model import Entry
from aggregator.store.tables import EntryRow
from aggregator.stories.keys import short_key

KEYS_PER_QUERY = 500


class _Said(NamedTuple):
    link: str | None
    title: str


def new_keys(session: Session, source_id: int, entries: Sequence[Entry]) -> list[str | None]:
    """Return the key under which to store each entry, None for those that are known."""
    said = _said(session, source_id, {key for entry in entries for key in _keys(entry)})
    return [_new_key(entry, said) for entry in entries]


def _keys(entry: Entry) -> tuple[str, str]:
    """Return the key that the entry has alone, and the one that its link tells apart.

    They are the same for an entry without guid or link. One that shares its
    guid with others in its document comes with the latter.
    """
    if entry.guid is None or entry.link is None:
        return entry.key, entry.key
    guid = short_key(entry.guid)
    alone = guid if entry.key == short_key(f"{guid} {entry.link}") else entry.key
    return alone, short_key(f"{alone} {entry.link}")


def _said(session: Session, source_id: int, keys: Iterable[str]) -> dict[str, _Said]:
    ordered = sorted(keys)
    said: dict[str, _Said] = {}
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        some = EntryRow.key.in_(ordered[start : start + KEYS_PER_QUERY])
        rows = session.execute(
            select(EntryRow.key, EntryRow.link, EntryRow.title).where(
                EntryRow.source_id == source_id, some
            )
        )
        said |= {key: _Said(link, title) for key, link, title in rows}
    return said


def _new_key(entry: Entry, said: Mapping[str, _Said]) -> str | None:
    """Return the entry's own key, None where it is known.

    A guid that comes with another link and another title is used again, for
    something else. A title alone that stays is no proof to the contrary where
    the document itself gives the guid to several entries.
    """
    alone, apart = _keys(entry)
    if apart in said:
        return None
    before = said.get(alone)
    if before is None:
        return entry.key
    retitled = before.link == entry.link
    moved = before.title == entry.title and entry.key == alone
    return None if retitled or moved else apart
