"""Workers beside a daemon: a source is polled by one of them, a host asked by one at a time."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import pytest
from newsdesk import changed, entries_in, listening, take_on
from program import eventually
from rawweb import raw_web, reply
from store.stock import HOUR, MINUTE, NOW, Stock, sighting

from aggregator.errors import SettingsError
from aggregator.settings import Settings
from aggregator.store import polls, readings
from aggregator.store.claims import Appetite
from aggregator.store.database import Store
from aggregator.worker import Told, heed_signals, work_beside

RSS = b"""<rss version="2.0"><channel><title>Pier</title><item><guid>1</guid>
<title>Mullet return</title></item></channel></rss>"""
YIELDING = Appetite(100, yields=True)


async def test_on_sqlite_it_says_what_to_do_instead(settings: Settings) -> None:
    with pytest.raises(SettingsError, match=r"needs PostgreSQL; .* raise fetch\.concurrency"):
        await work_beside(settings, lambda: NOW, Told(), lambda: settings)


def claimed(stock: Stock, appetite: Appetite, now: datetime = NOW) -> Sequence[str]:
    return [task.url for task in stock.do(polls.claim_due_polls, now, HOUR, appetite)]


def test_a_host_at_which_another_is_at_work_is_left_to_it(stock: Stock) -> None:
    first = stock.source("https://a.example/1")
    stock.claim_poll(first)
    stock.source("https://a.example/2")
    stock.source("https://b.example/1")
    assert claimed(stock, YIELDING) == ["https://b.example/1"]
    later = claimed(stock, YIELDING, NOW + HOUR + MINUTE)
    assert {"https://a.example/1", "https://a.example/2"} <= set(later)


def test_pages_of_a_host_are_read_by_one_at_a_time(stock: Stock) -> None:
    a, b = stock.source("https://a.example/"), stock.source("https://b.example/")
    stock.poll(a, sighting("1", host="page.example"), sighting("2"))
    mine = stock.do(readings.claim_due_readings, NOW, HOUR, Appetite(100))
    assert len(mine) == 2
    stock.poll(
        b, sighting("3", host="page.example"), sighting("4"), sighting("5", host="c.example")
    )
    others = stock.do(readings.claim_due_readings, NOW, HOUR, YIELDING)
    assert sorted(task.host for task in others) == ["c.example", f"source:{b.id}"]


@pytest.fixture
def dialect(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "postgresql"))


async def test_two_beside_each_other_poll_everything_once(
    url: str, store: Store, settings: Settings
) -> None:
    both = changed(settings, database={"url": url})
    clock = partial(datetime.now, UTC)
    many = [f"feed{number}" for number in range(8)]
    async with raw_web(**{name: reply(RSS) for name in many}) as web:
        for number, name in enumerate(many):
            take_on(store, clock(), web.url(f"/{name}", ("127.0.0.1", "localhost")[number % 2]))
        with listening() as events:
            orders = [Told(), Told()]
            workers = [
                asyncio.create_task(work_beside(both, clock, order, lambda: both))
                for order in orders
            ]
            await asyncio.to_thread(eventually, lambda: len(entries_in(store)) == len(many))
            for order in orders:
                order.end()
            await asyncio.wait_for(asyncio.gather(*workers), 20)
        told = Counter(event["event"] for event in events())
    asked = Counter(request.target for request in web.requests if "feed" in request.target)
    assert asked == {f"/{name}": 1 for name in many}
    assert (told["worker.started"], told["worker.stopped"]) == (2, 2)


async def test_a_reload_takes_effect_and_a_faulty_one_changes_nothing(
    url: str, store: Store, settings: Settings
) -> None:
    named = changed(settings, database={"url": url}, fetch={"user_agent": "first/1"})
    found = [SettingsError("aggregator.toml: line 1: no such key")]
    renewed = changed(named, fetch={"user_agent": "second/2"}, serve={"port": 1})
    clock, told = partial(datetime.now, UTC), Told()

    def reload() -> Settings:
        if found:
            raise found.pop()
        return renewed

    async with raw_web(one=reply(RSS), two=reply(RSS)) as web:
        take_on(store, clock(), web.url("/one"))
        with listening() as events:
            worker = asyncio.create_task(work_beside(named, clock, told, reload))
            await asyncio.to_thread(eventually, lambda: web.requests)
            for _ in range(2):
                told.read_again()
                await asyncio.to_thread(eventually, lambda: not told.reload)
            take_on(store, clock(), web.url("/two"))
            await asyncio.to_thread(
                eventually, lambda: "/two" in [request.target for request in web.requests]
            )
            told.end()
            await asyncio.wait_for(worker, 20)
    names = {request.target: request.headers["user-agent"] for request in web.requests}
    assert (names["/one"], names["/two"]) == ("first/1", "second/2")
    assert {"event": "restart.needed", "settings": ["serve.port"]}.items() <= next(
        each for each in events() if each["event"] == "restart.needed"
    ).items()


async def test_signals_tell_it_to_end_and_to_read_again() -> None:
    heard = asyncio.Event()
    told = heed_signals(heard.set)
    os.kill(os.getpid(), signal.SIGHUP)
    await told.wait(10)
    assert (told.reload, told.ended, heard.is_set()) == (True, False, False)
    os.kill(os.getpid(), signal.SIGTERM)
    await told.wait(10)
    assert told.ended
    assert heard.is_set()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().remove_signal_handler(number)
