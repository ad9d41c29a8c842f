"""Places: written in order, found again by key, with the evidence that led there."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import NoResultFound
from store.stock import HOLD, HOUR, MINUTE, NOW, Stock, reading, sighting

from aggregator.errors import StoreError
from aggregator.model import Candidate, Kind, Signal, Verdict
from aggregator.store import editions, placings, readings
from aggregator.store.placings import MOST_HOLDERS, Placed, Placing


def placing(entry_id: int, story_id: int | None, *candidates: Candidate) -> Placing:
    kind = Kind.ORIGINAL if story_id is None else Kind.COPY
    verdict = Verdict(story_id, kind, 1.0, 0.5, candidates)
    return Placing(entry_id, verdict, f"tag:a.example,2026:story/{entry_id}", f"{entry_id}")


def record(stock: Stock, *placed: Placing) -> dict[Kind, int]:
    return stock.do(placings.record_placings, placed, NOW, HOLD)


def test_articles_wait_in_order_of_publication(stock: Stock) -> None:
    source = stock.source()
    times = {"late": NOW, "early": NOW - HOUR, "middle": NOW - MINUTE, "same": NOW - HOUR}
    stock.poll(source, *(sighting(key, published=at) for key, at in times.items()))
    late, early, middle, same = (task.entry_id for task in stock.claim_readings(NOW))
    assert stock.get(placings.unplaced, 10) == []
    for task in stock.claim_readings(NOW + 2 * HOUR):
        stock.do(readings.record_reading, task, reading(), NOW)
    assert stock.get(placings.count_unplaced) == 4
    waiting = stock.get(placings.unplaced, 10)
    assert [one.entry_id for one in waiting] == [early, same, middle, late]
    assert stock.get(placings.unplaced, 2) == waiting[:2]
    assert waiting[0].fingerprint == b"The frigate sailed."


def test_what_is_placed_waits_no_longer(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    counts = record(stock, placing(one, None), placing(two, -one))
    assert counts == {Kind.ORIGINAL: 1, Kind.COPY: 1, Kind.RETELLING: 0}
    assert [waiting.entry_id for waiting in stock.get(placings.unplaced, 9)] == [three]
    assert stock.get(placings.count_unplaced) == 1


def test_a_story_begun_in_the_batch_is_joined_in_the_batch(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    seen = Candidate(one, -one, 0.9, ())
    record(stock, placing(one, None), placing(two, None), placing(three, -one, seen))
    stories = stock.get(placings.stories_of, [one, two, three, 999])
    assert stories[one] == stories[three] != stories[two]
    assert set(stories) == {one, two, three}
    verdict = stock.get(placings.verdict_on, three)
    assert verdict is not None
    assert verdict.candidates == (Candidate(one, stories[one], 0.9, ()),)


def test_a_batch_that_fails_leaves_nothing(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    with pytest.raises(NoResultFound):
        record(stock, placing(one, None), placing(two, 999))
    assert stock.get(placings.count_unplaced) == 2
    assert stock.get(placings.stories_of, [one, two]) == {}


def test_an_article_is_placed_once(stock: Stock) -> None:
    (one,) = stock.articles("1")
    stock.story(one)
    with pytest.raises(StoreError, match=r"(?i)unique"):
        stock.place(one, None)


def test_sequences_rise_in_the_order_of_placing(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    record(stock, placing(three, None), placing(one, None), placing(two, None))
    everything = stock.get(placings.placed_since, 0, NOW - timedelta(days=1))
    assert [placed.entry_id for placed in everything] == [three, one, two]
    sequences = [placed.sequence for placed in everything]
    assert sequences == sorted(set(sequences))
    assert everything[0].fingerprint == f"Text {three}".encode()
    assert stock.get(placings.placed_since, sequences[1], NOW - timedelta(days=1)) == [
        Placed(sequences[2], two, f"Text {two}".encode())
    ]
    published_after = stock.get(placings.placed_since, 0, NOW - HOUR + MINUTE)
    assert [placed.entry_id for placed in published_after] == [three]


def test_a_copy_lets_its_story_be_edited_anew(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(one)
    stock.publish()
    assert stock.get(editions.drafts, NOW + HOUR, 9) == []
    stock.place(two, story)
    (draft,) = stock.get(editions.drafts, NOW + HOUR, 9)
    assert [telling.entry_id for telling in draft.tellings] == [one, two]


floats = st.floats(allow_nan=False, allow_infinity=False)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(signals=st.lists(st.tuples(st.text("a\"\\é🚢'", min_size=1), floats, floats), max_size=4))
def test_evidence_comes_back_as_it_was(
    stock: Stock, signals: list[tuple[str, float, float]]
) -> None:
    source = stock.source(f"https://a.example/{uuid4()}")
    (entry,) = stock.articles("1", source=source)
    evidence = tuple(Signal(*signal) for signal in signals)
    seen = (Candidate(7, 3, 0.1 + 0.2, evidence), Candidate(8, 4, 1e-300, ()))
    verdict = Verdict(None, Kind.ORIGINAL, 1 / 3, 0.62, seen)
    record(stock, Placing(entry, verdict, f"tag:{entry}", f"{entry}"))
    found = stock.get(placings.verdict_on, entry)
    assert found is not None
    assert (found.kind, found.score, found.threshold) == (Kind.ORIGINAL, 1 / 3, 0.62)
    assert found.candidates == seen
    assert found.story_id == stock.get(placings.stories_of, [entry])[entry]


def test_what_has_no_place_has_no_verdict(stock: Stock) -> None:
    (one,) = stock.articles("1")
    assert stock.get(placings.verdict_on, one) is None


def test_keys_find_the_oldest_that_hold_them(stock: Stock) -> None:
    stock.poll(stock.source(), *(sighting(f"{n}") for n in range(MOST_HOLDERS + 3)))
    tasks = stock.claim_readings()
    for task in tasks:
        keys = ["text:1", f"link:{task.entry_id}"]
        stock.do(readings.record_reading, task, reading(keys=keys), NOW)
    ids = [task.entry_id for task in tasks]
    assert stock.get(placings.holders_of, ["text:1"]) == []
    for entry_id in ids[1:]:
        stock.story(entry_id)
    both = ["text:1", f"link:{ids[1]}", "link:unknown"]
    holders = stock.get(placings.holders_of, both)
    assert [entry_id for entry_id, _ in holders] == ids[1 : 1 + MOST_HOLDERS]
    assert {fingerprint for _, fingerprint in holders} == {b"The frigate sailed."}
    assert len(stock.get(placings.holders_of, [f"link:{ids[2]}"])) == 1
    assert stock.get(placings.holders_of, []) == []
