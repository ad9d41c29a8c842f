"""Places: written in order, found again by key, with the evidence that led there."""

from datetime import timedelta
from functools import partial
from unittest.mock import patch
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from newsdesk import stories_of
from sqlalchemy.exc import NoResultFound
from store.stock import HOLD, HOUR, MINUTE, NOW, Stock, reading, sighting

from aggregator.errors import StoreError
from aggregator.model import Candidate, Kind, Page, Signal, Verdict
from aggregator.store import drafts, placings, prints, readings
from aggregator.store.placings import Placing
from aggregator.store.prints import MOST_HOLDERS, Placed, Renewal
from aggregator.store.readings import Read, Reading


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
    assert stock.get(prints.unplaced, 10) == []
    for task in stock.claim_readings(NOW + 2 * HOUR):
        stock.do(readings.record_readings, [Read(task, reading(), NOW)])
    assert stock.get(placings.count_unplaced) == 4
    waiting = stock.get(prints.unplaced, 10)
    assert [one.entry_id for one in waiting] == [early, same, middle, late]
    assert stock.get(prints.unplaced, 2) == waiting[:2]
    assert waiting[0].fingerprint == b"The frigate sailed."


def test_what_is_placed_waits_no_longer(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    counts = record(stock, placing(one, None), placing(two, -one))
    assert counts == {Kind.ORIGINAL: 1, Kind.COPY: 1, Kind.RETELLING: 0}
    assert [waiting.entry_id for waiting in stock.get(prints.unplaced, 9)] == [three]
    assert stock.get(placings.count_unplaced) == 1


def test_a_story_begun_in_the_batch_is_joined_in_the_batch(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    seen = Candidate(one, -one, 0.9, ())
    record(stock, placing(one, None), placing(two, None), placing(three, -one, seen))
    stories = stock.get(stories_of, [one, two, three, 999])
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
    assert stock.get(stories_of, [one, two]) == {}


def test_an_article_is_placed_once(stock: Stock) -> None:
    (one,) = stock.articles("1")
    stock.story(one)
    with pytest.raises(StoreError, match=r"(?i)unique"):
        stock.place(one, None)


def test_sequences_rise_in_the_order_of_placing(stock: Stock) -> None:
    one, two, three = stock.articles("1", "2", "3")
    record(stock, placing(three, None), placing(one, None), placing(two, None))
    assert stock.get(prints.placed_in, NOW - timedelta(days=1)) == [three, one, two]
    assert stock.get(prints.placed_in, NOW - HOUR + 2 * MINUTE) == [three]
    last = stock.get(prints.last_sequence)
    assert stock.get(prints.placed_since, last) == []
    assert stock.get(prints.placed_since, last - 2) == [one, two]
    assert stock.get(prints.placed_since, 0) == [three, one, two]


def test_fingerprints_come_in_the_order_asked_for(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.store.prints._CHUNK", 2)
    one, two, three = stock.articles("1", "2", "3")
    asked = [three, one, two]
    found = stock.get(lambda session: list(prints.fingerprints_of(session, asked)))
    assert found == [(entry_id, f"Text {entry_id}".encode()) for entry_id in asked]


def test_what_is_matched_with_has_its_place(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(two)
    found = stock.get(prints.placed_among, [one, two, 999])
    assert found == [Placed(two, story, f"Text {two}".encode())]


def test_what_another_version_wrote_is_written_anew(stock: Stock) -> None:
    stock.poll(stock.source(), *(sighting(f"{n}") for n in range(3)))
    ids = []
    for task in stock.claim_readings():
        said = Reading(Page("", ""), b"\x01\x00 old", frozenset({"text:1", "quote:1"}))
        stock.do(readings.record_readings, [Read(task, said, NOW)])
        stock.story(task.entry_id)
        ids.append(task.entry_id)
    look = partial(prints.outdated, oldest=NOW - timedelta(days=1), mark=b"\x02\x00")
    assert stock.get(look) == ids
    assert stock.get(prints.outdated, NOW, b"\x02\x00") == []
    renewal = Renewal(ids[0], b"\x02\x00 new", frozenset({"text:2"}))
    stock.do(prints.renew, [renewal])
    assert stock.get(look) == ids[1:]
    sought = [{"text:1", "quote:1"}, {"text:2"}, {"text:3"}]
    assert stock.get(prints.holders, [*map(frozenset, sought)]) == [ids[1:], ids[:1], []]


def test_a_copy_lets_its_story_be_edited_anew(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(one)
    stock.publish()
    assert stock.get(drafts.due, NOW + HOUR, 9) == []
    stock.place(two, story)
    (draft,) = stock.get(drafts.due, NOW + HOUR, 9)
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
    assert found.story_id == stock.get(stories_of, [entry])[entry]


def test_what_has_no_place_has_no_verdict(stock: Stock) -> None:
    (one,) = stock.articles("1")
    assert stock.get(placings.verdict_on, one) is None


@pytest.mark.parametrize("read", [MOST_HOLDERS, 99], ids=["counted there", "counted here"])
def test_keys_find_the_oldest_that_hold_them(stock: Stock, read: int) -> None:
    stock.poll(stock.source(), *(sighting(f"{n}") for n in range(MOST_HOLDERS + 3)))
    tasks = stock.claim_readings()
    for task in tasks:
        keys = ["text:1", f"link:{task.entry_id}"]
        stock.do(readings.record_readings, [Read(task, reading(keys=keys), NOW)])
    ids = [task.entry_id for task in tasks]
    assert stock.get(prints.holders, [frozenset({"text:1"})]) == [[]]
    for entry_id in ids[1:]:
        stock.story(entry_id)
    both = {"text:1", f"link:{ids[-1]}", "link:unknown"}
    with patch("aggregator.store.prints._MOST_READ", read):
        found = stock.get(prints.holders, [frozenset({"text:1"}), frozenset(both), frozenset()])
    assert found == [ids[1 : 1 + MOST_HOLDERS], [ids[-1], *ids[1:MOST_HOLDERS]], []]
