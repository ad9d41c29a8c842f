"""The daemon: the real program, from an empty folder to its end, however that comes."""

import asyncio
import gc
import gzip
import json
import os
import signal
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any
from weakref import ref

import pytest
from newsdesk import (
    NOON,
    Press,
    SteppedClock,
    Telling,
    account_of,
    changed,
    listening,
    take_on,
    titles_in,
)
from program import Program, Running, eventually, running, session_of
from rawweb import NOT_FOUND, raw_web, reply
from sqlalchemy import select
from sqlalchemy import text as sql
from tiny_encoder import make_encoder

from aggregator.daemon import Daemon
from aggregator.demo.newsroom import Newsroom
from aggregator.demo.site import Site
from aggregator.desk import Desk
from aggregator.dispatch import Dispatch
from aggregator.errors import RefusedError, SettingsError, StoreError
from aggregator.model import Kind, Role
from aggregator.place import Editor, Placements
from aggregator.publish import Published, Publisher
from aggregator.pulse import Pulse
from aggregator.settings import Settings
from aggregator.starting import fill_shelves, take_starter_sources, warn_of_links
from aggregator.store import polls, rulings
from aggregator.store.database import Store
from aggregator.store.tables import StoryRow
from aggregator.storefront import StoreView
from aggregator.subscribe import Imported
from aggregator.web.view import Moved, StoryView

SHOWN = {"kfor-road", "kfor-road-meridian", "sappers-graduate"}
TITLES = {"jhq-adria": 2, "meridian-newswire": 1}


@pytest.fixture
def site(newsroom: Newsroom) -> Iterator[Site]:
    """Serve two stories, one of them told twice."""
    hidden = {piece.id for piece in newsroom.pieces} - SHOWN
    with Site(newsroom, now=datetime.now(UTC), hidden=hidden) as site:
        yield site


@pytest.fixture
def configuration(tmp_path: Path, site: Site) -> Path:
    """Return a configuration folder with the site's outlets as starter sources."""
    folder = tmp_path / "config"
    folder.mkdir()
    urls = [*(site.feed_urls[slug] for slug in TITLES), *broken_addresses(site)]
    outlines = "".join(f'<outline text="s" xmlUrl="{url}"/>' for url in urls)
    (folder / "sources.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    (folder / "categories.toml").write_text('[kosovo]\ntitle = "Kosovo"\nquery = "kfor"\n')
    (folder / "aggregator.toml").write_text('[poll]\ninterval = "15m"\n')
    return folder


def broken_addresses(site: Site) -> list[str]:
    return [f"{site.base_url}/no-such-feed", f"{site.base_url}/jhq-adria/"]


@pytest.fixture
def program(tmp_path: Path, configuration: Path) -> Program:
    return Program(tmp_path / "state", {"AGGREGATOR_CONFIG": str(configuration)})


def feed_in(daemon: Running, slug: str = "all") -> list[str]:
    status, _, body = daemon.get(f"/feeds/{slug}.atom")
    return titles_in(body) if status == 200 else []


def test_from_an_empty_folder_to_readers(program: Program) -> None:
    with running(program) as daemon:
        eventually(lambda: len(feed_in(daemon)) == 2)
        eventually(lambda: len(feed_in(daemon, "kosovo")) == 1)
        _, headers, body = daemon.get("/feeds/all.atom")
        again = daemon.get("/feeds/all.atom", If_None_Match=headers["ETag"])
        assert (again[0], again[2]) == (304, b"")
        _, packed, zipped = daemon.get("/feeds/all.atom", Accept_Encoding="gzip")
        assert (packed["Content-Encoding"], gzip.decompress(zipped)) == ("gzip", body)
        assert daemon.get("/healthz")[::2] == (200, b"ok\n")
        status, _, ready = daemon.get("/readyz")
        assert (status, json.loads(ready)["ready"], json.loads(ready)["database"]) == (
            200,
            True,
            "ok",
        )
        assert b"KFOR engineers" in daemon.get("/categories/kosovo")[2]
        failing = {source["last_error"] for source in program.json("list-sources", "--failing")}
        assert len(failing) == 2
        assert daemon.end() == 0
        eventually(lambda: session_of(daemon.process) == [], patience=5)
    with running(program) as daemon:
        assert len(feed_in(daemon)) == 2
        program.run("remove-source", "1")
    with running(program) as daemon:
        assert len(program.json("list-sources")) == 3


def test_who_subscribes_at_once_finds_every_feed(program: Program) -> None:
    with running(program) as daemon:
        status, _, body = daemon.get("/feeds/kosovo.atom")
        assert status == 200
        assert body.startswith(b"<?xml")
        # Killed while its parsers are just starting, their server would tell of it.
        assert daemon.end() == 0


async def test_feeds_that_cannot_be_written_at_the_start_are_a_line_in_the_log(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("no folder")
    await fill_shelves(store, changed(settings, publish={"directory": taken}), NOON)
    assert "feeds.unwritten" in "".join(capsys.readouterr())


def test_links_that_lead_elsewhere_are_a_line_in_the_log(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    base: dict[str, object] = {"base_url": "http://127.0.0.1:8080"}
    warn_of_links(changed(settings, publish=base, serve={"port": 8080}))
    assert not capsys.readouterr().out
    warn_of_links(changed(settings, publish=base, serve={"port": 8090}))
    assert "links.astray" in capsys.readouterr().out


def test_a_source_added_by_another_process_is_polled_without_a_message(
    program: Program, site: Site
) -> None:
    with running(program) as daemon:
        eventually(lambda: len(feed_in(daemon)) == 2)
        opml = f'<opml><body><outline xmlUrl="{site.feed_urls["baltic-watch"]}"/></body></opml>'
        (program.folder / "more.opml").write_text(opml)
        program.run("import-opml", str(program.folder / "more.opml"))
        path = site.feed_urls["baltic-watch"].removeprefix(site.base_url)
        eventually(lambda: (path, 200) in site.requests)
        assert daemon.end(signal.SIGINT) == 0


def test_sighup_takes_effect_or_says_why_not(program: Program, configuration: Path) -> None:
    settings, rules = configuration / "aggregator.toml", configuration / "categories.toml"
    with running(program) as daemon:
        eventually(lambda: len(feed_in(daemon)) == 2)
        settings.write_text('[poll]\nintervall = "15m"\n')
        daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: daemon.said("reload.refused"))
        assert "intervall" in daemon.said("reload.refused")[0]["reason"]
        settings.write_text('[match]\nwindow = "20d"\n')
        rules.write_text('[sappers]\ntitle = "Sappers"\nquery = "sappers"\n')
        kept = HTTPKeptOpen(daemon.port)
        daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: len(feed_in(daemon, "sappers")) == 1)
        assert kept.still_answers()
        assert daemon.said("restart.needed") == []
        assert daemon.end() == 0


class HTTPKeptOpen:
    """A connection that a reader keeps open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)

    def still_answers(self) -> bool:
        with closing(self._socket) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            return connection.recv(100).startswith(b"HTTP/1.1 200")


@contextmanager
def hanging_server() -> Iterator[str]:
    """Yield the address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def has_claimed(program: Program, url: str) -> bool:
    with closing(sqlite3.connect(program.folder / "aggregator.db")) as database:
        query = "SELECT lease_until FROM source WHERE url = ? AND lease_until IS NOT NULL"
        return database.execute(query, [url]).fetchone() is not None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["term", "kill"])
def test_an_end_amid_hanging_polls_leaves_nobody_behind_and_polls_nobody_early(
    program: Program, configuration: Path, site: Site, number: signal.Signals
) -> None:
    with hanging_server() as address:
        urls = (f"{address}/feed", site.feed_urls["jhq-adria"])
        outlines = "".join(f'<outline text="s" xmlUrl="{url}"/>' for url in urls)
        (configuration / "sources.opml").write_text(f"<opml><body>{outlines}</body></opml>")
        program.environment["AGGREGATOR_FETCH__TIMEOUT"] = "5m"
        with running(program) as daemon:
            eventually(lambda: has_claimed(program, urls[0]) and daemon.said("poll.finished"))
            assert len(session_of(daemon.process)) > 1
            started = time.monotonic()
            assert daemon.end(number) == (0 if number is signal.SIGTERM else -signal.SIGKILL)
            assert time.monotonic() - started < 10
            eventually(lambda: session_of(daemon.process) == [], patience=5)
        assert has_claimed(program, urls[0]) == (number is signal.SIGKILL)
    program.environment["AGGREGATOR_FETCH__TIMEOUT"] = "1s"
    # When it is due again was written before it was asked: a restart presses nobody.
    assert program.json("update")["polled"] == 0
    report = program.json("update", "--force")
    assert (report["polled"], report["failed"]) == (2, 1)


def test_a_second_daemon_and_a_taken_port_are_refused_in_a_line(program: Program) -> None:
    with running(program) as daemon:
        line = program.run("run", expect=1)
        assert [*filter(None, line.split("\n"))][-1].startswith("error: another daemon works on")
        elsewhere = Program(program.folder / "other", dict(program.environment))
        elsewhere.environment["AGGREGATOR_SERVE__PORT"] = str(daemon.port)
        (line,) = elsewhere.run("run", expect=1).splitlines()
        assert line.startswith(f"error: cannot listen on 127.0.0.1:{daemon.port}: ")
        assert daemon.end() == 0


def test_sources_that_fail_in_every_way_hold_up_nobody(program: Program, site: Site) -> None:
    bad = {"html": reply(b"<html>hi</html>"), "garbage": reply(bytes(range(256)) * 9)}
    bad |= {"missing": NOT_FOUND, "long": reply(b"x" * 200_000), "reset": b""}
    with hanging_server() as address, raw_server(bad) as base:
        urls = [f"{base}/{name}" for name in bad] + [f"{address}/feed", "http://127.0.0.1:1/feed"]
        outlines = "".join(f'<outline text="s" xmlUrl="{url}"/>' for url in urls)
        program.folder.mkdir()
        (program.folder / "bad.opml").write_text(f"<opml><body>{outlines}</body></opml>")
        program.environment |= {
            "AGGREGATOR_FETCH__TIMEOUT": "1s",
            "AGGREGATOR_FETCH__MAX_FEED": "100KB",
        }
        program.run("import-opml", str(program.folder / "bad.opml"))
        for slug in TITLES:
            program.run("add-source", site.feed_urls[slug])
        with running(program) as daemon:
            eventually(lambda: len(feed_in(daemon)) == 2)
            failing = program.json("list-sources", "--failing")
            assert {source["url"] for source in failing} == set(urls)
            assert all(source["last_error"] for source in failing)
            assert daemon.end() == 0


@contextmanager
def raw_server(answers: dict[str, bytes]) -> Iterator[str]:
    """Yield the address of a raw web in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    web = raw_web(**answers)
    served = asyncio.run_coroutine_threadsafe(web.__aenter__(), loop).result()
    try:
        yield served.url("").rstrip("/")
    finally:
        asyncio.run_coroutine_threadsafe(web.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class InProcess:
    """The daemon in this very process, with a folder and a configuration of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.next: Settings | SettingsError = settings
        self.daemon = Daemon(settings, self._reload)
        self.address: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def _reload(self) -> Settings:
        if isinstance(self.next, SettingsError):
            raise self.next
        return self.next

    async def start(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self.daemon.run(self.address.set_result))
        either: set[asyncio.Future[Any]] = {task, self.address}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return task


async def comes_true(holds: Callable[[], object]) -> None:
    await asyncio.to_thread(eventually, holds)


async def test_signals_reload_and_end_it(settings: Settings, tmp_path: Path) -> None:
    settings = settings.model_copy(update={"folder": tmp_path})
    inside = InProcess(settings)
    with listening() as events:
        ended = await inside.start()
        told = names_in(events)
        await comes_true(lambda: "starter.missing" in told())
        inside.next = SettingsError("aggregator.toml: nonsense")
        os.kill(os.getpid(), signal.SIGHUP)
        await comes_true(lambda: "reload.refused" in told())
        inside.next = changed(settings, serve={"port": 9})
        (tmp_path / "sources.opml").write_text("no list")
        os.kill(os.getpid(), signal.SIGHUP)
        await comes_true(lambda: "starter.unreadable" in told())
        assert "restart.needed" in told()
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(ended, 30)
        assert told()[-1] == "daemon.stopped"


async def test_a_list_of_which_nothing_will_do_is_read_again(store: Store, tmp_path: Path) -> None:
    answers = [Imported(0, 0, (("zzz", "no web address"),)), Imported(1, 0, (("y", "neither"),))]

    async def take(_: bytes) -> Imported:
        return answers.pop(0)

    (tmp_path / "sources.opml").write_text("a list")
    with listening() as events:
        for left in (1, 0, 0):
            await take_starter_sources(store, tmp_path, take)
            assert len(answers) == left
    assert names_in(events)() == ["starter.refused"] * 2


async def test_an_encoder_that_cannot_be_had_ends_a_start_and_not_a_reload(
    settings: Settings, tmp_path: Path
) -> None:
    lacking = changed(settings, semantic={"model": str(tmp_path / "gone")})
    with pytest.raises(SettingsError, match="no folder"):
        await Daemon(lacking, lambda: lacking).run()
    inside = InProcess(settings)
    with listening() as events:
        ended = await inside.start()
        inside.next = lacking
        inside.daemon.reload()
        await comes_true(lambda: "reload.refused" in names_in(events)())
        inside.next = changed(settings, semantic={"model": str(make_encoder(tmp_path / "tiny"))})
        inside.daemon.reload()
        await comes_true(lambda: names_in(events)().count("daemon.reloaded") == 2)
        inside.daemon.stop()
        await asyncio.wait_for(ended, 30)
        assert names_in(events)().count("reload.refused") == 1


def names_in(events: Callable[[], list[dict[str, Any]]]) -> Callable[[], list[str]]:
    return lambda: [event["event"] for event in events()]


async def test_what_a_reload_cuts_off_is_taken_up_again_in_its_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[ref[Dispatch]] = []

    def noted(desk: Desk, *, patient: bool) -> Dispatch:
        dispatch = Dispatch(desk, patient=patient)
        made.append(ref(dispatch))
        return dispatch

    monkeypatch.setattr("aggregator.daemon.Dispatch", noted)
    monkeypatch.setattr("aggregator.daemon.GRACE", timedelta(seconds=0.05))
    with hanging_server() as address, listening(), no_search_for_garbage():
        inside = InProcess(settings)
        with Store.open(settings.database.url) as store:
            source = take_on(store, datetime.now(UTC), f"{address}/feed")
            ended = await inside.start()
            await comes_true(lambda: account_of(store, source).epoch == 1)
            inside.daemon.reload()
            await comes_true(lambda: account_of(store, source).lease_until is None)
            assert account_of(store, source).next_poll_at > datetime.now(UTC)
            store.write_now(partial(polls.make_due, now=datetime.now(UTC)))
            await comes_true(lambda: account_of(store, source).epoch == 2)
            # What the work was done with is let go of, and the window in it.
            assert [dispatch() is None for dispatch in made] == [True, False]
            inside.daemon.stop()
            await asyncio.wait_for(ended, 30)
            assert account_of(store, source).lease_until is None


@contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """Have garbage looked for only where somebody asks for it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def test_a_tick_at_work_is_waited_for_and_a_failing_one_is_a_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, held = Event(), Event()

    def place(_self: Editor, _now: datetime, *, wait: bool) -> Placements:
        assert not wait  # a tick that waited for another process could not be ended
        begun.set()
        held.wait(10)
        return Placements(Counter({Kind.ORIGINAL: 1}))

    def publish(_self: Publisher, *_: object, **__: object) -> Published:
        message = "the disk is full"
        raise StoreError(message)

    monkeypatch.setattr(Editor, "place", place)
    monkeypatch.setattr(Publisher, "publish", publish)
    inside = InProcess(settings)
    with listening() as events:
        ended = await inside.start()
        await comes_true(begun.is_set)
        await comes_true(lambda: "tick.failed" in names_in(events)())
        inside.daemon.stop()
        asyncio.get_running_loop().call_later(0.1, held.set)
        await asyncio.wait_for(ended, 30)
        told = events()
    assert {event["event"] for event in told} == {"daemon.started", "tick.failed", "daemon.stopped"}
    assert "place" in inside.daemon._pulse._worked


async def test_readiness_tells_a_stuck_tick_and_a_lost_database(settings: Settings) -> None:
    inside = InProcess(settings)
    inside.daemon._pulse.begin("place")
    inside.daemon._pulse._worked["place"] = time.monotonic() - 500
    facts = inside.daemon._pulse.readiness()
    assert (facts["ready"], facts["stuck_for_seconds"]) == (False, {"place": 500.0})
    assert facts["reasons"] == ["tick place has done nothing for 500 s"]
    assert not Pulse().readiness()["ready"]
    with Store.open(settings.database.url) as store:
        view = StoreView(store, lambda: settings, dict)
        store.write_now(lambda session: session.execute(sql("ALTER TABLE story RENAME TO gone")))
        assert (await view.readiness())["ready"] is False


async def test_a_second_one_on_the_database_or_the_port_is_refused(settings: Settings) -> None:
    with listening():
        ended = await (first := InProcess(settings)).start()
        with pytest.raises(RefusedError, match="another daemon works on this database"):
            await Daemon(settings, lambda: settings).run()
        port = int((await first.address).rpartition(":")[2])
        other = changed(
            settings,
            serve={"port": port},
            database={"url": settings.database.url.replace("aggregator.db", "other.db")},
        )
        with pytest.raises(RefusedError, match=r"set serve\.host, serve\.port"):
            await Daemon(other, lambda: other).run()

        def ousted() -> None:
            message = "another daemon works on this database"
            raise RefusedError(message)

        first.daemon._renew = ousted
        await first.daemon._keep_place()
        with pytest.raises(RefusedError, match="another daemon works"):
            await asyncio.wait_for(ended, 30)


async def test_the_pages_are_read_from_the_store(settings: Settings, store: Store) -> None:
    press = Press(store, SteppedClock())
    text = "Nine thousand cubic metres of diesel stand in six tanks on the quay. " * 3
    press.says("https://quay.example/feed", Telling("a", "Depot opens in Bar", text))
    press.says("https://pier.example/feed", Telling("b", "Mullet return", "Fishermen rejoice."))
    Editor(store, settings).place(NOON)
    view = StoreView(store, lambda: settings, lambda: {"ready": True})
    older, younger = sorted(story_keys(store))
    assert await view.story(older[1]) is None
    Publisher(store, settings).publish(NOON)
    assert [(seen.slug, seen.stories) for seen in await view.categories()] == [("all", 2)]
    assert len(await view.stories("all", 10)) == 2
    merge = partial(rulings.rule_merge, story_id=older[0], other_id=younger[0], now=NOON)
    store.write_now(merge)
    Editor(store, settings).rule(NOON)
    found = await view.story(older[1])
    assert isinstance(found, StoryView)
    assert len(found.story.tellings) == 2
    assert await view.story(younger[1]) == Moved(older[1])
    assert await view.story("nonsense") is None
    assert await view.readiness() == {"ready": True, "database": "ok"}
    listed = await view.sources()
    assert {source.outlet for source in listed} == {"pier.example", "quay.example"}
    assert all(source.enabled and not source.failures for source in listed)
    status = await view.status()
    assert (status.sources, status.failing, status.ready) == (len(listed), 0, True)
    assert status.entries == status.copies + status.retellings + 1 == 2


def story_keys(store: Store) -> list[tuple[int, str]]:
    rows = store.read_now(lambda session: session.execute(select(StoryRow.id, StoryRow.key)).all())
    return [(story_id, key) for story_id, key in rows]


async def test_a_page_shows_the_best_telling_and_the_feeds_keep_their_lead(
    settings: Settings, store: Store
) -> None:
    press = Press(store, SteppedClock())
    text = "Nine thousand cubic metres of diesel stand in six tanks on the quay. " * 9
    (lead,) = press.says("https://quay.example/feed", Telling("a", "Depot opens in Bar", text[:-7]))
    Editor(store, settings).place(NOON)
    Publisher(store, settings).publish(NOON)
    later = press.clock.advance(days=20)
    official = Telling("b", "Depot opens in Bar", text, link=QUAY, published=later)
    (best,) = press.says("https://port.example/feed", official, role=Role.PRIMARY)
    again = Telling("c", "Depot opens in Bar", text, published=later)
    (farm,) = press.says("https://farm.example/feed", again, role=Role.SYNDICATOR)
    Editor(store, settings).place(later)
    Publisher(store, settings).publish(later)
    view = StoreView(store, lambda: settings, dict)
    (shown,) = await view.stories("all", 10)
    found = await view.story(shown.key)
    assert isinstance(found, StoryView)
    assert (shown.lead_entry_id, found.lead_entry_id, found.story.lead_entry_id) == (
        lead,
        lead,
        best,
    )
    assert (shown.link, found.story.link) == ("https://quay.example/a", QUAY)
    assert found.recycled == {best, farm}


QUAY = "https://quay.example/a?utm_source=port"


async def test_another_process_at_work_keeps_the_daemon_neither_busy_nor_from_ending(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.daemon.WORK_EVERY_S", 0.05)
    monkeypatch.setattr("aggregator.daemon.PUBLISH_EVERY_S", 0.05)
    inside = InProcess(settings)
    with Store.open(settings.database.url) as other, listening() as events:
        with other.lock("editor"), other.lock("publisher"):
            ended = await inside.start()
            await comes_true(lambda: "daemon.started" in names_in(events)())
            await asyncio.sleep(0.2)
            inside.daemon.stop()
            await asyncio.wait_for(ended, 10)
        assert "tick.failed" not in {event["event"] for event in events()}
