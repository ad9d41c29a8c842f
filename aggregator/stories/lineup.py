"""An article and those it is compared with, side by side: what their terms have in common.

All are weighed, added up and compared at once, in a few calls of numpy: called for each pair,
these would take most of the time that an article takes to find its story.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.fingerprint import MAX_SHINGLES, Fingerprint
from aggregator.stories.meaning import See, as_it_is
from aggregator.stories.terms import View, by_view, damped, term_of
from aggregator.stories.weighing import Weigh, equally

if TYPE_CHECKING:
    from array import array  # takes its item's type only from Python 3.12 on

    from numpy.typing import NDArray

# Fewer shared runs are chance or a "read more" line.
MIN_RUNS = 20
_MIN_SAMPLE = 10  # as few are left of a short text beside the sketch of a very long one
_LARGEST_RUN = 0xFFFFFFFF
_LARGEST_ENDING = 0x3FFF
_ACTORS = 5
_BEST_TWO = 2
_TINY = 1e-30


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """An article in a comparison; `weights` has a number for each of its terms.

    `meaning` is the vector of what it means as seen in its stream, of length 1,
    None where no encoder has read it.
    """

    fingerprint: Fingerprint
    weights: "NDArray[np.float32]"
    meaning: "NDArray[np.float32] | None" = None

    def begins_with(self, word: str) -> bool:
        """Return whether the title or the lead has a word, folded."""
        ids, counts = self.fingerprint.terms.ids, self.fingerprint.terms.counts
        term = term_of(word)
        place = bisect_right(ids, term) - 1
        return place >= 0 and ids[place] == term and counts[place * len(View) + View.LEAD] > 0


def weighed(
    prints: Sequence[Fingerprint], weigh: Weigh = equally, see: See = as_it_is
) -> list[Side]:
    """Return articles with their terms weighed, their meanings seen from where the stream is."""
    weights = weigh(_joined(each.terms.ids for each in prints))
    ends = accumulate(len(each.terms.ids) for each in prints)
    return [
        Side(
            each,
            weights[end - len(each.terms.ids) : end],
            see(each.meaning) if each.meaning else None,
        )
        for each, end in zip(prints, ends, strict=True)
    ]


class Lineup:
    """An article, the first of the sides, beside each of the others.

    Terms lie one after the other, those of a side ascending; a row is the
    number of a side. What is asked by row has a value for each side, that of
    the article itself included. All is computed when first asked for.
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        self.sides = sides
        prints = [side.fingerprint for side in sides]
        lengths = [len(each.terms.ids) for each in prints]
        ids = _joined(each.terms.ids for each in prints)
        self._counts = by_view(b"".join(each.terms.counts for each in prints))
        self._weights = np.concatenate([side.weights for side in sides]).astype(np.float64)
        self._rows = np.repeat(np.arange(len(sides)), lengths)
        self._own = lengths[0]
        # The terms that the article has as well, and their places there.
        self._shared, self._places = _find(ids[: self._own], ids)
        self._bounds = self._rows[self._shared].searchsorted(np.arange(len(sides) + 1)).tolist()
        self._kept: dict[tuple[str, View], list[float]] = {}
        self._added: dict[View, NDArray[np.float64]] = {}

    def told_by(self, view: View) -> list[float]:
        """Return by row the weight of all terms that a view has."""
        found = self._kept.get(("told", view))
        if found is None:
            found = self._sums(np.flatnonzero(self._counts[:, view])).tolist()
            self._kept["told", view] = found
        return found

    def cosines(self, view: View) -> list[float]:
        """Return by row how alike a view of the article and of the other is, 0 to 1."""
        found = self._kept.get(("cosine", view))
        if found is None:
            sums = np.bincount(self._rows[self._shared], self._shares(view), len(self.sides))
            found = self._kept["cosine", view] = np.minimum(sums, 1.0).tolist()
        return found

    def evened_cosines(self, view: View) -> list[float]:
        """Return the same when no term may add more than the second best of its row does."""
        found = self._kept.get(("evened", view))
        if found is None:
            shares = self._shares(view)
            rows = [shares[start:end] for start, end in pairwise(self._bounds)]
            found = self._kept["evened", view] = [_evened(row) for row in rows]
        return found

    def _shares(self, view: View) -> "NDArray[np.float64]":
        """Return what each shared term adds to the cosine of its row."""
        found = self._added.get(view)
        if found is None:
            vector = damped(self._counts[:, view]) * self._weights
            sizes = np.sqrt(np.bincount(self._rows, vector * vector, len(self.sides)))
            sizes = np.maximum(sizes[0] * sizes, _TINY)
            products = vector[self._shared] * vector[self._places]
            found = self._added[view] = products / sizes[self._rows[self._shared]]
        return found

    def common(self, view: View) -> list[float]:
        """Return by row the weight of the terms that a view of both has."""
        found = self._kept.get(("common", view))
        if found is None:
            has = self._counts[:, view] > 0
            found = self._sums(self._shared[has[self._shared] & has[self._places]]).tolist()
            self._kept["common", view] = found
        return found

    @cached_property
    def titles(self) -> list[float]:
        """Return by row the words in common over all words of the two titles, by weight."""
        told, common = self.told_by(View.TITLE), self.common(View.TITLE)
        wholes = [told[0] + other - both for other, both in zip(told, common, strict=True)]
        return [both / whole if whole else 0.0 for both, whole in zip(common, wholes, strict=True)]

    @cached_property
    def texts(self) -> list[float]:
        """Return by row the share of the smaller text's word runs that the larger has, too."""
        runs = [side.fingerprint.shingles for side in self.sides]
        return [
            _contained(runs[0], other, both)
            for other, both in zip(runs, _count_shared(runs), strict=True)
        ]

    @cached_property
    def quotes(self) -> list[int]:
        """Return by row how many quoted word runs both have."""
        return _count_shared([side.fingerprint.quotes for side in self.sides])

    @cached_property
    def meanings(self) -> list[float | None]:
        """Return by row how alike the meanings are, -1 to 1; None where no encoder read both."""
        return [_agreement(self.sides[0], side) for side in self.sides]

    @cached_property
    def missing_actors(self) -> list[tuple[float, float]]:
        """Return by row the share, by weight, of either's actors that the other does not mention.

        Actors are the names that a lead is most about, at most five.
        """
        named = np.flatnonzero(self._counts[:, View.ACTORS])
        worth = damped(self._counts[named, View.NAMES]) * self._weights[named]
        named = named[np.lexsort((-worth, self._rows[named]))]
        rows = self._rows[named]
        actors = named[np.arange(len(rows)) - rows.searchsorted(rows) < _ACTORS]
        whole = self._sums(actors)
        whole[whole == 0] = 1.0
        own, others = self._missing(actors)
        return list(zip((own / whole[0]).tolist(), (others / whole).tolist(), strict=True))

    @cached_property
    def missing_figures(self) -> list[tuple[float, float]]:
        """Return by row the weight of the figures in either's lead that the other has nowhere."""
        own, others = self._missing(np.flatnonzero(self._counts[:, View.FIGURES] > 1))
        return list(zip(own.tolist(), others.tolist(), strict=True))

    def _missing(
        self, terms: "NDArray[np.intp]"
    ) -> tuple["NDArray[np.float64]", "NDArray[np.float64]"]:
        """Return by row the weight of the article's terms that the other has not; the reverse."""
        mine = terms[terms < self._own]
        known = np.zeros(len(self._rows), np.bool_)
        known[self._shared] = True
        lacking = self._lacking[:, mine] @ self._weights[mine]
        return lacking, self._sums(terms[~known[terms]])

    @cached_property
    def _lacking(self) -> "NDArray[np.bool_]":
        """Return by row which of the article's terms are not there."""
        lacking = np.ones((len(self.sides), self._own), np.bool_)
        lacking[self._rows[self._shared], self._places] = False
        return lacking

    def _sums(self, terms: "NDArray[np.intp]") -> "NDArray[np.float64]":
        """Return by row the weight of some terms."""
        weights = self._weights[terms]
        return np.bincount(self._rows[terms], weights, len(self.sides)).astype(np.float64)


def _agreement(one: Side, other: Side) -> float | None:
    if one.meaning is None or other.meaning is None or _space(one) != _space(other):
        return None
    return min(1.0, max(-1.0, float(one.meaning @ other.meaning)))


def _space(side: Side) -> tuple[str, int] | None:
    """Return what vectors can be compared with: those of one model, as long."""
    return side.fingerprint.meaning.space if side.fingerprint.meaning else None


def _evened(shares: "NDArray[np.float64]") -> float:
    """Return the sum of what terms add, the most of them taken for as much as the second."""
    if len(shares) < _BEST_TWO:
        return 0.0
    second, most = np.partition(shares, -_BEST_TWO)[-_BEST_TWO:]
    return min(1.0, float(shares.sum() - (most - second)))


def _find(
    own: "NDArray[np.uint32]", numbers: "NDArray[np.uint32]"
) -> tuple["NDArray[np.intp]", "NDArray[np.intp]"]:
    """Return which of some numbers are among one's own, ascending, and at what places there.

    Most are not, which a small table of their last bits tells faster than a search.
    """
    if not len(own):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    endings = np.zeros(_LARGEST_ENDING + 1, np.bool_)
    endings[own & _LARGEST_ENDING] = True
    (likely,) = endings[numbers & _LARGEST_ENDING].nonzero()
    sought = numbers[likely]
    places = own.searchsorted(sought)
    places[places == len(own)] = 0
    (found,) = (own[places] == sought).nonzero()
    return likely[found], places[found]


def _count_shared(numbers: Sequence["array[int]"]) -> list[int]:
    """Return how many of the first numbers, ascending, are among each of the others."""
    found, _ = _find(np.frombuffer(numbers[0], np.uint32), _joined(numbers))
    ends = np.cumsum([0, *map(len, numbers)])
    shared: list[int] = np.diff(found.searchsorted(ends)).tolist()
    return shared


def _contained(one: "array[int]", other: "array[int]", shared: int) -> float:
    if min(len(one), len(other)) < MIN_RUNS:
        return 0.0
    limit = min(_reach(one), _reach(other))
    smaller = min(bisect_right(one, limit), bisect_right(other, limit))
    return shared / smaller if smaller >= _MIN_SAMPLE else 0.0


def _reach(runs: "array[int]") -> int:
    """Return the largest hash up to which the runs are complete."""
    return runs[-1] if len(runs) == MAX_SHINGLES else _LARGEST_RUN


def _joined(parts: Iterable["array[int]"]) -> "NDArray[np.uint32]":
    return np.frombuffer(b"".join(parts), np.uint32)
