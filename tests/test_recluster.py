"""Reclustering: what matching would say today is told; what readers know does not change."""

from datetime import timedelta
from functools import partial

import pytest
from articles import BRIDGE, DEPOT, lightly_edited
from newsdesk import NOON, Press, SteppedClock, Telling, changed, published_stories, stories_of

from aggregator.place import Editor
from aggregator.publish import Publisher
from aggregator.recluster import Reclustering, place_unpublished, recluster
from aggregator.settings import Settings
from aggregator.store import ledger, rulings
from aggregator.store.database import Store

QUAY, PIER = "https://quay.example/feed", "https://pier.example/feed"
SINCE = NOON - timedelta(days=14)
TITLE = "Fuel depot opens in Bar"


@pytest.fixture
def press(store: Store, clock: SteppedClock) -> Press:
    return Press(store, clock)


@pytest.fixture
def entries(press: Press, settings: Settings) -> list[int]:
    """Place an original, its copy and another story; nothing is published yet."""
    told = press.says(QUAY, Telling("depot", TITLE, DEPOT), Telling("bridge", "Bridge", BRIDGE))
    told += press.says(PIER, Telling("copy", TITLE, lightly_edited(DEPOT), published=NOON))
    Editor(press.store, settings).place(NOON)
    return told


def told(store: Store, settings: Settings) -> tuple[Reclustering, list[tuple[str, int, int]]]:
    seen: list[tuple[str, int, int]] = []
    found = recluster(store, settings, SINCE, lambda *step: seen.append(step))
    return found, seen


def stories(store: Store, entries: list[int]) -> list[int]:
    found = store.read_now(partial(stories_of, entry_ids=entries))
    return [found[entry_id] for entry_id in entries]


@pytest.mark.usefixtures("entries")
def test_the_same_matching_says_the_same(store: Store, settings: Settings) -> None:
    found, seen = told(store, settings)
    assert (found.entries, found.stories, found.stories_found, found.moves) == (3, 2, 2, [])
    assert seen == [("match", 1, 3), ("match", 2, 3), ("match", 3, 3)]
    assert place_unpublished(store, settings, found, NOON) == 0


def test_what_nobody_has_seen_is_placed_anew(
    store: Store, settings: Settings, entries: list[int]
) -> None:
    strict = changed(settings, match={"threshold": 1.0})
    found, _ = told(store, strict)
    assert (found.threshold, found.stories, found.stories_found) == (1.0, 2, 3)
    (move,) = found.moves
    assert (move.standing.entry_id, move.to, move.standing.published) == (entries[2], None, False)
    before = stories(store, entries)
    assert before[0] == before[2]
    assert place_unpublished(store, strict, found, NOON) == 3
    assert len(set(stories(store, entries))) == 3
    assert store.read_now(ledger.draw_up).faults == ()
    # And back again: the copy would tell the story of the depot.
    found, _ = told(store, settings)
    (move,) = found.moves
    assert move.standing.entry_id == entries[2]
    assert move.to is not None
    assert place_unpublished(store, settings, found, NOON) == 3
    assert len(set(stories(store, entries))) == 2


def test_what_readers_know_stays(store: Store, settings: Settings, entries: list[int]) -> None:
    strict = changed(settings, match={"threshold": 1.0})
    Publisher(store, settings).publish(NOON + timedelta(hours=1))
    known = [story.id for story in published_stories(store)]
    found, _ = told(store, strict)
    (move,) = found.moves
    assert move.standing.published
    before = stories(store, entries)
    assert place_unpublished(store, strict, found, NOON) == 0
    assert Editor(store, strict).place_anew(NOON).total == 0
    assert stories(store, entries) == before
    assert [story.id for story in published_stories(store)] == known


def test_an_operators_word_holds(store: Store, settings: Settings, entries: list[int]) -> None:
    depot, bridge, _ = stories(store, entries)
    store.write_now(partial(rulings.rule_merge, story_id=depot, other_id=bridge, now=NOON))
    Editor(store, settings).rule(NOON)
    found, _ = told(store, settings)
    assert (found.stories, found.stories_found, found.moves) == (1, 1, [])
    before = stories(store, entries)
    assert Editor(store, settings).place_anew(NOON).total == 0
    assert stories(store, entries) == before


def test_entries_of_before_are_left_out(store: Store, settings: Settings) -> None:
    found = recluster(store, settings, NOON, lambda *_: None)
    assert (found.entries, found.stories, found.stories_found) == (0, 0, 0)
