"""A site that moved calls all its entries by new names: they are known by place and title."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from aggregator.store.known import KEYS_PER_QUERY
from aggregator.store.sightings import Sighting
from aggregator.store.tables import EntryRow, TellingRow

_PLACED = select(TellingRow.id).where(TellingRow.entry_id == bindparam("entry"))
# Of a document without a single known name so much must be known otherwise.
_SHARE = 0.5


def without_moved(
    session: Session, source_id: int, unseen: dict[str, Sighting]
) -> dict[str, Sighting]:
    """Return what is new of a document none of whose names is known.

    What stands at the same place under the same title is what it was, if that
    is half of the document: it goes by its new name from now on. A title that
    is used again now and then is not enough. What has its place in a story keeps
    its address, by which readers know it.
    """
    twins = {key: sighting.entry.twin for key, sighting in unseen.items()}
    known = _holders(session, source_id, [twin for twin in twins.values() if twin])
    moved = {key: known[twin] for key, twin in twins.items() if twin in known}
    if len(moved) < max(_SHARE * len(unseen), 2) or len(set(moved.values())) < len(moved):
        return unseen
    for key, entry_id in moved.items():
        row, entry = session.get_one(EntryRow, entry_id), unseen[key].entry
        row.key, row.guid = key, entry.guid
        if session.scalar(_PLACED, {"entry": entry_id}) is None:
            row.link = entry.link
    return {key: sighting for key, sighting in unseen.items() if key not in moved}


def _holders(session: Session, source_id: int, twins: Sequence[str]) -> dict[str, int]:
    """Return the newest entry of each twin."""
    found: dict[str, int] = {}
    for start in range(0, len(twins), KEYS_PER_QUERY):
        some = EntryRow.twin.in_(twins[start : start + KEYS_PER_QUERY])
        query = select(EntryRow.twin, EntryRow.id).where(EntryRow.source_id == source_id, some)
        found |= {
            twin: number for twin, number in session.execute(query.order_by(EntryRow.id)) if twin
        }
    return found
