"""News that its own text dates to a day long past.

Strict, as the price of a mistake is news that nobody sees: an article that looks back (an
anniversary, a background), or that goes on from an old event to something new, dates nothing.
"""

import re
from datetime import date

from aggregator.stories.almanac import Dated, dates
from aggregator.stories.folding import words


def _set(spellings: str) -> frozenset[str]:
    return frozenset(spellings.split())


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


def told_day(title: str, text: str, published: date) -> int | None:
    """Return the ordinal of the day long past to which an article dates its news, None if to none.

    That day, year and all, stands where its text begins, and neither title nor text looks back or
    knows of anything more recent.

    >>> told_day("Depot opens", "On 12 March 2019, a depot opened.", date(2026, 3, 2))
    737130
    """
    first = next(dates(words(text[:_OPENING_CHARACTERS])), None)
    if first is None or first.year is None or first.place > _OPENING_WORDS:
        return None
    told = words(text[:_MOST_CHARACTERS])
    if any(_is_recent(found, published) for found in dates(told)):
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


def _is_recent(found: Dated, published: date) -> bool:
    """Return whether a date is no day long past; where it tells no year, whether it may be none."""
    latest = published.toordinal()
    nearest = [abs(latest - ordinal) for ordinal in found.ordinals(published)]
    if found.year is None:
        return any(days <= _RECENT_DAYS for days in nearest)
    return any(ordinal > latest - _RECENT_DAYS for ordinal in found.ordinals(published))
