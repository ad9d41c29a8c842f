"""Postings answer as a dictionary of lists would, in a tenth of its memory."""

from collections import defaultdict
from collections.abc import Iterable
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from aggregator.stories.postings import Postings, places_in_order

KEYS = st.frozensets(st.integers(0, 12), max_size=6)
BATCHES = st.lists(st.lists(KEYS, max_size=8), max_size=6)


def keys_of(keys: Iterable[int]) -> NDArray[np.uint32]:
    return np.array(sorted(keys), np.uint32)


ASKED = np.arange(14, dtype=np.uint32)


def all_in(postings: Postings, most: int = 100) -> dict[int, list[int]]:
    """Return what the postings say of each key."""
    found = postings.find([(99, ASKED)])
    entries, keys = found.newest(ASKED.astype(np.intp), most)
    said: dict[int, list[int]] = defaultdict(list)
    for entry, key in zip(entries.tolist(), keys.tolist(), strict=True):
        said[key].append(entry)
    if most == 100:
        assert [len(said[key]) for key in range(14)] == found.counts.tolist()
        assert len(postings) == len(entries)
    return {key: sorted(entries) for key, entries in said.items() if entries}


@given(
    BATCHES, st.integers(1, 9), st.integers(1, 4), st.sets(st.integers(0, 47)), st.integers(1, 4)
)
def test_postings_are_a_dictionary_of_lists(
    batches: list[list[frozenset[int]]], waiting: int, times: int, gone: set[int], most: int
) -> None:
    expected: dict[int, list[int]] = defaultdict(list)
    kept = np.array([entry not in gone for entry in range(48)])
    number = 0
    with (
        patch("aggregator.stories.postings._WAITING", waiting),
        patch("aggregator.stories.postings._TIMES", times),
    ):
        postings = Postings(np.uint32)
        for place, batch in enumerate(batches):
            entries = [(number + n, keys_of(keys)) for n, keys in enumerate(batch)]
            number += len(batch)
            for entry, keys in entries:
                for key in keys.tolist():
                    expected[key].append(entry)
            if place % 2:
                postings.load(entries)
            else:
                for entry, keys in entries:
                    postings.add(entry, keys)
            if place == 2:
                postings.keep(kept)
                expected = defaultdict(list) | {
                    key: [entry for entry in entries if entry not in gone]
                    for key, entries in expected.items()
                }
        assert all_in(postings) == {key: entries for key, entries in expected.items() if entries}
        newest = {key: entries[-most:] for key, entries in expected.items() if entries}
        assert all_in(postings, most) == newest


@given(st.lists(KEYS, min_size=1, max_size=8), st.lists(KEYS, max_size=4))
def test_those_that_ask_find_those_that_ask_before_them(
    asking: list[frozenset[int]], waiting: list[frozenset[int]]
) -> None:
    postings = Postings(np.uint32)
    stream = [(entry_id, keys_of(keys)) for entry_id, keys in enumerate([*waiting, *asking])]
    for entry_id, keys in stream[: len(waiting)]:
        postings.add(entry_id, keys)
    counts = postings.find(stream[len(waiting) :]).counts.tolist()
    expected = [
        sum(key in keys.tolist() for _, keys in stream[:entry_id])
        for entry_id, own in stream[len(waiting) :]
        for key in own.tolist()
    ]
    assert counts == expected


@given(st.lists(st.integers(0, 1 << 39) | st.integers(0, 3)))
def test_keys_are_put_in_order_the_first_of_equal_ones_first(keys: list[int]) -> None:
    expected = sorted(range(len(keys)), key=keys.__getitem__)
    assert places_in_order(np.array(keys, np.uint64), 40).tolist() == expected
    assert places_in_order(np.array(keys, np.int64)).tolist() == expected
