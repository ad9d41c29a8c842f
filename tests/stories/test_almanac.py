from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.almanac import Dated, dates
from aggregator.stories.folding import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 3 March", (3, 3, None)),
        ("March 3, 2026", (3, 3, 2026)),
        ("the 3rd of March 2026", (3, 3, 2026)),
        ("Sept. 30th", (30, 9, None)),
        ("12.03.2026.", (12, 3, 2026)),
        ("3. marta 2026.", (3, 3, 2026)),
        ("3. ožujka", (3, 3, None)),
        ("3 март", (3, 3, None)),
        ("3 березня 2026", (3, 3, 2026)),
        ("3. März", (3, 3, None)),
        ("le 3 mars 2026", (3, 3, 2026)),
        ("3 de marzo de 2026", (3, 3, 2026)),
        ("3 de março", (3, 3, None)),
        ("il 3 marzo", (3, 3, None)),
        ("3 marca 2026", (3, 3, 2026)),
        ("2026. március 3-án", (3, 3, None)),
        ("3 martie 2026", (3, 3, 2026)),
        ("3 Μαρτίου 2026", (3, 3, 2026)),
        ("3ης Μαρτίου", (3, 3, None)),
        ("3 Mart", (3, 3, None)),
        ("3. martā", (3, 3, None)),
        ("kovo 3 d.", (3, 3, None)),
        ("3. maaliskuuta", (3, 3, None)),
    ],
)
def test_a_date_is_read_in_many_languages(text: str, expected: tuple[int, int, int | None]) -> None:
    (found,) = dates(words(f"Said {text} and so on"))
    assert (found.day, found.month, found.year) == expected


@pytest.mark.parametrize(
    "text", ["may 300 march", "32 March", "5 listopada", "12 13 2026", "march on", "", "3", "3 of"]
)
def test_what_is_no_date_or_may_be_two_is_none(text: str) -> None:
    assert not list(dates(words(text)))


def test_dates_are_found_in_order_and_say_where_they_stand() -> None:
    told = words("From 3 March to 4 de abril de 2026, and May 5")
    assert [(found.place, found.length) for found in dates(told)] == [(1, 2), (4, 5), (10, 2)]


def test_a_date_without_a_year_may_be_of_three() -> None:
    published = date(2026, 1, 2)
    last, this, following = (date(year, 3, 3).toordinal() for year in (2025, 2026, 2027))
    assert Dated(0, 2, 3, 3, None).ordinals(published) == [last, this, following]
    assert Dated(0, 3, 3, 3, 2019).ordinals(published) == [date(2019, 3, 3).toordinal()]
    assert Dated(0, 2, 30, 2, None).ordinals(published) == []


@given(st.lists(st.sampled_from(["3", "31", "march", "de", "of", "2026", "mars", "12", "x"])))
def test_no_two_dates_share_a_word(told: list[str]) -> None:
    end = 0
    for found in dates(told):
        assert end <= found.place
        end = found.place + found.length
        assert end <= len(told)
