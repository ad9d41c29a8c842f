"""Who may work on what: one at a time, for a while, and never over a successor."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from store.stock import HOUR, MANY, MINUTE, NOW, Stock, answer, reading, sighting

from aggregator.model import Source
from aggregator.store import claims, polls, readings, sources
from aggregator.store.claims import Appetite
from aggregator.store.database import Store
from aggregator.store.readings import Read
from aggregator.store.tally import Tally


def claimed(stock: Stock, appetite: Appetite = MANY, now: datetime = NOW) -> list[int]:
    return [task.source_id for task in stock.do(polls.claim_due_polls, now, HOUR, appetite)]


def add(stock: Stock, *urls: str) -> list[int]:
    return [
        stock.source(url, next_poll_at=NOW - HOUR + n * MINUTE).id for n, url in enumerate(urls)
    ]


def test_what_is_claimed_is_not_claimed_again(stock: Stock) -> None:
    ids = add(stock, "https://a.example/", "https://b.example/")
    assert claimed(stock, Appetite(limit=1)) == ids[:1]
    assert claimed(stock) == ids[1:]
    assert claimed(stock) == []


def test_claimers_at_once_share_what_is_due(url: str, stock: Stock) -> None:
    ids = add(stock, *(f"https://{n}.example/" for n in range(60)))
    some = Appetite(limit=7)

    def claim_all(store: Store) -> list[int]:
        mine: list[int] = []
        while found := claimed(Stock(store), some):
            mine += found
        return mine

    with Store.open(url) as other, ThreadPoolExecutor(2) as pool:
        shares = [share for found in pool.map(claim_all, (stock.store, other)) for share in found]
    # A claimer may end early while the other holds what it saw; what is left is still due.
    assert sorted(shares + claimed(stock)) == ids


def test_a_crowd_of_one_host_keeps_no_other_waiting_for_ever(stock: Stock) -> None:
    add(stock, *(f"https://crowd.example/{n}" for n in range(20)))
    other = stock.source("https://other.example/", next_poll_at=NOW).id
    some = Appetite(limit=2, per_host=1)
    assert len(claimed(stock, some)) == 1
    busy = Appetite(limit=2, per_host=1, busy=["crowd.example"])
    assert claimed(stock, busy) == [other]


def test_a_lease_ends_by_itself(stock: Stock) -> None:
    (only,) = add(stock, "https://a.example/")
    assert claimed(stock) == [only]
    assert claimed(stock, now=NOW + HOUR - MINUTE) == []
    assert claimed(stock, now=NOW + HOUR) == [only]


def test_leases_are_broken_at_once(stock: Stock) -> None:
    source = stock.source()
    stock.poll(source, sighting("a"))
    stock.claim_poll(source, NOW + HOUR)
    assert len(stock.claim_readings()) == 1
    stock.do(claims.break_leases)
    assert claimed(stock, now=NOW + 2 * HOUR) == [source.id]
    assert len(stock.claim_readings()) == 1


def test_a_stale_answer_is_not_written(stock: Stock) -> None:
    source = stock.source()
    stale = stock.claim_poll(source)
    fresh = stock.claim_poll(source, NOW + HOUR)
    assert fresh.epoch == stale.epoch + 1
    assert stock.record(stale, answer(etag="stale"), [sighting("a")], NOW) is None
    assert stock.get(sources.find_source, source.url).entries == 0
    tally = stock.record(fresh, answer(etag="fresh"), [sighting("b")], NOW)
    assert tally == Tally(seen=1, new=1)
    assert stock.claim_poll(source, NOW + HOUR).etag == "fresh"


def test_a_stale_failure_is_not_written(stock: Stock) -> None:
    source = stock.source()
    stale = stock.claim_poll(source)
    stock.claim_poll(source, NOW + HOUR)
    stock.do(polls.record_failure, stale, "no answer", None, NOW)
    found = stock.get(sources.find_source, source.url)
    assert (found.failures, found.last_error, found.enabled) == (0, None, True)


def test_a_stale_failure_leaves_the_lease_to_its_holder(stock: Stock) -> None:
    source = stock.source()
    stale = stock.claim_poll(source)
    stock.claim_poll(source, NOW + HOUR)
    stock.do(polls.record_failure, stale, "no answer", NOW, NOW)
    assert claimed(stock, now=NOW + HOUR + MINUTE) == []


def test_a_stale_reading_is_not_written(stock: Stock) -> None:
    stock.poll(stock.source(), sighting("a"))
    (stale,) = stock.claim_readings()
    (fresh,) = stock.claim_readings(NOW + HOUR)
    assert stock.do(readings.record_readings, [Read(stale, reading("Stale."), NOW)]) == [False]
    assert stock.get(readings.count_due) == 1
    assert stock.do(readings.record_readings, [Read(fresh, reading("Fresh."), NOW)]) == [True]
    assert stock.get(readings.load_article, fresh.entry_id).text == "Fresh."
    assert stock.get(readings.count_due) == 0


def test_what_was_written_is_not_written_twice(stock: Stock) -> None:
    source = stock.source()
    task = stock.claim_poll(source)
    stock.do(polls.record_failure, task, "no answer", NOW, NOW)
    successor = stock.claim_poll(source)
    assert successor.failures == 1
    assert stock.record(task, answer(), [], NOW) is None


def test_a_host_is_asked_a_few_at_a_time(stock: Stock) -> None:
    ids = add(stock, *(f"https://a.example/{n}" for n in range(3)), "https://b.example/")
    assert claimed(stock, Appetite(limit=10, per_host=2)) == [*ids[:2], ids[3]]


def test_busy_hosts_are_left_alone(stock: Stock) -> None:
    ids = add(stock, "https://a.example/", "https://b.example/")
    assert claimed(stock, Appetite(limit=10, busy={"a.example"})) == ids[1:]


def test_only_what_is_asked_for_is_claimed(stock: Stock) -> None:
    ids = add(stock, *(f"https://{n}.example/" for n in range(4)))
    assert claimed(stock, Appetite(limit=10, only=[ids[1], ids[3], 999])) == [ids[1], ids[3]]
    assert claimed(stock, Appetite(limit=10, only=[])) == []


def test_the_longest_waiting_go_first(stock: Stock) -> None:
    late = stock.source("https://late.example/", next_poll_at=NOW).id
    early = stock.source("https://early.example/", next_poll_at=NOW - HOUR).id
    assert claimed(stock, Appetite(limit=1)) == [early]
    assert claimed(stock, Appetite(limit=1)) == [late]


def test_paused_and_future_sources_are_not_due(stock: Stock) -> None:
    stock.source("https://a.example/", enabled=False)
    stock.source("https://b.example/", next_poll_at=NOW + MINUTE)
    assert claimed(stock) == []


@pytest.fixture
def source(stock: Stock) -> Source:
    return stock.source()


def test_what_needs_no_host_is_held_up_by_none(stock: Stock, source: Source) -> None:
    stock.poll(source, *(sighting(f"{n}") for n in range(9)), sighting("page", host="a.example"))
    none_of_it = Appetite(limit=20, per_host=4, busy={"a.example"})
    found = stock.do(readings.claim_due_readings, NOW, HOUR, none_of_it)
    assert [task.host for task in found] == [f"source:{source.id}"] * 4
