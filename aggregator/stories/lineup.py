"""An article beside those it is compared with, in columns: what they have in common.

All are weighed, added up and compared at once, in a few calls of numpy: called for each pair,
these would take most of the time that an article takes to find its story.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.fingerprint import MAX_SHINGLES
from aggregator.stories.sides import Sides, joined
from aggregator.stories.terms import View, damped

if TYPE_CHECKING:
    from array import array  # takes its item's type only from Python 3.12 on

    from numpy.typing import NDArray

    Column = NDArray[np.float64]
    _Seen = tuple[tuple[str, int], NDArray[np.float32]]

# Fewer shared runs are chance or a "read more" line.
MIN_RUNS = 20
_MIN_SAMPLE = 10  # as few are left of a short text beside the sketch of a very long one
_LARGEST_RUN = 0xFFFFFFFF
_LARGEST_ENDING = 0x3FFF
_ACTORS = 5
_BEST_TWO = 2
_TINY = 1e-30


class Lineup:
    """An article beside one other or more.

    A column has a value for each of the others, in their order; a row is the
    number of one, from 0. Terms lie one after the other, those of one article
    ascending. All is computed when first asked for.
    """

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        self.article, *self.others = sides.prints
        length, *lengths = sides.lengths
        weights = sides.weights.astype(np.float64)
        self._own_views, self._views = sides.views[:, :length], sides.views[:, length:]
        self._own_weights, self._weights = weights[:length], weights[length:]
        self._rows = np.arange(len(lengths)).repeat(lengths)
        # The terms that the article has as well, their places there, and by view whether both do.
        self._shared, self._places = _find(sides.ids[:length], sides.ids[length:])
        self._shared_rows = self._rows.take(self._shared)
        self._shared_weights = self._weights.take(self._shared)
        self._in_both = (self._own_views.take(self._places, axis=1) > 0) & (
            self._views.take(self._shared, axis=1) > 0
        )
        self._told: dict[View, tuple[float, Column]] = {}
        self._common: dict[View, Column] = {}

    def told(self, view: View) -> "tuple[float, Column]":
        """Return the weight of all terms that a view of the article has, and of each other's."""
        found = self._told.get(view)
        if found is None:
            own = float(self._own_weights[self._own_views[view] > 0].sum())
            others = self._added(self._rows, self._weights * (self._views[view] > 0))
            found = self._told[view] = own, others
        return found

    def common(self, view: View) -> "Column":
        """Return the weight of the terms that a view of both has."""
        found = self._common.get(view)
        if found is None:
            shared = self._shared_weights * self._in_both[view]
            found = self._common[view] = self._added(self._shared_rows, shared)
        return found

    @cached_property
    def leads(self) -> "Column":
        """Return how alike the leads are, 0 to 1: the cosine of their weighed terms."""
        rows, shares = self._shares
        return np.minimum(self._added(rows, shares), 1.0)

    @cached_property
    def evened_leads(self) -> "Column":
        """Return the same when no term may add more than the second best of its row does."""
        rows, shares = self._shares
        ordered = shares[np.lexsort((shares, rows))]
        ends = rows.searchsorted(np.arange(len(self.others)), "right")
        several = _lengths(ends) >= _BEST_TWO
        second, most = (ordered[ends[several] - place] for place in (_BEST_TWO, 1))
        evened = np.zeros(len(self.others))
        evened[several] = self._added(rows, shares)[several] - (most - second)
        return np.minimum(evened, 1.0)

    @cached_property
    def _shares(self) -> "tuple[NDArray[np.intp], Column]":
        """Return what each shared term adds to the cosine of the leads, and in which row."""
        own = damped(self._own_views[View.LEAD]) * self._own_weights
        vector = damped(self._views[View.LEAD]) * self._weights
        sizes = np.sqrt((own @ own) * self._added(self._rows, vector * vector))
        products = vector.take(self._shared) * own.take(self._places)
        rows = self._shared_rows
        return rows, products / np.maximum(sizes, _TINY).take(rows)

    @cached_property
    def titles(self) -> "Column":
        """Return the words in common over all words of the two titles, by weight."""
        (own, others), common = self.told(View.TITLE), self.common(View.TITLE)
        return common / np.maximum(own + others - common, _TINY)

    @cached_property
    def texts(self) -> "Column":
        """Return the share of the smaller text's word runs that the larger has, too."""
        own = self.article.shingles
        shared = _count_shared(own, [other.shingles for other in self.others])
        texts = np.zeros(len(self.others))
        for row in shared.nonzero()[0]:
            texts[row] = _contained(own, self.others[row].shingles, int(shared[row]))
        return texts

    @cached_property
    def quotes(self) -> "Column":
        """Return how many quoted word runs both have."""
        own = set(self.article.quotes)
        shared = [
            0 if own.isdisjoint(other.quotes) else len(own.intersection(other.quotes))
            for other in self.others
        ]
        return np.array(shared, np.float64)

    @cached_property
    def words(self) -> "tuple[int, Column]":
        """Return how many words the article's text has, and each other's."""
        return self.article.words, np.array([other.words for other in self.others], np.float64)

    @cached_property
    def meanings(self) -> list[float | None]:
        """Return how alike the meanings are, -1 to 1; None where no encoder read both."""
        prints, meanings = self.sides.prints, self.sides.meanings
        own, *others = [
            (each.meaning.space, vector) if each.meaning and vector is not None else None
            for each, vector in zip(prints, meanings, strict=True)
        ]
        return [_agreement(own, other) for other in others]

    @cached_property
    def missing_actors(self) -> "tuple[Column, Column]":
        """Return the share, by weight, of the article's actors that the other does not mention.

        And the reverse. Actors are the names that a lead is most about, at most five.
        """
        (own,) = (self._own_views[View.ACTORS] > 0).nonzero()
        worth = damped(self._own_views[View.NAMES].take(own)) * self._own_weights.take(own)
        own = own[(-worth).argsort(kind="stable")[:_ACTORS]]
        (others,) = (self._views[View.ACTORS] > 0).nonzero()
        worth = damped(self._views[View.NAMES].take(others)) * self._weights.take(others)
        others = others.take(np.lexsort((-worth, self._rows.take(others))))
        rows = self._rows.take(others)
        others = others[np.arange(len(rows)) - rows.searchsorted(rows) < _ACTORS]
        mine, theirs = self._missing(own, others)
        whole = self._own_weights.take(own).sum()
        return mine / np.maximum(whole, _TINY), theirs / np.maximum(self._sums(others), _TINY)

    @cached_property
    def missing_figures(self) -> "tuple[Column, Column]":
        """Return the weight of the figures in the article's lead that the other has nowhere.

        And the reverse.
        """
        views = self._own_views, self._views
        return self._missing(*((each[View.FIGURES] > 1).nonzero()[0] for each in views))

    @cached_property
    def sharing_identities(self) -> list[int]:
        """Return the rows of those that have an identity in common with the article."""
        keys, own = set(self.article.keys), set(self.article.identities) - {None, ""}
        return [
            row
            for row, other in enumerate(self.others)
            # Numbers first, which tell the same of nearly all.
            if not keys.isdisjoint(other.keys) and not own.isdisjoint(other.identities)
        ]

    @cached_property
    def sharing_titles(self) -> list[int]:
        """Return the rows of those that have a word of the article's title."""
        own = set(self.article.title)
        alike = self._shared_rows[self._in_both[View.TITLE]].tolist()
        return [row for row in dict.fromkeys(alike) if not own.isdisjoint(self.others[row].title)]

    @cached_property
    def sharing_texts(self) -> list[int]:
        """Return the rows of those that have word runs of the article."""
        rows: list[int] = self.texts.nonzero()[0].tolist()
        return rows

    def _missing(
        self, own: "NDArray[np.intp]", others: "NDArray[np.intp]"
    ) -> "tuple[Column, Column]":
        """Return the weight of some of the article's terms that the other has not; the reverse."""
        has, known = self._having
        mine = np.where(has.take(own, axis=1), 0.0, self._own_weights.take(own)).sum(axis=1)
        return mine, self._sums(others[~known.take(others)])

    @cached_property
    def _having(self) -> "tuple[NDArray[np.bool_], NDArray[np.bool_]]":
        """Return by row which of the article's terms the other has, and which of all it has."""
        has = np.zeros((len(self.others), len(self._own_weights)), np.bool_)
        has[self._shared_rows, self._places] = True
        known = np.zeros(len(self._rows), np.bool_)
        known[self._shared] = True
        return has, known

    def _sums(self, terms: "NDArray[np.intp]") -> "Column":
        """Return by row the weight of some terms."""
        return self._added(self._rows.take(terms), self._weights.take(terms))

    def _added(self, rows: "NDArray[np.intp]", values: "Column") -> "Column":
        """Return by row the sum of some values."""
        return np.bincount(rows, values, len(self.others)).astype(np.float64, copy=False)


def _agreement(one: "_Seen | None", other: "_Seen | None") -> float | None:
    """Return how alike two vectors are: those of one model, as long."""
    if one is None or other is None or one[0] != other[0]:
        return None
    return min(1.0, max(-1.0, float(one[1] @ other[1])))


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
    # Not by subscript: that takes three times as long.
    (likely,) = endings.take(numbers & _LARGEST_ENDING, mode="clip").nonzero()
    sought = numbers[likely]
    places = own.searchsorted(sought)
    (found,) = (own.take(places, mode="clip") == sought).nonzero()
    return likely[found], places[found]


def _count_shared(own: "array[int]", others: Sequence["array[int]"]) -> "NDArray[np.intp]":
    """Return how many of one's own numbers, ascending, are among each of the others'."""
    found, _ = _find(joined([own]), joined(others))
    return _lengths(found.searchsorted(list(accumulate(map(len, others)))))


def _lengths(ends: "NDArray[np.intp]") -> "NDArray[np.intp]":
    """Return how long each of the parts is that lie one after the other and end there."""
    lengths = ends.copy()
    lengths[1:] -= ends[:-1]
    return lengths


def _contained(one: "array[int]", other: "array[int]", shared: int) -> float:
    if min(len(one), len(other)) < MIN_RUNS:
        return 0.0
    limit = min(_reach(one), _reach(other))
    smaller = min(bisect_right(one, limit), bisect_right(other, limit))
    return shared / smaller if smaller >= _MIN_SAMPLE else 0.0


def _reach(runs: "array[int]") -> int:
    """Return the largest hash up to which the runs are complete."""
    return runs[-1] if len(runs) == MAX_SHINGLES else _LARGEST_RUN
