"""What arrives from a source, by a poll or from its hub: what is new or corrected is stored."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from aggregator.store.corrections import correct
from aggregator.store.habits import count_in
from aggregator.store.known import told_apart
from aggregator.store.moving import without_moved
from aggregator.store.sightings import Sighting, entry_values, flood_waits, known_hosts
from aggregator.store.tables import EntryRow, SourceRow
from aggregator.store.tally import Tally

# Past the session, which takes three times as long over rows that nobody looks at again.
_INSERT = insert(EntryRow)


def take_in(
    session: Session,
    row: SourceRow,
    said: Iterable[Sighting],
    now: datetime,
    *,
    known: int = 0,
    flood: int = 0,
) -> Tally:
    """Store those of a source's entries that are new or corrected, beside the `known` ones."""
    sightings = list(said)
    if row.entries_seen:
        unseen, corrected = told_apart(session, row.id, sightings)
    else:
        unseen, corrected = {each.entry.key: each for each in sightings}, {}
    if unseen and len(unseen) == len(sightings) and not known and row.entries_seen:
        unseen = without_moved(session, row.id, unseen)
    hosts = known_hosts(session, sightings)
    fresh = [entry_values(row, key, sighting, hosts, now) for key, sighting in unseen.items()]
    again = correct(session, corrected, now)
    if flood and row.pace_s:
        _hold_flood(fresh, again, flood, timedelta(seconds=row.pace_s))
    if fresh:
        session.connection().execute(_INSERT, fresh)
    new = 0 if row.only_new else len(unseen)
    seen = len(sightings) + known
    row.entries_seen += seen
    row.entries_known += seen - new
    row.only_new = False
    if unseen:
        row.last_new_at = now
    if unseen and row.observed_at is not None:
        count_in(row, (sighting.published_at for sighting in unseen.values()), now)
    row.observed_at = row.observed_at or now
    return Tally(seen=seen, new=new, corrected=len(corrected))


def _hold_flood(
    fresh: Sequence[dict[str, Any]], again: Sequence[EntryRow], limit: int, interval: timedelta
) -> None:
    """Let what is beyond the limit wait for later rounds."""
    due = [values for values in fresh if values["page_due_at"] is not None]
    published = [values["published_at"] for values in due] + [row.published_at for row in again]
    waits = flood_waits(published, limit, interval)
    for values, wait in zip(due, waits, strict=False):
        values["held"], values["page_due_at"] = bool(wait), values["page_due_at"] + wait
    for row, wait in zip(again, waits[len(due) :], strict=True):
        if wait and row.page_due_at is not None:
            row.held, row.page_due_at = True, row.page_due_at + wait
