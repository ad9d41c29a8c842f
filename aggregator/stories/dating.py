"""How far apart the days are that two articles name."""

from collections.abc import Sequence

from aggregator.stories.days import BACKGROUND
from aggregator.stories.fingerprint import Fingerprint


def days_between(one: Fingerprint, other: Fingerprint) -> int:
    """Return how many days lie between the nearest that they name, 0 where one names none."""
    days, others = one.lead_days, other.lead_days
    if days == others or not (days and others):
        return 0
    gap = _nearest(days, others)
    if gap and _is_far_off(one) != _is_far_off(other):
        far, near = (one, others) if _is_far_off(one) else (other, days)
        return min(gap, _nearest((far.published.toordinal(),), near))
    return gap


def _is_far_off(found: Fingerprint) -> bool:
    """Return whether each day that it names is long past as it is published, or to come.

    Not where it is news of such a day itself, come again.
    """
    today = found.published.toordinal()
    near = any(today - BACKGROUND <= day <= today + 1 for day in found.lead_days)
    return found.dated and found.told_day is None and not near


def _nearest(some: Sequence[int], others: Sequence[int]) -> int:
    return min([abs(one - other) for one in some for other in others])
