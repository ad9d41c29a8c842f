"""What is due and not done, on both engines."""

from functools import partial

import pytest
from store.stock import HOLD, HOUR, MINUTE, NOW, Stock, sighting

from aggregator.store import backlog, polls, sources


def lengths(stock: Stock) -> dict[str, int]:
    found = stock.get(backlog.queues, NOW + HOUR)
    return {verb: queue.length for verb, queue in found.items()}


def test_an_empty_database_waits_for_nothing(stock: Stock) -> None:
    assert set(stock.get(backlog.queues, NOW).values()) == {backlog.Queue(0, 0.0)}
    assert stock.get(backlog.source_states) == {"well": 0, "failing": 0, "paused": 0}


def test_each_verb_has_its_queue(stock: Stock) -> None:
    source = stock.source()
    stock.poll(source, sighting("unread"))
    assert lengths(stock) == {"poll": 1, "read": 1, "place": 0, "publish": 0}
    waiting, placed, published = stock.articles("1", "2", "3", source=source)[-3:]
    stock.story(published)
    stock.publish()
    stock.story(placed)
    assert lengths(stock) == {"poll": 1, "read": 0, "place": 2, "publish": 1}
    stock.story(waiting)
    assert lengths(stock)["place"] == 1


def test_a_queue_is_as_old_as_its_oldest(stock: Stock) -> None:
    source = stock.source()
    stock.poll(source, sighting("first"))
    found = stock.get(backlog.queues, NOW + 90 * MINUTE)
    assert found["poll"] == backlog.Queue(1, 30 * 60.0)
    assert found["read"] == backlog.Queue(1, 90 * 60.0)
    (entry_id,) = stock.articles(source=source)
    assert stock.get(backlog.queues, NOW + 2 * MINUTE)["place"].age == 120.0
    stock.story(entry_id)
    assert stock.get(backlog.queues, NOW + HOLD - MINUTE)["publish"] == backlog.Queue(0, 0.0)
    assert stock.get(backlog.queues, NOW + HOLD + MINUTE)["publish"] == backlog.Queue(1, 60.0)


def test_what_is_done_waits_for_nothing(stock: Stock) -> None:
    stock.story(*stock.articles("1", "2"))
    stock.publish()
    found = stock.get(backlog.queues, NOW + MINUTE)
    assert set(found.values()) == {backlog.Queue(0, 0.0)}


def test_sources_are_counted_by_how_they_do(stock: Stock) -> None:
    well, failing, paused, removed = (
        stock.source(f"https://{name}.example/feed") for name in ("a", "b", "c", "d")
    )
    stock.poll(well)
    stock.do(polls.make_due, NOW, [failing.id])
    failed = partial(
        polls.record_failure, reason="HTTP 500", next_poll_at=NOW + HOUR, now=NOW, hold=None
    )
    stock.do(failed, task=stock.claim_poll(failing))
    stock.do(sources.enable_source, paused, NOW, enabled=False)
    stock.do(sources.remove_source, removed, NOW)
    assert stock.get(backlog.source_states) == {"well": 1, "failing": 1, "paused": 1}


@pytest.mark.parametrize("count", [0, 3])
def test_the_length_is_the_number_of_what_is_due(stock: Stock, count: int) -> None:
    for number in range(count):
        stock.source(f"https://{number}.example/feed")
    assert stock.get(backlog.queues, NOW)["poll"].length == count
