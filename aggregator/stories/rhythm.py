"""How often a source says something new, by day and night, workday and weekend.

A source's new entries are counted by the hour at which they were published,
workdays and weekends apart; older counts fade. The expected number of new
entries follows from the counts, and the interval from that number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

HOURS = 24
BINS = 2 * HOURS
# A poll is worth its while once so many new entries are expected: a source with a hundred a day is
# asked every two minutes, one with three a day every three quarters of an hour.
WORTHWHILE = 0.1
HALF_LIFE = timedelta(days=14)
# What is assumed of an unknown source: that its usual interval is the right one. It fades as the
# source is observed, and is as good as gone within a week.
_TRUST = timedelta(days=1)
_TRUST_HALF_LIFE = timedelta(days=1)
# So many counts the even distribution over the week weighs against what was counted.
_EVENNESS = 24.0
_SHARES = (5 / 7, 2 / 7)  # of workdays and weekends
_HOUR = timedelta(hours=1)
_FRIDAY = 4
_LN2 = 0.6931471805599453


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What was counted since `since`, as it weighs at `as_of`.

    `counts` are 48: the hours of workdays, then those of weekends, in UTC.
    """

    since: datetime
    as_of: datetime
    counts: tuple[float, ...] = (0.0,) * BINS

    def heard(self, moments: Iterable[datetime], now: datetime) -> "Rhythm":
        """Return the rhythm with entries of these moments counted in.

        What was watched by a clock that was ahead is forgotten: it says
        nothing of how long that took.
        """
        if self.since > now:
            return Rhythm(now, now).heard(moments, now)
        counts = [count * _fade(now - self.as_of, HALF_LIFE) for count in self.counts]
        for moment in moments:
            counts[_bin(moment)] += 1.0
        return Rhythm(self.since, now, tuple(counts))

    def interval(
        self, now: datetime, usual: timedelta, shortest: timedelta, longest: timedelta
    ) -> timedelta:
        """Return how long it takes from `now` until a poll is worth its while, within the bounds.

        `usual` is the interval of sources that we know nothing of.
        """
        average, total = self._average(now, usual), sum(self.counts)
        expected, at = 0.0, now
        while at - now < longest:
            rate = average * self._shape(_bin(at), total)
            end = at.replace(minute=0, second=0, microsecond=0) + _HOUR
            coming = rate * ((end - at) / _HOUR)
            if expected + coming >= WORTHWHILE:
                at += _HOUR * ((WORTHWHILE - expected) / rate)
                break
            expected, at = expected + coming, end
        return min(max(at - now, shortest), longest)

    def _average(self, now: datetime, usual: timedelta) -> float:
        """Return how many new entries to expect in an hour, whichever it is."""
        watched = now - self.since
        # Hours of observation, each weighed as its counts are.
        seen = HALF_LIFE / _HOUR / _LN2 * (1 - _fade(watched, HALF_LIFE))
        trust = _TRUST / _HOUR * _fade(watched, _TRUST_HALF_LIFE)
        total = sum(self.counts) * _fade(now - self.as_of, HALF_LIFE)
        average: float = (total + WORTHWHILE / (usual / _HOUR) * trust) / (seen + trust)
        return average

    def _shape(self, place: int, total: float) -> float:
        """Return how much busier than the average hour this kind of hour is."""
        day, hour = divmod(place, HOURS)
        hours = self.counts[day * HOURS : (day + 1) * HOURS]
        # Half of an hour's count is its neighbours'.
        count = hours[hour] / 2 + (hours[hour - 1] + hours[(hour + 1) % HOURS]) / 4
        share = _SHARES[day] / HOURS
        return (count + _EVENNESS * share) / (total + _EVENNESS) / share


def _fade(passed: timedelta, half_life: timedelta) -> float:
    """Return what is left after some time; all of it where the clock went back."""
    fade: float = 0.5 ** (max(passed, timedelta()) / half_life)
    return fade


def _bin(moment: datetime) -> int:
    return moment.hour + (HOURS if moment.weekday() > _FRIDAY else 0)
