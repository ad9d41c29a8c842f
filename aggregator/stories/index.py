"""The index: which placed articles may tell the story of a new one."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import nsmallest
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.pair import Side
from aggregator.stories.terms import Terms, View
from aggregator.stories.text import digest
from aggregator.stories.weighing import TermWeights

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CANDIDATES = 15
# So many terms, the weightiest first, lead from one article to another.
_TERMS = 60
# How many of the newest entries a key, a run or a word leads to. What many entries share tells
# little, and a flood of one text must not slow the look-up.
_PER_KEY = 16
_PER_TERM = 256
# The smallest hashes stand for a text: of two that share most of their runs, most are common.
_RUNS = 16
_KEY_WORTH = 1000.0
_RUN_WORTH = 10.0
_MAX_LOOKED_AT = 4000
# Of two articles with as much in common the shorter comes first, but no brief before all others.
_SMALLEST = 20


class Index:
    """Finds candidates among the articles of a window, in memory.

    The same entries, added in the same order, give the same answers in every
    process. `general` are the shares of articles in the news at large that
    have each term (`TermWeights`).
    """

    def __init__(self, general: bytes = b"") -> None:
        self._fingerprints: dict[int, Fingerprint] = {}
        self._keys = _Postings(_PER_KEY)
        self._runs = _Postings(_PER_KEY)
        self._terms = _Postings(_PER_TERM)
        self.weigh = TermWeights(general)

    def __len__(self) -> int:
        """Return how many entries are in."""
        return len(self._fingerprints)

    def fingerprint(self, entry_id: int) -> Fingerprint:
        """Return the fingerprint that an entry was added with."""
        return self._fingerprints[entry_id]

    def add(self, fingerprint: Fingerprint, entry_id: int) -> None:
        """Add an entry; one that is in already stays as it is."""
        if entry_id in self._fingerprints:
            return
        self._fingerprints[entry_id] = fingerprint
        self._keys.add(_keys(fingerprint), entry_id)
        self._runs.add(_runs(fingerprint), entry_id)
        self._terms.add(_held_terms(fingerprint.terms), entry_id)
        self.weigh.add(fingerprint.terms.ids)

    def remove(self, entry_id: int) -> None:
        """Remove an entry; one that is not in makes no difference."""
        fingerprint = self._fingerprints.pop(entry_id, None)
        if fingerprint is None:
            return
        self._keys.remove(_keys(fingerprint), entry_id)
        self._runs.remove(_runs(fingerprint), entry_id)
        self._terms.remove(_held_terms(fingerprint.terms), entry_id)
        self.weigh.remove(fingerprint.terms.ids)

    def forget(self, before: datetime) -> list[int]:
        """Remove the entries published before a time; return their ids."""
        past = [
            entry_id
            for entry_id, fingerprint in self._fingerprints.items()
            if fingerprint.published < before
        ]
        for entry_id in past:
            self.remove(entry_id)
        return past

    def candidates(self, fingerprint: Fingerprint) -> list[int]:
        """Return the entries most worth comparing with an article, the best first, at most 15.

        Exact keys count most, then word runs in common, then terms of the
        leads and names, the rare ones more. Newer entries win a draw.
        """
        worth: defaultdict[int, float] = defaultdict(float)
        for entry_id, value in self._by_terms(Side(fingerprint, self.weigh)):
            worth[entry_id] += value
        for key in _keys(fingerprint):
            _credit(worth, self._keys.of(key), _KEY_WORTH)
        for run in _runs(fingerprint):
            _credit(worth, self._runs.of(run), _RUN_WORTH)
        ranked = ((-value, -entry_id) for entry_id, value in worth.items())
        return [-entry_id for _, entry_id in nsmallest(MOST_CANDIDATES, ranked)]

    def _by_terms(self, side: Side) -> Iterable[tuple[int, float]]:
        """Yield the entries that share weighty terms, each with what that is worth."""
        found: list[NDArray[np.uint32]] = []
        weights: list[NDArray[np.float32]] = []
        left = _MAX_LOOKED_AT
        held = _held(side.fingerprint.terms)
        known = [place for place in held.tolist() if self._terms.of(int(side.ids[place]))]
        heaviest = sorted(known, key=lambda place: -float(side.vectors[place, View.FULL]))[:_TERMS]
        postings = ((self._terms.of(int(side.ids[place])), place) for place in heaviest)
        for entry_ids, place in sorted(postings, key=lambda pair: len(pair[0])):
            left -= len(entry_ids)
            if left < 0:
                break
            found.append(np.array(entry_ids, np.uint32))
            weights.append(np.full(len(entry_ids), side.weights[place] ** 2, np.float32))
        if found:
            sharing, places = np.unique(np.concatenate(found), return_inverse=True)
            sums = np.bincount(places, np.concatenate(weights))
            for entry_id, value in zip(sharing.tolist(), sums.tolist(), strict=True):
                size = len(self._fingerprints[entry_id].terms.ids)
                yield entry_id, value / sqrt(_SMALLEST + size)


class _Postings:
    """Which entries have a term: the newest of them, up to a cap, in order of their adding."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        # Most terms have one entry: it stands by itself, as an array takes three times the memory.
        self._entries: dict[int, int | array[int]] = {}

    def of(self, term: int) -> Sequence[int]:
        found = self._entries.get(term, ())
        return (found,) if isinstance(found, int) else found[-self._cap :]

    def add(self, terms: Iterable[int], entry_id: int) -> None:
        for term in terms:
            found = self._entries.setdefault(term, entry_id)
            if isinstance(found, array):
                found.append(entry_id)
                if len(found) >= 2 * self._cap:
                    del found[: -self._cap]
            elif found != entry_id:
                self._entries[term] = array("I", (found, entry_id))

    def remove(self, terms: Iterable[int], entry_id: int) -> None:
        for term in terms:
            left = [other for other in self.of(term) if other != entry_id]
            if not left:
                self._entries.pop(term, None)
            else:
                self._entries[term] = left[0] if len(left) == 1 else array("I", left)


def _credit(worth: defaultdict[int, float], entry_ids: Iterable[int], value: float) -> None:
    for entry_id in entry_ids:
        worth[entry_id] += value


def _keys(fingerprint: Fingerprint) -> set[int]:
    """Return what identifies an article, alone: its keys, its title, the headlines it names."""
    headlines = {headline.words for headline in fingerprint.headlines}
    headlines.add(" ".join(fingerprint.title))
    keys = {fingerprint.guid, fingerprint.link, fingerprint.canonical, fingerprint.text}
    return {digest(words) for words in headlines if words} | {
        key for key in keys if key is not None
    }


def _runs(fingerprint: Fingerprint) -> "array[int]":
    return fingerprint.shingles[:_RUNS]


def _held(terms: Terms) -> "NDArray[np.intp]":
    """Return the places of the terms by which an article is found: of its lead, names, figures.

    They do not depend on the stream, so that what is found is the same after a restart.
    """
    counts = np.frombuffer(terms.counts, np.uint8).reshape(-1, len(View))
    return np.flatnonzero(counts[:, [View.LEAD, View.NAMES, View.FIGURES]].any(axis=1))


def _held_terms(terms: Terms) -> list[int]:
    return [terms.ids[place] for place in _held(terms)]
