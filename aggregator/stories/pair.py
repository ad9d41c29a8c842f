"""Two articles side by side, of which it is to be judged whether they are one."""

from collections.abc import Collection, Hashable
from datetime import timedelta
from functools import cached_property
from itertools import islice

from aggregator.stories.facts import Exchanged, exchanged
from aggregator.stories.fingerprint import OWN, Fingerprint
from aggregator.stories.lineup import Lineup
from aggregator.stories.provenance import MIN_HEADLINE_WORDS, names_outlet
from aggregator.stories.reporting import name_weekday, quote_somebody, speak_for_themselves
from aggregator.stories.runs import MIN_RUNS
from aggregator.stories.sides import Side
from aggregator.stories.terms import View
from aggregator.stories.text import TELLING, is_number

_AGREEING_TITLES = 0.5
_AGREEING_LEADS = 0.2
_HEADED = 0.5  # of the words of both titles, more than half stand in the text
# By weight, of two: in three thousand pairs of titles over notices .28 at most.
_HEADED_BY_WEIGHT = 0.3
_LONG, _VERY_LONG = 75, 250  # words: few notices have more, and hardly any
# Nats, of four words or five, not all of them everyday ones.
LEAST_TOLD = 17.0
VERBATIM = 0.95  # of the runs: what is left is a misprint put right, or a word of another house
_ONE_LENGTH = 0.5
# Of all runs, and of the longer text: what has its own sentence in a form of words, or a few.
_ALIKE, _ONE_FORM = 0.1, 0.75
_UPDATED = 0.5  # of the runs are left of a brief in which a toll has risen twice
_TIME_TO_REPRINT = timedelta(days=3)
_DAYS_OF_NEWS = 7


class Pair:
    """An article and one of those beside it, and what is asked of the few that may be one."""

    def __init__(self, lineup: Lineup, row: int) -> None:
        self._lineup, self._row = lineup, row
        self.one, self.other = lineup.ones[row], lineup.others[row]

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return both with their terms."""
        return self._lineup.sides(self._row)

    @property
    def titles(self) -> float:
        """Return the share of the titles' words that both have."""
        return float(self._lineup.titles[self._row])

    @property
    def texts(self) -> float:
        """Return the share of the smaller text's word runs that the larger has."""
        return float(self._lineup.texts[self._row])

    @property
    def lead(self) -> float:
        """Return how alike the leads are, 0 to 1."""
        return float(self._lineup.leads[self._row])

    @property
    def ratio(self) -> float:
        """Return the length of the shorter text over that of the longer."""
        lengths = self.one.words, self.other.words
        return min(lengths) / max(*lengths, 1)

    @property
    def same_outlet(self) -> bool:
        """Return whether one outlet published both."""
        return one_outlet(self.one.outlet, self.other.outlet)

    @property
    def untold(self) -> bool:
        """Return whether neither has a text: the titles alone must do."""
        return max(self.one.words, self.other.words) < TELLING

    @property
    def one_template(self) -> bool:
        """Return whether the titles are much the same but for names and numbers.

        Of five words at least three are in common; four, where there are no texts whose leads
        could say that it is one after all.
        """
        words, others = set(self.one.title), set(self.other.title)
        shared = len(words & others)
        if not shared:
            return False
        most = shared // 4 if self.untold else shared * 2 // 3
        special = {*self.one.names, *self.other.names}
        plain = (word for word in (words ^ others) - special if not is_number(word))
        return len(list(islice(plain, most + 1))) <= most

    @property
    def titles_agree(self) -> bool:
        """Return whether the titles say much the same."""
        return self.titles >= _AGREEING_TITLES

    @property
    def texts_comparable(self) -> bool:
        """Return whether both texts are long enough to tell whether they are the same."""
        return min(len(self.one.shingles), len(self.other.shingles)) >= MIN_RUNS

    @cached_property
    def texts_speak(self) -> bool:
        """Return whether a text in common can be news rather than a notice on every page.

        Under titles that agree and are headlines it can. Under others, one
        outlet's two articles share templates, and two outlets' share the cookie
        notice of their owner: unless it is very long, or long and has one title
        or speaks of what one of its titles says.
        """
        headlines = min(len(self.one.title), len(self.other.title)) >= MIN_HEADLINE_WORDS
        shares = (self.one.headed, self.other.headed)
        headed = min(shares) > 0 and sum(shares) > len(shares) * _HEADED
        speaks = self.titles_agree and (headlines or headed)
        if not self.same_outlet:
            words = min(self.one.words, self.other.words)
            told = self.titles_agree or self._heads_its_text
            speaks = speaks or headed or words >= (_LONG if told else _VERY_LONG)
        return speaks and self.lead >= _AGREEING_LEADS

    @property
    def reprinted(self) -> bool:
        """Return whether two outlets have one text, word for word, that is news by what it says."""
        return self.texts >= VERBATIM and self._same_facts and self.reports

    @property
    def reports(self) -> bool:
        """Return whether what two outlets share of their texts is news by what it says.

        Under whatever titles: it names people or places, says who said
        something or when it happened, and does not speak to its readers or of
        its outlet, as notices do. It is about as long in both: a digest is not
        each of its pieces; longer than what is told of an author or a picture,
        or the titles have enough of it; and printed within days: in the same
        words weeks later, it happened again.
        """
        return (
            not self.same_outlet
            and self.gap <= _TIME_TO_REPRINT
            and self.ratio >= _ONE_LENGTH
            and self.lead >= _AGREEING_LEADS
            and self.common(View.NAMES) >= LEAST_TOLD
            and (self._headed or self._tells_at_length)
            and not speak_for_themselves(*self.sides)
            and not self.two_events
        )

    @cached_property
    def two_events(self) -> bool:
        """Return whether the texts are one form of words, filled in with what happened twice.

        Of one length and alike, but not the same: of the same text the leads are, too.
        """
        if not (_ALIKE <= self.texts < 1.0 and self.ratio >= _ONE_FORM):
            return False
        gap = self.gap if self.one.dated and self.other.dated else timedelta()
        found = self._exchanged
        return found.tell_two_events or (found.tell_two_days(gap) and not self.same_day)

    @property
    def updated(self) -> bool:
        """Return whether the later text is the earlier with larger numbers, on a day both name."""
        first, last = sorted((self.one, self.other), key=lambda each: each.published)
        fewer, more = set(first.numbers) - set(last.numbers), set(last.numbers) - set(first.numbers)
        return (
            self.gap > timedelta()
            and self.texts >= _UPDATED
            and self.same_day
            and self._exchanged.are_numbers_alone
            and max(map(_size, fewer), default=0.0) < max(map(_size, more), default=0.0)
        )

    @property
    def _exchanged(self) -> Exchanged:
        known = self._lineup.exchanged
        if self._row not in known:
            known[self._row] = exchanged(*self.sides)
        return known[self._row]

    @property
    def same_day(self) -> bool:
        """Return whether both name a day, within a week of their publication."""
        days = set(self.one.lead_days).intersection(self.other.lead_days)
        published = [side.published.toordinal() for side in (self.one, self.other)]
        dated = any(abs(day - each) <= _DAYS_OF_NEWS for day in days for each in published)
        return dated or (self.gap <= _TIME_TO_REPRINT and name_weekday(*self.sides))

    @property
    def gap(self) -> timedelta:
        """Return the time between their publication."""
        return abs(self.one.published - self.other.published)

    @property
    def _same_facts(self) -> bool:
        """Return whether the leads agree in numbers and days: reports may be much alike."""
        one, other = self.one, self.other
        alike = one.text is not None and one.text == other.text
        return alike or not (
            contradict(one.lead_numbers, other.lead_numbers)
            or contradict(one.lead_days, other.lead_days)
        )

    @property
    def _tells_at_length(self) -> bool:
        """Return whether both say in some length who said something, or what happened when."""
        words = min(self.one.words, self.other.words)
        return words >= _LONG and (self._quotes or self._dates_a_figure)

    @property
    def _quotes(self) -> bool:
        """Return whether both report the same words, in quotation marks or without."""
        quoted = not set(self.one.quotes).isdisjoint(self.other.quotes)
        return quoted or quote_somebody(*self.sides)

    @property
    def _dates_a_figure(self) -> bool:
        """Return whether both have a figure and name a day, within a week of their publication.

        A day alone may be that on which a newsletter comes out.
        """
        return self.common(View.FIGURES) > 0 and self.same_day

    @property
    def _headed(self) -> bool:
        """Return whether the text has so much of the titles as no notice has by chance.

        Where there is no title, the text is all that is told.
        """
        one, other = self.sides
        untitled = not (self.one.title or self.other.title)
        return untitled or one.headed + other.headed >= 2 * _HEADED_BY_WEIGHT

    @property
    def _heads_its_text(self) -> bool:
        """Return whether the text of one of them speaks of its headline, by more than half."""
        return any(
            side.headed > _HEADED and len(side.title) >= MIN_HEADLINE_WORDS
            for side in (self.one, self.other)
        )

    @property
    def untitled(self) -> bool:
        """Return whether one of them has no title."""
        return not (self.one.title and self.other.title)

    def told(self, view: View) -> tuple[float, float]:
        """Return for each side the weight of all terms that the view has."""
        own, others = self._lineup.told(view)
        return float(own[self._row]), float(others[self._row])

    def common(self, view: View) -> float:
        """Return the weight of all terms that a view of both articles has."""
        return float(self._lineup.common(view)[self._row])


def _size(number: str) -> float:
    """Return a number in digits, with whatever marks, as one that can be compared."""
    whole, _, rest = number.replace(",", ".").partition(".")
    return float(f"{whole}.{rest.replace('.', '')}")


def contradict(one: Collection[Hashable], other: Collection[Hashable]) -> bool:
    """Return whether each has what the other lacks: more detail alone contradicts nothing."""
    return not (set(one) <= set(other) or set(other) <= set(one))


def one_outlet(one: str, other: str) -> bool:
    """Return whether two outlets are one, though the one may go by its name, the other by its host.

    Two hosts are two outlets.
    """
    if one == other:
        return True
    hosts = "." in one and "." in other
    return not hosts and (names_outlet(one, other) or names_outlet(other, one))


def comes_from(one: Fingerprint, outlet: str) -> bool:
    """Return whether an article says that it comes from an outlet."""
    return any(one_outlet(named, outlet) for named in one.origins)


def attributes(one: Fingerprint, other: Fingerprint) -> bool:
    """Return whether one attributes a headline, in a caption or its title, that is the other's.

    What it attributes to itself, as search engines do in titles, is a headline of its own outlet.
    """
    if not one.headlines:
        return False
    words, is_long = " ".join(other.title), len(other.title) >= MIN_HEADLINE_WORDS
    return any(
        (is_long and one_outlet(one.outlet, other.outlet))
        if headline.outlet == OWN
        else (is_long or names_outlet(headline.outlet, other.outlet))
        for headline in one.headlines
        if headline.words == words
    )
