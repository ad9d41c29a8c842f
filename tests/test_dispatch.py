"""Dispatching: as many hands as allowed, none of them lost, whatever the work does."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from newsdesk import (
    Press,
    SteppedClock,
    Telling,
    account_of,
    claim_polls,
    entries_in,
    listening,
    take_on,
)
from newsweb import rss
from program import eventually
from rawweb import raw_web, reply

from aggregator.crew import Crew
from aggregator.desk import Desk
from aggregator.dispatch import READ_AGAIN, Dispatch, at_work
from aggregator.errors import RefusedError, StoreError
from aggregator.store import answers, claims, polls, readings
from aggregator.store.claims import Appetite
from aggregator.store.database import Store
from aggregator.worker import _take_on


@dataclass(frozen=True)
class Job:
    """Claimed work on a host."""

    name: str
    host: str = ""


@dataclass
class Desktop:
    """Jobs that wait to be claimed, and a count of those in hand."""

    jobs: list[Job]
    asked: list[Appetite] = field(default_factory=list)
    done: list[Job] = field(default_factory=list)
    at_work: int = 0
    most_at_work: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def claim(self, appetite: Appetite) -> Sequence[Job]:
        self.asked.append(appetite)
        free = [job for job in self.jobs if job.host not in appetite.busy]
        taken = free[: appetite.limit]
        self.jobs = [job for job in self.jobs if job not in taken]
        return taken

    async def work(self, job: Job) -> Job:
        self.at_work += 1
        self.most_at_work = max(self.at_work, self.most_at_work)
        try:
            await self.gate.wait()
        finally:
            self.at_work -= 1
        if job.name == "broken":
            message = "a bug"
            raise ZeroDivisionError(message)
        if job.name == "failing":
            message = "database: disk I/O error"
            raise StoreError(message)
        self.done.append(job)
        return job


def jobs(count: int, host: str = "") -> list[Job]:
    return [Job(str(number), host) for number in range(count)]


async def test_no_more_hands_than_allowed() -> None:
    desktop = Desktop(jobs(7))
    crew = Crew(desktop.claim, desktop.work, 3)
    for _ in range(3):
        await crew.start_due()
        await asyncio.sleep(0)
    assert (desktop.at_work, len(desktop.jobs), len(desktop.asked)) == (3, 4, 1)
    desktop.gate.set()
    results: list[Job] = []
    await crew.drain(results.append)
    assert (len(desktop.done), desktop.most_at_work) == (7, 3)
    assert len(results) == 7


async def test_a_host_at_work_is_left_alone() -> None:
    desktop = Desktop([Job("1", "quay.example"), Job("2")])
    crew = Crew(desktop.claim, desktop.work, 9)
    await crew.start_due()
    desktop.jobs = [Job("3", "quay.example"), Job("4", "pier.example")]
    await crew.start_due([3, 4])
    assert desktop.asked[1] == Appetite(7, busy=frozenset({"quay.example"}), only=[3, 4])
    assert [job.name for job in desktop.jobs] == ["3"]
    desktop.gate.set()
    await crew.drain(lambda _: None)
    assert len(desktop.done) == 4


async def test_who_drains_claims_what_is_next_at_a_host_while_the_last_is_at_work() -> None:
    desktop = Desktop([Job(name, "quay.example") for name in ("first", "second", "third")])

    async def work(job: Job) -> Job:
        if job.name == "third":
            desktop.gate.set()
        if job.name == "second":  # until the third is at work as well
            await desktop.gate.wait()
        return job

    async with asyncio.timeout(10):
        await Crew(desktop.claim, work, 2).drain(desktop.done.append)
    assert {job.name for job in desktop.done} == {"first", "second", "third"}


async def test_nothing_due_ends_at_once() -> None:
    desktop = Desktop([])
    await Crew(desktop.claim, desktop.work, 2).drain(lambda _: None)
    assert len(desktop.asked) == 1


async def test_work_that_raises_is_logged_and_the_rest_goes_on() -> None:
    desktop = Desktop([Job("broken"), Job("failing"), *jobs(3)])
    desktop.gate.set()
    crew = Crew(desktop.claim, desktop.work, 2)
    with listening() as events:
        await crew.drain(lambda _: None)
    assert len(desktop.done) == 3
    told = {event["event"]: event for event in events()}
    assert told.keys() == {"work.broken", "work.failed"}
    assert "ZeroDivisionError: a bug" in told["work.broken"]["exception"]
    assert "Job(name='broken'" in told["work.broken"]["work"]
    assert told["work.failed"]["reason"] == "database: disk I/O error"
    assert "exception" not in told["work.failed"]
    assert crew._running == {}


async def test_stopping_lets_the_work_end() -> None:
    desktop = Desktop(jobs(2))
    crew = Crew(desktop.claim, desktop.work, 2)
    await crew.start_due()
    asyncio.get_running_loop().call_later(0.05, desktop.gate.set)
    await crew.stop(timedelta(seconds=30))
    assert len(desktop.done) == 2


async def test_after_the_grace_the_work_is_cut_off() -> None:
    desktop = Desktop(jobs(2))
    crew = Crew(desktop.claim, desktop.work, 2)
    await crew.start_due()
    await crew.stop(timedelta(seconds=0.01))
    assert (desktop.done, desktop.at_work, crew._running) == ([], 0, {})
    await crew.stop(timedelta())


@asynccontextmanager
async def dispatching(desk: Desk) -> AsyncIterator[Dispatch]:
    dispatch = Dispatch(desk)
    yield dispatch
    await dispatch.stop(timedelta())


async def test_sources_and_entries_are_taken_the_whole_way(desk: Desk, clock: SteppedClock) -> None:
    item = b"<item><title>Depot opens</title><guid>d</guid><description>Text</description></item>"
    async with raw_web(feed=reply(b"<rss><channel>" + item + b"</channel></rss>")) as web:
        source = take_on(desk.store, clock(), web.url("/feed"))
        async with dispatching(desk) as dispatch:
            await dispatch.polls.drain(lambda _: None)
            await dispatch.readings.drain(lambda _: None)
            assert (await dispatch.place()).total == 1
            assert (await dispatch.publish()).appeared == 1
    assert account_of(desk.store, source).lease_until is None


async def test_what_was_cut_off_comes_again_in_its_time_and_nothing_of_it_is_written(
    desk: Desk, clock: SteppedClock
) -> None:
    asked = asyncio.Event()

    async def say_nothing(_writer: asyncio.StreamWriter) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with raw_web(feed=say_nothing) as web:
        source = take_on(desk.store, clock(), web.url("/feed"))
        async with dispatching(desk) as dispatch:
            await dispatch.polls.start_due()
            await asked.wait()
    account = account_of(desk.store, source)
    usual = desk.settings.poll.interval
    assert (account.failures, account.next_poll_at) == (0, clock() + usual)
    assert (account.lease_until, entries_in(desk.store)) == (None, [])
    assert claim_polls(desk.store, clock()) == []
    clock.now += usual
    assert len(claim_polls(desk.store, clock())) == 1


async def test_what_could_not_be_written_comes_again_soon_and_not_at_once(
    desk: Desk, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk: no validator goes ahead of its entries, no lease outlives the fault."""

    def full(*_: object, **__: object) -> None:
        message = "database: database or disk is full"
        raise StoreError(message)

    item = b"<item><title>Depot opens</title><guid>d</guid><description>Text</description></item>"
    answer = reply(b"<rss><channel>" + item + b"</channel></rss>", ETag='"1"')
    async with raw_web(feed=answer) as web:
        source = take_on(desk.store, clock(), web.url("/feed"), interval=timedelta(hours=6))
        async with dispatching(desk) as dispatch:
            soon = clock() + desk.settings.poll.min_interval
            with listening() as events, monkeypatch.context() as patch:
                patch.setattr(answers, "record_answers", full)
                await dispatch.polls.drain(lambda _: None)
                clock.advance(seconds=1)
                await dispatch.polls.drain(lambda _: None)
                assert [event["event"] for event in events()] == ["work.failed"]
            account = account_of(desk.store, source)
            assert (account.etag, account.lease_until) == (None, None)
            assert account.next_poll_at == soon
            clock.now = soon
            await dispatch.polls.drain(lambda _: None)
            assert account_of(desk.store, source).etag == '"1"'
            with monkeypatch.context() as patch:
                patch.setattr(readings, "record_readings", full)
                await dispatch.readings.drain(lambda _: None)
                await dispatch.readings.drain(lambda _: None)
            (entry,) = entries_in(desk.store)
            assert (entry.page_due_at, entry.lease_until) == (clock() + READ_AGAIN, None)
            clock.now += READ_AGAIN
            await dispatch.readings.drain(lambda _: None)
            (entry,) = entries_in(desk.store)
            assert entry.page_due_at is None
    assert len(web.requests) == 2


async def test_stopping_waits_for_what_the_editor_writes(
    desk: Desk, store: Store, clock: SteppedClock
) -> None:
    Press(store, clock).says("https://quay.example/feed", Telling("d", "Depot opens", "Text"))
    dispatch = Dispatch(desk)
    placing = asyncio.create_task(dispatch.place())
    await asyncio.sleep(0)
    await dispatch.stop(timedelta())
    assert (await placing).total == 1


def test_who_finds_nobody_at_work_frees_what_the_dead_held(
    store: Store, clock: SteppedClock
) -> None:
    take_on(store, clock(), "https://quay.example/feed")
    assert len(claim_polls(store, clock())) == 1
    make_due = partial(polls.make_due, now=clock())
    store.write_now(make_due)
    assert claim_polls(store, clock()) == []
    with at_work(store) as renew:
        assert len(claim_polls(store, clock())) == 1
        store.write_now(make_due)
        assert not renew()
        with at_work(store):
            assert claim_polls(store, clock()) == []
    with at_work(store):
        assert len(claim_polls(store, clock())) == 1


def test_who_comes_again_leaves_others_their_leases(store: Store, clock: SteppedClock) -> None:
    take_on(store, clock(), "https://quay.example/feed")
    with ExitStack() as first, at_work(store):
        first.enter_context(at_work(store))
        assert len(claim_polls(store, clock())) == 1
        store.write_now(partial(polls.make_due, now=clock()))
        first.close()
        with at_work(store):
            assert claim_polls(store, clock()) == []


async def test_a_worker_takes_its_place_again_before_it_claims(
    desk: Desk, store: Store, clock: SteppedClock
) -> None:
    take_on(store, clock(), "http://quay.invalid/feed")
    dispatch = Dispatch(desk)

    def refuse() -> bool:
        message = "somebody ends the leases of the dead"
        raise RefusedError(message)

    await _take_on(dispatch, refuse)
    assert len(claim_polls(store, clock())) == 1
    store.write_now(claims.break_leases)
    store.write_now(partial(polls.make_due, now=clock()))
    await _take_on(dispatch, lambda: False)
    assert claim_polls(store, clock()) == []
    await dispatch.stop(timedelta())


async def test_names_that_no_server_answers_hold_up_neither_others_nor_the_end(
    desk: Desk, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, found = threading.Event(), socket.getaddrinfo

    def wedged(host: str, *about: Any) -> Any:  # noqa: ANN401 - as the system's own
        if host.endswith(".example"):
            answered.wait(30)
        return found("127.0.0.1", *about)

    monkeypatch.setattr(socket, "getaddrinfo", wedged)
    async with raw_web(feed=reply(rss("Ferry aground"))) as web:
        silent = [take_on(desk.store, clock.now, f"http://w{n}.example/feed") for n in range(20)]
        take_on(desk.store, clock.now, web.url("/feed", "named.test"))
        dispatch = Dispatch(desk)
        await dispatch.polls.start_due()
        await asyncio.to_thread(eventually, lambda: len(entries_in(desk.store)) == 1)
        async with asyncio.timeout(5):
            await dispatch.stop(timedelta())
        answered.set()
    assert [account_of(desk.store, source).failures for source in silent] == [0] * len(silent)
