"""What is remembered of the feeds: their names, and which are stale."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from store.stock import Stock

from aggregator.store import archives, feeds


def listed(stock: Stock) -> list[str]:
    return sorted(stock.get(feeds.listed).split("\n"))


def test_archives_are_listed_in_the_order_in_which_they_were_opened(stock: Stock) -> None:
    """By that and not by their months: a clock may have been ahead."""
    for month in ("2026-10", "2036-03", "2026-11", "2026-10", "2026-08"):
        moment = datetime.fromisoformat(f"{month}-09T12:00Z")
        stock.do(archives.turn_month, "nato", moment)
    stock.do(feeds.mark_stale, ["nato.confirmed"])
    lines = [line.split() for line in stock.get(feeds.listed).splitlines()]
    opened = archives.months((name, int(number)) for name, number in lines)
    in_order = ["2026-09", "2026-10", "2036-03", "2026-11"]
    assert opened == {"nato": in_order}
    assert stock.get(archives.archived_months, "nato") == in_order
    closed = [stock.get(partial(archives.closed_at, slug="nato", month=each)) for each in in_order]
    assert [moment and f"{moment:%Y-%m}" for moment in closed] == [*in_order[1:], None]
    assert stock.get(archives.to_turn, "2026-12") == ["nato"]
    assert stock.get(archives.to_turn, "2036-03") == []


def stale(stock: Stock, look: str) -> set[str]:
    return stock.get(partial(feeds.stale, looks=[look]))


def test_all_names_are_listed_and_none_where_there_are_none(stock: Stock) -> None:
    assert stock.get(feeds.listed) == ""
    names = ["all", "nato", "nato/2026-10", "nato.confirmed"]
    stock.do(feeds.mark_stale, names)
    assert listed(stock) == sorted(f"{name} 0" for name in names)


def test_a_feed_is_stale_until_it_was_rendered_as_it_is_now(stock: Stock) -> None:
    stock.do(feeds.mark_stale, ["all", "nato"])
    assert stale(stock, "look") == {"all", "nato"}, "never rendered"
    before = stock.get(feeds.states)["all"]
    stock.do(feeds.mark_rendered, [replace(before, rendered_with="look")])
    assert stale(stock, "look") == {"nato"}
    assert stale(stock, "another") == {"all", "nato"}
    stock.do(feeds.mark_stale, ["all"])
    stock.do(feeds.mark_rendered, [replace(before, rendered_with="look")])
    assert stale(stock, "look") == {"all", "nato"}, "changed while it was rendered"
    now = stock.get(feeds.states)["all"]
    stock.do(feeds.mark_rendered, [replace(now, rendered_with="look")])
    assert stale(stock, "look") == {"nato"}
    stock.do(feeds.forget_renderings)
    assert stale(stock, "look") == {"all", "nato"}
