"""What a source said before, what of it was corrected, and what is new under an old name."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from aggregator.model import Entry
from aggregator.store.pruned_tables import PrunedStoryRow
from aggregator.store.sightings import Sighting
from aggregator.store.tables import EntryRow, TellingRow
from aggregator.stories.corrections import Saying, Stamps, differs, is_correction, is_retitled
from aggregator.stories.keys import short_key, with_link, with_title

KEYS_PER_QUERY = 500
# Made once, and asked past the session: what that has yet to write are no entries of the source.
_SAID = select(
    EntryRow.key,
    EntryRow.id,
    EntryRow.link,
    EntryRow.published_at,
    EntryRow.title,
    EntryRow.summary,
    EntryRow.content,
).where(EntryRow.source_id == bindparam("source"), EntryRow.key.in_(bindparam("names")))


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that the source said before; `corrected`: it says it otherwise now."""

    entry_id: int
    corrected: bool


class _Said(NamedTuple):
    entry_id: int
    link: str | None
    published_at: datetime
    saying: Saying

    def known(self, saying: Saying) -> Known:
        return Known(self.entry_id, differs(self.saying, saying))


def told_apart(
    session: Session, source_id: int, sightings: Sequence[Sighting]
) -> tuple[dict[str, Sighting], dict[int, Sighting]]:
    """Return what the source did not say before, by key, and what it corrected, by entry.

    Half an entry corrects nothing, and is new only where nothing goes by its name.
    """
    unseen, corrected = {}, {}
    found = _recognise(session, source_id, sightings)
    for (key, known), sighting in zip(found, sightings, strict=True):
        if sighting.entry.cut_off and (known or _is_named(session, source_id, sighting.entry)):
            continue
        if known is None:
            unseen[key] = sighting
        elif known.corrected:
            corrected[known.entry_id] = sighting
    for entry_id in _pruned(session, corrected):
        del corrected[entry_id]
    return unseen, corrected


def _is_named(session: Session, source_id: int, entry: Entry) -> bool:
    """Return whether the source said something by that guid, or by that link where it is all."""
    named = EntryRow.guid == entry.guid if entry.guid else EntryRow.link == entry.link
    found = select(EntryRow.id).where(EntryRow.source_id == source_id, named).limit(1)
    return session.scalar(found) is not None


def _pruned(session: Session, entry_ids: Collection[int]) -> Sequence[int]:
    """Return those whose texts retention let go: what they said is no longer there to correct."""
    if not entry_ids:
        return ()
    return session.scalars(
        select(TellingRow.entry_id)
        .join(PrunedStoryRow, PrunedStoryRow.story_id == TellingRow.story_id)
        .where(TellingRow.entry_id.in_(entry_ids))
    ).all()


def _recognise(
    session: Session, source_id: int, sightings: Sequence[Sighting]
) -> list[tuple[str, Known | None]]:
    """Return of each entry the key under which to store it, and which it is where it is known."""
    said = _said(session, source_id, {key for one in sightings for key in _keys(one.entry)})
    return [_recognised(sighting, said) for sighting in sightings]


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
        some = {"source": source_id, "names": ordered[start : start + KEYS_PER_QUERY]}
        rows = session.connection().execute(_SAID, some)
        said |= {
            key: _Said(number, link, published_at, Saying(title, summary, content))
            for key, number, link, published_at, title, summary, content in rows
        }
    return said


def _recognised(sighting: Sighting, said: Mapping[str, _Said]) -> tuple[str, Known | None]:
    """Return the key under which to store the entry, and which it is where it is known.

    A guid that comes with another link and another title is used again, for
    something else. A title alone that stays is no proof to the contrary where
    the document itself gives the guid to several entries. An address that is
    all there is may be that of whatever is current: another title is another
    entry there. Both but where what is said shows that it was corrected, or the
    address and the date that it was retitled.
    """
    entry = sighting.entry
    keys, now = _keys(entry), Saying(entry.title, entry.summary, entry.content)
    longer = (keys.by_link,) if keys.by_link != keys.alone else ()
    for key in (*longer, keys.by_title):
        if key in said:
            return key, said[key].known(now)
    before = said.get(keys.alone)
    if before is None:
        return entry.key, None
    titled = before.saying.title == entry.title
    alone = entry.key == keys.alone
    if before.link == entry.link:
        if titled or (alone and not _has_address_alone(entry)):
            return keys.alone, before.known(now)
        key = keys.by_title
    else:
        if entry.link is None or (titled and alone):
            return keys.alone, before.known(now)
        key = keys.by_link
    if alone and (is_correction(before.saying, now) or _is_retitled(before, sighting, now)):
        return keys.alone, before.known(now)
    return key, None


def _is_retitled(before: _Said, sighting: Sighting, now: Saying) -> bool:
    """Return whether a headline at the address of another one is that one, rewritten."""
    link = sighting.entry.link
    if link is None or link != before.link:
        return False
    stated = sighting.entry.published and sighting.published_at
    return is_retitled(before.saying, now, link, Stamps(before.published_at, stated))


def _has_address_alone(entry: Entry) -> bool:
    return entry.link is not None and entry.guid in {None, entry.link}
