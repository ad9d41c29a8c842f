"""An operator's word: which id lives, who leads, and that nothing is lost on the way."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from store.stock import HOLD, HOUR, MINUTE, NOW, Stock

from aggregator.errors import RefusedError
from aggregator.model import Kind, Verdict
from aggregator.store import (
    backlog,
    composed,
    drafts,
    editions,
    feeds,
    ledger,
    placings,
    pruning,
    rulings,
    shelf,
)
from aggregator.store.editions import Edition
from aggregator.store.merging import kept_apart, merge_stories, ruled_apart
from aggregator.store.placings import Placing
from aggregator.store.tables import MoveRow, StoryRow, TellingRow
from aggregator.stories.slugs import ALL

LATER = NOW + 2 * HOUR


def apply_all(stock: Stock) -> list[int]:
    """Apply what waits; return the stories that lived or began."""
    return [
        stock.do(rulings.apply_ruling, ruling, f"tag:ruled/{ruling.id}", f"r{ruling.id}", LATER)
        for ruling in stock.get(rulings.pending_rulings)
    ]


def merge(stock: Stock, one: int, other: int) -> int:
    assert stock.do(rulings.rule_merge, one, other, LATER)
    (survivor,) = apply_all(stock)
    return survivor


def split(stock: Stock, story: int, entry: int) -> int:
    stock.do(rulings.rule_split, story, entry, LATER)
    (begun,) = apply_all(stock)
    return begun


def kinds(stock: Stock, story: int) -> dict[int, Kind]:
    found = {
        entry: stock.get(placings.verdict_on, entry) for entry in stock.get(shelf.members, story)
    }
    return {entry: verdict.kind for entry, verdict in found.items() if verdict}


def test_the_older_published_id_lives(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    first, second = stock.story(one, now=NOW + HOUR), stock.story(two)
    stock.publish(NOW + HOUR)  # only the second is past its hold
    stock.publish(NOW + 2 * HOUR)
    assert merge(stock, first, second) == second
    assert stock.get(shelf.story_id, f"key{one}") == second
    assert stock.get(shelf.members, second) == [one, two]
    assert stock.get(shelf.members, first) == []


def test_a_published_id_lives_before_one_that_is_held(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    held, published = stock.story(one, now=LATER), stock.story(two)
    stock.publish(NOW + HOUR)
    assert merge(stock, held, published) == published


def test_neither_published_the_older_lives(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    first, second = stock.story(one), stock.story(two)
    assert merge(stock, second, first) == first


def test_a_merged_original_becomes_a_retelling(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two, three)
    merge(stock, first, second)
    assert kinds(stock, first) == {one: Kind.ORIGINAL, two: Kind.RETELLING, three: Kind.COPY}


def test_a_chain_of_merges_leads_to_its_end(stock: Stock) -> None:
    entries = stock.articles("1", "2", "3")
    first, second, third = (stock.story(entry) for entry in entries)
    assert merge(stock, second, third) == second
    assert merge(stock, first, second) == first
    for entry in entries:
        assert stock.get(shelf.story_id, f"key{entry}") == first
        assert stock.get(rulings.ruled_on, entry)
    assert stock.get(shelf.members, first) == entries
    assert stock.get(ledger.draw_up).faults == ()


def test_merging_again_changes_nothing(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    first, second = stock.story(one), stock.story(two)
    for _ in range(2):
        stock.do(rulings.rule_merge, first, second, LATER)
    assert apply_all(stock) == [first, first]
    assert not stock.do(rulings.rule_merge, first, first, LATER)
    assert stock.get(rulings.pending_rulings) == []
    assert stock.get(shelf.members, first) == [one, two]


def test_the_merged_leave_the_shelf_at_once(stock: Stock) -> None:
    """A reader between the merge and the next edition sees the survivor and no error."""
    one, two = stock.articles("1", "2")
    first, second = stock.story(one), stock.story(two)
    stock.publish(NOW + HOUR, "navy")
    merge(stock, first, second)
    (story,) = stock.get(shelf.live_stories, "navy", 9)
    assert (story.id, [telling.entry_id for telling in story.tellings]) == (first, [one, two])
    assert [story.id for story in stock.get(shelf.live_stories, "navy", 1)] == [first]
    assert stock.get(composed.load_stories, [second]) == []


def test_what_moves_to_another_story_is_new_there_and_stands_at_home_where_it_stood(
    stock: Stock,
) -> None:
    """The body names only what was there when it was made, so it must know when that was."""
    one, two, three = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two, three)
    stock.publish(NOW + HOUR)
    merge(stock, first, second)
    assert placed_at(stock, first) == {one: NOW, two: LATER, three: LATER}
    updated = updated_at(stock, second)
    assert split(stock, first, two) == second
    assert placed_at(stock, second) == {two: NOW, three: NOW}
    stock.publish(LATER + HOUR)
    assert updated_at(stock, second) == updated
    assert kinds(stock, second) == {two: Kind.ORIGINAL, three: Kind.COPY}
    begun = split(stock, second, three)
    assert begun not in {first, second}
    assert placed_at(stock, begun) == {three: LATER}


def updated_at(stock: Stock, story: int) -> datetime | None:
    return stock.get(lambda session: session.get_one(StoryRow, story).updated_at)


def placed_at(stock: Stock, story: int) -> dict[int, datetime]:
    query = select(TellingRow.entry_id, TellingRow.placed_at).where(TellingRow.story_id == story)
    return stock.get(lambda session: dict(session.execute(query).all()))


def test_what_stands_alone_cannot_be_split(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story, other = stock.story(one), stock.story(two)
    with pytest.raises(RefusedError, match="alone"):
        stock.do(rulings.rule_split, story, one, LATER)
    with pytest.raises(RefusedError, match="does not stand in that story"):
        stock.do(rulings.rule_split, other, one, LATER)
    assert stock.get(rulings.pending_rulings) == []


def test_a_split_begins_a_story_of_its_own(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(one, two)
    assert not stock.get(rulings.ruled_on, two)
    begun = split(stock, story, two)
    assert begun != story
    assert kinds(stock, story) == {one: Kind.ORIGINAL}
    assert kinds(stock, begun) == {two: Kind.ORIGINAL}
    assert (stock.get(rulings.ruled_on, one), stock.get(rulings.ruled_on, two)) == (False, True)
    assert stock.get(shelf.story_key, begun).startswith("r")
    assert stock.get(ledger.draw_up).faults == ()


def test_the_earliest_left_becomes_the_original(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    story = stock.story(one, three, two)
    split(stock, story, one)
    assert kinds(stock, story) == {two: Kind.ORIGINAL, three: Kind.COPY}


def test_a_lead_that_is_split_off_keeps_the_id_that_readers_know(stock: Stock) -> None:
    """The alternate link of a published id never changes: it is the others that leave."""
    one, two, three = stock.articles("1", "2", "3")
    story = stock.story(one, two, three)
    stock.publish(NOW + HOUR)
    (before,) = stock.get(composed.load_stories, [story])
    assert split(stock, story, one) == story
    assert stock.publish(LATER) == 1
    after, new = stock.get(shelf.live_stories, ALL, 9)[::-1]
    assert (after.lead_entry_id, after.link, after.uri) == (one, before.link, before.uri)
    assert after.published == before.published
    assert [telling.entry_id for telling in after.tellings] == [one]
    assert [telling.entry_id for telling in new.tellings] == [two, three]
    assert all(stock.get(rulings.ruled_on, entry) for entry in (one, two, three))
    assert kinds(stock, new.id)[two] == Kind.ORIGINAL
    assert new.uri.startswith("tag:ruled/")
    assert stock.do(ruled_apart, story, new.id)
    assert stock.get(ledger.draw_up).faults == ()


def test_another_that_is_split_off_leaves_the_lead(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(one, two)
    stock.publish(NOW + HOUR)
    (before,) = stock.get(composed.load_stories, [story])
    split(stock, story, two)
    stock.publish(LATER)
    (after,) = stock.get(composed.load_stories, [story])
    assert after.lead_entry_id == one
    assert after.updated > before.updated, "its body named the one that left"


def test_a_lead_that_is_split_off_while_it_is_published_does_not_come_back(stock: Stock) -> None:
    """The publisher drafts, the editor splits, the publisher writes."""
    one, two = stock.articles("1", "2")
    story = stock.story(one, two)
    (draft,) = stock.get(drafts.due, NOW + HOUR, 9)
    split(stock, story, one)
    stale = Edition(story, draft.revision, one, NOW, frozenset())
    assert stock.do(editions.record_editions, [stale], NOW + HOUR) == 0
    stock.publish(LATER)
    (found,) = stock.get(composed.load_stories, [story])
    assert found.lead.entry_id == two


def test_split_twice_is_split_once(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(one, two)
    for _ in range(2):
        stock.do(rulings.rule_split, story, two, LATER)
    begun, again = apply_all(stock)
    assert begun == again
    assert stock.get(backlog.count_stories) == 2


def test_what_left_its_story_leaves_no_other(stock: Stock) -> None:
    """Who says it again before it was heard says it of the story in which the entry stood."""
    one, two, three = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two, three)
    stock.publish(NOW + HOUR)
    assert merge(stock, first, second) == first
    for _ in range(2):
        stock.do(rulings.rule_split, first, two, LATER)
    assert apply_all(stock) == [second, second]
    assert split_members(stock, first, second) == [[one], [two, three]]
    assert stock.get(backlog.count_stories) == 2


@pytest.mark.parametrize("verb", ["merge", "split"])
def test_what_was_pruned_before_a_ruling_on_it_was_heard_stays(stock: Stock, verb: str) -> None:
    """The archives show it as it is, and of a story without a text nothing can be told."""
    one, two, three = stock.articles("1", "2", "3")
    first, second = stock.story(one, two), stock.story(three)
    stock.publish(NOW + HOUR)
    if verb == "merge":
        stock.do(rulings.rule_merge, second, first, LATER)
    else:
        stock.do(rulings.rule_split, first, two, LATER)
    month = timedelta(days=30)
    stock.do(pruning.prune_stories, pruning.Retention(month, {}), NOW + 2 * month, None, 1)
    assert apply_all(stock) == [{"merge": second, "split": first}[verb]]
    assert split_members(stock, first, second) == [[one, two], [three]]
    assert not any(stock.get(rulings.ruled_on, entry) for entry in (one, two, three))
    assert stock.get(rulings.pending_rulings) == []


def test_a_split_undoes_a_merge(stock: Stock) -> None:
    """Readers know the id that was merged away; under another they would see the story twice."""
    one, two, three = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two, three)
    stock.publish(NOW + HOUR, "navy")
    (before,) = stock.get(composed.load_stories, [second])
    merge(stock, first, second)
    stock.publish(LATER, "navy")
    assert split(stock, first, two) == second
    stock.publish(LATER + HOUR, "navy")
    (after,) = stock.get(composed.load_stories, [second])
    assert (after.uri, after.link, after.published) == (before.uri, before.link, before.published)
    assert [telling.entry_id for telling in after.tellings] == [two, three]
    listed = [telling.placed_at <= before.updated for telling in before.tellings]
    assert [telling.placed_at <= after.updated for telling in after.tellings] == listed
    assert listed == [True, True]
    assert kinds(stock, first) == {one: Kind.ORIGINAL}
    assert kinds(stock, second)[two] == Kind.ORIGINAL
    assert stock.get(shelf.story_id, f"key{two}") == second
    assert {story.id for story in stock.get(shelf.live_stories, "navy", 9)} == {first, second}
    assert stock.do(ruled_apart, first, second)
    assert stock.get(ledger.draw_up).faults == ()


def test_all_are_again_what_they_were_where_a_copy_led(stock: Stock) -> None:
    """With the copy that leads comes the original beside it: nobody began a story but that one."""
    one, spun, honest, light = stock.articles("1", "2", "3", "4")
    first, second = stock.story(one), stock.story(honest, spun, light)
    edition = Edition(second, 3, spun, NOW, frozenset())
    assert stock.do(editions.record_editions, [edition], NOW + HOUR) == 1
    stock.publish(NOW + HOUR)
    drawn = stock.get(ledger.draw_up)
    stood = kinds(stock, second)
    assert stood == {spun: Kind.COPY, honest: Kind.ORIGINAL, light: Kind.COPY}
    assert merge(stock, first, second) == first
    assert kinds(stock, first)[honest] == Kind.RETELLING
    assert split(stock, first, spun) == second
    assert kinds(stock, second) == stood
    assert stock.get(ledger.draw_up) == drawn
    # Each of them stands where it stands by the operator's word, and what came later does not.
    assert not stock.get(rulings.ruled_on, one)
    assert all(stock.get(rulings.ruled_on, entry) for entry in (spun, honest, light))
    (late,) = stock.articles("5", source=stock.source("https://b.example/feed"))
    stock.place(late, second, now=LATER + HOUR)
    assert not stock.get(rulings.ruled_on, late)


def test_a_story_that_returns_without_whom_it_named_has_another_body(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two, three)
    stock.publish(NOW + HOUR)
    (before,) = stock.get(composed.load_stories, [second])
    assert merge(stock, first, second) == first
    split(stock, first, three)
    assert split(stock, first, two) == second
    stock.publish(LATER + HOUR)
    (after,) = stock.get(composed.load_stories, [second])
    assert [telling.entry_id for telling in after.tellings] == [two]
    assert after.updated > before.updated


@pytest.mark.parametrize("leaving", ["lead", "other"])
def test_a_lead_from_another_story_stays_where_readers_know_it(stock: Stock, leaving: str) -> None:
    """Two stories that nobody saw were merged, and the second brought the lead."""
    one, two, lead = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two, lead)
    assert merge(stock, first, second) == first
    (draft,) = (each for each in stock.get(drafts.due, LATER, 9) if each.story_id == first)
    edition = Edition(first, draft.revision, lead, NOW, frozenset())
    assert stock.do(editions.record_editions, [edition], LATER) == 1
    split(stock, first, {"lead": lead, "other": two}[leaving])
    stock.publish(LATER + HOUR)
    (story,) = stock.get(composed.load_stories, [first])
    assert story.lead_entry_id == lead
    stand = {"lead": [[lead], [one, two]], "other": [[one, lead], [two]]}
    assert split_members(stock, first, second) == stand[leaving]
    assert stock.get(ledger.draw_up).faults == ()


def test_a_split_leaves_somebody_behind(stock: Stock) -> None:
    """Both came by one merge, and what had begun the story left it before."""
    one, two, three = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two, three)
    assert merge(stock, first, second) == first
    begun = split(stock, first, one)
    assert split(stock, first, two) == second
    assert split_members(stock, first, second, begun) == [[three], [two], [one]]
    assert stock.get(ledger.draw_up).faults == ()


def test_what_came_by_merges_before_is_again_where_it_stood(stock: Stock) -> None:
    """Of a chain of merges one is undone: the body names whom it named, and nobody else."""
    one, two, named, late = stock.articles("1", "2", "3", "4")
    first, second, third = (stock.story(entry) for entry in (one, two, named))
    assert merge(stock, second, third) == second
    stock.publish(LATER + HOUR)
    fourth = stock.story(late, now=LATER + HOUR)
    stock.do(merge_stories, second, fourth, LATER + 2 * HOUR)
    stood = placed_at(stock, second), kinds(stock, second)
    (before,) = stock.get(composed.load_stories, [second])
    stock.do(merge_stories, first, second, LATER + 3 * HOUR)
    assert split(stock, first, two) == second
    assert (placed_at(stock, second), kinds(stock, second)) == stood
    (after,) = stock.get(composed.load_stories, [second])
    for story in (before, after):
        said = [each.entry_id for each in story.tellings if each.placed_at <= story.updated]
        assert said == [two, named]
    assert split(stock, second, named) == third
    assert split(stock, second, late) == fourth
    assert split_members(stock, first, second, third, fourth) == [[one], [two], [named], [late]]
    assert not stock.get(lambda session: session.scalars(select(MoveRow)).all())


def test_of_two_that_began_a_story_the_restored_one_has_its_own(stock: Stock) -> None:
    """The lead keeps the story that readers know; what began that leaves with the others."""
    one, lead, three = stock.articles("1", "2", "3")
    first, second = stock.story(one, lead), stock.story(three)
    stock.do(editions.record_editions, [Edition(first, 2, lead, NOW, frozenset())], NOW + HOUR)
    stock.publish(NOW + HOUR)
    assert merge(stock, first, second) == first
    assert split(stock, first, lead) == first
    assert kinds(stock, first) == {lead: Kind.ORIGINAL}
    assert kinds(stock, second) == {one: Kind.RETELLING, three: Kind.ORIGINAL}
    assert stock.get(ledger.draw_up).faults == ()


def test_what_joined_after_the_merge_stays(stock: Stock) -> None:
    one, two, late = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two)
    stock.publish(NOW + HOUR)
    merge(stock, first, second)
    verdict = Verdict(first, Kind.COPY, 0.9, 0.5)
    stock.do(placings.record_placings, [Placing(late, verdict, "", "")], LATER, HOLD)
    assert split(stock, first, two) == second
    assert stock.get(shelf.members, first) == [one, late]


def test_a_chain_of_merges_is_undone_where_it_is_cut(stock: Stock) -> None:
    """The middle one takes with it what was merged into it before."""
    one, two, three = stock.articles("1", "2", "3")
    first, second, third = (stock.story(entry) for entry in (one, two, three))
    stock.publish(NOW + HOUR)
    merge(stock, second, third)
    merge(stock, first, second)
    assert split(stock, first, two) == second
    assert stock.get(shelf.members, second) == [two, three]
    assert stock.get(shelf.story_id, f"key{three}") == second
    assert split(stock, second, three) == third
    assert split_members(stock, first, second, third) == [[one], [two], [three]]


def test_the_end_of_a_chain_leaves_the_middle_behind(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    first, second, third = (stock.story(entry) for entry in (one, two, three))
    stock.publish(NOW + HOUR)
    merge(stock, second, third)
    merge(stock, first, second)
    assert split(stock, first, three) == third
    assert split(stock, first, two) == second
    assert split_members(stock, first, second, third) == [[one], [two], [three]]


def split_members(stock: Stock, *stories: int) -> list[list[int]]:
    return [list(stock.get(shelf.members, story)) for story in stories]


def test_merged_and_undone_again_and_again(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two, three)
    stock.publish(NOW + HOUR)
    for _ in range(2):
        merge(stock, first, second)
        assert split(stock, first, two) == second
        assert split_members(stock, first, second) == [[one], [two, three]]


def test_where_the_others_leave_a_lead_the_first_they_know_is_restored(stock: Stock) -> None:
    """And the address of the other leads to where its lead stands."""
    one, two, three = stock.articles("1", "2", "3")
    first, second, third = (stock.story(entry) for entry in (one, two, three))
    stock.publish(NOW + HOUR)
    merge(stock, first, second)
    merge(stock, first, third)
    assert split(stock, first, one) == first
    assert split_members(stock, first, second, third) == [[one], [two, three], []]
    assert stock.get(shelf.story_id, f"key{three}") == second
    assert stock.do(ruled_apart, first, second)
    assert split(stock, second, three) == third


def test_what_nobody_saw_before_its_merge_returns_whole(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    first, held = stock.story(one), stock.story(two, three, now=LATER)
    stock.publish(NOW + HOUR)
    merge(stock, first, held)
    assert stock.get(shelf.lead_of, held) == two
    assert split(stock, first, two) == held
    assert kinds(stock, held) == {two: Kind.ORIGINAL, three: Kind.COPY}
    assert kinds(stock, first) == {one: Kind.ORIGINAL}


def test_a_pruned_story_whose_merge_is_undone_stands_in_its_archive(stock: Stock) -> None:
    """An article may merge what was pruned; no rule would find a text in it again."""
    one, two, late = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two)
    stock.publish(NOW + HOUR, "navy")
    verdict = Verdict(first, Kind.COPY, 0.9, 0.5)
    stock.do(placings.record_placings, [Placing(late, verdict, "", "")], LATER, HOLD)
    stock.publish(LATER, "navy")
    assert not stock.get(kept_apart, first, second)
    stock.do(pruning.prune_stories, pruning.Retention(HOUR, {}), LATER + MINUTE, None, 9)
    begun = -late  # a story that has no number yet
    assert stock.get(kept_apart, second, first)
    assert stock.get(kept_apart, begun, second)
    assert not stock.get(kept_apart, begun, begun - 1)
    stock.do(merge_stories, first, second, LATER + HOUR)
    stock.publish(LATER + HOUR, "navy")
    (stays,) = stock.get(shelf.archived_stories, "navy", "2026-11")
    assert stays.id == second
    assert split(stock, first, two) == second
    (archived,) = stock.get(shelf.archived_stories, "navy", "2026-11")
    assert archived.id == second
    state = stock.get(feeds.states)["navy/2026-11"]
    assert state.revision != state.rendered_revision


def test_a_split_follows_a_merge_that_came_before_it(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    first, second = stock.story(one), stock.story(two, three)
    stock.do(rulings.rule_merge, first, second, LATER)
    stock.do(rulings.rule_split, second, three, LATER)
    assert [ruling.verb for ruling in stock.get(rulings.pending_rulings)] == ["merge", "split"]
    survivor, begun = apply_all(stock)
    assert survivor == first
    assert stock.get(shelf.members, first) == [one, two]
    assert stock.get(shelf.members, begun) == [three]


def test_the_merged_leave_their_feeds(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    first = stock.story(one)
    stock.publish(NOW + HOUR, "navy")
    second = stock.story(two)
    stock.publish(NOW + HOUR + MINUTE, "baltic")
    rendered = [replace(feed, rendered_with="x") for feed in stock.get(feeds.states).values()]
    stock.do(feeds.mark_rendered, rendered)
    merge(stock, first, second)
    stock.publish(LATER, "navy")
    assert stock.get(shelf.categories_in_use).keys() == {"all", "navy"}
    stale = {name for name, feed in stock.get(feeds.states).items() if not feed.shows("x")}
    assert {"baltic", "navy"} <= stale
    assert stock.get(drafts.due, LATER, 9) == []
