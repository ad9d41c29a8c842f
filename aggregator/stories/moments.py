"""Moments as whole numbers: so many ticks, microseconds, since 1970."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def tick_of(moment: datetime) -> int:
    """Return the tick of a moment.

    >>> moment_of(tick_of(EPOCH)) == EPOCH
    True
    """
    return (moment - EPOCH) // TICK


def moment_of(tick: int) -> datetime:
    """Return the moment of a tick, in UTC."""
    return EPOCH + tick * TICK
