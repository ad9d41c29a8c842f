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
_ENDINGS = 1 << 13
_LAST = np.uint32(_ENDINGS - 1)


class Owned(NamedTuple):
    """Numbers of 32 bits, those of one owner after another's: so many each as `lengths` says."""

    numbers: "Numbers"
    lengths: Sequence[int]


def find(own: Owned, sought: Owned) -> "tuple[Places, Places]":
    """Return which of the numbers sought their owners have, and at what places of their `own`.

    Most they have not, which a small table of last bits tells faster than a search: one for each
    owner, so that table and numbers lie in the nearest memory that there is.
    """
    if not len(own.numbers):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    found = [
        _likely(own.numbers[mine], sought.numbers[others]) + others.start
        for mine, others in zip(spans(own.lengths), spans(sought.lengths), strict=True)
    ]
    likely = np.concatenate(found)
    keys = _keys(sought.numbers.take(likely), [len(places) for places in found])
    own_keys = _keys(*own)
    order = own_keys.argsort(kind="stable")
    places = order.take(own_keys.searchsorted(keys, sorter=order), mode="clip")
    (same,) = (own_keys.take(places) == keys).nonzero()
    return likely.take(same), places.take(same)


def _likely(own: "Numbers", sought: "Numbers") -> "Places":
    """Return the places of those sought that end as one of their own does."""
    endings = np.zeros(_ENDINGS, np.bool_)
    endings[own & _LAST] = True
    # Not by subscript: that takes three times as long.
    (places,) = endings.take(sought & _LAST).nonzero()
    return places


def _keys(numbers: "Numbers", lengths: Sequence[int]) -> "NDArray[np.int64]":
    """Return numbers as keys that are the same only where their owners are, too."""
    keys = np.arange(len(lengths)).repeat(lengths) << _HALF_BITS
    keys |= numbers
    return keys


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


def begins(keys: "NDArray[_Number]") -> "NDArray[np.bool_]":
    """Return of keys in order whether each is another than that before it."""
    others = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=others[1:])
    return others


def surpluses(
    owners: "Places", values: "NDArray[np.float64]"
) -> "tuple[Places, NDArray[np.float64]]":
    """Return those that own any of some values, and how far their largest is above their second.

    Owners are ascending, values not negative; one alone is above 0.
    """
    if not len(owners):
        return owners, values
    first = begins(owners)
    (firsts,) = first.nonzero()
    numbers = first.cumsum() - 1
    most = np.maximum.reduceat(values, firsts)
    (largest,) = (values == most.take(numbers)).nonzero()
    rest = values.copy()
    rest[largest[begins(numbers.take(largest))]] = 0.0
    return owners.take(firsts), most - np.maximum.reduceat(rest, firsts)


def most(worths: "NDArray[np.float64]", rows: "Places", count: int) -> "Places":
    """Return the places of those that are worth most in each row, so many at most, row by row."""
    order = np.lexsort((-worths, rows))
    rows = rows.take(order)
    best: Places = order[np.arange(len(rows)) - rows.searchsorted(rows) < count]
    return best
