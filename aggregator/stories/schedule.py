"""When a source is polled next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.model import NO_HINTS, Hints

_MAX_DOUBLINGS = 16
# Of our own interval, and at most: sources that began together drift apart.
_SPREAD, _WIDEST = 0.1, timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_WEEK_HOURS = 7 * 24


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest pause between two polls of a source."""

    shortest: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """When a source is due; `wanted` is the pause that was asked for, where we grant another."""

    at: datetime
    wanted: timedelta | None = None


def plan_next_poll(
    now: datetime,
    own: timedelta,
    bounds: Bounds,
    *,
    hints: Hints = NO_HINTS,
    asked: timedelta = timedelta(),
    spread: float = 0.0,
) -> Plan:
    """Return when to poll next: the latest of what we and the source want, within the bounds.

    `own` is our interval, `asked` a pause asked for this once (Retry-After).
    `spread` in [0, 1) sets sources apart that would come at the same moment.
    """
    stated = (asked, hints.lifetime or timedelta(), hints.ttl or timedelta())
    wanted = max(_spread_out(own, spread, bounds.longest), *stated)
    wait = min(max(wanted, bounds.shortest), bounds.longest)
    open_at = _past_skips(now + wait, hints, spread)
    if open_at != now + wait:
        wanted = open_at - now
    at = min(open_at, now + bounds.longest)
    return Plan(at, wanted if wanted != at - now else None)


def _spread_out(own: timedelta, spread: float, longest: timedelta) -> timedelta:
    """Return the interval, a little longer; at the upper bound a little shorter."""
    within = min(min(own, longest) * _SPREAD, _WIDEST) * spread
    return longest - within if own >= longest else min(own + within, longest)


def _past_skips(at: datetime, hints: Hints, spread: float) -> datetime:
    """Return the first moment from `at` on that is not to be skipped; never a full hour's stroke.

    The same moment where all are.
    """
    later = at
    for _ in range(_WEEK_HOURS):
        if later.hour not in hints.skip_hours and later.weekday() not in hints.skip_days:
            return later
        later = later.replace(minute=0, second=0, microsecond=0) + _HOUR * (1 + spread / 2)
    return at


def spread_of(url: str, turn: int = 0) -> float:
    """Return the source's place in [0, 1) among those that would come at once.

    The same for the same address; another at each `turn`.
    """
    digest = blake2b(f"{turn} {url}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / (1 << 32)


def wait_before_next_poll(
    interval: timedelta,
    failures: int,
    asked: timedelta = timedelta(),
    *,
    shortest: timedelta,
    longest: timedelta,
) -> timedelta:
    """Return the pause before the next poll.

    Doubles with each failure in a row and honours the pause that the server
    asked for, but is never shorter than `shortest` nor longer than `longest`.
    """
    return min(max(back_off(interval, failures, longest), asked, shortest), longest)


def back_off(interval: timedelta, failures: int, longest: timedelta) -> timedelta:
    """Return the interval, doubled with each failure in a row; never longer than `longest`."""
    if interval >= longest:
        return longest
    return min(interval * (1 << min(failures, _MAX_DOUBLINGS)), longest)
