"""Sources: added once, found by id or URL, paused, removed and brought back."""

import pytest
from store.stock import HOUR, NOW, Stock, sighting, source_at

from aggregator.errors import NoSuchError
from aggregator.model import Role, SourceKind
from aggregator.store import health, polls, sources
from aggregator.store.tally import Tally

URL = "https://a.example/feed"


def test_a_source_is_stored_as_it_was_given(stock: Stock) -> None:
    given = source_at(
        URL,
        title="The Outlet",
        outlet="a.example",
        role=Role.SYNDICATOR,
        kind=SourceKind.ATOM,
        site_url="https://a.example/",
        categories=("navy", "baltic", "navy"),
        interval=HOUR,
        full_text=False,
        only_new=True,
        next_poll_at=NOW + HOUR,
        enabled=False,
    )
    added = stock.do(sources.add_source, given, NOW)
    assert added is not None
    assert (added.url, added.title, added.outlet, added.role) == (
        URL,
        "The Outlet",
        "a.example",
        Role.SYNDICATOR,
    )
    assert (added.kind, added.site_url) == (SourceKind.ATOM, "https://a.example/")
    assert (added.categories, added.interval) == (("baltic", "navy"), HOUR)
    assert (added.full_text, added.only_new, added.enabled) == (False, True, False)
    assert (added.next_poll_at, added.entries) == (NOW + HOUR, 0)
    assert stock.get(sources.find_source, URL) == added
    assert stock.get(sources.find_source, f"{added.id}") == added


def test_a_source_is_there_once(stock: Stock) -> None:
    first = stock.source(URL, title="First")
    assert stock.do(sources.add_source, source_at(URL, title="Second"), NOW) is None
    assert stock.get(sources.list_sources) == [first]


def test_a_removed_source_comes_back_with_what_it_said(stock: Stock) -> None:
    source = stock.source(URL, categories=("navy",))
    stock.poll(source, sighting("a"))
    stock.do(sources.remove_source, source, NOW)
    with pytest.raises(NoSuchError, match="no such source"):
        stock.get(sources.find_source, URL)
    assert stock.get(sources.list_sources) == []
    assert stock.get(sources.known_urls) == set()
    assert stock.get(polls.count_due, NOW + 9 * HOUR) == 0
    revived = stock.source(URL, title="Back", categories=("baltic",))
    assert (revived.id, revived.title, revived.entries) == (source.id, "Back", 1)
    assert (revived.categories, revived.enabled) == (("baltic",), True)
    assert stock.poll(revived, sighting("a"), sighting("b")) == Tally(seen=2, new=1)


def test_many_are_added_at_once(stock: Stock) -> None:
    kept, removed = stock.source("https://0.example/"), stock.source("https://1.example/")
    stock.do(sources.remove_source, removed, NOW)
    many = [
        source_at(f"https://{n}.example/", title=f"{n}", categories=("navy", "navy"))
        for n in range(2_000)
    ]
    assert stock.do(sources.add_sources, [*many, many[-1]], NOW) == 1_999
    assert stock.do(sources.add_sources, many, NOW) == 0
    found = {source.url: source for source in stock.get(sources.list_sources)}
    assert found.keys() == {source.url for source in many}
    assert found["https://0.example/"] == kept
    assert found["https://1.example/"].id == removed.id
    assert {source.categories for source in found.values() if source != kept} == {("navy",)}
    assert all(source.title == f"{n}" for n, source in enumerate(found.values()) if n > 1)


def test_categories_and_counts_are_each_ones_own(stock: Stock) -> None:
    one = stock.source("https://a.example/", categories=("navy",))
    stock.source("https://b.example/")
    stock.poll(one, sighting("a"), sighting("b"))
    found = [(source.categories, source.entries) for source in stock.get(sources.list_sources)]
    assert found == [(("navy",), 2), ((), 0)]


def test_a_source_is_paused_and_resumed(stock: Stock) -> None:
    source = stock.source(URL, next_poll_at=NOW + HOUR)
    assert not stock.do(sources.enable_source, source, NOW, enabled=True)
    assert stock.do(sources.enable_source, source, NOW, enabled=False)
    assert not stock.get(sources.find_source, URL).enabled
    assert stock.do(sources.enable_source, source, NOW, enabled=True)
    assert stock.get(polls.count_due, NOW) == 1


def test_that_a_source_which_failed_is_gone_is_told_as_well(stock: Stock) -> None:
    source = stock.source(URL)
    for reason, due in (("HTTP 404", NOW), ("HTTP 404", NOW), ("HTTP 410 Gone", None)):
        stock.do(polls.record_failure, stock.claim_poll(source), reason, due, NOW)
    told = [(turn.failing, turn.reason) for turn in stock.get(health.turns, 9)]
    assert told == [(True, "HTTP 410 Gone"), (True, "HTTP 404")]


@pytest.mark.parametrize("back", ["resumed", "added", "listed"])
def test_a_source_that_comes_back_has_recovered_when_it_answers(stock: Stock, back: str) -> None:
    source = stock.source(URL)
    stock.do(polls.record_failure, stock.claim_poll(source), "410 Gone", None, NOW)
    if back == "resumed":
        assert stock.do(sources.enable_source, source, NOW, enabled=True)
    else:
        stock.do(sources.remove_source, source, NOW)
        if back == "added":
            stock.do(sources.add_source, source_at(URL), NOW)
        else:
            stock.do(sources.add_sources, [source_at(URL)], NOW)
    found = stock.get(sources.find_source, URL)
    assert (found.enabled, found.failures, found.last_error) == (True, 1, "410 Gone")
    assert (found.id, found.next_poll_at) == (source.id, NOW)
    stock.poll(source, sighting("a"))
    found = stock.get(sources.find_source, URL)
    assert (found.enabled, found.failures, found.last_error) == (True, 0, None)
    assert [turn.failing for turn in stock.get(health.turns, 9)] == [False, True]
