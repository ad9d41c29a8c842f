from array import array

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.columns import (
    Owned,
    begins,
    find,
    joined,
    numbered,
    parted,
    spans,
    summed,
    surpluses,
)

# Few and far between: some are the same, some are alike in their last bits alone.
NUMBERS = st.sampled_from([0, 1, 7, 1 << 13, (1 << 13) + 1, 1 << 20, (1 << 32) - 1])
# Two tables of as many owners.
TABLES = st.integers(1, 4).flatmap(
    lambda owners: st.tuples(
        *[st.lists(st.sets(NUMBERS), min_size=owners, max_size=owners) for _ in range(2)]
    )
)


def table(sets: list[set[int]]) -> tuple[Owned, list[tuple[int, int]]]:
    """Return numbers with their owners, and the same as pairs, in the same order."""
    parts = [array("I", sorted(each)) for each in sets]
    lengths = [len(each) for each in parts]
    pairs = [(owner, number) for owner, part in enumerate(parts) for number in part]
    return Owned(joined(parts, np.uint32), lengths), pairs


@given(TABLES)
def test_numbers_are_found_as_by_looking_for_each(tables: tuple[list[set[int]], ...]) -> None:
    (own, mine), (sought, theirs) = map(table, tables)
    places, others = find(own, sought)
    expected = [(place, mine.index(pair)) for place, pair in enumerate(theirs) if pair in mine]
    assert list(zip(places.tolist(), others.tolist(), strict=True)) == expected


def test_ones_own_numbers_need_no_order() -> None:
    own = Owned(np.array([9, 3, 9, 1], np.uint32), [2, 2])
    places, others = find(own, Owned(np.array([3, 3, 1], np.uint32), [1, 2]))
    assert (places.tolist(), others.tolist()) == ([0, 2], [1, 3])


def test_of_larger_numbers_the_last_half_is_kept() -> None:
    assert joined([array("Q", [5, (7 << 32) + 6])], np.uint64).tolist() == [5, 6]


def test_parts_lie_one_after_the_other() -> None:
    assert spans([2, 0, 1]) == [slice(0, 2), slice(2, 2), slice(2, 3)]
    first, rest = parted([np.array([1, 2, 3]), np.array([4])], [1, 0])
    assert (first.tolist(), rest.tolist()) == ([1], [2, 3, 4])


# Values with their owners, ascending; some are the same.
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3))).map(
    lambda rows: sorted(rows, key=lambda row: row[0])
)


@given(ROWS)
def test_rows_are_told_from_those_of_other_owners(rows: list[tuple[int, int]]) -> None:
    owners = np.array([owner for owner, _ in rows], np.intp)
    values = np.array([value for _, value in rows], np.intp)
    by_owner: dict[int, list[int]] = {}
    expected = []
    for owner, value in rows:
        before = by_owner.setdefault(owner, [])
        before.append(value)
        expected.append((len(before) == 1, len(before) - 1, sum(before)))
    found = begins(owners), numbered(owners), summed(owners, values)
    assert list(zip(*(each.tolist() for each in found), strict=True)) == expected
    having, surplus = surpluses(owners, values.astype(np.float64))
    best = {owner: sorted([0, *some])[-2:] for owner, some in by_owner.items()}
    assert dict(zip(having.tolist(), surplus.tolist(), strict=True)) == {
        owner: most - second for owner, (second, most) in best.items()
    }
