"""No client holds more of us than its share: not time, not memory, not places."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sample_view import FEED, Newsroom

from aggregator.metrics import REGISTRY
from aggregator.web.app import application
from aggregator.web.asked import MOST_FIELDS
from aggregator.web.lobby import DEFAULT, Limits
from aggregator.web.server import serving
from aggregator.web.view import CategoryView

FEED_REQUEST = b"GET /feeds/nato.atom HTTP/1.1\r\nHost: x\r\n\r\n"
ALIVE_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
NEVER = 3600.0
PATIENT = replace(DEFAULT, idle=NEVER, head=NEVER, answer=NEVER, send=NEVER, round=0.01)


class Caller:
    """A client that says bytes and hears bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def end(self) -> None:
        self._writer.write_eof()

    def say(self, data: bytes) -> None:
        self._writer.write(data)

    async def head(self) -> bytes:
        return await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 10)

    async def answer(self, body: bytes) -> None:
        """Hear an answer of 200 that has this body."""
        assert (await self.head()).startswith(b"HTTP/1.1 200")
        assert await asyncio.wait_for(self._reader.readexactly(len(body)), 10) == body

    async def rest(self) -> bytes:
        """Hear everything up to the end of the connection, however that comes."""
        heard = b""
        with suppress(ConnectionError):
            while piece := await asyncio.wait_for(self._reader.read(1 << 16), 10):
                heard += piece
        return heard

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


@dataclass
class House:
    """The listener, and everybody who called."""

    port: int
    callers: list[Caller]

    async def call(self, *said: bytes, by: str = "127.0.0.1") -> Caller:
        opened = asyncio.open_connection("127.0.0.1", self.port, limit=1 << 12, local_addr=(by, 0))
        caller = Caller(*await opened)
        self.callers.append(caller)
        for data in said:
            caller.say(data)
        return caller


@asynccontextmanager
async def house(feeds: Path, limits: Limits, view: Newsroom | None = None) -> AsyncIterator[House]:
    app = application(view or Newsroom(), lambda: feeds, limits=limits)
    async with serving(app, "127.0.0.1", 0) as address:
        opened = House(int(address.rpartition(":")[2]), [])
        try:
            yield opened
        finally:
            for caller in opened.callers:
                await caller.close()


@pytest.mark.parametrize("said", [b"", FEED_REQUEST, ALIVE_REQUEST], ids=["", "quick", "slow"])
async def test_who_asks_for_nothing_more_is_let_go(feeds: Path, said: bytes) -> None:
    async with house(feeds, replace(PATIENT, idle=0.1)) as opened:
        caller = await opened.call(said)
        heard = await caller.rest()
    assert heard.startswith(b"HTTP/1.1 200") if said else heard == b""


@pytest.mark.parametrize("before", [b"", FEED_REQUEST], ids=["first", "later"])
async def test_a_head_that_does_not_end_is_not_waited_for(feeds: Path, before: bytes) -> None:
    async with house(feeds, replace(PATIENT, head=0.1)) as opened:
        caller = await opened.call(before)
        if before:
            await caller.answer(FEED)
        caller.say(b"GET / HTTP/1.1\r\nHost: x\r\nX-Drip:")
        heard = await caller.rest()
    assert heard.startswith(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n")


async def test_a_head_that_drips_gains_no_time(feeds: Path) -> None:
    async with house(feeds, replace(PATIENT, head=0.1)) as opened:
        caller = await opened.call(b"GET / HTTP/1.1\r\nHost: x\r\nX-Drip: ")

        async def drip() -> None:
            while True:
                caller.say(b"x")
                await asyncio.sleep(0.01)

        task = asyncio.create_task(drip())
        assert (await caller.rest()).startswith(b"HTTP/1.1 408")
        task.cancel()


async def test_a_head_in_the_smallest_pieces_is_understood(feeds: Path) -> None:
    async with house(feeds, PATIENT) as opened:
        caller = await opened.call()
        for request, body in ((FEED_REQUEST, FEED), (ALIVE_REQUEST, b"ok\n")):
            for place in range(len(request)):
                caller.say(request[place : place + 1])
                await asyncio.sleep(0)
            await caller.answer(body)


@pytest.mark.parametrize("end", [b"\r\n\r\n", b""], ids=["whole", "endless"])
async def test_a_head_beyond_all_measure_is_refused(feeds: Path, end: bytes) -> None:
    limits = replace(PATIENT, longest_head=1000)
    async with house(feeds, limits) as opened:
        caller = await opened.call(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 1000 + end)
        heard = await caller.rest()
    assert heard.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"Content-Security-Policy" in heard


async def test_what_is_too_long_is_told_by_its_name(feeds: Path) -> None:
    line, host = b"GET /healthz%s HTTP/1.1\r\n", b"Host: x\r\n"
    beyond = b"x" * 8_200
    async with house(feeds, PATIENT) as opened:
        for said, status in (
            (line % b"" + host + b"X-Long: " + beyond, b"431"),
            (line % b"" + host + beyond + b": x", b"431"),
            (line % (b"?" + beyond) + host + b"A: b", b"414"),
            (line % b"" + host + b"X-Long: " + b"x" * 8_000, b"200"),
        ):
            caller = await opened.call(said + b"\r\n\r\n")
            heard = await caller.head()
            assert heard.split()[1] == status
            assert b"Content-Security-Policy" in heard


@pytest.mark.parametrize("said", [b"\x16\x03\x01\x02", b"get / http"])
async def test_what_is_no_request_is_answered_at_once(feeds: Path, said: bytes) -> None:
    async with house(feeds, PATIENT) as opened:
        caller = await opened.call(said)
        assert (await caller.rest()).split()[1] == b"400"


async def test_lines_that_end_as_typed_by_hand_are_not_waited_for(feeds: Path) -> None:
    async with house(feeds, PATIENT) as opened:
        caller = await opened.call(b"GET /healthz HTTP/1.0\n\n")
        assert (await caller.rest()).split()[1] in {b"200", b"400"}


async def test_a_head_cut_off_by_the_clients_end_ends_the_connection(feeds: Path) -> None:
    async with house(feeds, PATIENT) as opened:
        caller = await opened.call(b"GET / HTTP/1.1\r\nHo")
        caller.end()
        await caller.rest()


async def test_connections_and_refusals_are_counted(feeds: Path) -> None:
    told = REGISTRY.get_sample_value("aggregator_connections_refused_total", {"status": "408"}) or 0
    async with house(feeds, replace(PATIENT, head=0.05)) as opened:
        staying = await opened.call(FEED_REQUEST)
        await staying.answer(FEED)
        dripping = await opened.call(b"GET /")
        await dripping.rest()
        assert REGISTRY.get_sample_value("aggregator_connections") == 1
    assert (
        REGISTRY.get_sample_value("aggregator_connections_refused_total", {"status": "408"})
        == told + 1
    )


async def test_metrics_are_not_for_the_public(feeds: Path) -> None:
    async with house(feeds, PATIENT) as opened:
        caller = await opened.call(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await caller.head()).split()[1] == b"404"


async def test_an_idle_connection_makes_room_for_a_new_one(feeds: Path) -> None:
    async with house(feeds, replace(PATIENT, connections=3)) as opened:
        oldest = await opened.call(FEED_REQUEST)
        await oldest.answer(FEED)
        waiting = await opened.call(FEED_REQUEST)
        await waiting.answer(FEED)
        dripping = await opened.call(b"GET /")
        oldest.say(FEED_REQUEST)  # so it is not the oldest any more
        await oldest.answer(FEED)
        for _ in range(2):
            newer = await opened.call(FEED_REQUEST)
            await newer.answer(FEED)
        assert await waiting.rest() == await dripping.rest() == b""
        oldest.say(FEED_REQUEST)
        await oldest.answer(FEED)


class Slow(Newsroom):
    """A database that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.told = {}
        self.asked = 0
        self.arrivals = asyncio.Semaphore(0)
        self.go_on = asyncio.Event()

    async def categories(self) -> Sequence[CategoryView]:
        self.asked += 1
        self.arrivals.release()
        await self.go_on.wait()
        return self.shown


PAGE_REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_who_finds_no_place_is_told_to_come_again(feeds: Path) -> None:
    view = Slow()
    async with house(feeds, replace(PATIENT, connections=1), view) as opened:
        served = await opened.call(PAGE_REQUEST)
        await view.arrivals.acquire()
        turned_away = await opened.call()
        heard = await turned_away.rest()
        assert heard.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"Retry-After: 30\r\n" in heard
        view.go_on.set()
        assert (await served.head()).startswith(b"HTTP/1.1 200")


async def test_who_was_answered_by_the_application_makes_room_as_well(feeds: Path) -> None:
    async with house(feeds, replace(PATIENT, connections=1)) as opened:
        answered = await opened.call(ALIVE_REQUEST)
        await answered.answer(b"ok\n")
        newer = await opened.call(FEED_REQUEST)
        await newer.answer(FEED)
        assert await answered.rest() == b""


async def test_one_address_cannot_keep_the_others_out(feeds: Path) -> None:
    view = Slow()
    async with house(feeds, replace(PATIENT, connections=3), view) as opened:
        busy = [await opened.call(PAGE_REQUEST) for _ in range(3)]
        for _ in busy:
            await view.arrivals.acquire()
        own = await opened.call()
        assert (await own.rest()).startswith(b"HTTP/1.1 503")
        other = await opened.call(FEED_REQUEST, by="127.0.0.2")
        await other.answer(FEED)
        assert await busy[0].rest() == b""
        view.go_on.set()
        for caller in busy[1:]:
            assert (await caller.head()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("path", [b"/feeds/nato.atom", b"/healthz"])
async def test_as_many_fields_are_taken_on_either_way(feeds: Path, path: bytes) -> None:
    line, host = b"GET " + path + b" HTTP/1.1\r\n", b"Host: x\r\n"
    async with house(feeds, PATIENT) as opened:
        for fields, status in ((MOST_FIELDS - 1, b"200"), (MOST_FIELDS, b"431")):
            caller = await opened.call(line + host + b"A: b\r\n" * fields + b"\r\n")
            assert (await caller.head()).split()[1] == status


async def test_a_place_is_free_again_when_its_holder_is_gone(feeds: Path) -> None:
    view = Slow()
    async with house(feeds, replace(PATIENT, connections=1, answer=0.05), view) as opened:
        first = await opened.call(PAGE_REQUEST)
        assert (await first.head()).startswith(b"HTTP/1.1 503")
        await first.close()
        heard = b""
        while not heard.startswith(b"HTTP/1.1 200"):
            heard = await (await opened.call(FEED_REQUEST)).head()


async def test_a_page_that_takes_too_long_is_given_up(feeds: Path) -> None:
    async with house(feeds, replace(PATIENT, answer=0.05), Slow()) as opened:
        caller = await opened.call(PAGE_REQUEST)
        assert (await caller.head()).startswith(b"HTTP/1.1 503")


async def test_few_pages_at_a_time_ask_the_database_and_feeds_need_not_wait(feeds: Path) -> None:
    view = Slow()
    async with house(feeds, replace(PATIENT, pages=2), view) as opened:
        callers = [await opened.call(PAGE_REQUEST) for _ in range(5)]
        await view.arrivals.acquire()
        await view.arrivals.acquire()
        reader = await opened.call(ALIVE_REQUEST)
        await reader.answer(b"ok\n")
        assert view.asked == 2
        view.go_on.set()
        for caller in callers:
            assert (await caller.head()).startswith(b"HTTP/1.1 200")


async def test_who_does_not_take_what_was_sent_is_cut_off(feeds: Path) -> None:
    (feeds / "nato.atom").write_bytes(FEED * 4000)
    async with house(feeds, replace(PATIENT, send=0.05, idle=0.05)) as opened:
        caller = await opened.call(FEED_REQUEST)
        await asyncio.sleep(0.3)
        assert len(await caller.rest()) < len(FEED) * 4000


async def test_a_body_that_never_comes_is_not_waited_for(feeds: Path) -> None:
    lengthy = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n"
    async with house(feeds, PATIENT) as opened:
        caller = await opened.call(lengthy)
        assert (await caller.head()).split()[1] == b"405"
