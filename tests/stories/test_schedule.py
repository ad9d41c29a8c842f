from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Hints
from aggregator.stories.schedule import (
    Bounds,
    Plan,
    plan_next_poll,
    spread_of,
    wait_before_next_poll,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
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


NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)
BOUNDS = Bounds(5 * MINUTE, DAY)
SPREADS = st.floats(0, 1, exclude_max=True)


def test_sources_that_began_together_drift_apart_but_never_come_early() -> None:
    plans = [
        plan_next_poll(NOON, 15 * MINUTE, BOUNDS, spread=spread_of(f"https://{n}.example/")).at
        for n in range(100)
    ]
    assert len(set(plans)) == 100
    assert all(15 * MINUTE <= at - NOON <= 16.5 * MINUTE for at in plans)
    assert spread_of("https://a.example/") == spread_of("https://a.example/")
    assert spread_of("https://a.example/", 1) != spread_of("https://a.example/")


def test_a_clamp_is_told() -> None:
    assert plan_next_poll(NOON, MINUTE, BOUNDS) == Plan(NOON + 5 * MINUTE, MINUTE)
    assert plan_next_poll(NOON, MINUTE, BOUNDS, asked=2 * DAY) == Plan(NOON + DAY, 2 * DAY)
    assert plan_next_poll(NOON, HOUR, BOUNDS) == Plan(NOON + HOUR)
    assert plan_next_poll(NOON, 9 * DAY, BOUNDS).wanted is None


def test_where_every_hour_is_to_be_skipped_none_is() -> None:
    hints = Hints(skip_hours=frozenset(range(24)))
    assert plan_next_poll(NOON, HOUR, BOUNDS, hints=hints) == Plan(NOON + HOUR)


@given(
    st.timedeltas(timedelta(), 3 * DAY),
    st.timedeltas(timedelta(), 3 * DAY),
    st.timedeltas(-DAY, 3 * DAY),
    st.frozensets(st.integers(0, 23), max_size=23),
    SPREADS,
)
def test_a_plan_is_within_bounds_never_early_and_never_in_a_skipped_hour(
    own: timedelta,
    asked: timedelta,
    lifetime: timedelta,
    hours: frozenset[int],
    spread: float,
) -> None:
    hints = Hints(lifetime=lifetime, skip_hours=hours)
    at = plan_next_poll(NOON, own, BOUNDS, hints=hints, asked=asked, spread=spread).at
    assert BOUNDS.shortest <= at - NOON <= BOUNDS.longest
    assert at - NOON >= min(max(asked, lifetime), DAY)
    assert at.hour not in hours or at == NOON + DAY
