"""What a source said at a poll, as it is to be stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from aggregator.model import Entry
from aggregator.store import outlets
from aggregator.store.tables import SourceRow


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entry as it is to be stored: with the outlet and the date that our policy gives it."""

    entry: Entry
    outlet: str
    published_at: datetime
    host: str
    fetch_page: bool


def known_hosts(session: Session, sightings: Iterable[Sighting]) -> Mapping[str, str]:
    """Return the hosts of the outlets that the entries give by name alone, as far as known."""
    origins = [sighting.entry.origin for sighting in sightings if sighting.entry.origin]
    outlets.learn(session, origins)
    return outlets.hosts_of(session, {origin.title for origin in origins if not origin.url})


def entry_values(
    source: SourceRow, key: str, sighting: Sighting, hosts: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """Return what to store, by column, of an entry that its source did not say before."""
    entry = sighting.entry
    return {
        "source_id": source.id,
        "key": key,
        "guid": entry.guid,
        "link": entry.link,
        # What asks no host takes its turn by source: a flood from one must not keep others waiting.
        "host": sighting.host or f"source:{source.id}",
        "title": entry.title,
        "authors": list(entry.authors),
        "published_at": sighting.published_at,
        "seen_at": now,
        "summary": entry.summary,
        "content": entry.content,
        "tags": list(entry.tags),
        "lang": entry.lang,
        "image": entry.image,
        "outlet": hosts.get(sighting.outlet, sighting.outlet),
        "origin_title": entry.origin.title if entry.origin else None,
        "origin_url": entry.origin.url if entry.origin else None,
        "rights": entry.rights,
        "baseline": source.only_new,
        "fetch_page": sighting.fetch_page,
        "twin": entry.twin,
        "page_due_at": None if source.only_new else now,
        "page_tries": 0,
        "held": False,
        "epoch": 0,
    }


def flood_waits(
    published: Sequence[datetime], limit: int, interval: timedelta
) -> Sequence[timedelta]:
    """Return how long each of the entries is to wait before it is read, by their dates.

    No more than `limit` are read at once, the newest first; none is dropped. The
    next ones are due an interval later, and so on. A limit of 0 is none.
    """
    waits = [timedelta()] * len(published)
    if limit:
        newest = sorted(range(len(published)), key=lambda place: published[place], reverse=True)
        for rank, place in enumerate(newest):
            waits[place] = interval * (rank // limit)
    return waits
