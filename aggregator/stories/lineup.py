"""Articles beside those they are compared with, in columns: what each pair has in common.

All are weighed, added up and compared at once, in a few calls of numpy: called for each pair, or
even for each article, these would take most of the time that an article takes to find its story.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.columns import Owned, find, joined, most, parted, spans, surpluses
from aggregator.stories.runs import contained
from aggregator.stories.sides import Side, Sides
from aggregator.stories.terms import View, damped
from aggregator.stories.vagueness import vague

if TYPE_CHECKING:
    from array import array  # takes its item's type only from Python 3.12 on

    from numpy.typing import NDArray

    from aggregator.stories.facts import Exchanged
    from aggregator.stories.fingerprint import Fingerprint

    Column = NDArray[np.float64]
    Places = NDArray[np.intp]

_ACTORS = 5
_TINY = 1e-30


class Lineup:
    """Articles, each beside one other or more.

    A column has a value for each pair, those of one article after another's; a
    row is the number of a pair, from 0. `ones` and `others` are the two of each
    pair. All is computed when first asked for, and is the same whatever other
    articles are there.
    """

    def __init__(self, *compared: Sides) -> None:
        self._compared = compared
        self.articles = [each.prints[0] for each in compared]
        self.others = [other for each in compared for other in each.prints[1:]]
        sizes = [len(each.entry_ids) for each in compared]
        self._numbers = np.arange(len(compared))
        # The number of each pair's article; where the pairs of each begin and end.
        self._owners = self._numbers.repeat(sizes)
        self._spans = spans(sizes)
        self.ones = [self.articles[owner] for owner in self._owners.tolist()]
        # Terms lie one after the other, those of one article ascending: those of the articles and
        # those of the others, with what each is worth, and with the numbers of article and pair.
        self._own_lengths = [each.lengths[0] for each in compared]
        lengths = [length for each in compared for length in each.lengths[1:]]
        self._own_ids, ids = parted([each.ids for each in compared], self._own_lengths)
        own_counts, counts = parted([each.counts for each in compared], self._own_lengths)
        own_weights, weights = parted([each.weights for each in compared], self._own_lengths)
        self._own_views, self._views = (
            np.ascontiguousarray(each.T) for each in (own_counts, counts)
        )
        self._own_weights, self._weights = (
            each.astype(np.float64) for each in (own_weights, weights)
        )
        self._own_rows = self._numbers.repeat(self._own_lengths)
        self._rows = np.arange(len(lengths)).repeat(lengths)
        # The others' terms that their articles have as well, their places there, and by view
        # whether both do.
        self._shared, self._places = find(
            Owned(self._own_ids, self._own_lengths), Owned(ids, self._by_article(lengths))
        )
        self._shared_rows = self._rows.take(self._shared)
        self._shared_weights = self._weights.take(self._shared)
        self._in_both = (self._own_views.take(self._places, axis=1) > 0) & (
            self._views.take(self._shared, axis=1) > 0
        )
        self.signals: dict[str, Column] = {}
        self.exchanged: dict[int, Exchanged] = {}
        self._told: dict[View, tuple[Column, Column]] = {}
        self._common: dict[View, Column] = {}

    def sides(self, row: int) -> tuple[Side, Side]:
        """Return the two of a pair, with their terms."""
        owner = int(self._owners[row])
        sides = self._compared[owner]
        return sides[0], sides[row - self._spans[owner].start + 1]

    def told(self, view: View) -> "tuple[Column, Column]":
        """Return the weight of all terms that a view of the article has, and of the other's."""
        found = self._told.get(view)
        if found is None:
            has = self._own_views[view] > 0
            own = [float(self._own_weights[terms][has[terms]].sum()) for terms in self._own_terms]
            others = self._added(self._rows, self._weights * (self._views[view] > 0))
            found = self._told[view] = self._by_row(own), others
        return found

    def common(self, view: View) -> "Column":
        """Return the weight of the terms that a view of both has."""
        if view not in self._common:
            shared = self._shared_weights * self._in_both[view]
            self._common[view] = self._added(self._shared_rows, shared)
        return self._common[view]

    @cached_property
    def crowds(self) -> "Column":
        """Return how many of the article's language were there before it."""
        return self._by_row([each.crowd for each in self._compared])

    @cached_property
    def vagueness(self) -> "tuple[Column, Column]":
        """Return how vague the article's text is, 0 to 1, and the other's."""
        (names, others), (figures, there) = map(self._mentions, (View.NAMES, View.FIGURES))
        own, words = self.words
        return vague(own, names, figures), vague(words, others, there)

    def _mentions(self, view: View) -> "tuple[Column, Column]":
        """Return how many terms a view of the article has, and of the other, as often as it has."""
        own, others = self._own_views[view], self._views[view]
        whole = np.bincount(self._own_rows, own, len(self.articles))
        return self._by_row(whole.tolist()), self._added(self._rows, others)

    @cached_property
    def leads(self) -> "Column":
        """Return how alike the leads are, 0 to 1: the cosine of their weighed terms."""
        return np.minimum(self._added(*self._shares), 1.0)

    @cached_property
    def evened_leads(self) -> "Column":
        """Return the same when no term may add more than the second best of its row does."""
        owners, surplus = surpluses(*self._shares)
        evened = self._added(*self._shares)
        evened[owners] -= surplus
        return np.minimum(evened, 1.0)

    @cached_property
    def _shares(self) -> "tuple[Places, Column]":
        """Return what each shared term adds to the cosine of the leads, and in which row."""
        own = damped(self._own_views[View.LEAD]) * self._own_weights
        vector = damped(self._views[View.LEAD]) * self._weights
        squares = self._by_row([float(own[terms] @ own[terms]) for terms in self._own_terms])
        sizes = np.sqrt(squares * self._added(self._rows, vector * vector))
        products, rows = vector.take(self._shared) * own.take(self._places), self._shared_rows
        return rows, products / np.maximum(sizes, _TINY).take(rows)

    @cached_property
    def titles(self) -> "Column":
        """Return the words in common over all words of the two titles, by weight."""
        (own, others), common = self.told(View.TITLE), self.common(View.TITLE)
        return common / np.maximum(own + others - common, _TINY)

    @cached_property
    def texts(self) -> "Column":
        """Return the share of the smaller text's word runs that the larger has, too."""
        texts, shared = np.zeros(len(self.others)), self.runs
        for row in shared.nonzero()[0].tolist():
            one, other = self.ones[row], self.others[row]
            texts[row] = contained(one.shingles, other.shingles, int(shared[row]))
        return texts

    @cached_property
    def runs(self) -> "Places":
        """Return how many word runs both texts have, of those that stand for them."""
        return self._count_shared(lambda each: each.shingles)

    @cached_property
    def quotes(self) -> "Column":
        """Return how many quoted word runs both have."""
        return self._count_shared(lambda each: each.quotes).astype(np.float64)

    @cached_property
    def words(self) -> "tuple[Column, Column]":
        """Return how many words the article's text has, and the other's."""
        own = self._by_row([each.words for each in self.articles])
        return own, np.array([other.words for other in self.others], np.float64)

    @cached_property
    def gaps(self) -> "NDArray[np.int64]":
        """Return the time between their being news, in microseconds."""
        own, others = ([each.told_tick for each in some] for some in (self.articles, self.others))
        return np.abs(np.array(own, np.int64).take(self._owners) - np.array(others, np.int64))

    @cached_property
    def meanings(self) -> list[float | None]:
        """Return how alike the meanings are, -1 to 1; None where no encoder read both."""
        return [alike for each in self._compared for alike in each.agreements]

    @cached_property
    def missing_actors(self) -> "tuple[Column, Column]":
        """Return the share, by weight, of the article's actors that the other does not mention.

        And the reverse. Actors are the names that a lead is most about, at most five.
        """
        own = _actors(self._own_views, self._own_weights, self._own_rows)
        others = _actors(self._views, self._weights, self._rows)
        mine, theirs = self._missing(own, others)
        owners = self._own_rows.take(own)
        whole = np.bincount(owners, self._own_weights.take(own), len(self.articles)).tolist()
        return (
            mine / np.maximum(self._by_row(whole), _TINY),
            theirs / np.maximum(self._sums(others), _TINY),
        )

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
        # Half of each key first: few are so much as that alike.
        alike = self._count_shared(lambda each: each.keys, np.uint64).nonzero()[0].tolist()
        known = {row: set(self.ones[row].identities) - {None, ""} for row in alike}
        return [row for row in alike if not known[row].isdisjoint(self.others[row].identities)]

    @cached_property
    def sharing_titles(self) -> list[int]:
        """Return the rows of those that have a word of the article's title."""
        alike = dict.fromkeys(self._shared_rows[self._in_both[View.TITLE]].tolist())
        pairs = [(row, self.ones[row].title, self.others[row].title) for row in alike]
        return [row for row, own, other in pairs if not set(own).isdisjoint(other)]

    @cached_property
    def _own_terms(self) -> list[slice]:
        """Return where the terms of each article lie."""
        return spans(self._own_lengths)

    def _missing(self, own: "Places", others: "Places") -> "tuple[Column, Column]":
        """Return the weight of some of the article's terms that the other has not; the reverse."""
        has, known = self._having
        mine = np.empty(len(self.others))
        ends = self._own_rows.take(own).searchsorted(self._numbers, "right")
        lengths = np.diff(ends, prepend=0).tolist()
        for rows, terms, asked in zip(self._spans, self._own_terms, spans(lengths), strict=True):
            sought = own[asked]
            lacking = np.where(
                has[rows].take(sought - terms.start, axis=1), 0.0, self._own_weights.take(sought)
            )
            mine[rows] = lacking.sum(axis=1)
        return mine, self._sums(others[~known.take(others)])

    @cached_property
    def _having(self) -> "tuple[NDArray[np.bool_], NDArray[np.bool_]]":
        """Return by row which of the article's terms the other has, and which of all it has."""
        firsts = np.array([terms.start for terms in self._own_terms], np.intp)
        has = np.zeros((len(self.others), max(self._own_lengths)), np.bool_)
        rows = self._shared_rows
        has[rows, self._places - firsts.take(self._owners.take(rows))] = True
        known = np.zeros(len(self._rows), np.bool_)
        known[self._shared] = True
        return has, known

    def _count_shared(
        self,
        numbers: "Callable[[Fingerprint], array[int]]",
        kind: type[np.uint32 | np.uint64] = np.uint32,
    ) -> "Places":
        """Return by row how many numbers both have, or of larger ones, how many last halves."""
        parts, others = (list(map(numbers, each)) for each in (self.articles, self.others))
        lengths = [len(each) for each in others]
        found, _ = find(
            Owned(joined(parts, kind), [len(each) for each in parts]),
            Owned(joined(others, kind), self._by_article(lengths)),
        )
        ends = found.searchsorted(list(accumulate(lengths)))
        return np.diff(ends, prepend=0)

    def _by_article(self, lengths: Sequence[int]) -> list[int]:
        """Return how long all others of each article are, given how long each is."""
        return [sum(lengths[rows]) for rows in self._spans]

    def _by_row(self, values: Sequence[float]) -> "Column":
        """Return by row what is said of each article."""
        return np.asarray(values, np.float64).take(self._owners)

    def _sums(self, terms: "Places") -> "Column":
        """Return by row the weight of some terms."""
        return self._added(self._rows.take(terms), self._weights.take(terms))

    def _added(self, rows: "Places", values: "Column") -> "Column":
        """Return by row the sum of some values."""
        return np.bincount(rows, values, len(self.others)).astype(np.float64, copy=False)


def _actors(views: "NDArray[np.uint8]", weights: "Column", rows: "Places") -> "Places":
    """Return those of some terms that name the actors of each row, the weightiest first."""
    (found,) = (views[View.ACTORS] > 0).nonzero()
    worth = damped(views[View.NAMES].take(found)) * weights.take(found)
    places: Places = found.take(most(worth, rows.take(found), _ACTORS))
    return places
