"""How long a feed may be kept follows how often it gets something new."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from html import escape

import pytest
from sample_stories import FEED, NOW, story

from aggregator.output.atom import render_atom
from aggregator.output.entry import out_entries
from aggregator.output.feed import OutEntry, OutFeed, OutLink
from aggregator.output.jsonfeed import render_json
from aggregator.output.rss import render_rss
from aggregator.web.freshness import LONGEST, SHORTEST, USUAL, max_age
from aggregator.web.published import document


@pytest.mark.parametrize("render", [render_atom, render_rss, render_json])
@pytest.mark.parametrize(
    ("gap", "seconds"),
    [(timedelta(seconds=5), SHORTEST), (timedelta(minutes=20), 600), (timedelta(days=2), LONGEST)],
)
def test_a_brisk_feed_is_kept_for_a_short_time(
    render: Callable[[OutFeed, Sequence[OutEntry]], bytes], gap: timedelta, seconds: int
) -> None:
    stories = [story(n, published=NOW - n * gap) for n in range(9)]
    assert max_age(render(FEED, out_entries(FEED, stories))) == seconds


def test_what_has_no_rhythm_is_kept_as_usual() -> None:
    assert max_age(render_atom(FEED, [])) == USUAL
    assert max_age(render_atom(FEED, out_entries(FEED, [story()]))) == USUAL
    assert max_age(json.dumps({"items": []}).encode()) == USUAL


def test_an_archive_is_kept_long_once_another_follows() -> None:
    stories = [story(n, published=NOW - timedelta(seconds=n)) for n in range(9)]
    ways = ("current", "prev-archive", "next-archive")
    links = tuple(OutLink(way, f"{FEED.base_url}/x.atom") for way in ways)
    still_open = replace(FEED, archive=True, archives=links[:1])
    past = replace(still_open, archives=links)
    live = replace(FEED, archives=links[1:2])
    assert max_age(render_atom(live, out_entries(live, stories))) == SHORTEST
    assert max_age(render_atom(past, out_entries(past, stories))) == LONGEST
    body = render_atom(still_open, out_entries(still_open, stories))
    assert max_age(body) == 0
    kept = document(body, "application/atom+xml").coded(None).head["Cache-Control"]
    assert kept == "public, max-age=0, must-revalidate"


DATED = (
    "<published>soon</published>",
    "<published>2026-01-01T00:00:00</published>",
    '<pubDate>soon, they say</pubDate><link href="" rel="current"/>',
    'It states "date_published": "soon", in quotes.',
)


@pytest.mark.parametrize("said", DATED)
@pytest.mark.parametrize("render", [render_atom, render_rss, render_json])
def test_what_a_story_says_is_no_date_of_the_feed(
    render: Callable[[OutFeed, Sequence[OutEntry]], bytes], said: str
) -> None:
    text = escape(said, quote=False)
    stories = [
        story(n, published=NOW - n * timedelta(minutes=20), title=said, html=f"<p>{text}</p>")
        for n in range(9)
    ]
    stories = [replace(each, tags=(said,), authors=(said,), rights=said) for each in stories]
    assert max_age(render(FEED, out_entries(FEED, stories))) == 600


@pytest.mark.parametrize(
    "date", ["soon", "2026-01-01T00:00:00", "Sun, 99 Nov 2026 10:00:00 GMT", "", "é"]
)
def test_a_file_of_another_hand_is_served_all_the_same(date: str) -> None:
    assert max_age(f"<rss><pubDate>{date}</pubDate></rss>".encode()) == USUAL
    assert max_age(json.dumps({"date_published": date}).encode()) == USUAL
