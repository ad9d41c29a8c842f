"""Dates as sources state them, read into UTC."""

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone
from time import struct_time

# A year before the web is a default that somebody forgot to fill in.
_FIRST_YEAR = 1990
_NOISE = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?\b|(?<=[a-z])\.|,|\s-\s",
    re.IGNORECASE,
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# RFC 822, section 5, with years of four digits, as nearly all write it.
_RFC_822 = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{{1,2}}) ({'|'.join(_MONTHS)}) ([0-9]{{4}}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|UTC|([+-])(0[0-9]|1[0-4])([0-5][0-9]))"
)
_DAYS = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y", "%d.%m.%Y", "%d.%m.%Y.")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %H:%M:%S %z", " %H:%M:%S %Z")
_FORMATS = tuple(day + time for day in _DAYS for time in _TIMES)


def read_date(stated: str, parsed: struct_time | None = None) -> datetime | None:
    """Return what a source stated as a date, or None where it cannot be read.

    `parsed` is what a feed parser made of it, in UTC. Dates without a zone
    are taken as UTC; those before 1990 are not believed.
    """
    if not stated:
        return None
    found = _standard(stated.strip()) or _from_parser(parsed) or _by_format(stated)
    if found is None:
        return None
    try:
        moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
    return moment if moment.year >= _FIRST_YEAR else None


def is_standard_date(stated: str) -> bool:
    """Return whether `read_date` needs no feed parser to tell what is meant."""
    return _standard(stated) is not None


def _standard(stated: str) -> datetime | None:
    return _rfc_822(stated) or _iso(stated)


def _rfc_822(stated: str) -> datetime | None:
    found = _RFC_822.fullmatch(stated)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    zone = timezone(-offset if sign == "-" else offset)
    when = (int(hour), int(minute), int(second))
    try:
        return datetime(int(year), _MONTHS.index(month) + 1, int(day), *when, tzinfo=zone)
    except ValueError:
        return None


def _iso(stated: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stated)
    except ValueError:
        return None


def _from_parser(parsed: struct_time | None) -> datetime | None:
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (OverflowError, ValueError):
        return None


def _by_format(stated: str) -> datetime | None:
    plain = " ".join(_NOISE.sub(" ", stated).split())
    for form in _FORMATS:
        try:
            return datetime.strptime(plain, form)  # noqa: DTZ007 - read_date adds the missing zone
        except ValueError:
            continue
    return None
