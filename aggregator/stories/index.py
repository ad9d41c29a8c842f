"""The index: which placed articles may tell the story of a new one."""

from array import array
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from aggregator.stories.meaning import Centre
from aggregator.stories.postings import Postings, places_in_order
from aggregator.stories.stored import Handles
from aggregator.stories.terms import damped
from aggregator.stories.weighing import TermWeights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Worths = tuple[NDArray[np.uint32], NDArray[np.float64]]

_Values = TypeVar("_Values", "NDArray[np.float64]", "NDArray[np.uint32]")

MOST_CANDIDATES = 15
# So many terms, the weightiest first, lead from one article to another.
_TERMS = 60
# How many of the newest entries a key or a term leads to. What many entries share tells little, and
# a flood of one text must not slow the look-up.
_PER_KEY = 16
_PER_TERM = 256
_KEY_WORTH = 1000.0
_RUN_WORTH = 10.0
_LARGEST_RUN = 0xFFFFFFFF
_MAX_LOOKED_AT = 4000
# So many articles of a day, or a share of them, wait for their terms to be counted.
_FEWEST_COUNTED = 64
_COUNTED_SHARE = 4
_COUNTED_AT_ONCE = 1000
# Of two articles with as much in common the shorter comes first, but no brief before all others.
_SMALLEST = 20


class Index:
    """Finds candidates among the articles of a window, in memory.

    It holds no articles, only what they are found by. The same entries, added
    in the same order, give the same answers in every process, whatever was
    there before. `general` are the shares of articles in the news at large
    that have each term (`TermWeights`).
    """

    def __init__(self, general: bytes = b"") -> None:
        self._days: defaultdict[int, Day] = defaultdict(Day)
        self._terms = Postings(np.uint32)
        self._keys = Postings(np.uint64)
        # One more than the terms that an entry has, by its id; 0 where it is not in.
        self._sizes = np.zeros(1024, np.uint16)
        self._count = 0
        self.weigh = TermWeights(general)
        self.see = Centre()

    def __len__(self) -> int:
        """Return how many entries are in."""
        return self._count

    def __contains__(self, entry_id: int) -> bool:
        """Return whether an entry is in."""
        return entry_id < len(self._sizes) and bool(self._sizes[entry_id])

    def add(self, article: Handles, entry_id: int) -> None:
        """Add an entry; one that is in already stays as it is."""
        if entry_id not in self:
            self._enter(article, entry_id)
            self.weigh.add(article.terms)
            self._terms.add(entry_id, article.held)
            self._keys.add(entry_id, article.keys)

    def load(self, articles: Iterable[tuple[int, Handles]]) -> None:
        """Add many entries at once, by their ids; those that are in already stay as they are."""
        terms, keys, counted = [], [], []
        for entry_id, article in articles:
            if entry_id not in self:
                self._enter(article, entry_id)
                terms.append((entry_id, article.held))
                keys.append((entry_id, article.keys.copy()))
                counted.append(article.terms)
                # Not later: terms may be part of something larger that need not be kept.
                if len(counted) == _COUNTED_AT_ONCE:
                    self.weigh.add_all(counted)
                    counted.clear()
        self.weigh.add_all(counted)
        for day in self._days.values():
            day.holders()
        self._terms.load(terms)
        self._keys.load(keys)

    def forget(self, before: int) -> None:
        """Drop the days before one, given as its ordinal."""
        past = [day for day in self._days if day < before]
        for day in past:
            dropped = self._days.pop(day)
            self._sizes[dropped.entry_ids] = 0
            self._count -= len(dropped.entry_ids)
            self.weigh.remove(*dropped.holders(), len(dropped.entry_ids))
            self.see.remove(dropped.meanings)
        if past:
            self._terms.keep(self._sizes > 0)
            self._keys.keep(self._sizes > 0)

    def candidates(self, article: Handles) -> list[int]:
        """Return the entries most worth comparing with an article, the best first, at most 15.

        Exact keys count most, then word runs in common, then terms of the
        leads and names, the rare ones more. Newer entries win a draw.
        """
        entry_ids, worths = self._by_terms(article)
        by_key = self._keys.find(article.keys)
        if by_key.counts.any():
            found, keys = by_key.newest(np.arange(len(article.keys)), _PER_KEY)
            credit = np.where(article.keys > _LARGEST_RUN, _KEY_WORTH, _RUN_WORTH).take(keys)
            entry_ids, worths = _added(
                np.concatenate([entry_ids, found]), np.concatenate([worths, credit])
            )
        return _best(entry_ids, worths, MOST_CANDIDATES)

    def _by_terms(self, article: Handles) -> "Worths":
        """Return the entries that share weighty terms, and what these are worth together."""
        weights = self.weigh(article.held).astype(np.float64)
        heavy = damped(article.often) * weights
        by_term = self._terms.find(article.held)
        counts = np.minimum(by_term.counts, _PER_TERM)
        (known,) = counts.nonzero()
        heaviest = known[(-heavy[known]).argsort(kind="stable")[:_TERMS]]
        rarest = heaviest[counts[heaviest].argsort(kind="stable")]
        sought = rarest[counts[rarest].cumsum() <= _MAX_LOOKED_AT]
        found, terms = by_term.newest(sought, _PER_TERM)
        entry_ids, worths = _added(found, (weights * weights).take(terms))
        return entry_ids, worths / np.sqrt(_SMALLEST - 1 + self._sizes.take(entry_ids))

    def _enter(self, article: Handles, entry_id: int) -> None:
        if entry_id >= len(self._sizes):
            grown = np.zeros(max(entry_id + 1, 2 * len(self._sizes)), np.uint16)
            grown[: len(self._sizes)] = self._sizes
            self._sizes = grown
        self._sizes[entry_id] = 1 + len(article.terms)
        self._count += 1
        self._days[article.day].add(article, entry_id)
        self.see.add(article.meaning)


class Day:
    """The articles of a day, to be dropped together: what they have in their terms and meanings."""

    def __init__(self) -> None:
        self.entry_ids = array("I")
        self.meanings = Centre()
        self._holders = np.empty(0, np.uint32), np.empty(0, np.uint32)
        self._waiting: list[NDArray[np.uint32]] = []

    def add(self, article: Handles, entry_id: int) -> None:
        """Add an article."""
        self.entry_ids.append(entry_id)
        self.meanings.add(article.meaning)
        self._waiting.append(article.terms.copy())
        if len(self._waiting) >= max(_FEWEST_COUNTED, len(self.entry_ids) // _COUNTED_SHARE):
            self.holders()

    def holders(self) -> tuple["NDArray[np.uint32]", "NDArray[np.uint32]"]:
        """Return all terms, and how many of the articles have each."""
        if self._waiting:
            known, counts = self._holders
            waiting = np.concatenate(self._waiting)
            self._holders = _added(
                np.concatenate([known, waiting]),
                np.concatenate([counts, np.ones(len(waiting), np.uint32)]),
            )
            self._waiting.clear()
        return self._holders


def _added(keys: "NDArray[np.uint32]", values: "_Values") -> "tuple[NDArray[np.uint32], _Values]":
    """Return each key once, ascending, with all its values added up."""
    if not len(keys):
        return keys, values
    order = places_in_order(keys)
    ordered = keys.take(order)
    begins = np.empty(len(ordered), np.bool_)
    begins[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    (firsts,) = begins.nonzero()
    return ordered.take(firsts), np.add.reduceat(values.take(order), firsts)


def _best(entry_ids: "NDArray[np.uint32]", worth: "NDArray[np.float64]", count: int) -> list[int]:
    """Return the entries worth most, the newer first where two are worth the same."""
    if len(worth) > count:
        least = np.partition(worth, -count)[-count]
        entry_ids, worth = entry_ids[worth >= least], worth[worth >= least]
    order = np.lexsort((-entry_ids.astype(np.int64), -worth))[:count]
    best: list[int] = entry_ids[order].tolist()
    return best
