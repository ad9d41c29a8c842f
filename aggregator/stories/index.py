"""The index: which placed articles may tell the story of a new one."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable
from datetime import datetime
from heapq import nsmallest
from math import log1p
from typing import TYPE_CHECKING, Generic, TypeVar

from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.text import digest

if TYPE_CHECKING:
    from array import array  # takes its item's type only from Python 3.12 on

Term = TypeVar("Term", int, str)

MOST_CANDIDATES = 15
# How many of the newest entries a key, a run or a word leads to. What many entries share tells
# little, and a flood of one text must not slow the look-up.
_PER_KEY = 16
_PER_WORD = 256
# The smallest hashes stand for a text: of two that share most of their runs, most are common.
_RUNS = 16
_KEY_WORTH = 1000.0
_RUN_WORTH = 10.0
_MAX_LOOKED_AT = 1000


class Index:
    """Finds candidates among the articles of a window, in memory.

    The same entries, added in the same order, give the same answers in every
    process.
    """

    def __init__(self) -> None:
        self._fingerprints: dict[int, Fingerprint] = {}
        self._keys = _Postings[int](_PER_KEY)
        self._runs = _Postings[int](_PER_KEY)
        self._words = _Postings[str](_PER_WORD)
        self._frequencies: Counter[str] = Counter()

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
        words = _words(fingerprint)
        self._keys.add(_keys(fingerprint), entry_id)
        self._runs.add(_runs(fingerprint), entry_id)
        self._words.add(words, entry_id)
        self._frequencies.update(words)

    def remove(self, entry_id: int) -> None:
        """Remove an entry; one that is not in makes no difference."""
        fingerprint = self._fingerprints.pop(entry_id, None)
        if fingerprint is None:
            return
        words = _words(fingerprint)
        self._keys.remove(_keys(fingerprint), entry_id)
        self._runs.remove(_runs(fingerprint), entry_id)
        self._words.remove(words, entry_id)
        self._frequencies.subtract(words)
        for word in words:
            if not self._frequencies[word]:
                del self._frequencies[word]

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

    def rarity(self, word: str) -> float:
        """Return what a word of a title tells: more, the fewer titles in the stream have it."""
        return log1p((1 + len(self._fingerprints)) / (1 + self._frequencies[word]))

    def candidates(self, fingerprint: Fingerprint) -> list[int]:
        """Return the entries most worth comparing with an article, the best first, at most 15.

        Exact keys count most, then word runs in common, then words of titles
        and attributed headlines, the rare ones more. Newer entries win a draw.
        """
        worth: defaultdict[int, float] = defaultdict(float)
        for key in _keys(fingerprint):
            _credit(worth, self._keys.of(key), _KEY_WORTH)
        for run in _runs(fingerprint):
            _credit(worth, self._runs.of(run), _RUN_WORTH)
        left = _MAX_LOOKED_AT
        for word in sorted(_words(fingerprint), key=lambda word: (self._frequencies[word], word)):
            found = self._words.of(word)
            left -= len(found)
            if left < 0:
                break
            _credit(worth, found, self.rarity(word))
        ranked = ((-value, -entry_id) for entry_id, value in worth.items())
        return [-entry_id for _, entry_id in nsmallest(MOST_CANDIDATES, ranked)]


class _Postings(Generic[Term]):
    """Which entries have a term: the newest of them, up to a cap."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        # Most terms have one entry: it stands by itself, as a deque takes ten times the memory.
        self._entries: dict[Term, int | deque[int]] = {}

    def of(self, term: Term) -> Collection[int]:
        found = self._entries.get(term, ())
        return (found,) if isinstance(found, int) else found

    def add(self, terms: Iterable[Term], entry_id: int) -> None:
        for term in terms:
            found = self._entries.setdefault(term, entry_id)
            if isinstance(found, deque):
                found.append(entry_id)
            elif found != entry_id:
                self._entries[term] = deque((found, entry_id), self._cap)

    def remove(self, terms: Iterable[Term], entry_id: int) -> None:
        for term in terms:
            left = [other for other in self.of(term) if other != entry_id]
            if not left:
                self._entries.pop(term, None)
            else:
                self._entries[term] = left[0] if len(left) == 1 else deque(left, self._cap)


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


def _words(fingerprint: Fingerprint) -> set[str]:
    attributed = (headline.words.split() for headline in fingerprint.headlines)
    return set(fingerprint.title).union(*attributed)
