"""What counts as a correction, and what is only said anew."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.stories.corrections import (
    Saying,
    Stamps,
    differs,
    is_correction,
    is_retitled,
    visible,
)

TEXT = (
    "<p>The frigate left Bar on Monday with ninety sailors, two helicopters and a doctor who had "
    "never been at sea before, bound for the strait and its long patrol.</p>"
)
OTHER = (
    "<p>Parliament passed the budget late on Tuesday night after eleven hours, four walk-outs and "
    "a power cut that left members voting by the light of their telephones.</p>"
)
SAID = Saying("Frigate sails", '<p>It <a href="/a?utm_source=rss">left</a> Bar.</p>', TEXT)


@pytest.mark.parametrize(
    "again",
    [
        SAID,
        Saying("Frigate  sails ", SAID.summary, TEXT),
        Saying("Frigate sails", '<p>It\n<a href="/a?utm_source=atom">left</a>  Bar.</p>', TEXT),
        Saying("Frigate sails", SAID.summary, TEXT.replace("<p>", '<p class="lead">')),
        Saying("Frigate sails", "", ""),
        Saying("", SAID.summary, TEXT),
    ],
    ids=["same", "blanks", "links", "markup", "no-text", "no-title"],
)
def test_the_same_said_anew_is_no_difference(again: Saying) -> None:
    assert not differs(SAID, again)


@pytest.mark.parametrize(
    "again",
    [
        Saying("Frigate sailed", SAID.summary, TEXT),
        Saying("FRIGATE sails", SAID.summary, TEXT),
        Saying("Frigate sails", "<p>It left Kotor.</p>", TEXT),
        Saying("Frigate sails", SAID.summary, TEXT.replace("ninety", "eighty")),
    ],
    ids=["word", "case", "summary", "content"],
)
def test_whatever_can_be_read_is_a_difference(again: Saying) -> None:
    assert differs(SAID, again)


@pytest.mark.parametrize(
    ("before", "after", "corrected"),
    [
        (Saying("Frigate sails", "", TEXT), Saying("A ship leaves Bar", "", TEXT), True),
        (Saying("Frigate sails", "", TEXT), Saying("Frigate sails", "", OTHER), False),
        (Saying("Frigate sails for Bar", "", ""), Saying("Frigate sails for Baar", "", ""), True),
        (Saying("Frigate sails", "", ""), Saying("Budget passed", "", ""), False),
        (Saying("Briefing, 3 April", "", ""), Saying("Briefing, 4 April", "", ""), False),
        (Saying("", "", ""), Saying("Budget passed", "", ""), False),
    ],
    ids=["same-text", "other-text", "letter", "other-title", "other-day", "no-title"],
)
def test_one_address_with_another_title(before: Saying, after: Saying, *, corrected: bool) -> None:
    assert is_correction(before, after) is corrected
    assert is_correction(after, before) is corrected


def test_only_words_are_visible() -> None:
    assert visible("<p>One</p>\n<p>two  <b>three</b></p>") == "One two three"


TEN = datetime(2026, 4, 2, 10, 37, tzinfo=UTC)
MIDNIGHT = TEN.replace(hour=0, minute=0)
SAME, LATER, NEVER = Stamps(TEN, TEN), Stamps(TEN, TEN + timedelta(hours=1)), Stamps(TEN)
DAY = Stamps(MIDNIGHT, MIDNIGHT)


@pytest.mark.parametrize(
    ("path", "title", "stamps", "retitled"),
    [
        ("current", "Minister drowned, says mother", SAME, True),
        ("current", "Minister drowned, says mother", LATER, False),
        ("current", "Minister drowned, says mother", DAY, False),
        ("current", "Minister drowned, says mother", NEVER, False),
        ("2026/04/02", "Minister drowned, says mother", NEVER, False),
        ("news/article-481516", "Minister drowned, says mother", DAY, True),
        ("news/article-481516", "Minister drowned, says mother", LATER, False),
        ("news/481516.html", "Minister drowned, says mother", NEVER, True),
        ("region/481516/latest", "Minister drowned, says mother", NEVER, False),
        ("a3f10977b1c2", "Minister drowned, says mother", NEVER, False),
        ("frigate-sails-for-malta", "Minister drowned, says mother", LATER, True),
        ("frigate-sails-for-malta/", "Minister drowned, says mother", NEVER, True),
        ("frigate-sails-for-malta", "Minister drowned on 2 April", LATER, False),
        ("briefing-of-the-port", "Minister drowned, says mother", LATER, False),
        ("frigate-sails", "Minister drowned, says mother", LATER, False),
    ],
)
def test_a_headline_is_rewritten_where_date_or_address_show_it(
    path: str,
    title: str,
    stamps: Stamps,
    retitled: bool,  # noqa: FBT001 - what is expected
) -> None:
    before = Saying("Frigate sails for Malta", "", "")
    link = f"https://quay.example/{path}"
    assert is_retitled(before, Saying(title, "", ""), link, stamps) is retitled


@pytest.mark.parametrize(
    "offset", [timedelta(hours=2), timedelta(hours=-3.5), timedelta(hours=5.75)], ids=str
)
def test_the_midnight_of_any_zone_dates_to_a_day_alone(offset: timedelta) -> None:
    one, other = Saying("Frigate sails", "", ""), Saying("Budget passed", "", "")
    midnight = MIDNIGHT - offset
    link = "https://quay.example/current"
    assert not is_retitled(one, other, link, Stamps(midnight, midnight))
    later = midnight + timedelta(seconds=1)
    assert is_retitled(one, other, link, Stamps(later, later))


@pytest.mark.parametrize(
    ("number", "own"),
    [
        ("20260402", False),
        ("202604", False),
        ("2026040210", False),
        ("260402", False),
        ("02042026", False),
        ("300426", False),
        ("04302026", False),
        ("043026", False),
        ("2026-04-02", False),
        ("20260402-481516", True),
        ("48151", True),
        ("1260432", True),
        ("99260402", True),
    ],
)
def test_a_date_is_no_number_of_an_article(number: str, own: bool) -> None:  # noqa: FBT001
    one, other = Saying("Frigate sails", "", ""), Saying("Budget passed", "", "")
    assert is_retitled(one, other, f"https://quay.example/briefing/{number}", NEVER) is own


def test_where_there_is_text_it_tells_and_not_the_date() -> None:
    one, other = Saying("Frigate sails", "", TEXT), Saying("Budget passed", "", OTHER)
    assert not is_retitled(one, other, "https://quay.example/481516", SAME)
