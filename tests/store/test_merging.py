"""An article may show that two stories are one; an operator's word to the contrary holds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from newsdesk import stories_of
from sqlalchemy import select
from store.stock import HOLD, HOUR, MINUTE, NOW, Stock

from aggregator.model import Kind, Verdict
from aggregator.store import backlog, composed, editions, folded, merging, placings, rulings, shelf
from aggregator.store.kept import Kept
from aggregator.store.placings import Placing
from aggregator.store.tables import StoryRow, TellingRow
from aggregator.stories.slugs import ALL


def begun(entry_id: int) -> Placing:
    verdict = Verdict(None, Kind.ORIGINAL, 0.0, 0.5)
    return Placing(entry_id, verdict, f"tag:a.example,2026:story/{entry_id}", f"{entry_id}")


def joining(entry_id: int, story_id: int, *joins: int) -> Placing:
    verdict = Verdict(story_id, Kind.COPY, 0.9, 0.5, (), joins)
    return replace(begun(entry_id), verdict=verdict)


def record(stock: Stock, *placed: Placing, later: timedelta = timedelta()) -> None:
    stock.do(placings.record_placings, placed, NOW + later, HOLD)


def stories(stock: Stock, *entries: int) -> list[int]:
    found = stock.get(stories_of, entries)
    return [found[entry] for entry in entries]


def test_the_original_of_two_copies_makes_their_stories_one(stock: Stock) -> None:
    copy, spun, original = stock.articles("1", "2", "3")
    record(stock, begun(copy), begun(spun))
    first, second = stories(stock, copy, spun)
    record(stock, joining(original, first, second))
    assert stories(stock, copy, spun, original) == [first] * 3
    assert stock.get(shelf.story_id, str(spun)) == first
    assert stock.get(backlog.count_stories) == 1


def test_what_an_article_joins_is_told_so(stock: Stock) -> None:
    copy, spun, original = stock.articles("1", "2", "3")
    record(stock, begun(copy), begun(spun))
    first, second = stories(stock, copy, spun)
    stock.publish(NOW + HOUR)
    record(stock, joining(original, first, second), later=2 * HOUR)
    told = stock.get(folded.folded_entries, ALL, 9, Kept())
    joined = {each.telling.entry_id: each.joined for each in told}
    assert joined == {spun: "article", original: ""}


def test_what_is_joined_is_new_in_the_story_that_it_joins(stock: Stock) -> None:
    copy, spun, original = stock.articles("1", "2", "3")
    record(stock, begun(copy), begun(spun))
    first, second = stories(stock, copy, spun)
    stock.publish(NOW + HOUR)
    record(stock, joining(original, first, second), later=2 * HOUR)
    (story,) = stock.get(composed.load_stories, [first])
    later = [telling.entry_id for telling in story.tellings if telling.placed_at > story.updated]
    assert (story.lead_entry_id, later) == (copy, [spun, original])


def test_stories_of_one_batch_are_joined_in_it(stock: Stock) -> None:
    copy, spun, original, late = stock.articles("1", "2", "3", "4")
    placed = begun(copy), begun(spun), joining(original, -copy, -spun), joining(late, -spun, -copy)
    record(stock, *placed)
    assert len(set(stories(stock, copy, spun, original, late))) == 1


def test_the_hold_counts_from_the_first_telling_of_either(stock: Stock) -> None:
    copy, spun, original = stock.articles("1", "2", "3")
    record(stock, begun(spun))
    record(stock, begun(copy), later=MINUTE)
    second, first = stories(stock, spun, copy)
    stock.do(editions.record_editions, [], NOW)
    record(stock, joining(original, first, second), later=2 * MINUTE)
    (living,) = set(stories(stock, spun, copy, original))
    appear_at = stock.get(lambda session: session.get_one(StoryRow, living).appear_at)
    assert appear_at == NOW + HOLD


@pytest.mark.parametrize("turned", [False, True])
def test_what_an_operator_split_no_article_joins(stock: Stock, turned: bool) -> None:  # noqa: FBT001
    one, other, witness = stock.articles("1", "2", "3")
    record(stock, begun(one), joining(other, -one))
    (story,) = set(stories(stock, one, other))
    stock.do(rulings.rule_split, story, other, NOW)
    (ruling,) = stock.get(rulings.pending_rulings)
    taken_out = stock.do(rulings.apply_ruling, ruling, "tag:a.example,2026:story/x", "x", NOW)
    assert stock.do(merging.ruled_apart, story, taken_out)
    chosen, joined = (taken_out, story) if turned else (story, taken_out)
    record(stock, joining(witness, chosen, joined), later=HOUR)
    assert stories(stock, one, other, witness) == [story, taken_out, chosen]


def test_what_is_written_together_ends_as_what_is_written_one_by_one(stock: Stock) -> None:
    first, copy, original, other, witness, late = stock.articles("1", "2", "3", "4", "5", "6")
    crowned = replace(joining(original, -first), original=True)
    record(
        stock,
        begun(first), joining(copy, -first), crowned, begun(other),
        joining(witness, -other, -first), joining(late, -other),
    )  # fmt: skip
    (living,) = set(stories(stock, first, copy, original, other, witness, late))
    rows = stock.get(lambda session: session.scalars(select(TellingRow)).all())
    kinds = {row.entry_id: row.kind for row in rows}
    assert kinds.pop(original) == Kind.ORIGINAL
    assert kinds.pop(other) == Kind.RETELLING
    assert set(kinds.values()) == {Kind.COPY}
    revisions = stock.get(lambda session: session.scalars(select(StoryRow)).all())
    assert {row.id == living: row.revision for row in revisions} == {True: 5, False: 3}
