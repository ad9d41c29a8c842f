"""News that its own text dates to a day long past.

Strict, as the price of a mistake is news that nobody sees: an article that looks back (an
anniversary, a background), or that goes on from an old event to something new, dates nothing.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from aggregator.stories.folding import words


def _set(spellings: str) -> frozenset[str]:
    return frozenset(spellings.split())


_MONTHS = {
    name: number
    for number, spellings in enumerate(
        (
            "january januar januara januari sijecnja janvarja janvier janar jan",
            "february februar februara fevruari veljace fevralja fevrier shkurt feb",
            "march mart marta ozujka marz mars mar",
            "april aprila travnja aprelja avril prill apr",
            "may maj maja mai svibnja",
            "june jun juna juni lipnja ijunja juin qershor",
            "july jul jula juli srpnja ijulja juillet korrik",
            "august avgust avgusta augusta kolovoza aout gusht aug",
            "september septembar septembra septemvri rujna sentjabrja septembre shtator sep sept",
            "october oktobar oktobra oktomvri listopada oktjabrja oktober octobre tetor oct",
            "november novembar novembra noemvri studenog studenoga nojabrja novembre nentor nov",
            "december decembar decembra dekemvri prosinca dekabrja dezember decembre dhjetor dec",
        ),
        start=1,
    )
    for name in spellings.split()
}
_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH_NUMBER = re.compile(r"0?[1-9]|1[0-2]")
# A dateline and "On Tuesday," may stand before the day that an article begins with.
_OPENING_WORDS = 6
_OPENING_CHARACTERS = 200
_LEAD_WORDS = 120
_MOST_CHARACTERS = 10_000
# Nearer days are news: the story of such a day is still open.
_RECENT_DAYS = 14
_FRESH = _set(
    "today tonight yesterday tomorrow danas juce jucer sutra denes vcera utre heute gestern "
    "morgen aujourd hier demain sot dje neser segodnja"
)
_WEEKDAYS = _set(
    "monday tuesday wednesday thursday friday saturday sunday ponedeljak ponedjeljak "
    "ponedeljka ponedjeljka utorak utorka sreda sredu srede srijeda srijedu srijede "
    "cetvrtak cetvrtka petak petka subota subotu subote nedelja nedelju nedelje nedjelja "
    "nedjelju nedjelje ponedelnik vtornik sabota nedela montag dienstag mittwoch donnerstag "
    "freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche"
)
# Who writes so looks back, or tells what came of it.
_LOOKS_BACK = re.compile(
    r"\b(?:anniversar|commemorat|remember|recall|histor|explain|timeline|background|retrospect"
    r"|sentenc|convict|verdict|godisnjic|godisnin|secanj|sjecanj|istorij|povijest|pozadin|presud"
    r"|osud|hronolog|kronolog|jahrestag|ruckblick|hintergrund|geschicht|urteil|verurteil|histoire"
    r"|condamn)"
    r"|\b(?:days?|weeks?|months?|years?|decades?) (?:ago|later|after|since|on|earlier)\b"
    r"|\b(?:pre|prije|pred|vor|il y a) \w+ (?:godin|mesec|mjesec|jahr|monat|ans|mois)"
    r"|\b(?:godin[aeu]|jahre|ans) (?:nakon|posle|poslije|kasnije|potoa|nach|spater|apres|plus tard)"
)
# What the day depends on, where it stands before it: "The man who on 12 March 2019 …".
_DEPENDS = _set(
    "after since before who which that where when until following how why what nakon posle "
    "poslije pre prije od otkako koji koja koje kako zasto seit nach vor der die das welche "
    "wie warum depuis apres avant qui que dont"
)
_ASKS = _set("how why what kako zasto wie warum comment pourquoi")


class _Dated(NamedTuple):
    """A date among words: where it stands, how many it takes; the year is None where not told."""

    place: int
    length: int
    day: int
    month: int
    year: int | None

    def ordinals(self, published: date) -> Sequence[int]:
        """Return the days that it may be."""
        years = [self.year] if self.year else range(published.year - 1, published.year + 2)
        return [found for year in years if (found := _ordinal(year, self.month, self.day))]


def told_day(title: str, text: str, published: date) -> int | None:
    """Return the ordinal of the day long past to which an article dates its news, None if to none.

    That day, year and all, stands where its text begins, and neither title nor text looks back or
    knows of anything more recent.

    >>> told_day("Depot opens", "On 12 March 2019, a depot opened.", date(2026, 3, 2))
    737130
    """
    first = next(_dates(words(text[:_OPENING_CHARACTERS])), None)
    if first is None or first.year is None or first.place > _OPENING_WORDS:
        return None
    told = words(text[:_MOST_CHARACTERS])
    dates = list(_dates(told))
    if any(_is_recent(found, published) for found in dates):
        return None
    before, after = told[: first.place], told[first.place + first.length :]
    heading = words(title)
    lead = " ".join((*heading, *told[:_LEAD_WORDS]))
    if (
        _LOOKS_BACK.search(lead)
        or not _DEPENDS.isdisjoint(before)
        or not _ASKS.isdisjoint(heading)
        or not _FRESH.isdisjoint(told[:_LEAD_WORDS])
        or not _WEEKDAYS.isdisjoint(after)
    ):
        return None
    return next(iter(first.ordinals(published)), None)


def _dates(told: Sequence[str]) -> Iterator[_Dated]:
    """Yield the dates among folded words, in order."""
    after = 0
    for place, (one, two) in enumerate(pairwise(told)):
        three = told[place + 2] if place + 2 < len(told) else ""
        year = int(three) if _YEAR.fullmatch(three) else None
        day, month = _DAY.fullmatch(one), _MONTHS.get(two)
        if one in _MONTHS:
            day, month = _DAY.fullmatch(two), _MONTHS[one]
        elif month is None and year and _MONTH_NUMBER.fullmatch(two):
            month = int(two)
        if place >= after and day and month:
            length = 3 if year else 2
            yield _Dated(place, length, int(day[1]), month, year)
            after = place + length


def _ordinal(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None


def _is_recent(found: _Dated, published: date) -> bool:
    """Return whether a date is no day long past; where it tells no year, whether it may be none."""
    latest = published.toordinal()
    nearest = [abs(latest - ordinal) for ordinal in found.ordinals(published)]
    if found.year is None:
        return any(days <= _RECENT_DAYS for days in nearest)
    return any(ordinal > latest - _RECENT_DAYS for ordinal in found.ordinals(published))
