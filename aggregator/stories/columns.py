"""Columns of numbers that belong to rows, and finding those of one table in another."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

_Number = TypeVar("_Number", bound=np.generic)

if TYPE_CHECKING:
    from array import array  # takes its item's type only from Python 3.12 on

    from numpy.typing import NDArray

    Numbers = NDArray[np.uint32]
    Places = NDArray[np.intp]

_HALF_BITS = 32
_ENDINGS = np.uint32(1 << 13)
_LAST = _ENDINGS - np.uint32(1)


class Owned(NamedTuple):
    """Numbers of 32 bits, and for each the number of its owner."""

    numbers: "Numbers"
    owners: "Numbers"

    def keys(self, places: "Places | slice") -> "NDArray[np.int64]":
        """Return some of them as keys that are the same only where their owners are, too."""
        keys = self.owners[places].astype(np.int64) << _HALF_BITS
        keys |= self.numbers[places]
        return keys

    def endings(self) -> "Numbers":
        """Return the last bits of each, told apart by its owner."""
        return self.owners * _ENDINGS + (self.numbers & _LAST)


def owned(numbers: "Numbers", owners: "Places", lengths: Sequence[int]) -> Owned:
    """Return numbers, of which so many are each owner's."""
    return Owned(numbers, owners.astype(np.uint32).repeat(lengths))


def find(own: Owned, sought: Owned) -> "tuple[Places, Places]":
    """Return which of the numbers sought their owners have, and at what places of their `own`.

    Most they have not, which a small table of last bits tells faster than a search.
    """
    if not len(own.numbers):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    endings = np.zeros((int(own.owners[-1]) + 1) * int(_ENDINGS), np.bool_)
    endings[own.endings()] = True
    # Not by subscript: that takes three times as long.
    (likely,) = endings.take(sought.endings(), mode="clip").nonzero()
    own_keys, keys = own.keys(slice(None)), sought.keys(likely)
    order = own_keys.argsort(kind="stable")
    places = order.take(own_keys.searchsorted(keys, sorter=order), mode="clip")
    (found,) = (own_keys.take(places) == keys).nonzero()
    return likely.take(found), places.take(found)


def joined(parts: Iterable["array[int]"], kind: type[np.uint32 | np.uint64]) -> "Numbers":
    """Return numbers of 32 bits one after the other, or the last halves of larger ones."""
    return np.frombuffer(b"".join(parts), kind).astype(np.uint32, copy=False)


def spans(lengths: Sequence[int]) -> list[slice]:
    """Return where the parts lie that are so long, one after the other."""
    ends = accumulate(lengths)
    return [slice(end - length, end) for end, length in zip(ends, lengths, strict=True)]


def parted(
    parts: "Sequence[NDArray[_Number]]", lengths: Sequence[int]
) -> "tuple[NDArray[_Number], NDArray[_Number]]":
    """Return the beginnings of some parts, so long, one after the other, and all the rest."""
    cut = list(zip(parts, lengths, strict=True))
    return (
        np.concatenate([part[:length] for part, length in cut]),
        np.concatenate([part[length:] for part, length in cut]),
    )


def numbered(owners: "Places") -> "Places":
    """Return the number of each row among those of its owner, from 0; owners are ascending."""
    return np.arange(len(owners)) - owners.searchsorted(owners)


def summed(owners: "Places", values: "Places") -> "Places":
    """Return the sums of the values up to each row, of its owner; owners are ascending."""
    sums = values.cumsum()
    return sums - (sums - values).take(owners.searchsorted(owners))
