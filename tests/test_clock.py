"""A clock that is set, by a day or ten years, ahead or back: one more poll, and nothing waits."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from newsdesk import (
    Press,
    SteppedClock,
    Telling,
    account_of,
    changed,
    claim_polls,
    claim_readings,
    headlines,
    listening,
    take_on,
    tell,
)
from newsweb import rss
from program import eventually
from rawweb import raw_web, reply

from aggregator.desk import Desk
from aggregator.errors import StoreError
from aggregator.poll import poll
from aggregator.publish import Publisher
from aggregator.read import read
from aggregator.settings import Settings
from aggregator.store.database import Session, Store
from aggregator.store.setback import bring_back
from aggregator.ticks import Ticks, heed_clock

LONGEST = timedelta(days=2)
DAY, DECADE = timedelta(days=1), timedelta(days=3652)


async def polls(desk: Desk, clock: SteppedClock) -> int:
    """Return how many polls came of what was due, until nothing was."""
    count = 0
    while tasks := claim_polls(desk.store, clock.now):
        for task in tasks:
            await poll(desk, task)
        count += len(tasks)
    return count


@pytest.mark.parametrize("leap", [DAY, DECADE])
async def test_a_clock_that_was_ahead_costs_each_source_one_poll(
    desk: Desk, clock: SteppedClock, leap: timedelta
) -> None:
    back = partial(bring_back, longest=LONGEST)
    async with raw_web(feed=reply(rss("Ferry aground"))) as web:
        source = take_on(desk.store, clock.now, web.url("/feed"))
        assert await polls(desk, clock) == 1
        clock.now += leap
        assert await polls(desk, clock) == 1
        clock.now -= leap
        for most in (1, 0):
            desk.store.write_now(partial(back, now=clock.now))
            assert await polls(desk, clock) == most
        assert account_of(desk.store, source).next_poll_at < clock.now + timedelta(hours=1)
    assert len(web.requests) == 3


def test_what_was_claimed_ahead_is_free_and_an_operators_interval_stands(
    store: Store, clock: SteppedClock
) -> None:
    killed = take_on(store, clock.now + DECADE, "https://a.example/feed")
    assert claim_polls(store, clock.now + DECADE)
    slow = take_on(store, clock.now, "https://b.example/feed", interval=DECADE)
    assert claim_polls(store, clock.now)
    store.write_now(partial(bring_back, now=clock.now, longest=LONGEST))
    assert account_of(store, killed).next_poll_at == clock.now
    assert account_of(store, killed).lease_until is None
    assert account_of(store, slow).next_poll_at == clock.now + DECADE
    assert account_of(store, slow).lease_until is not None


def test_what_was_told_ahead_appears_after_the_clock_was_set_back(
    store: Store, settings: Settings, press: Press
) -> None:
    held = changed(settings, publish={"hold": timedelta(hours=1)})
    Publisher(store, held).publish(press.clock())
    tell(press, held, "https://a.example/feed", Telling("first", "Ferry aground off Klaipeda"))
    Publisher(store, held).publish(press.clock())
    now = press.clock.now
    press.clock.now += DECADE
    tell(press, held, "https://b.example/feed", Telling("ahead", "Gas flows to Chisinau again"))
    press.clock.now = now
    store.write_now(partial(bring_back, now=now, longest=LONGEST))
    Publisher(store, held).publish(now)
    assert "Gas flows to Chisinau again" in headlines(held.publish.directory, "all")


def test_what_appeared_ahead_keeps_no_later_news_out_of_the_live_feed(
    store: Store, settings: Settings, press: Press
) -> None:
    brief = changed(settings, publish={"entries": 2})
    now = press.clock.now
    press.clock.now += DAY
    for number, title in enumerate(["Gas flows to Chisinau again", "Ferry aground off Klaipeda"]):
        tell(press, brief, f"https://{number}.example/feed", Telling(title, title))
    Publisher(store, brief).publish(press.clock.now, hold=False)
    press.clock.now = now
    store.write_now(partial(bring_back, now=now, longest=LONGEST))
    press.clock.advance(minutes=1)
    tell(press, brief, "https://c.example/feed", Telling("new", "Bridge at Svilengrad closed"))
    Publisher(store, brief).publish(press.clock.now, hold=False)
    shown = headlines(settings.publish.directory, "all")
    assert len(shown) == 2
    assert "Bridge at Svilengrad closed" in shown


def test_a_page_put_off_by_a_wrong_time_is_read(store: Store, clock: SteppedClock) -> None:
    press = Press(store, SteppedClock(clock.now + DECADE))
    (entry,) = press.says("https://a.example/feed", Telling("a", "Ferry aground"))
    store.write_now(
        lambda session: session.connection().exec_driver_sql(
            "UPDATE entry SET page_due_at = seen_at"
        )
    )
    assert claim_readings(store, clock.now) == []
    store.write_now(partial(bring_back, now=clock.now, longest=LONGEST))
    assert [task.entry_id for task in claim_readings(store, clock.now)] == [entry]


@pytest.mark.parametrize("leap", [-DECADE, -DAY, DAY, DECADE])
async def test_ticks_go_on_whatever_the_clock_says(store: Store, leap: timedelta) -> None:
    """APScheduler's own clock stands, its job is due in a year: so it is with one set back."""
    ticks, set_by, ran = Ticks(), [timedelta()], asyncio.Event()
    later = datetime.now(UTC) + timedelta(days=365)
    for name in ("poll", "prune"):
        ticks.add_job(ran.set, "interval", days=1, id=name, next_run_time=later)
    ticks.start()
    with listening() as events:
        heed = asyncio.create_task(
            heed_clock(ticks, store, lambda: datetime.now(UTC) + set_by[0], LONGEST, every=0.05)
        )
        await asyncio.sleep(0.1)
        set_by[0] = leap
        await asyncio.to_thread(eventually, events)
        (told,) = events()
        if leap < timedelta():
            await asyncio.wait_for(ran.wait(), 10)
        else:
            assert ticks.get_job("prune").next_run_time < later
            assert not ran.is_set()
        assert not heed.done()
        heed.cancel()
    ticks.shutdown(wait=False)
    assert told["event"] == "clock.leapt"
    assert told["seconds"] == pytest.approx(leap.total_seconds(), abs=1)


async def test_what_was_put_off_stays_so_over_a_reload() -> None:
    """The clock is ahead for an hour: a reload meanwhile prunes nothing."""
    ran: list[str] = []
    until: dict[str, float] = {}

    async def run(name: str) -> None:
        ran.append(name)

    def started() -> Ticks:
        ticks = Ticks(until)
        for name in ("poll", "prune"):
            ticks.every(3600, name, partial(run, name))
        ticks.start()
        return ticks

    first = started()
    await asyncio.to_thread(eventually, lambda: len(ran) == 2)
    first.put_off("prune", timedelta(hours=1))
    first.shutdown(wait=False)
    second = started()
    await asyncio.to_thread(eventually, lambda: len(ran) == 3)
    assert ran[2] == "poll"
    assert second.get_job("prune").next_run_time > datetime.now(UTC) + timedelta(minutes=59)
    second.all_due()
    second.shutdown(wait=False)
    third = Ticks(until)
    third.every(3600, "prune", partial(run, "prune"))
    third.start(paused=True)
    assert third.get_job("prune").next_run_time <= datetime.now(UTC)
    third.shutdown(wait=False)


async def test_a_database_that_cannot_be_written_is_a_line(store: Store) -> None:
    store.close()
    with listening() as events:
        heed = asyncio.create_task(
            heed_clock(Ticks(), store, lambda: datetime.now(UTC), LONGEST, every=0.01)
        )
        await asyncio.to_thread(eventually, events)
        assert not heed.done()
        heed.cancel()
    assert events()[0]["event"] == "clock.unheeded"


@pytest.mark.parametrize("leap", [timedelta(hours=30), DECADE])
async def test_a_page_that_was_postponed_ahead_is_read_soon(
    desk: Desk, clock: SteppedClock, leap: timedelta
) -> None:
    busy = b"HTTP/1.1 503 busy\r\nContent-Length: 0\r\n\r\n"
    async with raw_web(page=busy) as pages:
        item = f"<item><title>Ferry aground</title><link>{pages.url('/page')}</link></item>"
        document = f'<rss version="2.0"><channel><title>t</title>{item}</channel></rss>'
        async with raw_web(feed=reply(document.encode())) as web:
            take_on(desk.store, clock.now, web.url("/feed"), full_text=True)
            assert await polls(desk, clock) == 1
        clock.now += leap
        (task,) = claim_readings(desk.store, clock.now)
        assert not await read(desk, task, patient=True)
        assert not claim_readings(desk.store, clock.now)
    clock.now -= leap
    desk.store.write_now(partial(bring_back, now=clock.now, longest=LONGEST))
    assert claim_readings(desk.store, clock.now)


async def test_a_clock_that_could_not_be_heeded_is_heeded_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    ahead = take_on(store, now + DECADE, "https://a.example/feed")
    assert claim_polls(store, now + DECADE)
    write, failed = store.write, asyncio.Event()

    async def fail_once(work: Callable[[Session], None]) -> None:
        if not failed.is_set():
            failed.set()
            message = "database: server closed the connection"
            raise StoreError(message)
        await write(work)

    monkeypatch.setattr(store, "write", fail_once)
    heed = asyncio.create_task(
        heed_clock(Ticks(), store, lambda: datetime.now(UTC), LONGEST, every=0.01)
    )
    await asyncio.to_thread(eventually, lambda: account_of(store, ahead).next_poll_at < now + DAY)
    heed.cancel()
    assert failed.is_set()
