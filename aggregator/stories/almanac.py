"""Dates among folded words, in the languages of the region and its neighbours."""

# ruff: noqa: RUF001 - letters that look alike are what this is about

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from aggregator.stories.folding import words

# As they stand in a date, English ones first. Left out is what would be two months: "listopada" is
# October in Croatian and November in Polish; "травня" and "липня", May and July in Ukrainian, fold
# to the Croatian April and June.
_MONTHS = {
    name: number
    for number, spellings in enumerate(
        (
            (
                "january jan januar januara siječnja јануара јануари января січня janvier janar "
                "gennaio enero janeiro januari januára ledna stycznia január janvārī sausio "
                "jaanuaril tammikuuta ianuarie ιανουαρίου ocak"
            ),
            (
                "february feb februar februara veljače фебруара февруари февраля лютого février "
                "shkurt febbraio febrero fevereiro februari februára února lutego február "
                "februārī vasario veebruaril helmikuuta februarie φεβρουαρίου şubat"
            ),
            (
                "march mar mart marta ožujka марта март березня märz mars marzo março maart "
                "marca března március martā kovo märtsil maaliskuuta martie μαρτίου"
            ),
            (
                "april apr aprila travnja априла април апреля квітня avril prill aprile abril "
                "apríla dubna kwietnia április aprīlī balandžio aprillil huhtikuuta aprilie "
                "απριλίου nisan"
            ),
            (
                "may maj maja svibnja маја мај мая май mai maggio mayo maio mei mája května "
                "május maijā gegužės toukokuuta μαΐου mayıs"
            ),
            (
                "june jun juna lipnja јуна јуни июня юни червня juni juin qershor giugno junio "
                "junho júna června czerwca június jūnijā birželio juunil kesäkuuta iunie "
                "ιουνίου haziran"
            ),
            (
                "july jul jula srpnja јула јули июля юли juli juillet korrik luglio julio julho "
                "júla července lipca július jūlijā liepos juulil heinäkuuta iulie ιουλίου "
                "temmuz"
            ),
            (
                "august aug avgusta kolovoza августа август серпня août gusht agosto augusti "
                "augustus augusta srpna sierpnia augusztus augustā rugpjūčio augustil elokuuta "
                "αυγούστου ağustos"
            ),
            (
                "september sept sep septembar septembra rujna септембра септември сентября "
                "вересня septembre shtator settembre septiembre setembro září września "
                "szeptember septembrī rugsėjo septembril syyskuuta septembrie σεπτεμβρίου eylül"
            ),
            (
                "october oct oktobar oktobra октобра октомври октября жовтня oktober octobre "
                "tetor ottobre octubre outubro októbra října października október oktobrī "
                "spalio oktoobril lokakuuta octombrie οκτωβρίου ekim"
            ),
            (
                "november nov novembar novembra studenoga studenog новембра ноември ноября "
                "novembre nëntor noviembre novembro listopadu novembrī lapkričio novembril "
                "marraskuuta noiembrie νοεμβρίου kasım"
            ),
            (
                "december dec decembar decembra prosinca децембра декември декабря грудня "
                "dezember décembre dhjetor dicembre diciembre dezembro prosince grudnia "
                "decembrī gruodžio detsembril joulukuuta decembrie δεκεμβρίου aralık"
            ),
        ),
        start=1,
    )
    for name in words(spellings)
}
_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|ησ)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH_NUMBER = re.compile(r"0?[1-9]|1[0-2]")
# "the 3rd of March", "3 de marzo de 2026"
_LINKS = frozenset({"of", "de", "del"})


class Dated(NamedTuple):
    """A date among words: where it stands, how many it takes; the year is None where not told."""

    place: int
    length: int
    day: int
    month: int
    year: int | None

    def ordinals(self, published: date) -> Sequence[int]:
        """Return the days that it may be, by the day of publication where it tells no year."""
        years = [self.year] if self.year else range(published.year - 1, published.year + 2)
        return [found for year in years if (found := _ordinal(year, self.month, self.day))]


def dates(told: Sequence[str]) -> Iterator[Dated]:
    """Yield the dates among folded words, in order.

    >>> [(found.day, found.month, found.year) for found in dates(words("le 3 mars, 4 June 2026"))]
    [(3, 3, None), (4, 6, 2026)]
    """
    end = 0
    for place, word in enumerate(told[:-1]):
        if place >= end and (word in _MONTHS or word[0].isdecimal()):
            found = _date_at(told, place)
            if found:
                yield found
                end = place + found.length


def _date_at(told: Sequence[str], place: int) -> Dated | None:
    one, two, three, *_ = (*told[place : place + 3], "", "")
    length = 2
    if one[0].isdecimal() and two in _LINKS:
        two, length = three, 3
    day, month = _DAY.fullmatch(one), _MONTHS.get(two)
    if one in _MONTHS:
        day, month = _DAY.fullmatch(two), _MONTHS[one]
    after = told[place + length : place + length + 2]
    if len(after) > 1 and after[0] in _LINKS and _YEAR.fullmatch(after[1]):
        after, length = after[1:], length + 1
    year = int(after[0]) if after and _YEAR.fullmatch(after[0]) else None
    if month is None and year and _MONTH_NUMBER.fullmatch(two):
        month = int(two)
    if not (day and month):
        return None
    return Dated(place, length + 1 if year else length, int(day[1]), month, year)


def _ordinal(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None
