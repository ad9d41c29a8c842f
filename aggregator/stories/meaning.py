"""What an article means, as a sentence encoder has it: a vector, seen from the middle of a stream.

Who computes it, with what library, is not known here.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Seen = tuple[tuple[str, int], NDArray[np.float32]]

# Encoders read two to five hundred tokens; news says what it is about at its beginning.
_BEGINNING = 1_000
_MOST_STEPS = 127
# Until so many articles were seen, what they have in common is held to be chance.
_HEARSAY = 40
# Vectors are added up as whole numbers of this many to 1: the sum is then the same in any order.
_FINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Meaning:
    """A vector of a model, in steps of its largest component from -127 to 127, a byte each.

    `model` tells models apart by what they are made of: only vectors of one
    model can be compared.
    """

    model: str
    steps: bytes

    @property
    def space(self) -> tuple[str, int]:
        """Return what its vector can be compared in: that of one model, of as many dimensions."""
        return self.model, len(self.steps)

    @property
    def vector(self) -> "NDArray[np.float32]":
        """Return the vector, of length 1; all zeros stay what they are."""
        steps = np.frombuffer(self.steps, np.int8).astype(np.float32)
        return _unit(steps)


See = Callable[[Meaning], "NDArray[np.float32]"]


def meaning_of(model: str, vector: "NDArray[np.float32]") -> Meaning:
    """Return the vector in its small form; its length is lost, its direction kept.

    Raises:
        ValueError: a component is not a number.
    """
    if not np.isfinite(vector).all():
        message = "a vector with what is no number"
        raise ValueError(message)
    largest = np.abs(vector).max(initial=0.0) or 1.0
    steps = np.rint(vector / largest * _MOST_STEPS)
    return Meaning(model, steps.astype(np.int8).tobytes())


def text_to_embed(title: str, text: str) -> str:
    """Return what of an article a sentence encoder is given: its headline and its beginning."""
    return f"{title[:_BEGINNING]}\n{text[:_BEGINNING]}".strip()


class Centre:
    """The middle of a stream: what its articles mean all together, for each model.

    Where all news is about one thing, all vectors point much the same way; seen
    from their middle they point apart. `sums` has a sum of vectors for each space.
    """

    def __init__(self) -> None:
        self.sums: defaultdict[tuple[str, int], _Sum] = defaultdict(_Sum)

    def add(self, meaning: Meaning | None) -> None:
        """Count an article of the stream."""
        if meaning:
            held = self.sums[meaning.space]
            held.total = held.total + np.rint(meaning.vector * _FINE).astype(np.int64)
            held.count += 1

    def remove(self, part: "Centre") -> None:
        """Take back all articles that were counted in a part of the stream."""
        for space, past in part.sums.items():
            held = self.sums[space]
            held.total = held.total - past.total
            held.count -= past.count

    def __call__(self, meaning: Meaning) -> "NDArray[np.float32]":
        """Return the direction in which a meaning lies from the middle, as a vector of length 1."""
        held = self.sums[meaning.space]
        return _unit(meaning.vector - held.total / np.float32(_FINE * (held.count + _HEARSAY)))


@dataclass(slots=True)
class _Sum:
    total: "NDArray[np.int64] | int" = 0
    count: int = 0


def as_it_is(meaning: Meaning) -> "NDArray[np.float32]":
    """Return a meaning's vector as it is where nothing is known of the stream."""
    return meaning.vector


def agreement(one: "Seen | None", other: "Seen | None") -> float | None:
    """Return how alike two vectors are, -1 to 1: those of one model, as long; else None."""
    if one is None or other is None or one[0] != other[0]:
        return None
    return min(1.0, max(-1.0, float(one[1] @ other[1])))


def _unit(vector: "NDArray[np.float32]") -> "NDArray[np.float32]":
    length = np.float32(np.sqrt(vector @ vector))
    unit: NDArray[np.float32] = (vector / (length or np.float32(1))).astype(np.float32)
    return unit
