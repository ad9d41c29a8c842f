from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from time import struct_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.dates import is_standard_date, read_date

NOON = datetime(2025, 9, 19, 12, tzinfo=UTC)
PARSED = struct_time((2025, 9, 19, 12, 0, 0, 4, 262, 0))


@pytest.mark.parametrize(
    "stated",
    [
        "2025-09-19T12:00:00Z",
        "2025-09-19T14:00:00+02:00",
        "20250919T120000Z",
        "19 Sep. 2025 12:00:00 GMT",
        "Friday, 19 September, 2025 - 12:00",
        "September 19, 2025 12:00 PM",
        "19.09.2025 12:00",
    ],
)
def test_dates_are_read_as_people_write_them(stated: str) -> None:
    assert read_date(stated) == NOON


@given(
    st.integers(631_324_800, 4_102_444_800).map(lambda at: datetime.fromtimestamp(at, UTC)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_dates_are_read_as_rfc_822_has_them(moment: datetime, zone: timezone) -> None:
    moment = moment.astimezone(zone)
    stated = format_datetime(moment)
    assert is_standard_date(stated)
    assert read_date(stated) == moment
    assert read_date(stated.partition(", ")[2]) == moment
    assert read_date(format_datetime(moment.astimezone(UTC), usegmt=True)) == moment


@pytest.mark.parametrize(
    "stated", ["Thu, 31 Feb 2026 12:00:00 GMT", "1 Feb 2026 25:00:00 GMT", "1 Feb 2026 12:00 GMT"]
)
def test_a_date_is_standard_only_where_there_is_such_a_day(stated: str) -> None:
    assert not is_standard_date(stated)


def test_what_a_parser_made_of_it_steps_in() -> None:
    assert read_date("Fri, 19 Sep 2025 12:00:00 Uhr", PARSED) == NOON


@pytest.mark.parametrize(
    ("stated", "parsed"),
    [
        ("", None),
        ("", PARSED),
        ("soon", None),
        ("1970-01-01T00:00:00Z", None),
        ("1989-12-31T23:59:59Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("late", struct_time((99999, 1, 1, 0, 0, 0, 0, 1, 0))),
    ],
)
def test_what_cannot_be_a_date_is_none(stated: str, parsed: struct_time | None) -> None:
    assert read_date(stated, parsed) is None


@given(st.text())
def test_any_text_is_a_date_in_utc_or_none(stated: str) -> None:
    found = read_date(stated)
    assert found is None or found.tzinfo is UTC
