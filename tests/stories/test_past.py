# ruff: noqa: RUF001 - dates in Cyrillic
"""News that its own text dates to a day long past, and articles that only speak of one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.past import told_day

TODAY = date(2026, 3, 2)
LONG_PAST = date(2019, 3, 12)


def day_of(text: str, title: str = "A fuel depot opens in Bar", published: date = TODAY) -> str:
    found = told_day(title, text, published)
    return date.fromordinal(found).isoformat() if found else ""


@pytest.mark.parametrize(
    "opening",
    [
        "On 12 March 2019, the harbour of Bar opened a depot.",
        "On March 12th, 2019 the harbour of Bar opened a depot.",
        "On Tuesday, 12 March 2019, the harbour of Bar opened a depot.",
        "BAR, 12 Mar. 2019 - The harbour opened a depot.",
        "The depot opened on 12 March 2019 at the quay.",
        "U Baru je 12. marta 2019. godine otvoreno skladište.",
        "У Бару је 12. марта 2019. отворено складиште.",
        "U Baru je 12. ožujka 2019. otvoreno skladište.",
        "Во Бар на 12 март 2019 година е отворен магацин.",
        "Am 12. März 2019 wurde in Bar ein Lager eröffnet.",
        "Am 12.03.2019 wurde in Bar ein Lager eröffnet.",
        "Le 12 mars 2019, un dépôt a ouvert à Bar.",
        "Më 12 mars 2019 u hap një depo në Tivar.",
    ],
)
def test_an_article_that_begins_with_a_day_long_past_is_of_that_day(opening: str) -> None:
    assert day_of(f"{opening} Six tanks hold diesel for ships.") == LONG_PAST.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The depot in Bar opened with six tanks.",
        "On 12 March, the harbour of Bar opened a depot.",
        "On 25 February 2026, the harbour of Bar opened a depot.",
        "On 12 March 2027, the harbour of Bar will open a depot.",
        "On 31 February 2019, the harbour of Bar opened a depot.",
        "The depot that serves all ships of the Alliance in the bay was opened on 12 March 2019.",
        "On 12 March 2019, the depot opened. On Thursday it closed for good.",
        "On 12 March 2019, the depot opened. It closes today, said the minister.",
        "On 12 March 2019, the depot opened. It was closed on 27 February.",
        "On 12 March 2019, the depot opened. It was closed on 27 February 2026.",
        "On 12 March 2019, the depot opened. Seven years later it stands empty.",
        "On 12 March 2019, the depot opened; its first master was sentenced for theft.",
        "Since 12 March 2019 the depot has served two thousand ships.",
        "The man who on 12 March 2019 cut the cable has come home.",
        "After 12 March 2019 nothing was as before.",
        "U Baru je 12. marta 2019. otvoreno skladište. U četvrtak je zatvoreno.",
        "Pre sedam godina, 12. marta 2019, otvoreno je skladište.",
        "Depuis le 12 mars 2019, le dépôt est ouvert.",
    ],
)
def test_what_is_news_or_looks_back_is_of_no_day_long_past(text: str) -> None:
    assert day_of(text) == ""


@pytest.mark.parametrize(
    "title",
    [
        "Seven years ago a depot opened in Bar",
        "Anniversary of the depot in Bar",
        "Timeline of the depot in Bar",
        "How Bar got its depot",
        "Godišnjica skladišta u Baru",
        "Годишњица складишта у Бару",
        "Warum Bar ein Lager hat",
    ],
)
def test_a_title_may_say_that_its_article_looks_back(title: str) -> None:
    assert day_of("On 12 March 2019, the harbour of Bar opened a depot.", title) == ""


def test_two_weeks_make_a_day_long_past() -> None:
    text = "On 12 March 2019, the harbour of Bar opened a depot."
    days = [day_of(text, published=LONG_PAST + timedelta(days)) for days in (0, 13, 14, 15)]
    assert days == ["", "", "2019-03-12", "2019-03-12"]


@given(st.text(), st.text(), st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1)))
def test_any_text_is_read(title: str, text: str, published: date) -> None:
    for opening in ("", "On 12 March 2019 ", "12.3.2019 "):
        found = told_day(title, opening + text, published)
        assert found is None or found <= published.toordinal() - 14
