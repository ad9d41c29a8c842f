"""The index: which placed articles may tell the story of a new one."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
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
        # How many terms an entry has, by its id.
        self._sizes = np.zeros(1024, np.uint16)
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
        self._note_size(entry_id, len(fingerprint.terms.ids))
        self.weigh.add(fingerprint.terms.ids)

    def _note_size(self, entry_id: int, size: int) -> None:
        if entry_id >= len(self._sizes):
            grown = np.zeros(max(entry_id + 1, 2 * len(self._sizes)), np.uint16)
            grown[: len(self._sizes)] = self._sizes
            self._sizes = grown
        self._sizes[entry_id] = size

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
        credit: defaultdict[int, float] = defaultdict(float)
        for key in _keys(fingerprint):
            _credit(credit, self._keys.of(key), _KEY_WORTH)
        for run in _runs(fingerprint):
            _credit(credit, self._runs.of(run), _RUN_WORTH)
        found, worth = self._by_terms(Side(fingerprint, self.weigh))
        if credit:
            found = np.concatenate([found, np.array(list(credit), np.int64)])
            worth = np.concatenate([worth, np.array(list(credit.values()))])
            found, places = np.unique(found, return_inverse=True)
            worth = np.bincount(places, worth).astype(np.float64)
        return _best(found, worth, MOST_CANDIDATES)

    def _by_terms(self, side: Side) -> tuple["NDArray[np.int64]", "NDArray[np.float64]"]:
        """Return the entries that share weighty terms, and what that is worth for each."""
        found: list[NDArray[np.uint32]] = []
        weights: list[NDArray[np.float64]] = []
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
            weights.append(np.full(len(entry_ids), float(side.weights[place]) ** 2))
        if not found:
            return np.empty(0, np.int64), np.empty(0)
        sharing, places = np.unique(np.concatenate(found), return_inverse=True)
        sums = np.bincount(places, np.concatenate(weights))
        return sharing.astype(np.int64), sums / np.sqrt(_SMALLEST + self._sizes[sharing])


def _best(entry_ids: "NDArray[np.int64]", worth: "NDArray[np.float64]", count: int) -> list[int]:
    """Return the entries worth most, the newer first where two are worth the same."""
    if len(worth) > count:
        least = np.partition(worth, -count)[-count]
        entry_ids, worth = entry_ids[worth >= least], worth[worth >= least]
    order = np.lexsort((-entry_ids, -worth))[:count]
    best: list[int] = entry_ids[order].tolist()
    return best


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


def _credit(credit: defaultdict[int, float], entry_ids: Iterable[int], value: float) -> None:
    for entry_id in entry_ids:
        credit[entry_id] += value


def _keys(fingerprint: Fingerprint) -> set[int]:
    """Return what identifies an article, alone: its keys, its title, the headlines it names."""
    headlines = {headline.words for headline in fingerprint.headlines}
    headlines.add(" ".join(fingerprint.title))
    keys = {fingerprint.guid, fingerprint.link, fingerprint.canonical, fingerprint.text}
    keys.update(fingerprint.originals)
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
