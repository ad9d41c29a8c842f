from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.schedule import wait_before_next_poll

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def wait(interval: timedelta, failures: int, asked: timedelta = timedelta()) -> timedelta:
    return wait_before_next_poll(interval, failures, asked, shortest=5 * MINUTE, longest=DAY)


def test_each_failure_doubles_the_wait() -> None:
    assert [wait(15 * MINUTE, failures) // MINUTE for failures in range(4)] == [15, 30, 60, 120]


def test_what_the_server_asks_for_is_honoured_within_bounds() -> None:
    assert wait(15 * MINUTE, 0, 40 * MINUTE) == 40 * MINUTE
    assert wait(15 * MINUTE, 3, 40 * MINUTE) == 120 * MINUTE
    assert wait(15 * MINUTE, 0, 30 * DAY) == DAY


def test_the_wait_is_never_shorter_than_the_shortest() -> None:
    assert wait(MINUTE, 0) == 5 * MINUTE


def test_a_huge_interval_does_not_overflow() -> None:
    assert wait(timedelta.max, 1000) == DAY


@given(st.timedeltas(timedelta(), 2 * DAY), st.integers(0, 10_000))
def test_the_wait_grows_with_failures_and_stays_in_bounds(
    interval: timedelta, failures: int
) -> None:
    assert 5 * MINUTE <= wait(interval, failures) <= wait(interval, failures + 1) <= DAY
