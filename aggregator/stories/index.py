"""The index: which placed articles may tell the story of a new one."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.columns import numbered, summed
from aggregator.stories.lookup import Asking, Worths, added, owned
from aggregator.stories.meaning import Centre
from aggregator.stories.postings import Postings, places_in_order
from aggregator.stories.stored import Handles
from aggregator.stories.terms import SPACE_BITS, damped
from aggregator.stories.weighing import TermWeights

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
# Enough for the number of an article and that of the entries that have a term.
_COMMONNESS_BITS = 32


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
        # By the ids of entries: one more than the terms of those that were met, and which are in.
        self._sizes = np.zeros(1024, np.uint16)
        self._is_in = np.zeros(1024, np.bool_)
        self._count = 0
        self._spoken: Counter[str] = Counter()
        self.weigh = TermWeights(general)
        self.see = Centre()

    def __len__(self) -> int:
        """Return how many entries are in."""
        return self._count

    def __contains__(self, entry_id: int) -> bool:
        """Return whether an entry is in."""
        return entry_id < len(self._is_in) and bool(self._is_in[entry_id])

    def crowd(self, lang: str) -> int:
        """Return how many entries in a language are in."""
        return self._spoken[lang]

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
                terms.append((entry_id, article.held.copy()))
                keys.append((entry_id, article.keys.copy()))
                counted.append(article.terms)
                # Not later: terms may be part of something larger that need not be kept, as the
                # copies are not.
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
            self._is_in[dropped.entry_ids] = False
            self._count -= len(dropped.entry_ids)
            self._spoken -= dropped.spoken
            self.weigh.remove(*dropped.holders(), len(dropped.entry_ids))
            self.see.remove(dropped.meanings)
        if past:
            self._terms.keep(self._is_in)
            self._keys.keep(self._is_in)

    def candidates(self, articles: Sequence[tuple[int, Handles]]) -> list[list[int]]:
        """Return for each article the entries most worth comparing with it, at most 15.

        The best first. The articles, by the ids of their entries, are not in
        yet: each is looked up as if those before it were, all in one go. Exact
        keys count most, then word runs in common, then terms of the leads and
        names, the rare ones more. Newer entries win a draw.
        """
        for entry_id, article in articles:
            self._measure(article, entry_id)
        found = self._by_terms(Asking(articles)).with_credit(self._by_keys(articles))
        return found.best(len(articles), MOST_CANDIDATES)

    def _by_terms(self, asking: Asking) -> Worths:
        """Return who shares weighty terms with whom, and what these are worth together."""
        owners = asking.owners
        weights = self.weigh(asking.held, asking.holders, owners).astype(np.float64)
        heavy = damped(asking.often) * weights
        held = self._terms.find([(entry_id, article.held) for entry_id, article in asking.articles])
        counts = np.minimum(held.counts, _PER_TERM)
        (known,) = counts.nonzero()
        heaviest = known.take(np.lexsort((-heavy.take(known), owners.take(known))))
        heaviest = heaviest[numbered(owners.take(heaviest)) < _TERMS]
        commonness = owners * (_PER_TERM + 1) + counts
        rarest = heaviest.take(places_in_order(commonness.take(heaviest), _COMMONNESS_BITS))
        looked_at = summed(owners.take(rarest), counts.take(rarest))
        found, terms = held.newest(rarest[looked_at <= _MAX_LOOKED_AT], _PER_TERM)
        shared = Worths.of(owners.take(terms), found, (weights * weights).take(terms))
        sizes = self._sizes.take(shared.entries)
        return shared._replace(worths=shared.worths / np.sqrt(_SMALLEST - 1 + sizes))

    def _by_keys(self, articles: Sequence[tuple[int, Handles]]) -> Worths:
        """Return who shares keys with whom, and what these are worth together."""
        keys, owners = owned([article.keys for _, article in articles])
        held = self._keys.find([(entry_id, article.keys) for entry_id, article in articles])
        found, places = held.newest(held.counts.nonzero()[0], _PER_KEY)
        credit = np.where(keys > _LARGEST_RUN, _KEY_WORTH, _RUN_WORTH)
        return Worths.of(owners.take(places), found, credit.take(places))

    def _enter(self, article: Handles, entry_id: int) -> None:
        self._measure(article, entry_id)
        self._is_in[entry_id] = True
        self._count += 1
        self._spoken[article.lang] += 1
        self._days[article.day].add(article, entry_id)
        self.see.add(article.meaning)

    def _measure(self, article: Handles, entry_id: int) -> None:
        if (size := len(self._sizes)) <= entry_id:
            more = max(entry_id + 1 - size, size)
            self._sizes, self._is_in = (
                np.append(known, np.zeros(more, known.dtype))
                for known in (self._sizes, self._is_in)
            )
        self._sizes[entry_id] = 1 + len(article.terms)


class Day:
    """The articles of a day, to be dropped together, with what is counted of them."""

    def __init__(self) -> None:
        self.entry_ids = array("I")
        self.meanings = Centre()
        self.spoken: Counter[str] = Counter()
        self._holders = np.empty(0, np.uint32), np.empty(0, np.uint32)
        self._waiting: list[NDArray[np.uint32]] = []

    def add(self, article: Handles, entry_id: int) -> None:
        """Add an article."""
        self.entry_ids.append(entry_id)
        self.meanings.add(article.meaning)
        self.spoken[article.lang] += 1
        self._waiting.append(article.terms.copy())
        if len(self._waiting) >= max(_FEWEST_COUNTED, len(self.entry_ids) // _COUNTED_SHARE):
            self.holders()

    def holders(self) -> tuple["NDArray[np.uint32]", "NDArray[np.uint32]"]:
        """Return all terms, and how many of the articles have each."""
        if self._waiting:
            known, counts = self._holders
            waiting = np.concatenate(self._waiting)
            self._holders = added(
                np.concatenate([known, waiting]),
                np.concatenate([counts, np.ones(len(waiting), np.uint32)]),
                SPACE_BITS,
            )
            self._waiting.clear()
        return self._holders
