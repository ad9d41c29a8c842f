"""What is remembered of the feeds: their names, and which are stale."""

from dataclasses import replace
from functools import partial

from store.stock import Stock

from aggregator.store import feeds


def listed(stock: Stock) -> list[str]:
    return sorted(stock.get(feeds.listed).split("\n"))


def stale(stock: Stock, look: str) -> set[str]:
    return stock.get(partial(feeds.stale, looks=[look]))


def test_all_names_are_listed_and_none_where_there_are_none(stock: Stock) -> None:
    assert stock.get(feeds.listed) == ""
    names = ["all", "nato", "nato/2026-10", "nato.confirmed"]
    stock.do(feeds.mark_stale, names)
    assert listed(stock) == sorted(names)


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
