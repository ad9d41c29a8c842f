"""What a source's row remembers of its ways: what it asks for, its rhythm, where it moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from aggregator.model import Hints
from aggregator.store.tables import SourceRow
from aggregator.stories.rhythm import Rhythm
from aggregator.stories.urls import host_of


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a poll was sent for good, how often in a row; `adopt`: that is the address now."""

    to: str | None = None
    times: int = 0
    adopt: bool = False


NOT_MOVED = Moved()


def hints_of(row: SourceRow | Row[Any]) -> Hints:
    """Return what the source asked for when it last did."""
    hours, days = row.skips or ((), ())
    return Hints(_span(row.lifetime_s), _span(row.ttl_s), frozenset(hours), frozenset(days))


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def rhythm_of(row: SourceRow | Row[Any]) -> Rhythm | None:
    """Return the source's rhythm, None where it never answered."""
    if row.observed_at is None:
        return None
    if row.rhythm is None or row.rhythm_at is None:
        return Rhythm(row.observed_at, row.observed_at)
    return Rhythm(row.observed_at, row.rhythm_at, tuple(row.rhythm))


def set_hints(row: SourceRow, hints: Hints) -> None:
    """Remember what the source asks for."""
    row.lifetime_s, row.ttl_s = seconds(hints.lifetime), seconds(hints.ttl)
    skips = [sorted(hints.skip_hours), sorted(hints.skip_days)]
    row.skips = skips if any(skips) else None


def seconds(span: timedelta | None) -> int | None:
    """Return a span as it is stored."""
    return None if span is None else int(span.total_seconds())


def follow(session: Session, row: SourceRow, moved: Moved) -> None:
    """Note where the source was sent for good; adopt the address in time, unless it is taken."""
    row.moved_to, row.moves = moved.to, moved.times
    if not moved.adopt or moved.to is None:
        return
    taken = select(SourceRow.id).where(SourceRow.url == moved.to)
    if session.scalar(taken) is None:
        row.first_url = row.first_url or row.url
        row.url, row.host = moved.to, host_of(moved.to)
        row.moved_to, row.moves = None, 0


def count_in(row: SourceRow, published: Iterable[datetime], now: datetime) -> None:
    """Count new entries in the source's rhythm, none as before the last poll or as yet to come."""
    rhythm = rhythm_of(row) or Rhythm(now, now)
    earliest = rhythm.as_of
    moments = [min(max(moment, earliest), now) for moment in published]
    heard = rhythm.heard(moments, now)
    row.rhythm, row.rhythm_at = [round(count, 4) for count in heard.counts], now
