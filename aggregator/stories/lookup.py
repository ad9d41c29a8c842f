"""Looking up: what entries are worth to articles that ask for candidates, many at once.

Called for each article, numpy would take most of the time that a look-up takes.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from aggregator.stories.columns import begins, numbered
from aggregator.stories.postings import earlier, places_in_order
from aggregator.stories.stored import Handles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.intp]

_Number = TypeVar("_Number", bound=np.generic)
_Key = TypeVar("_Key", bound=np.unsignedinteger)

# A pair is the number of an article and the id of an entry, in so many bits.
_ENTRY_BITS, _PAIR_BITS = np.uint64(32), 40
_NO_PAIR = np.uint64(1 << _PAIR_BITS)


class Asking:
    """Articles that are looked up one after the other, with the ids of their entries.

    `held` are the terms by which they are found, those of one after another's;
    `owners` are the numbers of the articles, from 0, whose these are.
    """

    def __init__(self, articles: Sequence[tuple[int, Handles]]) -> None:
        self.articles = articles
        self.held, self.owners = owned([article.held for _, article in articles])
        self.often, _ = owned([article.often for _, article in articles])

    @cached_property
    def holders(self) -> "NDArray[np.int64]":
        """Return how many of those asking before it have each of an article's `held`."""
        terms, owners = owned([article.terms for _, article in self.articles])
        lengths = np.array([len(article.often) for _, article in self.articles])
        return earlier(terms)[numbered(owners) < lengths.take(owners)]


class Worths(NamedTuple):
    """What entries are worth to articles: `pairs` of both, ascending, each once."""

    pairs: "NDArray[np.uint64]"
    worths: "NDArray[np.float64]"

    @classmethod
    def of(
        cls, owners: "Places", entries: "NDArray[np.uint32]", worths: "NDArray[np.float64]"
    ) -> "Worths":
        """Return what some entries are worth to articles, by the numbers of these, together."""
        pairs: NDArray[np.uint64] = owners.astype(np.uint64) << _ENTRY_BITS | entries
        return cls(*added(pairs, worths, _PAIR_BITS))

    @property
    def entries(self) -> "NDArray[np.uint32]":
        """Return the ids of the entries."""
        return self.pairs.astype(np.uint32)

    def with_credit(self, other: "Worths") -> "Worths":
        """Return them with what else is to the credit of some."""
        places = self.pairs.searchsorted(other.pairs)
        known = np.append(self.pairs, _NO_PAIR).take(places) == other.pairs
        worths = self.worths.copy()
        worths[places[known]] += other.worths[known]
        new = places[~known]
        return Worths(
            np.insert(self.pairs, new, other.pairs[~known]),
            np.insert(worths, new, other.worths[~known]),
        )

    def best(self, articles: int, count: int) -> list[list[int]]:
        """Return for each article the entries worth most, the newer first in a draw."""
        entries = self.entries
        cuts = self.pairs.searchsorted(np.arange(articles + 1, dtype=np.uint64) << _ENTRY_BITS)
        return [
            _best(entries[start:end], self.worths[start:end], count)
            for start, end in pairwise(cuts.tolist())
        ]


def owned(parts: "Sequence[NDArray[_Number]]") -> "tuple[NDArray[_Number], Places]":
    """Return a part of each article one after the other, and the numbers of those whose it is."""
    return np.concatenate(parts), np.arange(len(parts)).repeat([len(part) for part in parts])


def added(
    keys: "NDArray[_Key]", values: "NDArray[_Number]", bits: int
) -> "tuple[NDArray[_Key], NDArray[_Number]]":
    """Return each key, of so many bits, once, ascending, with all its values added up."""
    if not len(keys):
        return keys, values
    order = places_in_order(keys, bits)
    ordered = keys.take(order)
    (firsts,) = begins(ordered).nonzero()
    return ordered.take(firsts), np.add.reduceat(values.take(order), firsts)


def _best(entries: "NDArray[np.uint32]", worths: "NDArray[np.float64]", count: int) -> list[int]:
    if len(worths) > count:
        least = np.partition(worths, -count)[-count]
        likely = worths >= least
        entries, worths = entries[likely], worths[likely]
    order = np.lexsort((-entries.astype(np.int64), -worths))[:count]
    best: list[int] = entries[order].tolist()
    return best
