"""What a document says of how often it changes, and when nobody need ask."""

import re
from collections.abc import Iterator
from datetime import timedelta

from aggregator.model import Hints

# RDF Site Summary 1.0 Modules: Syndication.
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SKIPS = re.compile(rb"<skip(hours|days)\b[^>]*>(.{,4096}?)</skip\1>", re.IGNORECASE | re.DOTALL)
_VALUE = re.compile(rb">\s*(\w+)\s*<")
_HOURS = 24
_LONGEST = timedelta(days=366)


def hints_in(body: bytes, ttl: str, period: str, frequency: str) -> Hints:
    """Return what a document asks for; what cannot be read asks for nothing.

    `ttl` is in minutes (RSS 2.0), `period` and `frequency` are the syndication
    module's. feedparser keeps only the last of the hours and days to skip
    (RSS 0.91): they are taken from the `body`, in an encoding that keeps ASCII.
    """
    skips = {name.lower(): list(_values(inner)) for name, inner in _SKIPS.findall(body)}
    hours = (int(value) for value in skips.get(b"hours", ()) if value.isdigit())
    names = (value.decode("ascii", "replace").lower() for value in skips.get(b"days", ()))
    return Hints(
        ttl=max(filter(None, (_minutes(ttl), _period(period, frequency))), default=None),
        skip_hours=frozenset(hour % _HOURS for hour in hours if hour <= _HOURS),
        skip_days=frozenset(_DAYS.index(name) for name in names if name in _DAYS),
    )


def _values(inner: bytes) -> Iterator[bytes]:
    # Each value shares its brackets with nothing: "<hour>1</hour><hour>2</hour>".
    yield from _VALUE.findall(inner)


def _minutes(stated: str) -> timedelta | None:
    is_number = stated.isascii() and stated.isdigit() and int(stated[:9]) > 0
    return min(timedelta(minutes=int(stated[:9])), _LONGEST) if is_number else None


def _period(period: str, frequency: str) -> timedelta | None:
    length = _PERIODS.get(period.lower())
    times = int(frequency[:6]) if frequency.isascii() and frequency.isdigit() else 1
    return length / max(times, 1) if length else None
