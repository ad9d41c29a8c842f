"""What a site's robots.txt asks of us is kept to, for its articles' pages."""

import asyncio
from datetime import timedelta

import pytest
from newsdesk import SteppedClock, changed
from rawweb import RawWeb, raw_web, reply

from aggregator.desk import Desk, open_desk
from aggregator.errors import DisallowedError, FetchError
from aggregator.intake.hosts import HostGate
from aggregator.settings import Settings
from aggregator.store.database import Store


def rules(text: str) -> bytes:
    return reply(text.encode(), Content_Type="text/plain")


async def may_read(desk: Desk, web: RawWeb, path: str = "/news/1") -> bool:
    try:
        await desk.robots.check(web.url(path), desk.clock())
    except DisallowedError:
        return False
    return True


async def test_what_is_disallowed_is_not_read(desk: Desk) -> None:
    text = "User-agent: *\nDisallow: /private\n\nUser-agent: other\nDisallow: /\n"
    async with raw_web() as web:
        web.answers["/robots.txt"] = rules(text)
        assert await may_read(desk, web)
        assert not await may_read(desk, web, "/private/1")
        assert await may_read(desk, web, "/?q=/private")


async def test_a_rule_for_us_goes_before_the_rule_for_all(desk: Desk) -> None:
    async with raw_web() as web:
        web.answers["/robots.txt"] = rules(
            "User-agent: *\nAllow: /\n\nUser-agent: aggregator\nDisallow: /\n"
        )
        assert not await may_read(desk, web)


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"", "404 Not Found"),
        reply(b"", "403 Forbidden"),
        reply(b""),
        rules("# nothing"),
        rules("\x00\xff"),
    ],
    ids=["missing", "forbidden", "empty", "comment", "garbage"],
)
async def test_where_nothing_is_said_everything_is_allowed(desk: Desk, answer: bytes) -> None:
    async with raw_web() as web:
        web.answers["/robots.txt"] = answer
        assert await may_read(desk, web)


@pytest.mark.parametrize(
    "status", ["500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests"]
)
async def test_who_cannot_say_is_asked_again_before_a_page_is_read(
    desk: Desk, clock: SteppedClock, status: str
) -> None:
    async with raw_web() as web:
        web.answers["/robots.txt"] = reply(b"", status)
        with pytest.raises(FetchError, match=r"robots\.txt cannot be had: HTTP"):
            await may_read(desk, web)
        web.answers["/robots.txt"] = rules("User-agent: *\nDisallow:")
        with pytest.raises(FetchError, match=r"robots\.txt cannot be had"):
            await may_read(desk, web)
        clock.advance(minutes=30)
        assert await may_read(desk, web)


async def test_a_site_is_asked_once_a_day_however_many_pages_are_read(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web() as web:
        web.answers["/robots.txt"] = rules("User-agent: *\nDisallow: /private")
        await asyncio.gather(*(may_read(desk, web, f"/{n}") for n in range(20)))
        assert len(web.requests) == 1
        clock.advance(hours=24)
        await may_read(desk, web)
        assert len(web.requests) == 2


async def test_the_sites_asked_longest_ago_are_forgotten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.intake.robots.MOST_SITES", 1)
    async with raw_web() as one, raw_web() as two:
        for web in (one, two, one):
            await may_read(desk, web)
        assert (len(one.requests), len(two.requests)) == (2, 1)


async def test_a_crawl_delay_is_kept(settings: Settings, store: Store, clock: SteppedClock) -> None:
    quick = changed(settings, fetch={"host_gap": timedelta(), "per_host": 1})
    async with open_desk(quick, store, clock) as desk, raw_web(page=reply(b"x")) as web:
        web.answers["/robots.txt"] = rules("User-agent: *\nCrawl-delay: 0.3")
        assert await may_read(desk, web)
        loop = asyncio.get_running_loop()
        await desk.fetcher.get(web.url("/page"), limit=100)
        started = loop.time()
        await desk.fetcher.get(web.url("/page"), limit=100)
        assert loop.time() - started >= 0.29


async def test_a_gate_remembers_only_so_many_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.intake.hosts.MOST_GAPS", 1)
    gate = HostGate(1, timedelta(), 10)
    gate.slow_down("a.example", timedelta(hours=1))
    gate.slow_down("b.example", timedelta(hours=1))
    async with asyncio.timeout(5):
        for _ in range(2):
            async with gate.passing("a.example"):
                pass
