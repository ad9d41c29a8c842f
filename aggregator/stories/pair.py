"""Two articles side by side: the comparisons that several signals draw on."""

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.fingerprint import MAX_SHINGLES, OWN, Fingerprint
from aggregator.stories.provenance import MIN_HEADLINE_WORDS, names_outlet
from aggregator.stories.terms import View, term_of
from aggregator.stories.text import is_number
from aggregator.stories.weighing import Weigh, equally

if TYPE_CHECKING:
    from array import array  # takes its item's type only from Python 3.12 on

    from numpy.typing import NDArray

_AGREEING_TITLES = 0.5
_AGREEING_LEADS = 0.2
_HEADED = 0.5  # of the words of both titles, more than half stand in the text
_TEMPLATE_SHARE = 0.6
_MIN_RUNS = 20  # fewer shared runs are chance or a "read more" line
_MIN_SAMPLE = 10  # as few are left of a short text beside the sketch of a very long one
_LARGEST_RUN = 0xFFFFFFFF
_ACTORS = 5


class Side:
    """One article of a pair, its terms weighed.

    `weights` has a number for each term; `vectors` a row for each term and a
    column for each view: how much the term stands for that view of the
    article; `sizes` the length of each column.
    """

    def __init__(self, fingerprint: Fingerprint, weigh: Weigh = equally) -> None:
        self.fingerprint = fingerprint
        terms = fingerprint.terms
        self.ids = np.asarray(terms.ids, np.int64)
        self.counts = np.frombuffer(terms.counts, np.uint8).reshape(-1, len(View))
        self.holds = self.counts > 0
        self.weights = weigh(terms.ids)
        # A word that stands there ten times says more than one that stands there once, but not ten
        # times as much. Counts are at most 255, so that a table does for the logarithm.
        self.vectors: NDArray[np.float32] = _DAMPED[self.counts] * self.weights[:, None]
        sizes = np.sqrt(np.einsum("tv,tv->v", self.vectors, self.vectors))
        self.sizes: NDArray[np.float32] = np.where(sizes > 0, sizes, 1).astype(np.float32)

    def has(self, view: View) -> "NDArray[np.bool_]":
        """Return for each term whether the view has it."""
        found: NDArray[np.bool_] = self.holds[:, view]
        return found

    def told_by(self, view: View) -> float:
        """Return the weight of all terms that the view has."""
        return self._told[view]

    def begins_with(self, word: str) -> bool:
        """Return whether the title or the lead has a word, folded."""
        term = term_of(word)
        place = int(np.searchsorted(self.ids, term))
        found = place < len(self.ids) and int(self.ids[place]) == term
        return found and bool(self.counts[place, View.LEAD])

    @cached_property
    def _told(self) -> list[float]:
        told: list[float] = (self.weights @ self.holds).tolist()
        return told

    @cached_property
    def actors(self) -> "NDArray[np.intp]":
        """Return the places of the names that the lead is most about, at most five."""
        found = np.flatnonzero(self.has(View.NAMES) & self.has(View.LEAD))
        worth = self.vectors[found, View.FULL]
        return found[np.argsort(-worth, kind="stable")[:_ACTORS]]


_DAMPED = np.concatenate([[0.0], 1.0 + np.log(np.arange(1, 256))]).astype(np.float32)


class Pair:
    """Two articles and what several signals ask of them.

    `titles` is the share of the titles' words that both have, `texts` that of
    the smaller text's word runs that the larger has, `ratio` the length of the
    shorter text over that of the longer. `one_template` says that the titles
    are much the same but for names and numbers, `same_outlet` that one outlet
    published both. `shared` are the places in the one and in the other of the
    terms that both have.
    """

    def __init__(self, one: Side, other: Side) -> None:
        self.sides = (one, other)
        self.one, self.other = one.fingerprint, other.fingerprint
        self.shared = _shared(one.ids, other.ids)
        self.titles = self._common_titles()
        self.texts = _contained(self.one.shingles, self.other.shingles)
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
        return min(len(self.one.shingles), len(self.other.shingles)) >= _MIN_RUNS

    @property
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
        return self._cosines[view]

    def in_both(self, view: View) -> "NDArray[np.float32]":
        """Return the weights of the terms that a view of both articles has."""
        (one, other), (left, right) = self.sides, self.shared
        found = one.has(view)[left] & other.has(view)[right]
        return one.weights[left][found]

    def missing_actors(self) -> tuple[float, float]:
        """Return the share of each side's actors, by weight, that the other does not mention."""
        one, other = self.sides
        return _missing(one, self._known[0]), _missing(other, self._known[1])

    def missing_figures(self) -> tuple[float, float]:
        """Return the weight of the figures in each side's lead that the other has nowhere."""
        one, other = self.sides
        return _weight_of_missing(one, self._known[0]), _weight_of_missing(other, self._known[1])

    @cached_property
    def _known(self) -> list["NDArray[np.bool_]"]:
        """Return for each side which of its terms the other has."""
        found = [np.zeros(len(side.ids), np.bool_) for side in self.sides]
        for known, places in zip(found, self.shared, strict=True):
            known[places] = True
        return found

    @cached_property
    def _cosines(self) -> list[float]:
        (one, other), (left, right) = self.sides, self.shared
        products = np.einsum("tv,tv->v", one.vectors[left], other.vectors[right])
        cosines: list[float] = np.clip(products / (one.sizes * other.sizes), 0.0, 1.0).tolist()
        return cosines

    def _common_titles(self) -> float:
        """Return the words in common over all words of the titles, by weight."""
        shared = float(self.in_both(View.TITLE).sum())
        both = sum(side.told_by(View.TITLE) for side in self.sides)
        return shared / (both - shared) if both else 0.0


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
    words, is_long = " ".join(other.title), len(other.title) >= MIN_HEADLINE_WORDS
    return any(
        (is_long and one_outlet(one.outlet, other.outlet))
        if headline.outlet == OWN
        else (is_long or names_outlet(headline.outlet, other.outlet))
        for headline in one.headlines
        if headline.words == words
    )


def _shared(
    one: "NDArray[np.int64]", other: "NDArray[np.int64]"
) -> tuple["NDArray[np.intp]", "NDArray[np.intp]"]:
    """Return where the one and the other have the terms of both; both are ascending."""
    if not len(one) or not len(other):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    places = np.minimum(np.searchsorted(one, other), len(one) - 1)
    found = np.flatnonzero(one[places] == other)
    return places[found], found


def _missing(side: Side, known: "NDArray[np.bool_]") -> float:
    actors = side.actors
    whole = float(side.weights[actors].sum())
    if not whole:
        return 0.0
    return float(side.weights[actors[~known[actors]]].sum()) / whole


def _weight_of_missing(side: Side, known: "NDArray[np.bool_]") -> float:
    return float(side.weights[(side.counts[:, View.FIGURES] > 1) & ~known].sum())


def _contained(one: "array[int]", other: "array[int]") -> float:
    """Return the share of the smaller set of runs that the larger has, too."""
    if min(len(one), len(other)) < _MIN_RUNS:
        return 0.0
    limit = min(_reach(one), _reach(other))
    runs, others = _up_to(limit, one), _up_to(limit, other)
    smaller = min(len(runs), len(others))
    return len(runs & others) / smaller if smaller >= _MIN_SAMPLE else 0.0


def _one_template(one: Fingerprint, other: Fingerprint) -> bool:
    words, others = set(one.title), set(other.title)
    shared = len(words & others)
    if not shared:
        return False
    special = one.names + other.names
    plain = [word for word in (words ^ others).difference(special) if not is_number(word)]
    return shared >= _TEMPLATE_SHARE * (shared + len(plain))


def _reach(runs: "array[int]") -> int:
    """Return the largest hash up to which the runs are complete."""
    return runs[-1] if len(runs) == MAX_SHINGLES else _LARGEST_RUN


def _up_to(limit: int, runs: "array[int]") -> set[int]:
    return set(runs[: bisect_right(runs, limit)])
