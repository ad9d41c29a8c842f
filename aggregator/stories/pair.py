"""Two articles side by side: the comparisons that several signals draw on."""

from functools import cached_property

from aggregator.stories.fingerprint import OWN, Fingerprint
from aggregator.stories.lineup import MIN_RUNS, Lineup
from aggregator.stories.provenance import MIN_HEADLINE_WORDS, names_outlet
from aggregator.stories.terms import View
from aggregator.stories.text import is_number

_AGREEING_TITLES = 0.5
_AGREEING_LEADS = 0.2
_HEADED = 0.5  # of the words of both titles, more than half stand in the text
_TEMPLATE_SHARE = 0.6


class Pair:
    """An article and one of those beside it, and what several signals ask of the two.

    `titles` is the share of the titles' words that both have, `texts` that of
    the smaller text's word runs that the larger has, `ratio` the length of the
    shorter text over that of the longer. `one_template` says that the titles
    are much the same but for names and numbers, `same_outlet` that one outlet
    published both.
    """

    def __init__(self, lineup: Lineup, row: int) -> None:
        self._lineup, self._row = lineup, row
        self.sides = (lineup.sides[0], lineup.sides[row])
        self.one, self.other = (side.fingerprint for side in self.sides)
        self.titles = lineup.titles[row]
        self.texts = lineup.texts[row]
        self.ratio = min(self.one.words, self.other.words) / max(
            self.one.words, self.other.words, 1
        )
        self.one_template = _one_template(self.one, self.other)
        self.same_outlet = one_outlet(self.one.outlet, self.other.outlet)

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
        notice of their owner.
        """
        headlines = min(len(self.one.title), len(self.other.title)) >= MIN_HEADLINE_WORDS
        shares = (self.one.headed, self.other.headed)
        headed = min(shares) > 0 and sum(shares) > len(shares) * _HEADED
        speaks = (self.titles_agree and (headlines or headed)) or (headed and not self.same_outlet)
        return speaks and self.cosine(View.LEAD) >= _AGREEING_LEADS

    @property
    def untitled(self) -> bool:
        """Return whether one of them has no title."""
        return not (self.one.title and self.other.title)

    def cosine(self, view: View) -> float:
        """Return how alike a view of the two is, 0 to 1."""
        return self._lineup.cosines(view)[self._row]

    def evened_cosine(self, view: View) -> float:
        """Return the same when no term may count for more than the second best does."""
        return self._lineup.evened_cosines(view)[self._row]

    def told_by(self, view: View) -> tuple[float, float]:
        """Return for each side the weight of all terms that the view has."""
        told = self._lineup.told_by(view)
        return told[0], told[self._row]

    def weight_in_both(self, view: View) -> float:
        """Return the weight of all terms that a view of both articles has."""
        return self._lineup.common(view)[self._row]

    @property
    def quotes(self) -> int:
        """Return how many quoted word runs both have."""
        return self._lineup.quotes[self._row]

    @property
    def meanings(self) -> float | None:
        """Return how alike a sentence encoder finds the two, -1 to 1; None where none read both."""
        return self._lineup.meanings[self._row]

    def missing_actors(self) -> tuple[float, float]:
        """Return the share of each side's actors, by weight, that the other does not mention."""
        return self._lineup.missing_actors[self._row]

    def missing_figures(self) -> tuple[float, float]:
        """Return the weight of the figures in each side's lead that the other has nowhere."""
        return self._lineup.missing_figures[self._row]


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


def _one_template(one: Fingerprint, other: Fingerprint) -> bool:
    words, others = set(one.title), set(other.title)
    shared = len(words & others)
    if not shared:
        return False
    special = one.names + other.names
    plain = [word for word in (words ^ others).difference(special) if not is_number(word)]
    return shared >= _TEMPLATE_SHARE * (shared + len(plain))
