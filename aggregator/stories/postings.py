"""Postings: which entries have a key, in sorted arrays, as most of them never change."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    Keys = NDArray[np.unsignedinteger]

# What came last waits in a dictionary, which takes several times the memory, to be sorted in, which
# takes time: so many entries wait, or a share of all.
_FEWEST_FRESH = 256
_FRESH_SHARE = 32
_HALF_BITS = 32
_LARGEST_PLACE = (1 << _HALF_BITS) - 1


class Postings:
    """Which entries have a key, in the order of their adding.

    Keys are unsigned integers of one kind; none is the largest of its kind. It
    answers the same whether entries came all at once or one by one.
    """

    def __init__(self, kind: "DTypeLike") -> None:
        # The entries that have a key lie together: those of keys[2] from starts[2] to starts[3].
        # The last key is none, so that whatever is sought has a place.
        self._keys: Keys = np.full(1, np.iinfo(kind).max, kind)
        self._starts = np.zeros(2, np.uint32)
        self._entries = np.empty(0, np.uint32)
        self._sorted = 0
        self._fresh: defaultdict[int, list[int]] = defaultdict(list)
        self._waiting: list[tuple[int, Keys]] = []

    def add(self, entry_id: int, keys: "Keys") -> None:
        """Add an entry with its keys, each of them once."""
        self._waiting.append((entry_id, keys))
        for key in keys.tolist():
            self._fresh[key].append(entry_id)
        if len(self._waiting) >= max(_FEWEST_FRESH, self._sorted // _FRESH_SHARE):
            self._sort()

    def load(self, entries: Sequence[tuple[int, "Keys"]]) -> None:
        """Add many entries with their keys at once."""
        self._waiting += entries
        self._sort()

    def keep(self, entries: "NDArray[np.bool_]") -> None:
        """Remove all entries but some: those that are true, by their ids."""
        self._sort()
        kept = entries[self._entries]
        ends = np.concatenate([[0], np.cumsum(kept, dtype=np.uint32)])
        starts = ends[self._starts]
        used = np.append(starts[1:-1] > starts[:-2], [True])
        self._keys, self._entries = self._keys[used], self._entries[kept]
        self._starts = np.append(starts[:-1][used], starts[-1]).astype(np.uint32)
        self._sorted = int(np.count_nonzero(entries))

    def find(self, keys: "Keys") -> "Found":
        """Return where the entries are that have each of some keys."""
        places = self._keys.searchsorted(keys)
        starts, ends = self._starts.take(places), self._starts.take(places + 1)
        known = self._keys.take(places) == keys
        fresh = [self._fresh.get(key, ()) for key in keys.tolist()] if self._fresh else []
        return Found(self._entries, ends.astype(np.int64), (ends - starts) * known, fresh)

    def _sort(self) -> None:
        """Sort in what was added since it was last done."""
        if not self._waiting:
            return
        lengths = [len(keys) for _, keys in self._waiting]
        entries = np.array([entry_id for entry_id, _ in self._waiting], np.uint32)
        keys = np.concatenate([keys for _, keys in self._waiting])
        order = places_in_order(keys)
        keys, entries = keys[order], np.repeat(entries, lengths)[order]
        # Behind those that have the key already: before those of the first larger one.
        after = self._starts[np.searchsorted(self._keys, keys, "right")].astype(np.int64)
        self._entries = np.insert(self._entries, after, entries)
        firsts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
        added, more = keys[firsts], np.diff(firsts, append=len(keys))
        places = np.searchsorted(self._keys, added)
        known = self._keys[places] == added
        counts = np.diff(self._starts)
        counts[places[known]] += more[known].astype(np.uint32)
        counts = np.insert(counts, places[~known], more[~known].astype(np.uint32))
        self._keys = np.insert(self._keys, places[~known], added[~known])
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)
        self._sorted += len(self._waiting)
        self._fresh.clear()
        self._waiting.clear()


class Found:
    """The entries that have each of some keys; `counts` says how many they are.

    Those sorted in lie before an end in `entries`, so many as `lengths` says;
    those added since are in `fresh`, if any.
    """

    def __init__(
        self,
        entries: "NDArray[np.uint32]",
        ends: "NDArray[np.int64]",
        lengths: "NDArray[np.uint32]",
        fresh: Sequence[Sequence[int]],
    ) -> None:
        self._entries, self._ends, self._fresh = entries, ends, fresh
        self._lengths = lengths.astype(np.int64)
        self.counts = self._lengths
        if fresh:
            self.counts = self._lengths + np.fromiter(map(len, fresh), np.int64)

    def newest(
        self, sought: "NDArray[np.intp]", most: int
    ) -> tuple["NDArray[np.uint32]", "NDArray[np.intp]"]:
        """Return the entries of the keys at some places, each with the place of its key.

        At most so many for a key, those added last.
        """
        fresh = [self._fresh[place][-most:] for place in sought.tolist()] if self._fresh else []
        late = np.fromiter(map(len, fresh), np.int64) if fresh else np.zeros(len(sought), np.int64)
        counts = np.minimum(self._lengths[sought], most - late)
        # In one go for all keys: the last so many places before each end.
        places = (self._ends[sought] - counts.cumsum()).repeat(counts)
        places += np.arange(len(places))
        found, keys = self._entries.take(places), sought.repeat(counts)
        if not late.any():
            return found, keys
        added = np.fromiter(chain.from_iterable(fresh), np.uint32)
        return np.concatenate([found, added]), np.concatenate([keys, np.repeat(sought, late)])


def places_in_order(keys: "Keys") -> "NDArray[np.intp]":
    """Return the places of some keys in their order; of equal ones the first comes first."""
    if keys.itemsize > _HALF_BITS // 8:
        return keys.argsort(kind="stable")
    # Each is sorted together with its place, which is much faster than to sort stably.
    places = keys.astype(np.uint64) << _HALF_BITS | np.arange(len(keys), dtype=np.uint64)
    places.sort()
    places &= _LARGEST_PLACE
    return places.view(np.intp)
