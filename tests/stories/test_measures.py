import pytest

from aggregator.stories.measures import Measures, joined, measure


def test_a_perfect_sorting() -> None:
    assert measure(["a", "a", "b"], [1, 1, 2]) == Measures(1.0, 1.0, 1.0, 0.0, 0.0)


def test_nothing_joined() -> None:
    found = measure(["a", "a", "b"], [1, 2, 3])
    assert (found.precision, found.lost, found.repeats) == (1.0, 0.0, 1.0)
    assert found.recall == pytest.approx((0.5 + 0.5 + 1) / 3)


def test_a_false_merge_loses_a_story() -> None:
    found = measure(["a", "b", "a", "b"], [1, 1, 1, 1])
    assert (found.precision, found.recall, found.lost, found.repeats) == (0.5, 1.0, 0.5, 0.0)


def test_a_story_led_twice_repeats_and_is_not_lost() -> None:
    found = measure(["a", "b", "b", "b"], [1, 2, 2, 3])
    assert (found.lost, found.repeats) == (0.0, 0.5)


def test_nothing_at_all() -> None:
    assert measure([], []) == Measures(0.0, 0.0, 0.0, 0.0, 0.0)


def test_joined_lookalikes_are_named() -> None:
    pairs = [("a", "b"), ("a", "c")]
    assert joined(["a", "b", "c"], [1, 1, 2], pairs) == [("a", "b")]
