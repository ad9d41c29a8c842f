"""What the operator sees: metrics that follow the work, on a listener of their own."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, UnixConnector
from newsdesk import NOON, Press, SteppedClock, Telling, listening, take_on
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families as families
from rawweb import raw_web, reply
from sqlalchemy import text as sql

from aggregator import metrics
from aggregator.crew import Crew
from aggregator.desk import Desk
from aggregator.dispatch import Dispatch
from aggregator.errors import StoreError
from aggregator.poll import Outcome
from aggregator.pulse import Pulse
from aggregator.settings import Settings
from aggregator.store.database import Store
from aggregator.storefront import StoreView
from aggregator.watching import watched

ANYWHERE = "127.0.0.1:0"
RSS = b"""<rss version="2.0"><channel><title>Pier</title><item><guid>1</guid>
<title>Mullet return</title></item></channel></rss>"""


def measured(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(f"aggregator_{name}", labels) or 0.0


async def scraped(address: str) -> dict[str, float]:
    """Return every sample, by its name and labels as Prometheus writes them."""
    async with ClientSession() as session, session.get(f"{address}/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        text = await answer.text()
    return {
        sample.name + "".join(f"{{{k}={v}}}" for k, v in sample.labels.items()): sample.value
        for family in families(text)
        for sample in family.samples
    }


@asynccontextmanager
async def watching(
    store: Store, settings: Settings, clock: SteppedClock, place: str = ANYWHERE
) -> AsyncIterator[str]:
    view = StoreView(store, lambda: settings, lambda: {"ready": True, "reasons": []})
    async with watched(store, view.readiness, place, clock) as address:
        yield address


async def test_a_poll_is_counted_with_all_that_it_brought(desk: Desk) -> None:
    async with raw_web(feed=reply(RSS), gone=reply(b"", "500 Oops")) as web:
        take_on(desk.store, desk.clock(), web.url("/feed"))
        take_on(desk.store, desk.clock(), web.url("/gone"))
        outcomes = {each: measured("polls_total", outcome=each) for each in Outcome}
        new, body = measured("entries_total", state="new"), measured("fetched_bytes_total")
        timed = measured("work_seconds_count", verb="poll")
        await Dispatch(desk).polls.drain(lambda _: None)
    assert measured("polls_total", outcome="changed") == outcomes[Outcome.CHANGED] + 1
    assert measured("polls_total", outcome="failed") == outcomes[Outcome.FAILED] + 1
    assert measured("entries_total", state="new") == new + 1
    assert measured("fetched_bytes_total") == body + len(RSS)
    assert measured("work_seconds_count", verb="poll") == timed + 2


async def test_placing_and_publishing_are_counted(desk: Desk, press: Press) -> None:
    press.says("https://a.example/", Telling("1", "Depot opens", "Six tanks on the quay. " * 9))
    before = {
        name: measured(name)
        for name in ("match_score_count", "stories_published_total", "feeds_written_total")
    }
    placed = measured("articles_placed_total", kind="original")
    dispatch = Dispatch(desk)
    for _ in range(2):  # the second time there is nothing to do, and nothing is counted
        await dispatch.place()
        await dispatch.publish(hold=False)
    assert measured("match_score_count") == before["match_score_count"] + 1
    assert measured("articles_placed_total", kind="original") == placed + 1
    assert measured("stories_published_total") == before["stories_published_total"] + 1
    assert measured("feeds_written_total") > before["feeds_written_total"]


async def test_failures_and_bugs_are_counted_apart() -> None:
    class Job:
        host = ""

    async def work(_: Job) -> None:
        raise errors.pop()

    errors: list[Exception] = [StoreError("disk"), ZeroDivisionError()]
    jobs = [[Job(), Job()], []]
    before = [measured("failures_total", kind=kind) for kind in ("foreseen", "bug")]

    async def claim(_: object) -> list[Job]:
        return jobs.pop(0)

    with listening():
        crew = Crew(claim, work, 2)
        await crew.start_due()
        await crew.drain(lambda _: None)
    after = [measured("failures_total", kind=kind) for kind in ("foreseen", "bug")]
    assert after == [count + 1 for count in before]


async def test_the_database_is_timed(settings: Settings) -> None:
    before = [measured("database_seconds_count", access=each) for each in ("read", "write")]
    with Store.open(settings.database.url, timed=metrics.database_time) as store:
        store.read_now(lambda _: None)
        await store.read(lambda _: None)
        store.write_now(lambda _: None)
    after = [measured("database_seconds_count", access=each) for each in ("read", "write")]
    assert after == [before[0] + 2, before[1] + 1]


async def test_a_loop_that_is_held_up_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_LAG_EVERY_S", 0.01)
    total = measured("event_loop_lag_seconds_sum")
    task = asyncio.create_task(metrics.watch_loop())
    await asyncio.sleep(0)
    time.sleep(0.05)  # noqa: ASYNC251 - what must never happen
    await asyncio.sleep(0.01)
    task.cancel()
    assert measured("event_loop_lag_seconds_sum") >= total + 0.03


async def test_queues_sources_and_readiness_are_read_when_asked_for(
    store: Store, settings: Settings, clock: SteppedClock, press: Press
) -> None:
    press.says("https://pier.example/feed", Telling("1", "Mullet return"))
    take_on(store, NOON, "https://quay.example/feed")
    clock.advance(seconds=90)
    async with watching(store, settings, clock) as address:
        found = await scraped(address)
        assert found["aggregator_queue_length{verb=place}"] == 1
        assert found["aggregator_queue_age_seconds{verb=place}"] == 90
        assert found["aggregator_queue_age_seconds{verb=poll}"] == 90
        assert found["aggregator_sources{state=well}"] == 2
        assert found["aggregator_ready"] == 1
        store.write_now(lambda session: session.execute(sql("ALTER TABLE story RENAME TO gone")))
        found = await scraped(address)
        assert found["aggregator_ready"] == 0
        assert "aggregator_queue_length{verb=place}" not in found
        assert "aggregator_polls_total{outcome=changed}" in found
        async with ClientSession() as session, session.get(f"{address}/readyz") as answer:
            facts = await answer.json()
            assert (answer.status, facts["ready"]) == (503, False)
            assert facts["reasons"] == ["the database does not answer; the log says why"]


async def test_a_socket_will_do(
    store: Store, settings: Settings, clock: SteppedClock, tmp_path: Path
) -> None:
    place = str(tmp_path / "admin.sock")
    async with (
        watching(store, settings, clock, place) as address,
        ClientSession(connector=UnixConnector(place)) as session,
        session.get("http://admin/readyz") as answer,
    ):
        assert address == f"unix:{place}"
        assert (await answer.json())["database"] == "ok"


@pytest.mark.parametrize("how", ["taken", "no folder"])
async def test_a_place_that_cannot_be_had_is_a_warning_and_the_work_goes_on(
    store: Store, settings: Settings, clock: SteppedClock, tmp_path: Path, how: str
) -> None:
    with listening() as events:
        async with watching(store, settings, clock) as first:
            taken = first.removeprefix("http://")
            place = taken if how == "taken" else str(tmp_path / "none" / "admin.sock")
            async with watching(store, settings, clock, place) as second:
                assert second == ""
    (event,) = events()
    assert (event["event"], event["level"]) == ("admin.unavailable", "warning")
    assert re.fullmatch(r"cannot listen on \S+: .+; set serve\.admin", event["reason"])


async def test_no_label_takes_what_sources_say(desk: Desk) -> None:
    async with raw_web(**{"a-very-own-address": reply(RSS)}) as web:
        take_on(desk.store, desk.clock(), web.url("/a-very-own-address"))
        await Dispatch(desk).polls.drain(lambda _: None)
    text = metrics.exposition().decode()
    assert "a-very-own-address" not in text
    assert "127.0.0.1" not in text
    labels = set(re.findall(r"[{,](\w+)=", text))
    known = {"outcome", "verb", "kind", "tick", "state", "access", "status", "version", "le"}
    assert labels <= known


def test_the_process_is_measured_where_nothing_but_processes_is_seen(tmp_path: Path) -> None:
    (tmp_path / "self").symlink_to("/proc/self")
    registry = CollectorRegistry()
    metrics.OwnProcess(registry=registry, proc=str(tmp_path))
    assert (registry.get_sample_value("process_resident_memory_bytes") or 0) > 1e6
    assert (registry.get_sample_value("process_open_fds") or 0) > 2
    started = registry.get_sample_value("process_start_time_seconds") or 0
    assert 0 < time.time() - started < 86_400


def test_a_tick_that_fails_is_counted() -> None:
    before = measured("tick_failures_total", tick="place")
    Pulse().failed("place", "why")
    assert measured("tick_failures_total", tick="place") == before + 1


def test_what_never_happened_was_measured_as_nothing() -> None:
    Pulse().begin("tick-of-this-test")
    sample = metrics.REGISTRY.get_sample_value
    assert sample("aggregator_tick_failures_total", {"tick": "tick-of-this-test"}) == 0
    for status in ("408", "431", "503"):
        assert sample("aggregator_connections_refused_total", {"status": status}) is not None
    for kind in ("original", "copy", "retelling"):
        assert sample("aggregator_articles_placed_total", {"kind": kind}) is not None
