from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.rhythm import BINS, Rhythm

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def interval(rhythm: Rhythm, now: datetime) -> timedelta:
    return rhythm.interval(now, 15 * MINUTE, 5 * MINUTE, DAY)


def watched(moments: Iterable[datetime], days: int = 28) -> Rhythm:
    """Return the rhythm of a source that was watched for so long and spoke at these moments."""
    rhythm = Rhythm(MONDAY, MONDAY)
    for moment in moments:
        rhythm = rhythm.heard([moment], moment)
    return rhythm.heard([], MONDAY + days * DAY)


def test_of_an_unknown_source_the_usual_interval_is_right() -> None:
    assert abs(interval(Rhythm(MONDAY, MONDAY), MONDAY) - 15 * MINUTE) < MINUTE


def test_a_source_that_never_changes_is_asked_daily() -> None:
    assert interval(watched([], days=8), MONDAY + 8 * DAY) == DAY


def test_a_wire_is_asked_every_few_minutes() -> None:
    wire = watched(MONDAY + n * 10 * MINUTE for n in range(28 * 144))
    assert interval(wire, MONDAY + 28 * DAY) == 5 * MINUTE


def test_three_entries_a_day_are_worth_a_poll_every_hour_or_so() -> None:
    thrice = watched(MONDAY + n * 8 * HOUR for n in range(28 * 3))
    now, polls = MONDAY + 28 * DAY, 0
    while now < MONDAY + 35 * DAY:
        now += interval(thrice, now)
        polls += 1
    assert 12 < polls / 7 < 48


def test_nights_and_weekends_are_told_from_working_hours() -> None:
    office = watched(
        MONDAY + day * DAY + hour * HOUR
        for day in range(28)
        if day % 7 < 5
        for hour in range(8, 18)
    )
    monday = MONDAY + 28 * DAY
    at_work, at_night, on_sunday = (
        interval(office, monday + offset) for offset in (10 * HOUR, 20 * HOUR, 6 * DAY + 10 * HOUR)
    )
    assert at_work < 15 * MINUTE
    assert at_night > 2 * at_work
    assert on_sunday > 2 * at_work


def test_what_was_long_ago_fades() -> None:
    once_busy = watched((MONDAY + n * HOUR for n in range(7 * 24)), days=7)
    now = MONDAY + 7 * DAY
    assert interval(once_busy, now) < 15 * MINUTE
    later = now + 120 * DAY
    assert interval(once_busy.heard([], later), later) > 6 * HOUR


@given(st.lists(MOMENTS, max_size=50), MOMENTS, st.timedeltas(timedelta(), 400 * DAY))
def test_the_interval_keeps_to_its_bounds_and_counts_keep_their_number(
    moments: list[datetime], since: datetime, span: timedelta
) -> None:
    rhythm = Rhythm(since, since).heard(moments, since + span)
    assert len(rhythm.counts) == BINS
    assert sum(rhythm.counts) == len(moments)
    assert 5 * MINUTE <= interval(rhythm, since + span) <= DAY


@given(MOMENTS, MOMENTS)
def test_a_clock_that_goes_back_harms_no_rhythm(counted: datetime, now: datetime) -> None:
    for leap in (timedelta(), DAY, 3652 * DAY):
        ahead = Rhythm(counted + leap, counted + leap).heard([counted], counted + leap)
        for rhythm in (ahead, ahead.heard([now], now)):
            assert 5 * MINUTE <= interval(rhythm, now) <= DAY


def test_what_was_watched_by_a_clock_ahead_is_forgotten_and_a_slip_is_not() -> None:
    wire = watched((MONDAY + n * 10 * MINUTE for n in range(4 * 144)), days=4)
    now = MONDAY + 4 * DAY - timedelta(seconds=2)
    assert sum(wire.heard([], now).counts) == sum(wire.counts)
    assert wire.heard([], MONDAY - DAY) == Rhythm(MONDAY - DAY, MONDAY - DAY)
