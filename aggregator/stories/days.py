"""The days that a text speaks of."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from aggregator.stories.almanac import dates
from aggregator.stories.folding import words

# English ones alone: by these a text's figures are told from its dates. Days are read in more.
_MONTHS = (
    "january", "jan", "february", "feb", "march", "mar", "april", "apr", "may", "june", "jun",
    "july", "jul", "august", "aug", "september", "sept", "sep", "october", "oct", "november", "nov",
    "december", "dec",
)  # fmt: skip
WEEKDAYS = {
    name: number
    for number, name in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    )
}
_MONTH, _MONTH_NAMES = "|".join(_MONTHS), frozenset(_MONTHS)
_DAY = re.compile(
    r"\b(?=[\djfmasond])"  # where no other letter begins one: a fifth of the places
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})"
    rf"|(?:{_MONTH})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?)\b",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    rf"\b(?=[mtwfsn])(?P<next>next\s+)?\b(?P<name>{'|'.join(WEEKDAYS)})\b", re.IGNORECASE
)
MOST_DAYS = 16
# News that names a day nearer than this tells what came of an older one: a treaty's, an attack's.
BACKGROUND = 30
# Folded. Hungarian has none here: its "ma" is a "but" in Italian.
_SAID_OF_TODAY = """
    today tonight danas denes dnes heute aujourd hoy hoje oggi azi dzis dzisiaj sot segodnja
    sogodni σημερα bugun tanaan tana siandien sodien idag vandaag
"""
_TODAY = frozenset(_SAID_OF_TODAY.split())
# "In today's fast-moving world": what rewrites are padded with is of no day.
_OF_TODAY = re.compile(r"\btoday['\N{RIGHT SINGLE QUOTATION MARK}]s\b", re.IGNORECASE)


def days(text: str, published: date) -> list[int]:
    """Return the ordinals of the days that a text names by date, in order, each once, at most 16.

    Where the year is not told, it is the one that comes nearest to the day of publication.

    >>> [date.fromordinal(day).isoformat() for day in days("on 30 December", date(2026, 1, 2))]
    ['2025-12-30']
    """
    return _days(words(text), published)


def _days(told: Sequence[str], published: date) -> list[int]:
    found: dict[int, None] = {}
    for dated in dates(told):
        near = min(
            dated.ordinals(published),
            key=lambda day: abs(day - published.toordinal()),
            default=None,
        )
        if near is not None:
            found.setdefault(near)
        if len(found) == MOST_DAYS:
            break
    return list(found)


def weekdays(text: str, published: date) -> list[int]:
    """Return the ordinals of the days that a text names as days of the week, each once.

    The last one of that name before publication or on its day, unless "next" stands before it.

    >>> monday = date(2026, 3, 2)
    >>> [date.fromordinal(day).day for day in weekdays("On Monday; next Thursday", monday)]
    [2, 5]
    """
    found: dict[int, None] = {}
    for match in _WEEKDAY.finditer(text):
        back = (published.weekday() - WEEKDAYS[match["name"].lower()]) % 7
        day = published - timedelta(days=back)
        found.setdefault((day + timedelta(weeks=1) if match["next"] else day).toordinal())
    return list(found)


def named_days(text: str, published: date, *, dated: bool = True) -> list[int]:
    """Return the ordinals of the days that a text names by date, or else as days of the week.

    Those of more than thirty days before only where it names no others. Days of the week not where
    it is not known when it was published: nor is it, then, in which week. "Today", in many
    languages, but not "today's", where it names no other day.
    """
    told = words(text)
    found = _days(told, published)
    news = [day for day in found if day >= published.toordinal() - BACKGROUND]
    if news or found or not dated:
        return news or found
    if named := weekdays(text, published):
        return named
    of_today = not _TODAY.isdisjoint(told) and not _TODAY.isdisjoint(words(_OF_TODAY.sub("", text)))
    return [published.toordinal()] if of_today else []


def is_month(word: str) -> bool:
    """Return whether a folded word names a month."""
    return word in _MONTH_NAMES


def without_days(text: str) -> str:
    """Return the text without the dates in it."""
    return _DAY.sub(" ", text)
