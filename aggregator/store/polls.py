"""The poll verb's transactions: claim a source, write what it said.

Validators are written with the entries they vouch for, never before: after a
crash the server is asked again as if nothing had come.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from aggregator.model import Entry, Source, SourceKind
from aggregator.store import outlets
from aggregator.store.claims import Appetite, claim, due_ids, release
from aggregator.store.known import new_keys
from aggregator.store.sources import add_source, find_source
from aggregator.store.tables import EntryRow, SourceRow


@dataclass(frozen=True, slots=True)
class PollTask:
    """A claimed source, with what a poll needs of it."""

    source_id: int
    epoch: int
    url: str
    host: str
    outlet: str
    interval: timedelta | None
    full_text: bool | None
    only_new: bool
    failures: int
    etag: str | None
    last_modified: str | None
    body_hash: str | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entry as it is to be stored: with the outlet and the date that our policy gives it."""

    entry: Entry
    outlet: str
    published_at: datetime
    host: str
    fetch_page: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said beside the entries.

    `kind`, `title` and `site_url` are None where nothing was parsed.
    """

    etag: str | None
    last_modified: str | None
    body_hash: str | None
    next_poll_at: datetime
    kind: SourceKind | None = None
    title: str | None = None
    site_url: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entries a document held, and how many of them were unseen."""

    seen: int = 0
    new: int = 0


def claim_due_polls(
    session: Session, now: datetime, length: timedelta, appetite: Appetite
) -> Sequence[PollTask]:
    """Claim the sources that are due."""
    due = SourceRow.enabled & (SourceRow.next_poll_at <= min(now, appetite.due_by or now))
    ids = due_ids(SourceRow, due, SourceRow.next_poll_at.expression, now, appetite)
    return [_task(row) for row in claim(session, SourceRow, ids, now, length)]


def make_due(session: Session, now: datetime, only: Collection[int] | None = None) -> int:
    """Make the sources that are not paused due at once, all or `only` these; return how many."""
    wanted = SourceRow.enabled if only is None else SourceRow.enabled & SourceRow.id.in_(only)
    session.execute(update(SourceRow).where(wanted).values(next_poll_at=now))
    return session.scalar(select(func.count()).select_from(SourceRow).where(wanted)) or 0


def count_due(session: Session, now: datetime, only: Collection[int] | None = None) -> int:
    """Return how many sources are due."""
    due = SourceRow.enabled & (SourceRow.next_poll_at <= now)
    wanted = due if only is None else due & SourceRow.id.in_(only)
    return session.scalar(select(func.count()).select_from(SourceRow).where(wanted)) or 0


def _task(row: SourceRow) -> PollTask:
    return PollTask(
        source_id=row.id,
        epoch=row.epoch,
        url=row.url,
        host=row.host,
        outlet=row.outlet,
        interval=timedelta(seconds=row.interval_s) if row.interval_s else None,
        full_text=row.full_text,
        only_new=row.only_new,
        failures=row.failures,
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
    )


def record_answer(
    session: Session, task: PollTask, answer: Answer, sightings: Iterable[Sighting], now: datetime
) -> Tally | None:
    """Store what a poll yielded, all of it at once; None where a later claim has taken over."""
    if not release(session, SourceRow, task.source_id, task.epoch):
        return None
    return _record(session, session.get_one(SourceRow, task.source_id), answer, sightings, now)


def record_first_answer(
    session: Session, source: Source, answer: Answer, sightings: Iterable[Sighting], now: datetime
) -> tuple[Source, Tally] | None:
    """Add a source together with what it said when it was looked at; None where it is there."""
    added = add_source(session, source, now)
    if added is None:
        return None
    tally = _record(session, session.get_one(SourceRow, added.id), answer, sightings, now)
    session.flush()
    return find_source(session, str(added.id)), tally


def _record(
    session: Session, row: SourceRow, answer: Answer, sightings: Iterable[Sighting], now: datetime
) -> Tally:
    row.etag, row.last_modified, row.body_hash = answer.etag, answer.last_modified, answer.body_hash
    row.next_poll_at, row.last_polled_at, row.last_success_at = answer.next_poll_at, now, now
    row.failures, row.last_error = 0, None
    if answer.kind is None:
        return Tally()
    row.kind, row.site_url = answer.kind, answer.site_url
    row.title = row.title or answer.title or row.url
    sightings = list(sightings)
    unseen = _unseen(session, row.id, sightings)
    hosts = _hosts(session, sightings)
    session.add_all(_entry_row(row, key, sighting, hosts, now) for key, sighting in unseen.items())
    new = 0 if row.only_new else len(unseen)
    row.entries_seen += len(sightings)
    row.entries_known += len(sightings) - new
    row.only_new = False
    return Tally(seen=len(sightings), new=new)


def record_failure(
    session: Session, task: PollTask, reason: str, next_poll_at: datetime | None, now: datetime
) -> None:
    """Store why a poll failed; `next_poll_at` None pauses the source for good (it is gone)."""
    if not release(session, SourceRow, task.source_id, task.epoch):
        return
    row = session.get_one(SourceRow, task.source_id)
    row.failures += 1
    row.last_error, row.last_polled_at = reason, now
    if next_poll_at is None:
        row.enabled = False
    else:
        row.next_poll_at = next_poll_at


def _unseen(session: Session, source_id: int, sightings: Sequence[Sighting]) -> dict[str, Sighting]:
    """Return what the source did not say before, by the key that it gets."""
    keys = new_keys(session, source_id, [sighting.entry for sighting in sightings])
    return {key: sighting for key, sighting in zip(keys, sightings, strict=True) if key is not None}


def _hosts(session: Session, sightings: Iterable[Sighting]) -> Mapping[str, str]:
    """Return the hosts of the outlets that the entries give by name alone, as far as known."""
    origins = [sighting.entry.origin for sighting in sightings if sighting.entry.origin]
    outlets.learn(session, origins)
    return outlets.hosts_of(session, {origin.title for origin in origins if not origin.url})


def _entry_row(
    source: SourceRow, key: str, sighting: Sighting, hosts: Mapping[str, str], now: datetime
) -> EntryRow:
    entry = sighting.entry
    return EntryRow(
        source_id=source.id,
        key=key,
        guid=entry.guid,
        link=entry.link,
        # What asks no host takes its turn by source: a flood from one must not keep others waiting.
        host=sighting.host or f"source:{source.id}",
        title=entry.title,
        authors=list(entry.authors),
        published_at=sighting.published_at,
        seen_at=now,
        summary=entry.summary,
        content=entry.content,
        tags=list(entry.tags),
        lang=entry.lang,
        image=entry.image,
        outlet=hosts.get(sighting.outlet, sighting.outlet),
        origin_title=entry.origin.title if entry.origin else None,
        origin_url=entry.origin.url if entry.origin else None,
        rights=entry.rights,
        baseline=source.only_new,
        fetch_page=sighting.fetch_page,
        page_due_at=None if source.only_new else now,
    )
