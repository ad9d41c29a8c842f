from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.dates import resolve_published

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEFORE = SEEN - timedelta(days=2)
LATER = SEEN + timedelta(hours=1)
ZERO = datetime(1970, 1, 1, tzinfo=UTC)
DATES = st.none() | st.datetimes(timezones=st.just(UTC))


def test_a_sane_date_stands() -> None:
    assert resolve_published(BEFORE, LATER, SEEN) == BEFORE


def test_a_future_date_is_taken_for_now() -> None:
    assert resolve_published(LATER, BEFORE, SEEN) == SEEN


def test_a_missing_date_is_that_of_the_update() -> None:
    assert resolve_published(None, BEFORE, SEEN) == BEFORE
    assert resolve_published(ZERO, BEFORE, SEEN) == BEFORE


def test_without_any_sane_date_it_is_when_we_saw_it() -> None:
    assert resolve_published(None, None, SEEN) == SEEN
    assert resolve_published(ZERO, ZERO, SEEN) == SEEN
    assert resolve_published(None, LATER, SEEN) == SEEN


@given(DATES, DATES)
def test_the_date_is_always_sane(published: datetime | None, updated: datetime | None) -> None:
    assert datetime(1990, 1, 1, tzinfo=UTC) <= resolve_published(published, updated, SEEN) <= SEEN
