"""How long a feed may be kept follows how often it gets something new."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sample_stories import FEED, NOW, story

from aggregator.output.atom import render_atom
from aggregator.output.entry import out_entries
from aggregator.output.feed import OutEntry, OutFeed
from aggregator.output.jsonfeed import render_json
from aggregator.output.rss import render_rss
from aggregator.web.freshness import LONGEST, SHORTEST, USUAL, max_age


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


def test_an_archive_is_kept_long() -> None:
    stories = [story(n, published=NOW - timedelta(seconds=n)) for n in range(9)]
    archive = replace(FEED, archive=True)
    assert max_age(render_atom(archive, out_entries(archive, stories))) == LONGEST
