"""Postings: which entries have a key, in sorted arrays, as most of them never change."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aggregator.stories.columns import begins

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    Keys = NDArray[np.unsignedinteger]
    Entries = NDArray[np.uint32]

# So many entries wait to be sorted in. A run of such is merged into the one before it as soon as
# that is not so many times as long: few runs are to be searched then, and none is written anew
# often (O'Neil et al. 1996, "The log-structured merge-tree").
_WAITING = 48
_TIMES = 32
_DIGIT_BITS = 16


class Postings:
    """Which entries have a key, in the order of their adding.

    Keys are unsigned integers of one kind; none is the largest of its kind. It
    answers the same whether entries came all at once or one by one.
    """

    def __init__(self, kind: "DTypeLike") -> None:
        self._kind = kind
        self._runs: list[_Run] = []
        self._waiting: list[tuple[int, Keys]] = []

    def __len__(self) -> int:
        """Return how many keys all entries have together."""
        self._sort()
        return sum(len(run.entries) for run in self._runs)

    def add(self, entry_id: int, keys: "Keys") -> None:
        """Add an entry with its keys, each of them once."""
        self._waiting.append((entry_id, keys))
        if len(self._waiting) >= _WAITING:
            self._sort()

    def load(self, entries: Sequence[tuple[int, "Keys"]]) -> None:
        """Add many entries with their keys at once."""
        self._waiting += entries
        self._sort()

    def keep(self, entries: "NDArray[np.bool_]") -> None:
        """Remove all entries but some: those that are true, by their ids."""
        self._sort()
        kept = (run.keep(entries) for run in self._runs)
        self._runs = [run for run in kept if len(run.entries)]

    def find(self, asking: Sequence[tuple[int, "Keys"]]) -> "Found":
        """Return where the entries are that have each of the keys of some, one after the other.

        Those asking are not in yet; each finds those before it as if they were.
        """
        keys, _ = _joined(asking, self._kind)
        late = _before(*_joined([*self._waiting, *asking], self._kind), len(keys))
        return Found([*[run.find(keys) for run in self._runs], late])

    def _sort(self) -> None:
        """Sort in what was added since it was last done."""
        if not self._waiting:
            return
        self._runs.append(_run(*_joined(self._waiting, self._kind)))
        self._waiting = []
        while len(self._runs) > 1:
            one, other = self._runs[-2:]
            if len(one.entries) >= _TIMES * len(other.entries):
                break
            self._runs[-2:] = [one.followed_by(other)]


class Held(NamedTuple):
    """Where the entries of each of some keys lie: before an end, so many as a length says."""

    entries: "Entries"
    ends: "NDArray[np.int64]"
    lengths: "NDArray[np.int64]"


class _Run(NamedTuple):
    """Entries by their keys: those of keys[2] lie from starts[2] to starts[3].

    Keys are ascending. The last is none, so that whatever is sought has a place.
    """

    keys: "Keys"
    starts: "Entries"
    entries: "Entries"

    def find(self, keys: "Keys") -> Held:
        """Return where the entries are that have each of some keys."""
        places = self.keys.searchsorted(keys)
        ends = self.starts.take(places + 1).astype(np.int64)
        lengths = (ends - self.starts.take(places)) * (self.keys.take(places) == keys)
        return Held(self.entries, ends, lengths)

    def followed_by(self, later: "_Run") -> "_Run":
        """Return both as one, the entries of a key in the later one behind those in this."""
        keys, counts = later.keys[:-1], np.diff(later.starts[:-1])
        behind = self.starts[self.keys.searchsorted(keys, "right")].astype(np.int64)
        places = self.keys.searchsorted(keys)
        known = self.keys[places] == keys
        lengths = np.diff(self.starts)
        lengths[places[known]] += counts[known]
        return _Run(
            np.insert(self.keys, places[~known], keys[~known]),
            _starts(np.insert(lengths, places[~known], counts[~known])),
            np.insert(self.entries, behind.repeat(counts), later.entries),
        )

    def keep(self, entries: "NDArray[np.bool_]") -> "_Run":
        """Return it with no entries but some: those that are true, by their ids."""
        kept = entries[self.entries]
        ends = np.concatenate([[0], np.cumsum(kept, dtype=np.uint32)])
        starts = ends[self.starts]
        used = np.append(starts[1:-1] > starts[:-2], [True])
        return _Run(
            self.keys[used],
            np.append(starts[:-1][used], starts[-1]).astype(np.uint32),
            self.entries[kept],
        )


class Found:
    """The entries that have each of some keys; `counts` says how many they are.

    `held` says where they are, those added last in the last.
    """

    def __init__(self, held: Sequence[Held]) -> None:
        self._held = held
        self.counts: NDArray[np.int64] = np.sum([each.lengths for each in held], axis=0)

    def newest(self, sought: "NDArray[np.intp]", most: int) -> "tuple[Entries, NDArray[np.intp]]":
        """Return the entries of the keys at some places, each with the place of its key.

        At most so many for a key, those added last.
        """
        left = np.full(len(sought), most)
        entries, keys = [], []
        for held in reversed(self._held):
            counts = np.minimum(held.lengths.take(sought), left)
            left -= counts
            # In one go for all keys: the last so many places before each end.
            places = (held.ends.take(sought) - counts.cumsum()).repeat(counts)
            places += np.arange(len(places))
            entries.append(held.entries.take(places))
            keys.append(sought.repeat(counts))
        return np.concatenate(entries), np.concatenate(keys)


def _before(keys: "Keys", entries: "Entries", last: int) -> Held:
    """Return where those before it are that have the same key, for each of so many at the end."""
    order = places_in_order(keys)
    places = np.arange(len(keys))
    ends = np.empty_like(places)
    ends[order] = places
    ends = ends[len(keys) - last :]
    starts = np.maximum.accumulate(places * begins(keys.take(order)))
    return Held(entries.take(order), ends, ends - starts.take(ends))


def earlier(keys: "Keys") -> "NDArray[np.int64]":
    """Return how many before it each key has that are the same."""
    return _before(keys, keys, len(keys)).lengths


def places_in_order(keys: "NDArray[np.integer]", bits: int | None = None) -> "NDArray[np.intp]":
    """Return the places of some keys in their order; of equal ones the first comes first.

    None is below 0 or has more bits than that.
    """
    # By sixteen bits at a time, the last first: so many numpy sorts by their digits, stably, and
    # faster than it sorts the whole.
    order = keys.astype(np.uint16).argsort(kind="stable")
    for done in range(_DIGIT_BITS, bits or 8 * keys.itemsize, _DIGIT_BITS):
        digits = (keys >> done).astype(np.uint16)
        order = order.take(digits.take(order).argsort(kind="stable"))
    return order


def _run(keys: "Keys", entries: "Entries") -> _Run:
    """Return some entries by their keys."""
    order = places_in_order(keys)
    keys = keys.take(order)
    (firsts,) = begins(keys).nonzero()
    none = np.array([np.iinfo(keys.dtype).max], keys.dtype)
    return _Run(
        np.concatenate([keys.take(firsts), none]),
        _starts(np.append(np.diff(firsts, append=len(keys)), 0)),
        entries.take(order),
    )


def _joined(entries: "Sequence[tuple[int, Keys]]", kind: "DTypeLike") -> "tuple[Keys, Entries]":
    """Return the keys of some entries one after the other, and for each whose it is."""
    parts = [keys for _, keys in entries]
    entry_ids = np.array([entry_id for entry_id, _ in entries], np.uint32)
    return np.concatenate([np.empty(0, kind), *parts]), entry_ids.repeat(
        [len(part) for part in parts]
    )


def _starts(lengths: "NDArray[np.integer]") -> "Entries":
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)
