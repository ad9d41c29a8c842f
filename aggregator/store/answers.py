"""What came of polls, written: answers with news and without, and the first of a source.

Validators are written with the entries they vouch for, never before: after a
crash the server is asked again as if nothing had come.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from aggregator.model import NO_HINTS, Hints, Source, SourceKind
from aggregator.store.habits import NOT_MOVED, Moved, follow, seconds, set_hints
from aggregator.store.polls import PollTask
from aggregator.store.sightings import Sighting
from aggregator.store.sources import add_source, find_source
from aggregator.store.tables import SourceRow
from aggregator.store.tally import Tally

_TOLD = (
    "etag last_modified body_hash next_poll_at last_polled_at last_success_at failures last_error "
    "lease_until pace_s etag_misses lifetime_s moved_to moves whole_at observed_at"
)
# Made once: making it takes ten times as long as doing it.
_UNMODIFIED = (
    update(SourceRow)
    .where(SourceRow.id == bindparam("source"), SourceRow.epoch == bindparam("claimed"))
    .values({name: bindparam(name) for name in _TOLD.split()})
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said beside the entries.

    `kind`, `title` and `site_url` are None where nothing was parsed. `whole`:
    it was no 304. `pace` is our own interval, by the operator or the rhythm.
    `items` is what to remember of the document's items, `known` how many of
    them we had already and did not read again. Of more than `flood` new
    entries the rest waits for later rounds; 0: none does. `cut_off`: how often
    in a row the same document came without its end, up to twice.
    """

    etag: str | None
    last_modified: str | None
    body_hash: str | None
    next_poll_at: datetime
    kind: SourceKind | None = None
    title: str | None = None
    site_url: str | None = None
    whole: bool = False
    etag_misses: int = 0
    hints: Hints = NO_HINTS
    moved: Moved = NOT_MOVED
    pace: timedelta | None = None
    items: bytes | None = None
    known: int = 0
    flood: int = 0
    cut_off: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """What came of a claimed poll, and when: the answer, the entries, the hub and its topic."""

    task: PollTask
    answer: Answer
    now: datetime
    sightings: Iterable[Sighting] = ()
    hub: tuple[str, str] | None = None


def record_answers(session: Session, answered: Sequence[Answered]) -> Sequence[Tally | None]:
    """Store what polls yielded, of each all at once; None where a later claim has taken over."""
    told = [each for each in answered if _has_news(each.answer)]
    quiet = [each for each in answered if not _has_news(each.answer)]
    tallies = dict(zip(told, _record_news(session, told), strict=True))
    tallies |= zip(quiet, _record_unmodified(session, quiet), strict=True)
    return [tallies[each] for each in answered]


def _has_news(answer: Answer) -> bool:
    """Return whether the answer says more than that all is as it was."""
    return answer.kind is not None or answer.moved.adopt


def _record_news(session: Session, told: Sequence[Answered]) -> Sequence[Tally | None]:
    """Store answers with news; what can be asked and written for all of them at once, is."""
    if not told:
        return ()
    from aggregator.store import websub  # noqa: PLC0415 - most answers bring no news

    ids = [each.task.source_id for each in told]
    rows = _locked(session, ids)
    subscribed = websub.subscribed(session, ids)
    tallies: list[Tally | None] = []
    for each in told:
        row = rows[each.task.source_id]
        if row.epoch != each.task.epoch:
            tallies.append(None)
            continue
        row.lease_until = None
        tallies.append(_record(session, row, each.answer, each.sightings, each.now))
        if each.answer.kind is not None and (each.hub or row.id in subscribed):
            websub.follow(session, row.id, each.hub, each.now)
    return tallies


def _locked(session: Session, ids: Collection[int]) -> Mapping[int, SourceRow]:
    """Return the sources by id; until we have written nobody else claims them."""
    named = select(SourceRow).where(SourceRow.id.in_(ids)).order_by(SourceRow.id)
    return {row.id: row for row in session.scalars(named.with_for_update())}


def _record_unmodified(session: Session, answered: Sequence[Answered]) -> Sequence[Tally | None]:
    """Store answers without news: most are such, and many take a single statement."""
    if not answered:
        return ()
    rows = [_unmodified(each) for each in answered]
    together = session.connection().execute(_UNMODIFIED, rows)
    if together.rowcount == len(rows) and not any(each.task.failures for each in answered):
        return [Tally()] * len(rows)
    return [_recorded(session, each) for each in answered]


def _recorded(session: Session, answered: Answered) -> Tally | None:
    """Store one answer without news, again where it was; also that a source has recovered."""
    if session.connection().execute(_UNMODIFIED, _unmodified(answered)).rowcount != 1:
        return None
    if answered.task.failures:
        from aggregator.store.health import note_turn  # noqa: PLC0415 - as above

        source = session.get_one(SourceRow, answered.task.source_id, populate_existing=True)
        note_turn(session, source, answered.now, failing=False)
    return Tally()


def _unmodified(answered: Answered) -> dict[str, object]:
    task, answer, now = answered.task, answered.answer, answered.now
    return {
        "source": task.source_id,
        "claimed": task.epoch,
        "etag": answer.etag,
        "last_modified": answer.last_modified,
        "body_hash": answer.body_hash,
        "next_poll_at": answer.next_poll_at,
        "last_polled_at": now,
        "last_success_at": now,
        "failures": 0,
        "last_error": None,
        "lease_until": None,
        "pace_s": seconds(answer.pace),
        "etag_misses": answer.etag_misses,
        "lifetime_s": seconds(answer.hints.lifetime),
        "moved_to": answer.moved.to,
        "moves": answer.moved.times,
        "whole_at": now if answer.whole else task.whole_at,
        "observed_at": task.rhythm.since if task.rhythm else now,
    }


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
    if row.failures:
        from aggregator.store.health import note_turn  # noqa: PLC0415 - as above

        note_turn(session, row, now, failing=False)
    row.failures, row.last_error = 0, None
    row.pace_s = seconds(answer.pace)
    row.etag_misses = answer.etag_misses
    if answer.whole:
        row.whole_at = now
    set_hints(row, answer.hints)
    follow(session, row, answer.moved)
    if answer.kind is None:
        row.observed_at = row.observed_at or now
        return Tally()
    row.kind, row.site_url = answer.kind, answer.site_url
    row.title = row.title or answer.title or row.url
    row.items, row.cut_off = answer.items, answer.cut_off
    from aggregator.store.arrivals import take_in  # noqa: PLC0415 - most answers bring no news

    return take_in(session, row, sightings, now, known=answer.known, flood=answer.flood)
