"""What a term tells: much where few articles have it, nothing where all have it."""

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.terms import SPACE

if TYPE_CHECKING:
    from numpy.typing import NDArray

Weigh = Callable[["array[int]"], "NDArray[np.float32]"]

# Until so many articles were seen, the stream's own frequencies are held to be hearsay.
_HEARSAY = 50
# The share of articles that have a term of which nothing is known.
UNKNOWN_SHARE = 1e-4
# Shares are stored as logarithms, in steps of this many nats.
_STEP = 1 / 16
_MOST_STEPS = 255


def equally(ids: "array[int]") -> "NDArray[np.float32]":
    """Return the weights of terms where nothing is known of the stream: 1 for each."""
    return np.ones(len(ids), np.float32)


class TermWeights:
    """The weights of terms: their surprise in nats, given general news and this stream.

    A term is as common as it is in the more familiar of the two: "NATO" is
    rare in the world and says nothing in a stream where every article has it.
    """

    def __init__(self, general: bytes = b"") -> None:
        self._general = _shares(general)
        self._holders = np.zeros(SPACE, np.int32)
        self._articles = 0

    def add(self, ids: "array[int]") -> None:
        """Count an article of the stream."""
        self._holders[ids] += 1
        self._articles += 1

    def remove(self, ids: "array[int]") -> None:
        """Take back an article that was added."""
        self._holders[ids] -= 1
        self._articles -= 1

    def __call__(self, ids: "array[int]") -> "NDArray[np.float32]":
        """Return the weight of each term of a pair: the new article, and one that was added.

        Whoever is being compared does not count as the stream.
        """
        at = np.asarray(ids, np.int64)
        others = np.maximum(self._holders[at] - 1, 0) / np.float32(self._articles + _HEARSAY)
        share: NDArray[np.float32] = np.maximum(self._general[at], others.astype(np.float32))
        return -np.log(share)


def pack_shares(shares: dict[int, float]) -> bytes:
    """Return the shares of articles that have each term, in the form that `TermWeights` reads."""
    ids = array("I", sorted(shares))
    steps = (round(-np.log(shares[term]) / _STEP) for term in ids)
    return ids.tobytes() + bytes(min(max(step, 0), _MOST_STEPS) for step in steps)


def _shares(stored: bytes) -> "NDArray[np.float32]":
    shares = np.full(SPACE, UNKNOWN_SHARE, np.float32)
    count = len(stored) // 5
    ids = np.frombuffer(stored, "<u4", count)
    steps = np.frombuffer(stored, np.uint8, count, offset=4 * count)
    shares[ids] = np.exp(-_STEP * steps.astype(np.float32))
    return shares
