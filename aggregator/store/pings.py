"""What hubs send of their own accord, stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from aggregator.store.arrivals import take_in
from aggregator.store.sightings import Sighting
from aggregator.store.tally import Tally
from aggregator.store.websub import TO_KEEP, Subscription, locked


@dataclass(frozen=True, slots=True)
class Pace:
    """How a ping changes when the source is polled; `relaxed` times its interval is the wait."""

    relaxed: int
    shortest: timedelta
    longest: timedelta


def record_ping(
    session: Session,
    subscription: Subscription,
    sightings: Iterable[Sighting] | None,
    pace: Pace,
    flood: int,
    now: datetime,
) -> Tally | None:
    """Store what a hub sent, and let the next poll wait; None where nobody wants it any more.

    It adds entries and touches nothing that a poll writes under its epoch:
    neither need give way, and the source's row keeps them apart. What was no
    feed (`sightings` is None) says that there is news to be polled.
    """
    source, row = locked(session, subscription)
    if row is None or row.state not in TO_KEEP or not source.enabled:
        return None
    row.last_ping_at = now
    polled_at = source.last_polled_at or source.added_at
    if sightings is None:
        source.next_poll_at = min(source.next_poll_at, max(now, polled_at + pace.shortest))
        return Tally()
    tally = take_in(session, source, sightings, now, flood=flood)
    until = source.pushed_until
    if until is not None and until > now and source.pace_s and not source.interval_s:
        wait = min(timedelta(seconds=source.pace_s) * pace.relaxed, pace.longest)
        # A hub that sends some of what is new, but not all, is found out in time.
        latest = min(polled_at + pace.longest, until)
        source.next_poll_at = max(source.next_poll_at, min(now + wait, latest))
    return tally
