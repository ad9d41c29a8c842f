"""What is kept of the database is what the database would say."""

from collections.abc import Collection, Hashable, Mapping
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from aggregator.store.kept import Kept

# What stands in the database, by id, time after time: the mark tells what the value is.
TIMES = st.lists(st.dictionaries(st.integers(1, 6), st.integers(0, 2), max_size=6), max_size=8)


@given(TIMES, st.integers(1, 6))
def test_what_is_taken_is_what_would_be_loaded(times: list[dict[int, int]], most: int) -> None:
    kept = Kept[tuple[int, Hashable]](most)
    for stands in times:
        assert kept.take(stands, partial(load, stands)) == list(stands.items())


def load(stands: Mapping[int, Hashable], ids: Collection[int]) -> dict[int, tuple[int, Hashable]]:
    return {number: (number, stands[number]) for number in ids}


def test_only_what_changed_is_loaded_and_what_is_gone_is_left_out() -> None:
    kept = Kept[str](most=2)
    asked: list[Collection[int]] = []

    def look_up(ids: Collection[int]) -> dict[int, str]:
        asked.append(ids)
        return {number: f"story {number}" for number in ids if number != 9}

    assert kept.take({1: "a", 2: "a"}, look_up) == ["story 1", "story 2"]
    assert kept.take({2: "a", 1: "a"}, look_up) == ["story 2", "story 1"]
    assert kept.take({1: "b", 9: "a"}, look_up) == ["story 1"]
    assert asked == [[1, 2], [1, 9]]
    kept.take({3: "a"}, look_up)
    kept.take({2: "a", 1: "b"}, look_up)
    assert asked[2:] == [[3], [2]], "what was asked for longest ago went first"
