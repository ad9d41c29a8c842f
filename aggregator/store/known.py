"""What a source said before, and what is new although it is called the same."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from aggregator.model import Entry
from aggregator.store.tables import EntryRow
from aggregator.stories.keys import short_key, with_link, with_title

KEYS_PER_QUERY = 500


class _Said(NamedTuple):
    link: str | None
    title: str


def new_keys(session: Session, source_id: int, entries: Sequence[Entry]) -> list[str | None]:
    """Return the key under which to store each entry, None for those that are known."""
    said = _said(session, source_id, {key for entry in entries for key in _keys(entry)})
    return [_new_key(entry, said) for entry in entries]


class _Keys(NamedTuple):
    """Under what an entry may be known: alone, or told apart by its link or its title."""

    alone: str
    by_link: str
    by_title: str


def _keys(entry: Entry) -> _Keys:
    """Return the keys that the entry may have; one that shares its guid comes with a longer one."""
    alone = short_key(entry.guid or entry.link or entry.key)
    by_link = with_link(alone, entry.link) if entry.guid and entry.link else alone
    by_title = with_title(alone, entry.title)
    if entry.key not in {alone, by_link, by_title}:
        alone = by_link = entry.key
        by_title = with_title(alone, entry.title)
    return _Keys(alone, by_link, by_title)


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
    """Return the key under which to store the entry, None where it is known.

    A guid that comes with another link and another title is used again, for
    something else. A title alone that stays is no proof to the contrary where
    the document itself gives the guid to several entries. An address that is
    all there is may be that of whatever is current: another title is another
    entry there, and matching sees whether its text is the same.
    """
    keys = _keys(entry)
    if (keys.by_link in said and keys.by_link != keys.alone) or keys.by_title in said:
        return None
    before = said.get(keys.alone)
    if before is None:
        return entry.key
    if before.link == entry.link:
        same = before.title == entry.title
        if same or (entry.key == keys.alone and not _has_address_alone(entry)):
            return None
        return keys.by_title
    moved = before.title == entry.title and entry.key == keys.alone
    return None if moved or entry.link is None else keys.by_link


def _has_address_alone(entry: Entry) -> bool:
    return entry.link is not None and entry.guid in {None, entry.link}
