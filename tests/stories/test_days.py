from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.days import MOST_DAYS, days, named_days, weekdays, without_days

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on Tuesday, 3 February 2026, they met", ["2026-02-03"]),
        ("BRUSSELS, March 3 (Wire)", ["2026-03-03"]),
        ("the 3rd of March and Sept. 30th", ["2026-03-03", "2025-09-30"]),
        ("from 30 December", ["2025-12-30"]),
        ("on 30 February", []),
        ("29 February", ["2024-02-29"]),
        ("between 3 March and 3 March", ["2026-03-03"]),
        ("may 300 march", []),
    ],
)
def test_dates_are_read_with_the_nearest_year(text: str, expected: list[str]) -> None:
    published = date(2025, 3, 2) if "29" in text else MONDAY
    found = [date.fromordinal(day).isoformat() for day in days(text, published)]
    assert found == expected


def test_an_older_day_is_not_when_the_news_took_place() -> None:
    treaty = "The treaty, signed on 28 November, was approved on 27 February. "
    assert named_days(treaty, MONDAY) == days("27 February", MONDAY)
    assert named_days(treaty[:40], MONDAY) == days("28 November", MONDAY)
    coming = "The bridge, hit on 1 January, opens on 4 April"
    assert named_days(coming, MONDAY) == days("4 April", MONDAY)
    assert named_days("on Sunday, 28 November", MONDAY) == days("28 November", MONDAY)
    assert named_days("on Sunday", MONDAY) == weekdays("Sunday", MONDAY)
    assert named_days("on Sunday", MONDAY, dated=False) == []


@pytest.mark.parametrize("told", ["today", "danas", "Данас", "сьогодні", "heute", "aujourd'hui"])
def test_today_is_a_day_where_no_other_is_named(told: str) -> None:
    assert named_days(f"The bridge opened {told}.", MONDAY) == [MONDAY.toordinal()]
    assert named_days(f"Opened {told}.", MONDAY, dated=False) == []
    assert named_days(f"Opened on Sunday, not {told}.", MONDAY) == weekdays("Sunday", MONDAY)
    assert named_days(f"1. marta, a ne {told}.", MONDAY) == days("1 March", MONDAY)


def test_a_world_of_today_is_of_no_day() -> None:
    """What rewrites are padded with; but a day may be named beside it."""
    padding = "In today\u2019s fast-moving world, vigilance matters: TODAY'S choices count."
    assert named_days(padding, MONDAY) == []
    assert named_days(f"{padding} The bridge opened today.", MONDAY) == [MONDAY.toordinal()]


def test_a_year_that_is_told_counts() -> None:
    assert days("on 3 March 2019", MONDAY) == [date(2019, 3, 3).toordinal()]


def test_weekdays_are_the_last_of_their_name() -> None:
    found = weekdays("On Monday and Tuesday; next Friday; Monday", MONDAY)
    assert [date.fromordinal(day).isoformat() for day in found] == [
        "2026-03-02",
        "2026-02-24",
        "2026-03-06",
    ]


def test_a_calendar_is_not_read_to_its_end() -> None:
    calendar = ", ".join(f"{day} {month}" for month in ("May", "June") for day in range(1, 31))
    assert len(days(calendar, MONDAY)) == MOST_DAYS


def test_dates_are_taken_out() -> None:
    assert without_days("on 3 March 118 tanks").split() == ["on", "118", "tanks"]


@given(st.text(max_size=200), st.dates(min_value=date(1990, 1, 1)))
def test_any_text_is_read(text: str, published: date) -> None:
    near = days(text, published)
    assert len(set(near)) == len(near) <= MOST_DAYS
    assert all(abs(day - published.toordinal()) <= 183 for day in days("3 May", published))
    assert all(-7 < day - published.toordinal() <= 7 for day in weekdays(text, published))
