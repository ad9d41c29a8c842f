"""Our own WebSub hub, and the hubs that we tell: real sockets, a subscriber on loopback.

The cases 100 to 106 are those that websub.rocks puts to hubs.
"""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from aiohttp import ClientSession, TCPConnector
from articles import BRIDGE, DEPOT
from newsdesk import Press, SteppedClock, Telling, changed
from sample_view import Newsroom
from sqlalchemy import func, select
from subscriber import Subscriber, subscriber

from aggregator.desk import Desk
from aggregator.dispatch import ERRAND_LEASE, Dispatch
from aggregator.errand import run
from aggregator.errors import StoreError
from aggregator.intake.fetch import Fetcher
from aggregator.reception import Reception
from aggregator.settings import Settings
from aggregator.settings.hubs import hub_links
from aggregator.store import errands
from aggregator.store.claims import Appetite
from aggregator.store.database import Session
from aggregator.store.errands import Errand
from aggregator.store.hub_tables import HubErrandRow, HubSubscriptionRow
from aggregator.stories.hubs import Kind
from aggregator.stories.signatures import is_signed
from aggregator.web.app import application
from aggregator.web.server import serving

BASE = "https://news.example"
DAY = timedelta(days=1)
OWN_HUB = f"{BASE}/websub/hub"
ALL = f"{BASE}/feeds/all.atom"
QUAY = "https://quay.example/feed"
DEPOT_ENTRY = Telling("depot", "Fuel depot opens in Bar", DEPOT)
BRIDGE_ENTRY = Telling("bridge", "Pontoon bridge near Loznica holds", BRIDGE)
SECRET, LATER_SECRET = "kept in the drawer", "and in another"
SUBSCRIBE = {"hub.mode": "subscribe", "hub.topic": ALL}


@dataclass
class Works:
    """The daemon's hub without the daemon's ticks: each step is taken when a test says so."""

    desk: Desk
    press: Press
    address: str
    http: ClientSession
    dispatch: Dispatch

    async def post(self, fields: dict[str, str]) -> tuple[int, str]:
        async with self.http.post(f"{self.address}/websub/hub", data=fields) as answer:
            return answer.status, await answer.text()

    async def call_all(self) -> None:
        """Make every call that is due."""
        await call_all(self.dispatch)

    async def subscribed(self, callback: str, **fields: str) -> None:
        asked = {f"hub.{name}": value for name, value in fields.items()}
        assert (await self.post({**SUBSCRIBE, "hub.callback": callback, **asked}))[0] == 202
        await self.call_all()

    async def publish(self, telling: Telling) -> None:
        """Have a story appear, and bring what is due."""
        self.press.says(QUAY, telling)
        await self.dispatch.place()
        await self.dispatch.publish(hold=False)
        await self.call_all()

    def count(self, table: type[HubErrandRow] | type[HubSubscriptionRow]) -> int:
        look = select(func.count()).select_from(table)
        return self.desk.store.read_now(lambda session: session.scalar(look) or 0)

    def calls_due(self) -> list[tuple[str, str, int]]:
        """Return kind, topic and seconds from now of each call that stands."""

        def look(session: Session) -> list[tuple[str, str, int]]:
            rows = session.scalars(select(HubErrandRow).order_by(HubErrandRow.id))
            now = self.desk.clock()
            return [(r.kind, r.topic, round((r.due_at - now).total_seconds())) for r in rows]

        return self.desk.store.read_now(look)

    def claim(self) -> list[Errand]:
        """Claim what is due, as somebody does who is killed right after."""
        claim = partial(
            errands.claim_errands,
            now=self.desk.clock(),
            length=ERRAND_LEASE,
            appetite=Appetite(9),
        )
        write = self.desk.store.write_now
        return [each for known in (True, False) for each in write(partial(claim, known=known))]


async def call_all(dispatch: Dispatch) -> None:
    """Make every call that is due."""
    for crew in dispatch.errands:
        await crew.drain(lambda _: None)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return changed(settings, serve={"hub": True})


@pytest.fixture
async def works(desk: Desk, press: Press) -> AsyncIterator[Works]:
    dispatch = Dispatch(desk)
    await dispatch.publish()
    app = application(
        Newsroom(),
        lambda: desk.settings.publish.directory,
        partial(hub_links, desk.settings),
        Reception(desk.store, lambda: desk.settings, desk.clock),
    )
    async with (
        serving(app, "127.0.0.1", 0) as address,
        ClientSession(connector=TCPConnector(force_close=True)) as http,
    ):
        yield Works(desk, press, address, http, dispatch)


@pytest.fixture
async def reader() -> AsyncIterator[Subscriber]:
    async with subscriber() as reader:
        yield reader


async def test_100_a_typical_subscription(works: Works, reader: Subscriber) -> None:
    await works.subscribed(reader.callback("/callback?reader=7"))
    (asked,) = reader.asked
    assert asked["reader"] == "7"
    assert (asked["hub.mode"], asked["hub.topic"]) == ("subscribe", ALL)
    assert asked["hub.lease_seconds"] == str(10 * 86_400)
    await works.publish(DEPOT_ENTRY)
    (brought,) = reader.brought
    assert brought.body == (works.desk.settings.publish.directory / "all.atom").read_bytes()
    assert DEPOT_ENTRY.title.encode() in brought.body
    assert brought.headers["Link"] == f'<{OWN_HUB}>; rel="hub", <{ALL}>; rel="self"'
    assert "X-Hub-Signature" not in brought.headers
    await works.publish(DEPOT_ENTRY)
    assert len(reader.brought) == 1, "nothing changed, nothing is brought"


async def test_101_a_secret_signs_what_is_brought(works: Works, reader: Subscriber) -> None:
    await works.subscribed(reader.callback(), secret=SECRET)
    await works.publish(DEPOT_ENTRY)
    (brought,) = reader.brought
    signed = brought.headers["X-Hub-Signature"]
    assert signed.startswith("sha256=")
    assert is_signed(signed, SECRET, brought.body)
    assert not is_signed(signed, "another", brought.body)


async def test_a_large_feed_is_brought_piece_by_piece_with_time_for_it(
    works: Works, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow subscribers are many: who reads a feed for each of them holds it as often."""
    monkeypatch.setattr("aggregator.intake.fetch.LONGEST_CALL_S", 0.5)
    await works.subscribed(reader.callback(), secret=SECRET)
    large = works.desk.settings.publish.directory / "all.atom"
    body = bytes(range(256)) * 20_000
    large.write_bytes(body)
    taken: list[tuple[str, bytes]] = []
    held: list[int] = []

    async def take(reading: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            head = (await reading.readuntil(b"\r\n\r\n")).decode()
            await asyncio.sleep(1)
            held.append(tracemalloc.get_traced_memory()[0])
            fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
            read = await reading.readexactly(int(fields["Content-Length"]))
            taken.append((fields["X-Hub-Signature"], read))
            writer.write(b"HTTP/1.1 204 Taken\r\n\r\n")
            await writer.drain()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/"
        calls = [
            Errand(
                n,
                0,
                Kind.DELIVER,
                url,
                large.name,
                "",
                0,
                subscribes=True,
                secret=SECRET,
                lease=DAY,
            )
            for n in range(6)
        ]
        tracemalloc.start()
        try:
            assert await asyncio.gather(*(run(works.desk, call) for call in calls)) == [True] * 6
        finally:
            tracemalloc.stop()
    assert [read for _, read in taken] == [body] * 6
    assert all(is_signed(signed, SECRET, read) for signed, read in taken)
    assert min(held) < len(body)


async def test_102_parameters_that_are_not_ours_are_ignored(
    works: Works, reader: Subscriber
) -> None:
    await works.subscribed(reader.callback(), foo="bar", verify="sync")
    assert works.count(HubSubscriptionRow) == 1


async def test_103_subscribing_again_renews(
    works: Works, reader: Subscriber, clock: SteppedClock
) -> None:
    await works.subscribed(reader.callback(), secret=SECRET)
    clock.advance(days=9)
    await works.subscribed(reader.callback(), secret=LATER_SECRET)
    clock.advance(days=9)
    assert works.count(HubSubscriptionRow) == 1
    await works.publish(DEPOT_ENTRY)
    (brought,) = reader.brought
    assert is_signed(brought.headers["X-Hub-Signature"], LATER_SECRET, brought.body)


async def test_104_unsubscribing_is_confirmed_and_ends_it(works: Works, reader: Subscriber) -> None:
    await works.subscribed(reader.callback())
    end = {**SUBSCRIBE, "hub.mode": "unsubscribe", "hub.callback": reader.callback()}
    assert (await works.post(end))[0] == 202
    await works.call_all()
    assert reader.asked[-1]["hub.mode"] == "unsubscribe"
    assert "hub.lease_seconds" not in reader.asked[-1]
    await works.publish(DEPOT_ENTRY)
    assert reader.brought == []
    status, text = await works.post(end)
    assert (status, text.partition(":")[0]) == (400, "hub.callback")


TYPES = {
    "all.rss": "application/rss+xml; charset=utf-8",  # 105: as text, whatever its type
    "all.json": "application/feed+json; charset=utf-8",  # 106: JSON
    "all.atom": "application/atom+xml; charset=utf-8",
}


async def test_105_and_106_content_comes_as_it_is_published(
    works: Works, reader: Subscriber
) -> None:
    for topic in TYPES:
        await works.subscribed(reader.callback(f"/{topic}"), topic=f"{BASE}/feeds/{topic}")
    await works.publish(DEPOT_ENTRY)
    brought = {delivery.path.removeprefix("/"): delivery for delivery in reader.brought}
    assert {topic: each.headers["Content-Type"] for topic, each in brought.items()} == TYPES
    for topic, each in brought.items():
        async with works.http.get(f"{works.address}/feeds/{topic}") as served:
            assert each.body == await served.read()
            assert each.headers["Link"] == served.headers["Link"]


async def test_a_callback_that_does_not_confirm_gets_nothing(
    works: Works, reader: Subscriber
) -> None:
    for echo, status in (("no", 200), ("", 200), (None, 404)):
        reader.echo, reader.status = echo, status
        await works.subscribed(reader.callback())
        assert (works.count(HubSubscriptionRow), works.count(HubErrandRow)) == (0, 0)
    assert len(reader.asked) == 3


async def test_a_callback_that_fails_is_asked_thrice(
    works: Works, reader: Subscriber, clock: SteppedClock
) -> None:
    reader.status = 503
    await works.subscribed(reader.callback())
    for _ in range(5):
        clock.advance(hours=7)
        await works.call_all()
    assert len(reader.asked) == 3
    assert works.count(HubErrandRow) == 0


CALLBACK = "http://127.0.0.1:9/"


REFUSED: list[tuple[dict[str, str], str]] = [
    ({}, "hub.mode"),
    ({"hub.mode": "publish", "hub.url": ALL}, "hub.mode"),
    ({**SUBSCRIBE}, "hub.callback"),
    ({**SUBSCRIBE, "hub.callback": "ftp://reader.example/"}, "hub.callback"),
    ({**SUBSCRIBE, "hub.callback": "http://reader.example:x/"}, "hub.callback"),
    ({**SUBSCRIBE, "hub.callback": "http://a b/"}, "hub.callback"),
    ({**SUBSCRIBE, "hub.callback": f"http://reader.example/{'読' * 700}"}, "hub.callback"),
    ({**SUBSCRIBE, "hub.callback": "http://10.0.0.1/"}, "hub.callback"),
    ({**SUBSCRIBE, "hub.callback": "http://0x0a000001/"}, "hub.callback"),
    ({**SUBSCRIBE, "hub.callback": CALLBACK + "a" * 2_000}, "hub.callback"),
    ({**SUBSCRIBE, "hub.callback": CALLBACK, "hub.secret": "s" * 200}, "hub.secret"),
    ({**SUBSCRIBE, "hub.callback": CALLBACK, "hub.secret": "a\0"}, "hub.secret"),
    ({**SUBSCRIBE, "hub.callback": CALLBACK, "hub.lease_seconds": "-1"}, "hub.lease_seconds"),
    ({"hub.mode": "subscribe", "hub.callback": CALLBACK}, "hub.topic"),
    *(
        ({**SUBSCRIBE, "hub.callback": CALLBACK, "hub.topic": topic}, "hub.topic")
        for topic in (
            "https://other.example/feeds/all.atom",
            f"{BASE}/feeds/none.atom",
            f"{BASE}/feeds/outputs.opml",
            f"{BASE}/feeds/all/2026-04.atom",
            f"{BASE}/feeds/{'a' * 300}.atom",
            f"{BASE}/feeds/\0.atom",
        )
    ),
]


async def test_what_cannot_be_granted_is_refused_in_a_line(works: Works) -> None:
    for fields, field in REFUSED:
        status, text = await works.post(fields)
        assert (status, text.partition(":")[0], text.count("\n")) == (400, field, 1), fields
    assert works.count(HubErrandRow) == 0


async def test_a_body_that_is_no_form_or_too_much_is_refused(works: Works) -> None:
    async with works.http.post(f"{works.address}/websub/hub", json={}) as answer:
        assert answer.status == 415
    assert (await works.post({str(number): "" for number in range(60)}))[0] == 400
    assert (await works.post({"hub.mode": "s" * 20_000}))[0] == 413


async def test_who_only_looks_at_the_hub_is_told_that_programs_send_to_it(works: Works) -> None:
    async with works.http.get(f"{works.address}/websub/hub") as answer:
        assert answer.status == 405
        assert "programs send something to it" in await answer.text()


async def test_without_the_setting_there_is_no_hub(desk: Desk) -> None:
    closed = changed(desk.settings, serve={"hub": False})
    reception = Reception(desk.store, lambda: closed, desk.clock)
    app = application(Newsroom(), lambda: closed.publish.directory, hub=reception)
    async with (
        serving(app, "127.0.0.1", 0) as address,
        ClientSession() as http,
        http.post(f"{address}/websub/hub", data=SUBSCRIBE) as answer,
    ):
        assert answer.status == 404
    assert hub_links(closed, "all.atom") == ""


async def test_so_many_and_no_more(
    works: Works, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "MOST_PER_HOST", 2)
    await works.subscribed(reader.callback("/1"))
    ask = {**SUBSCRIBE, "hub.callback": reader.callback("/2")}
    assert (await works.post(ask))[0] == 202
    full = {**SUBSCRIBE, "hub.callback": reader.callback("/3")}
    assert (await works.post(full))[0] == 429
    await works.call_all()
    assert (await works.post(ask))[0] == 202, "who is there may renew"
    monkeypatch.setattr(errands, "MOST_IN_ALL", 2)
    elsewhere = {**SUBSCRIBE, "hub.callback": "http://127.0.0.2:9/"}
    assert (await works.post(elsewhere))[0] == 429


async def test_what_waits_to_be_confirmed_takes_nobody_elses_place(
    works: Works, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may have us ask somebody who never answers."""
    await works.subscribed(reader.callback())
    monkeypatch.setattr(errands, "MOST_ASKED", 2)
    monkeypatch.setattr(errands, "MOST_IN_ALL", 3)
    for number in (1, 2, 3):
        asked = {**SUBSCRIBE, "hub.callback": f"http://127.0.0.{number}:9/"}
        assert (await works.post(asked))[0] == (202 if number < 3 else 429)
    renewed = {**SUBSCRIBE, "hub.callback": reader.callback()}
    assert (await works.post(renewed))[0] == 202


async def test_who_never_answers_keeps_nobody_waiting_who_does(
    works: Works, reader: Subscriber
) -> None:
    """Fifty hosts that took a subscription and hang up on nobody: a wildcard name costs little."""
    await works.subscribed(reader.callback())
    await works.publish(DEPOT_ENTRY)
    reader.brought.clear()

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await asyncio.sleep(60)

    server = await asyncio.start_server(hang, "127.1.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    def subscribe(session: Session) -> None:
        session.add_all(
            HubSubscriptionRow(
                callback=f"http://127.1.0.1:{port}/{number}",
                topic="all.atom",
                host=f"{number}.silent.example",
                secret="",
                expires_at=works.desk.clock() + timedelta(days=9),
            )
            for number in range(50)
        )

    works.desk.store.write_now(subscribe)
    works.press.says(QUAY, BRIDGE_ENTRY)
    await works.dispatch.place()
    await works.dispatch.publish(hold=False)
    async with server, asyncio.timeout(30):
        while not reader.brought:
            await works.dispatch.tell(0.1)
    await works.dispatch.stop(timedelta())
    assert len(reader.brought) == 1


async def test_the_callbacks_of_one_host_are_called_one_after_the_other_without_a_pause(
    works: Works, reader: Subscriber, settings: Settings
) -> None:
    for number in range(6):
        await works.subscribed(reader.callback(f"/{number}"))
    slow = changed(settings, fetch={"host_gap": timedelta(hours=1)})
    async with Fetcher(slow.fetch) as fetcher, asyncio.timeout(30):
        dispatch = Dispatch(replace(works.desk, fetcher=fetcher))
        works.press.says(QUAY, DEPOT_ENTRY)
        await dispatch.place()
        await dispatch.publish(hold=False)
        await dispatch.tell(25.0)
        await dispatch.stop(timedelta())
    assert len(reader.brought) == 6


async def test_the_guard_stands_where_a_callback_is_called(
    works: Works, reader: Subscriber
) -> None:
    await works.subscribed(reader.callback())
    closed = changed(works.desk.settings, fetch={"allow_networks": ()})
    works.press.says(QUAY, DEPOT_ENTRY)
    await works.dispatch.place()
    await works.dispatch.publish(hold=False)
    (errand,) = works.claim()
    async with Fetcher(closed.fetch) as fetcher:
        assert await run(replace(works.desk, fetcher=fetcher, settings=closed), errand) is False
    assert reader.brought == []
    assert works.count(HubSubscriptionRow) == 0


async def test_a_callback_that_is_gone_ends_its_subscription(
    works: Works, reader: Subscriber
) -> None:
    await works.subscribed(reader.callback())
    reader.status = 410
    await works.publish(DEPOT_ENTRY)
    assert len(reader.brought) == 1
    assert (works.count(HubSubscriptionRow), works.count(HubErrandRow)) == (0, 0)


async def test_a_lease_ends(works: Works, reader: Subscriber, clock: SteppedClock) -> None:
    await works.subscribed(reader.callback(), lease_seconds="60")
    assert reader.asked[0]["hub.lease_seconds"] == "86400", "no shorter than a day"
    reader.status = 503
    clock.advance(hours=23)
    await works.publish(DEPOT_ENTRY)
    clock.advance(hours=2)
    await works.call_all()
    await works.publish(BRIDGE_ENTRY)
    assert len(reader.brought) == 1
    assert works.count(HubErrandRow) == 0


async def test_a_callback_that_fails_is_left_a_longer_pause_each_time(
    works: Works, reader: Subscriber, clock: SteppedClock
) -> None:
    await works.subscribed(reader.callback())
    await works.subscribed(reader.callback(), topic=f"{BASE}/feeds/all.rss")
    reader.status = 503
    await works.publish(DEPOT_ENTRY)
    assert [seconds for _, _, seconds in works.calls_due()] == [60, 60], "one call, both wait"
    assert len(reader.brought) == 1
    await works.publish(BRIDGE_ENTRY)
    assert len(reader.brought) == 1, "news does not shorten the pause"
    clock.advance(seconds=61)
    await works.call_all()
    assert max(seconds for _, _, seconds in works.calls_due()) == 120
    reader.status = 200
    clock.advance(seconds=121)
    await works.call_all()
    assert works.calls_due() == []
    assert all(BRIDGE_ENTRY.title.encode() in each.body for each in reader.brought[-2:])


async def test_a_callback_that_fails_for_a_day_ends_its_subscription(
    works: Works, reader: Subscriber, clock: SteppedClock
) -> None:
    await works.subscribed(reader.callback())
    reader.status = 503
    await works.publish(DEPOT_ENTRY)
    for _ in range(20):
        clock.advance(hours=6, seconds=1)
        await works.call_all()
    assert len(reader.brought) == 12
    assert works.count(HubSubscriptionRow) == 0


async def test_who_subscribes_again_after_a_while_away_waits_no_longer(
    works: Works, reader: Subscriber, clock: SteppedClock
) -> None:
    """It answered: what waits out a pause is brought at once, and failures count anew."""
    await works.subscribed(reader.callback())
    reader.status = 503
    await works.publish(DEPOT_ENTRY)
    for _ in range(10):
        clock.advance(hours=6, seconds=1)
        await works.call_all()
    reader.status = 200
    reader.brought.clear()
    clock.advance(seconds=9)
    await works.subscribed(reader.callback())
    await works.call_all()
    (brought,) = reader.brought
    assert DEPOT_ENTRY.title.encode() in brought.body
    assert works.calls_due() == []


async def test_who_is_killed_amid_a_call_makes_it_later(
    works: Works, reader: Subscriber, clock: SteppedClock
) -> None:
    await works.subscribed(reader.callback())
    works.press.says(QUAY, DEPOT_ENTRY)
    await works.dispatch.place()
    await works.dispatch.publish(hold=False)
    assert len(works.claim()) == 1
    await works.call_all()
    assert reader.brought == []
    clock.advance(seconds=ERRAND_LEASE.total_seconds() + 1)
    await works.call_all()
    assert len(reader.brought) == 1


async def test_what_was_written_but_not_noted_is_told_in_the_next_round(
    works: Works, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    await works.subscribed(reader.callback())
    works.press.says(QUAY, DEPOT_ENTRY)
    await works.dispatch.place()

    def killed(*_: object) -> None:
        message = "killed"
        raise StoreError(message)

    with monkeypatch.context() as patch:
        patch.setattr(errands, "announce", killed)
        with pytest.raises(StoreError):
            await works.dispatch.publish(hold=False)
    again = await works.dispatch.publish()
    assert again.written == 0, "the files stand"
    await works.call_all()
    assert len(reader.brought) == 1


async def test_what_changes_amid_a_call_is_brought_as_well(
    works: Works, reader: Subscriber
) -> None:
    await works.subscribed(reader.callback())
    works.press.says(QUAY, DEPOT_ENTRY)
    await works.dispatch.place()
    await works.dispatch.publish(hold=False)
    (errand,) = works.claim()
    works.press.says(QUAY, BRIDGE_ENTRY)
    await works.dispatch.place()
    await works.dispatch.publish(hold=False)
    assert await run(works.desk, errand)
    assert [(kind, topic) for kind, topic, _ in works.calls_due()] == [("deliver", "all.atom")]


async def test_what_is_asked_amid_a_confirmation_is_confirmed_instead(
    works: Works, reader: Subscriber
) -> None:
    ask = {**SUBSCRIBE, "hub.callback": reader.callback()}
    await works.post({**ask, "hub.secret": SECRET})
    (errand,) = works.claim()
    await works.post({**ask, "hub.secret": LATER_SECRET})
    await run(works.desk, errand)
    assert works.count(HubSubscriptionRow) == 0
    await works.call_all()
    await works.publish(DEPOT_ENTRY)
    (brought,) = reader.brought
    assert is_signed(brought.headers["X-Hub-Signature"], LATER_SECRET, brought.body)


async def test_a_feed_that_went_is_brought_to_nobody(works: Works, reader: Subscriber) -> None:
    await works.subscribed(reader.callback())
    works.press.says(QUAY, DEPOT_ENTRY)
    await works.dispatch.place()
    await works.dispatch.publish(hold=False)
    (works.desk.settings.publish.directory / "all.atom").unlink()
    await works.call_all()
    assert (reader.brought, works.count(HubErrandRow)) == ([], 0)


async def test_no_hub_calls_without_the_setting(works: Works, reader: Subscriber) -> None:
    assert (await works.post({**SUBSCRIBE, "hub.callback": reader.callback()}))[0] == 202
    (errand,) = works.claim()
    closed = replace(works.desk, settings=changed(works.desk.settings, serve={"hub": False}))
    assert await run(closed, errand)
    assert (reader.asked, works.count(HubErrandRow)) == ([], 0)


def bytes_of(feeds: Path) -> dict[str, bytes]:
    """Return what is published, but the list of feeds."""
    return {path.name: path.read_bytes() for path in feeds.iterdir() if path.suffix != ".opml"}


async def test_each_hub_is_told_once_of_each_file_that_changed(
    desk: Desk, press: Press, reader: Subscriber, feeds: Path
) -> None:
    hubs = (reader.callback("/a"), reader.callback("/b"))
    told = changed(desk.settings, publish={"hubs": hubs}, serve={"hub": False})
    dispatch = Dispatch(replace(desk, settings=told))
    await dispatch.publish()
    await call_all(dispatch)
    before = bytes_of(feeds)
    assert len(reader.brought) == 2 * len(before)
    reader.brought.clear()
    press.says(QUAY, DEPOT_ENTRY)
    await dispatch.place()
    await dispatch.publish(hold=False)
    await dispatch.publish()
    await call_all(dispatch)
    after = bytes_of(feeds)
    changed_files = {name for name in before if after[name] != before[name]}
    assert {"all.atom", "all.rss", "all.json"} <= changed_files
    calls = [(call.path, parse_qs(call.body.decode())) for call in reader.brought]
    assert sorted((path, form["hub.url"][0]) for path, form in calls) == sorted(
        (path, f"{BASE}/feeds/{name}") for path in ("/a", "/b") for name in changed_files
    )
    assert all(form["hub.mode"] == ["publish"] for _, form in calls)


async def test_a_hub_that_fails_is_told_later_and_publishing_does_not_wait(
    desk: Desk, press: Press, reader: Subscriber, clock: SteppedClock
) -> None:
    reader.status = 503
    told = changed(desk.settings, publish={"hubs": (reader.callback(),)}, serve={"hub": False})
    dispatch = Dispatch(replace(desk, settings=told))
    await dispatch.publish()
    await call_all(dispatch)
    assert len(reader.brought) == 1, "the others wait as well"
    press.says(QUAY, DEPOT_ENTRY)
    await dispatch.place()
    assert (await dispatch.publish(hold=False)).appeared == 1
    for _ in range(15):
        clock.advance(hours=6, seconds=1)
        await call_all(dispatch)
    reader.status = 204
    reader.brought.clear()
    clock.advance(hours=6, seconds=1)
    await call_all(dispatch)
    topics = [parse_qs(call.body.decode())["hub.topic"][0] for call in reader.brought]
    assert (topics.count(ALL), len(topics)) == (1, len(set(topics)))


async def test_a_hub_that_is_no_longer_named_is_left_alone(desk: Desk, reader: Subscriber) -> None:
    told = changed(desk.settings, publish={"hubs": (reader.callback(),)})
    await Dispatch(replace(desk, settings=told)).publish()
    await call_all(Dispatch(desk))
    assert reader.brought == []


async def test_feeds_name_the_hubs_and_archives_do_not(
    desk: Desk, press: Press, clock: SteppedClock, feeds: Path
) -> None:
    far = "https://hub.example/"
    named = changed(desk.settings, publish={"hubs": (far,), "entries": 1})
    dispatch = Dispatch(replace(desk, settings=named))
    press.says(QUAY, DEPOT_ENTRY, BRIDGE_ENTRY)
    await dispatch.place()
    await dispatch.publish(hold=False)
    for name in ("all.atom", "all.rss", "all.json", "health.atom", "all.confirmed.atom"):
        text = (feeds / name).read_text("utf-8")
        assert far in text, name
        assert OWN_HUB in text, name
    archive = (feeds / "all" / f"{clock():%Y-%m}.atom").read_text("utf-8")
    assert 'rel="hub"' not in archive
