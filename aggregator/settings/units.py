"""Durations such as "1h30m" and sizes such as "10MB"."""

import re
from datetime import timedelta

DURATION = 'a duration such as "15m", "1h30m", "90s" or "1d" (units w d h m s ms)'
SIZE = 'a size such as "10MB", "512kB" or "1MiB"'

LONGEST = timedelta(days=36_500)
"""No setting means more, and dates stay in the calendar when it is taken from them."""

_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_DURATION = re.compile(
    "".join(rf"(?:(?P<{unit}>[0-9]{{1,12}}){unit}(?![a-z]))?" for unit in _UNITS)
)
_FACTORS = {
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}
_SIZE = re.compile(r"([0-9]{1,12}) ?([a-z]{1,3})", re.IGNORECASE)


def parse_duration(text: str) -> timedelta:
    """Return the time that a text names, at most a hundred years.

    Units stand from the largest to the smallest, each at most once.

    >>> parse_duration("1h30m")
    datetime.timedelta(seconds=5400)

    Raises:
        ValueError: the text is something else; bare numbers have no unit.
    """
    if text.isdecimal():
        msg = f'{DURATION}; a bare number has no unit: write "{text}s" or "{text}m"'
        raise ValueError(msg)
    found = _DURATION.fullmatch(text.strip())
    parts = found.groupdict() if found else {}
    counts = {unit: int(count) for unit, count in parts.items() if count is not None}
    if not counts:
        raise ValueError(DURATION)
    milliseconds = sum(count * (_UNITS[unit] // _UNITS["ms"]) for unit, count in counts.items())
    if milliseconds > LONGEST // _UNITS["ms"]:
        msg = f"a duration of at most {LONGEST.days}d"
        raise ValueError(msg)
    return timedelta(milliseconds=milliseconds)


def format_duration(duration: timedelta) -> str:
    """Return a duration as `parse_duration` reads it, cut to whole milliseconds.

    Weeks are written as days. Negative durations, which no setting has, carry
    a sign.

    >>> format_duration(timedelta(days=14, minutes=1, seconds=30))
    '14d1m30s'
    """
    sign, rest, parts = "", duration, []
    if rest < timedelta():
        sign, rest = "-", -rest
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return sign + "".join(parts) if parts else "0s"


def parse_size(text: str) -> int:
    """Return the number of bytes that a text names.

    As in the International System of Units, kB is 1000 bytes; KiB is 1024.

    >>> parse_size("10MB")
    10000000

    Raises:
        ValueError: the text is something else; bare numbers have no unit.
    """
    if text.isdecimal():
        msg = f'{SIZE}; a bare number has no unit: write "{text}B" or "{text}kB"'
        raise ValueError(msg)
    found = _SIZE.fullmatch(text.strip())
    factor = _FACTORS.get(found[2].lower()) if found else None
    if found is None or factor is None:
        raise ValueError(SIZE)
    return int(found[1]) * factor
