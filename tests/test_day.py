"""A day against a server that keeps score of every rule it has told us."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from newsdesk import NOON, SteppedClock, account_of, changed, take_on

from aggregator.desk import open_desk
from aggregator.dispatch import Dispatch, at_work
from aggregator.settings import Settings
from aggregator.store.database import Store

MINUTE = timedelta(minutes=1)
STEP = 6 * MINUTE


@dataclass
class Feed:
    """One feed, what it tells its readers, and what it holds against them."""

    every: timedelta
    fresh: timedelta = timedelta()
    busy: frozenset[int] = frozenset()
    pause: timedelta = timedelta(hours=2)
    validators: tuple[str, ...] = ("ETag", "Last-Modified")
    told: dict[str, str] = field(default_factory=dict)
    not_before: datetime = NOON
    asked: list[datetime] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def answer(self, sent: dict[str, str], now: datetime) -> bytes:
        self.hear(sent, now)
        if now.hour in self.busy:
            self.not_before = now + self.pause
            stated = (
                str(int(self.pause.total_seconds()))
                if len(self.asked) % 2
                else format_datetime(self.not_before, usegmt=True)
            )
            return said("429 Too Many Requests", {"Retry-After": stated}, now)
        edition = (now - NOON) // self.every
        self.not_before = now + self.fresh
        headers = {"ETag": f'W/"{edition}, x"', "Last-Modified": f"edition {edition}"}
        self.told = {name: headers[name] for name in self.validators}
        headers = self.told | {"Cache-Control": f"max-age={int(self.fresh.total_seconds())}"}
        condition = sent.get("if-none-match") or sent.get("if-modified-since")
        if condition and condition in self.told.values():
            return said("304 Not Modified", headers, now)
        item = (
            f"<item><title>Edition {edition}</title><link>https://q.example/{edition}</link></item>"
        )
        body = f"<rss version='2.0'><channel><title>Quay</title>{item}</channel></rss>"
        return said("200 OK", headers, now, body)

    def hear(self, sent: dict[str, str], now: datetime) -> None:
        expected = {
            "if-none-match": self.told.get("ETag"),
            "if-modified-since": self.told.get("Last-Modified"),
        }
        for name, value in expected.items():
            if sent.get(name) != value:
                self.faults.append(f"{now:%H:%M} {name}: {sent.get(name)} instead of {value}")
        if now < self.not_before:
            self.faults.append(f"{now:%H:%M} comes before {self.not_before:%H:%M}")
        if self.asked and now - self.asked[-1] < 5 * MINUTE:
            self.faults.append(f"{now:%H:%M} comes again after {now - self.asked[-1]}")
        if unwanted := {"cookie", "referer"} & sent.keys():
            self.faults.append(f"{now:%H:%M} sends {unwanted}")
        self.asked.append(now)


def said(status: str, headers: dict[str, str], now: datetime, body: str = "") -> bytes:
    headers = headers | {"Date": format_datetime(now, usegmt=True), "Set-Cookie": "a=b"}
    headers |= {} if status.startswith("304") else {"Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n{body}".encode()


@dataclass
class Publisher:
    """All feeds on one host; it knows what a query argument or a second connection is."""

    feeds: dict[str, Feed]
    clock: SteppedClock
    stuck: bool = False
    open: int = 0
    most_open: int = 0
    strays: list[str] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError), closing(writer):
                while request := await reader.readuntil(b"\r\n\r\n"):
                    await self._answer(request.decode(), reader, writer)
        finally:
            self.open -= 1

    async def _answer(
        self, request: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        first, *lines = request.rstrip("\r\n").split("\r\n")
        sent = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        target = first.split(" ")[1]
        if target not in self.feeds:
            self.strays.append(target)
        elif self.stuck:
            self.feeds[target].hear(sent, self.clock.now)
            await reader.read()
        else:
            writer.write(self.feeds[target].answer(sent, self.clock.now))


@asynccontextmanager
async def publishing(publisher: Publisher) -> AsyncIterator[str]:
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(publisher.talk(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


@pytest.mark.no_cover  # traced, it takes twice as long
async def test_a_day_breaks_no_rule_of_the_servers(
    settings: Settings, store: Store, clock: SteppedClock
) -> None:
    feeds = {
        "/wire": Feed(10 * MINUTE),
        "/slow": Feed(timedelta(days=9), fresh=40 * MINUTE),
        "/busy": Feed(timedelta(hours=1), busy=frozenset({15, 16, 21, 3})),
        "/dated": Feed(timedelta(hours=3), validators=("Last-Modified",)),
        "/tagged": Feed(timedelta(hours=3), validators=("ETag",), fresh=90 * MINUTE),
    }
    publisher = Publisher(feeds, clock)
    polite = changed(settings, fetch={"host_gap": timedelta(), "per_host": 1})
    async with publishing(publisher) as base:
        sources = {path: take_on(store, clock(), f"{base}{path}") for path in feeds}
        for hours in (10, 14):
            # Each stretch is a life of its own: what was learned is in the database or lost.
            with at_work(store):
                async with open_desk(polite, store, clock) as desk:
                    end = clock.now + timedelta(hours=hours)
                    while clock.now < end:
                        await Dispatch(desk).polls.drain(lambda _: None, due_by=clock.now)
                        clock.now += STEP
            await cut_off(polite, store, publisher)
    assert [fault for feed in feeds.values() for fault in feed.faults] == []
    assert (publisher.strays, publisher.most_open) == ([], 1)
    asked = {path: len(feed.asked) for path, feed in feeds.items()}
    assert asked["/wire"] > 60
    assert asked["/slow"] < 40
    assert asked["/busy"] < asked["/wire"]
    failed = {path: account_of(store, source).last_error for path, source in sources.items()}
    assert all(error is None or "429" in error for error in failed.values())


async def cut_off(settings: Settings, store: Store, publisher: Publisher) -> None:
    """Begin a poll that is not answered, and be ended amid it."""

    def asked() -> int:
        return sum(len(feed.asked) for feed in publisher.feeds.values())

    publisher.stuck, before = True, asked()
    while asked() == before:
        publisher.clock.now += STEP
        async with open_desk(settings, store, publisher.clock) as desk:
            dispatch = Dispatch(desk)
            await dispatch.polls.start_due()
            await asyncio.sleep(0.2)
            await dispatch.stop(timedelta())
    publisher.stuck = False
