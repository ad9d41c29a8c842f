"""What a term tells: much where few articles have it, nothing where all have it."""

from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.terms import SPACE

if TYPE_CHECKING:
    from numpy.typing import NDArray

Weigh = Callable[["NDArray[np.uint32]"], "NDArray[np.float32]"]

# Until so many articles were seen, the stream's own frequencies are held to be hearsay.
_HEARSAY = 50
# The share of articles that have a term of which nothing is known.
UNKNOWN_SHARE = 1e-4
# Shares are stored as logarithms, in steps of this many nats.
_STEP = 1 / 16
_MOST_STEPS = 255
_GENERAL, _HOLDERS = 0, 1


def equally(ids: "NDArray[np.uint32]") -> "NDArray[np.float32]":
    """Return the weights of terms where nothing is known of the stream: 1 for each."""
    return np.ones(len(ids), np.float32)


class TermWeights:
    """The weights of terms: their surprise in nats, given general news and this stream.

    A term is as common as it is in the more familiar of the two: "NATO" is
    rare in the world and says nothing in a stream where every article has it.
    """

    def __init__(self, general: bytes = b"") -> None:
        # By term its share in general, and how many articles of the stream have it: side by side,
        # as memory is far away and a term is seldom asked for twice.
        self._known = np.zeros((SPACE, 2), np.float32)
        self._known[:, _GENERAL] = _shares(general)
        self._articles = 0

    def add(self, ids: "NDArray[np.uint32]") -> None:
        """Count an article of the stream, by its terms."""
        self._known[ids, _HOLDERS] += 1
        self._articles += 1

    def add_all(self, articles: "Sequence[NDArray[np.uint32]]") -> None:
        """Count many articles of the stream, by their terms."""
        if articles:
            self._known[:, _HOLDERS] += np.bincount(np.concatenate(articles), minlength=SPACE)
            self._articles += len(articles)

    def remove(
        self, ids: "NDArray[np.uint32]", holders: "NDArray[np.uint32]", articles: int
    ) -> None:
        """Take back articles that were added: their terms and how many of them have each."""
        self._known[ids, _HOLDERS] -= holders
        self._articles -= articles

    def __call__(
        self,
        ids: "NDArray[np.uint32]",
        holders: "NDArray[np.integer] | int" = 0,
        articles: "NDArray[np.integer] | int" = 0,
    ) -> "NDArray[np.float32]":
        """Return the weight of each term of a pair: the new article, and one that was added.

        Whoever is being compared does not count as the stream. So many more
        `articles`, and `holders` of each term among them, do.
        """
        known = self._known.take(ids, axis=0)
        others = np.maximum(known[:, _HOLDERS] + np.float32(holders) - 1, 0)
        others /= np.float32(self._articles + articles + _HEARSAY)
        share: NDArray[np.float32] = np.maximum(known[:, _GENERAL], others)
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
