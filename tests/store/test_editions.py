"""What the publisher writes: who appears when, in which feeds, and which files are stale."""

from dataclasses import replace
from datetime import timedelta

import pytest
from store.stock import HOLD, HOUR, MINUTE, NOW, Stock, answer, reading, sighting

from aggregator.model import Role
from aggregator.store import composed, drafts, editions, facts, feeds, polls, readings, shelf
from aggregator.store.corrections import let_go
from aggregator.store.drafts import DraftTelling
from aggregator.store.editions import Edition
from aggregator.store.feeds import FeedState
from aggregator.store.merging import touch
from aggregator.store.readings import Read
from aggregator.store.tables import TellingRow
from aggregator.stories.slugs import ALL


def drafted(stock: Stock, now: object = None, *, hold: bool = True) -> list[int]:
    moment = NOW if now is None else now
    assert isinstance(moment, type(NOW))
    return [draft.story_id for draft in stock.get(drafts.due, moment, 99, hold=hold)]


def state(stock: Stock, name: str) -> FeedState:
    return stock.get(feeds.states).get(name, FeedState(name))


def stale(stock: Stock, *names: str, look: str = "look") -> set[str]:
    return {name for name in names if not state(stock, name).shows(look)}


def render(stock: Stock, *names: str, look: str = "look") -> None:
    shown = [replace(state(stock, name), rendered_with=look) for name in names]
    stock.do(feeds.mark_rendered, shown)


def test_a_story_is_held_until_it_is_ripe(stock: Stock) -> None:
    story = stock.story(*stock.articles("1"))
    assert drafted(stock, NOW + HOLD - MINUTE) == []
    assert drafted(stock, NOW + HOLD - MINUTE, hold=False) == [story]
    assert drafted(stock, NOW + HOLD) == [story]
    assert stock.get(drafts.count_held) == 1
    assert stock.publish(NOW + HOLD) == 1
    assert stock.get(drafts.count_held) == 0
    assert drafted(stock, NOW + HOUR, hold=False) == []


def test_drafts_come_a_few_at_a_time(stock: Stock) -> None:
    ids = [stock.story(entry) for entry in stock.articles("1", "2", "3")]
    found = stock.get(drafts.due, NOW + HOUR, 2)
    assert [draft.story_id for draft in found] == ids[:2]


def test_a_draft_says_all_that_choosing_looks_at(stock: Stock) -> None:
    source = stock.source(title="The Navy", role=Role.PRIMARY, categories=("navy", "baltic"))
    stock.poll(source, sighting("a", link="https://a.example/1", lang="en", tags=("ships",)))
    (task,) = stock.claim_readings()
    stock.do(readings.record_readings, [Read(task, reading("Sailed."), NOW)])
    story = stock.story(task.entry_id)
    (draft,) = stock.get(drafts.due, NOW + HOUR, 9)
    assert (draft.story_id, draft.revision, draft.lead_entry_id) == (story, 1, None)
    (telling,) = draft.tellings
    assert sorted(telling.given) == ["baltic", "navy"]
    assert telling == DraftTelling(
        entry_id=task.entry_id,
        role=Role.PRIMARY,
        title="Frigate joins the Baltic patrol",
        text="Sailed.",
        outlet="outlet.example",
        source="The Navy",
        lang="en",
        tags=("ships",),
        fingerprint=b"Sailed.",
        published=NOW - HOUR,
        given=telling.given,
    )


def test_published_never_changes(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(one)
    stock.publish(NOW + HOUR)
    stock.place(two, story)
    (draft,) = stock.get(drafts.due, NOW + HOUR, 9)
    later = Edition(story, draft.revision, two, NOW + HOUR, frozenset())
    assert stock.do(editions.record_editions, [later], NOW + 2 * HOUR) == 0
    (found,) = stock.get(composed.load_stories, [story])
    assert (found.published, found.updated) == (NOW - HOUR, NOW + 2 * HOUR)
    assert found.lead_entry_id == two


def test_updated_moves_with_the_lead_alone(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(one)
    stock.publish(NOW + HOUR)
    stock.place(two, story)
    stock.publish(NOW + 2 * HOUR, "navy")
    (found,) = stock.get(composed.load_stories, [story])
    assert (found.updated, found.categories) == (NOW + HOUR, ("navy",))


def test_updated_never_goes_back_whatever_the_clock_says(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story, other = stock.story(one), stock.story(two)
    stock.publish(NOW + 5 * HOUR)
    for each in (story, other):
        stock.do(let_go, each, TellingRow)
        stock.do(touch, each)
    stock.publish(NOW + HOUR)
    moments = {each.updated for each in stock.get(composed.load_stories, [story, other])}
    assert len(moments) == 2
    assert NOW + 5 * HOUR < min(moments) < max(moments) < NOW + 5 * HOUR + MINUTE


def test_no_two_stories_share_a_moment(stock: Stock) -> None:
    ids = [stock.story(entry) for entry in stock.articles(*"12345")]
    stock.publish(NOW + HOUR)
    moments = [story.updated for story in stock.get(composed.load_stories, ids)]
    assert len(set(moments)) == 5
    assert max(moments) - min(moments) < timedelta(seconds=1)


def test_what_changed_meanwhile_is_edited_again(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(one)
    (old,) = stock.get(drafts.due, NOW + HOUR, 9)
    stock.place(two, story)
    stale_edition = Edition(story, old.revision, one, NOW, frozenset({"navy"}))
    assert stock.do(editions.record_editions, [stale_edition], NOW + HOUR) == 0
    assert drafted(stock, NOW + HOUR) == [story]
    assert stock.publish(NOW + HOUR) == 1
    assert drafted(stock, NOW + HOUR) == []


def test_a_change_of_categories_concerns_both_feeds(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(one)
    stock.publish(NOW + HOUR, "navy", "coast")
    render(stock, ALL, "navy", "coast", "baltic")
    stock.place(two, story)
    stock.publish(NOW + HOUR, "baltic", "coast")
    assert stale(stock, ALL, "navy", "coast", "baltic") == {ALL, "navy", "coast", "baltic"}
    assert stock.get(shelf.live_stories, "navy", 9) == []
    assert [story.id for story in stock.get(shelf.live_stories, "baltic", 9)] == [story]


def test_other_feeds_are_left_alone(stock: Stock) -> None:
    stock.story(*stock.articles("1"))
    render(stock, ALL, "navy", "baltic")
    stock.publish(NOW + HOUR, "navy")
    assert stale(stock, ALL, "navy", "baltic") == {ALL, "navy"}


def test_a_feed_is_stale_until_it_is_rendered(stock: Stock) -> None:
    assert stale(stock, "navy") == {"navy"}
    render(stock, "navy")
    assert stale(stock, "navy") == set()
    assert stale(stock, "navy", look="another look") == {"navy"}
    stock.do(feeds.mark_stale, ["navy"])
    before = state(stock, "navy")
    stock.do(feeds.mark_stale, ["navy"])
    stock.do(feeds.mark_rendered, [replace(before, rendered_with="look")])
    assert stale(stock, "navy") == {"navy"}, "it changed while it was rendered"
    render(stock, "navy")
    assert stale(stock, "navy") == set()


def test_what_was_written_is_remembered(stock: Stock) -> None:
    shown = FeedState("navy", 0, None, "look", NOW, {"navy.atom": "1-2-3"})
    stock.do(feeds.mark_rendered, [shown])
    assert state(stock, "navy") == replace(shown, rendered_revision=0)


def test_rules_that_changed_let_recent_stories_be_edited_anew(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    old, held = stock.story(one), stock.story(two, now=NOW + 3 * HOUR)
    stock.publish(NOW + HOUR)
    stock.do(editions.reconsider, NOW + 2 * HOUR)
    assert drafted(stock, NOW + 2 * HOUR) == []
    stock.do(editions.reconsider, NOW + HOUR)
    assert drafted(stock, NOW + 2 * HOUR) == [old]
    assert held not in drafted(stock, NOW + 2 * HOUR)


def test_the_first_round_ends_when_all_has_its_place(stock: Stock) -> None:
    def complete() -> bool:
        return stock.get(editions.first_round_complete)

    assert not complete(), "there is no source yet"
    source = stock.source()
    assert not complete(), "a source was not asked yet"
    stock.poll(source, sighting("a"))
    assert not complete(), "an entry was not read yet"
    (task,) = stock.claim_readings()
    stock.do(readings.record_readings, [Read(task, reading(), NOW)])
    assert not complete(), "an article was not placed yet"
    stock.story(task.entry_id)
    assert complete()
    stock.publish()
    assert not complete(), "a story has appeared: the first round is over"


def test_there_is_one_first_round(stock: Stock) -> None:
    stock.poll(stock.source())
    assert stock.get(editions.first_round_complete)
    stock.do(facts.note_once, editions.FIRST_ROUND, "published")
    assert not stock.get(editions.first_round_complete)


def test_sources_that_fail_or_rest_do_not_hold_up_the_first_round(stock: Stock) -> None:
    stock.source("https://paused.example/", enabled=False)
    failing = stock.source()
    assert not stock.get(editions.first_round_complete)
    stock.do(polls.record_failure, stock.claim_poll(failing), "no answer", NOW + HOUR, NOW)
    assert stock.get(editions.first_round_complete)


def test_known_entries_do_not_hold_up_the_first_round(stock: Stock) -> None:
    source = stock.source(only_new=True)
    task = stock.claim_poll(source)
    stock.record(task, answer(), [sighting("a")], NOW)
    assert stock.get(editions.first_round_complete)


def test_categories_given_to_sources_are_named_once(stock: Stock) -> None:
    stock.source("https://a.example/", categories=("navy", "baltic"))
    stock.source("https://b.example/", categories=("navy",))
    assert stock.get(editions.given_slugs) == ["baltic", "navy"]


def test_facts_are_noted_over_and_once(stock: Stock) -> None:
    assert stock.get(facts.fact, "name") is None
    assert stock.do(facts.note_once, "name", "first") == "first"
    assert stock.do(facts.note_once, "name", "second") == "first"
    stock.do(facts.note, "name", "third")
    assert stock.get(facts.fact, "name") == "third"


@pytest.mark.parametrize("slugs", [[], ["navy"]])
def test_marking_is_idempotent_on_nothing(stock: Stock, slugs: list[str]) -> None:
    stock.do(feeds.mark_stale, slugs)
    stock.do(feeds.mark_stale, slugs)
    found = {name: feed.revision for name, feed in stock.get(feeds.states).items()}
    assert found == dict.fromkeys(slugs, 2)
