"""How we treat other people's servers: when they are asked again, and with what."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Unpack

import pytest
from newsdesk import (
    NOON,
    SourceFacts,
    SteppedClock,
    account_of,
    changed,
    claim_polls,
    claim_readings,
    entries_in,
    listening,
    take_on,
)
from rawweb import RawWeb, raw_web, reply

from aggregator.desk import Desk, open_desk
from aggregator.model import Source
from aggregator.poll import Outcome, Polled, poll
from aggregator.settings import Settings
from aggregator.store import polls, sources
from aggregator.store.claims import Hold, hold_host
from aggregator.store.database import Store

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DATE = "Thu, 02 Apr 2026 12:00:00 GMT"
NOT_MODIFIED = "304 Not Modified"


def rss(extra: str = "", title: str = "Mullet return") -> bytes:
    item = f"<item><title>{title}</title><link>https://quay.example/{title}</link></item>"
    return (
        '<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f"<channel><title>The Quay</title>{extra}{item}</channel></rss>"
    ).encode()


def quay(desk: Desk, web: RawWeb, **facts: Unpack[SourceFacts]) -> Source:
    return take_on(desk.store, desk.clock(), web.url("/feed"), **facts)


async def poll_at(desk: Desk, clock: SteppedClock, source: Source) -> Polled:
    """Poll the source as soon as it is due."""
    clock.now = max(clock.now, account_of(desk.store, source).next_poll_at)
    (task,) = claim_polls(desk.store, clock.now, [source.id])
    return await poll(desk, task)


def pause_of(desk: Desk, clock: SteppedClock, source: Source) -> timedelta:
    return account_of(desk.store, source).next_poll_at - clock.now


@pytest.mark.parametrize(
    ("headers", "extra", "granted"),
    [
        ({"Cache-Control": "max-age=7200"}, "", 2 * HOUR),
        ({"Cache-Control": "public, MAX-AGE=7200", "Age": "3600"}, "", HOUR),
        ({"Cache-Control": "max-age=60"}, "", 15 * MINUTE),
        ({"Cache-Control": "no-cache, max-age=7200"}, "", 15 * MINUTE),
        (
            {"Cache-Control": "max-age=7200", "Expires": "Thu, 02 Apr 2026 18:00:00 GMT"},
            "",
            2 * HOUR,
        ),
        # A server whose clock is wrong is right about its own span.
        (
            {"Date": "Thu, 01 Jan 2015 00:00:00 GMT", "Expires": "Thu, 01 Jan 2015 05:00:00 GMT"},
            "",
            5 * HOUR,
        ),
        ({"Date": DATE, "Expires": "0"}, "", 15 * MINUTE),
        ({}, "<ttl>180</ttl>", 3 * HOUR),
        ({}, "<ttl>soon</ttl>", 15 * MINUTE),
        ({"Cache-Control": "max-age=60"}, "<ttl>180</ttl>", 3 * HOUR),
        (
            {},
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            6 * HOUR,
        ),
        ({}, "<sy:updatePeriod>hourly</sy:updatePeriod>", HOUR),
        ({"Retry-After": "5400"}, "", 90 * MINUTE),
        ({"Date": DATE, "Retry-After": "Thu, 02 Apr 2026 16:00:00 GMT"}, "", 4 * HOUR),
        ({"Cache-Control": "max-age=31536000"}, "", DAY),
    ],
)
async def test_the_next_poll_is_the_latest_of_what_we_and_the_source_want(
    desk: Desk, clock: SteppedClock, headers: Mapping[str, str], extra: str, granted: timedelta
) -> None:
    said = {name.replace("-", "_"): value for name, value in headers.items()}
    async with raw_web(feed=reply(rss(extra), **said)) as web:
        source = quay(desk, web)
        await poll_at(desk, clock, source)
    slack = 2 * MINUTE if granted == 15 * MINUTE else timedelta(seconds=1)
    assert granted <= pause_of(desk, clock, source) <= granted + slack


async def test_what_a_source_asks_for_holds_on_a_304_too(desk: Desk, clock: SteppedClock) -> None:
    async with raw_web(feed=reply(rss("<ttl>120</ttl>"), ETag='"1"')) as web:
        source = quay(desk, web, interval=15 * MINUTE)
        await poll_at(desk, clock, source)
        web.answers["/feed"] = reply(b"", NOT_MODIFIED)
        assert (await poll_at(desk, clock, source)).outcome is Outcome.NOT_MODIFIED
        assert pause_of(desk, clock, source) == 2 * HOUR
        web.answers["/feed"] = reply(b"", NOT_MODIFIED, Cache_Control="max-age=36000", Age="3600")
        await poll_at(desk, clock, source)
        assert pause_of(desk, clock, source) == 9 * HOUR
        # What a 304 leaves out is as it was (RFC 9111 4.3.4).
        web.answers["/feed"] = reply(b"", NOT_MODIFIED)
        await poll_at(desk, clock, source)
        assert pause_of(desk, clock, source) == 10 * HOUR


async def test_hours_and_days_to_skip_are_skipped_and_resumed_apart(
    desk: Desk, clock: SteppedClock
) -> None:
    skips = "".join(f"<hour>{hour}</hour>" for hour in range(12, 20))
    skips = f"<skipHours>{skips}</skipHours><skipDays><day>Friday</day></skipDays>"
    async with raw_web(feed=reply(rss(skips)), other=reply(rss(skips))) as web:
        source = quay(desk, web)
        other = take_on(desk.store, clock(), web.url("/other"))
        resumed = []
        for each in (source, other):
            clock.now = NOON
            await poll_at(desk, clock, each)
            resumed.append(account_of(desk.store, each).next_poll_at)
        assert resumed[0] != resumed[1]
        assert all(8 * HOUR <= at - NOON <= 8 * HOUR + 30 * MINUTE for at in resumed)
        clock.now = NOON.replace(hour=23, minute=50)
        await poll_at(desk, clock, source)
        # All Friday is skipped; more than a day is not granted.
        assert pause_of(desk, clock, source) == DAY


async def test_each_clamp_is_logged(desk: Desk, clock: SteppedClock) -> None:
    async with raw_web(feed=reply(rss(), Cache_Control="max-age=172800")) as web:
        source = quay(desk, web)
        with listening() as events:
            await poll_at(desk, clock, source)
        (event,) = [event for event in events() if event["event"] == "poll.clamped"]
    assert (event["url"], event["wanted"], event["granted"]) == (source.url, 172_800, 86_400)


async def test_when_it_is_due_again_is_written_before_it_is_asked(
    desk: Desk, clock: SteppedClock
) -> None:
    usual = take_on(desk.store, clock(), "https://quay.example/feed")
    rare = take_on(desk.store, clock(), "https://quay.example/rare", interval=6 * HOUR)
    claim_polls(desk.store, clock())
    assert pause_of(desk, clock, usual) == 15 * MINUTE
    assert pause_of(desk, clock, rare) == 6 * HOUR


async def test_a_lasting_redirect_is_adopted_after_five_in_a_row(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web() as web:
        web.answers |= {
            "/feed": reply(b"", "301 Moved Permanently", Location="/new"),
            "/once": reply(b"", "302 Found", Location="/new"),
            "/new": reply(rss()),
        }
        lasting, passing = quay(desk, web), take_on(desk.store, clock(), web.url("/once"))
        for _ in range(4):
            await poll_at(desk, clock, lasting)
            await poll_at(desk, clock, passing)
        assert account_of(desk.store, lasting).url == web.url("/feed")
        web.answers["/feed"] = reply(b"", "302 Found", Location="/new")
        await poll_at(desk, clock, lasting)
        web.answers["/feed"] = reply(b"", "308 Permanent Redirect", Location="/new")
        for _ in range(5):
            assert account_of(desk.store, lasting).url == web.url("/feed")
            await poll_at(desk, clock, lasting)
            await poll_at(desk, clock, passing)
        account = account_of(desk.store, lasting)
        assert (account.url, account.first_url) == (web.url("/new"), web.url("/feed"))
        assert account_of(desk.store, passing).url == web.url("/once")
        asked = len(web.requests)
        await poll_at(desk, clock, lasting)
        assert [request.target for request in web.requests[asked:]] == ["/new"]
    for name in (web.url("/feed"), web.url("/new")):
        assert desk.store.read_now(partial(sources.find_source, name=name)).id == lasting.id


async def test_an_address_that_is_a_source_already_is_not_adopted(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web(new=reply(rss())) as web:
        web.answers["/feed"] = reply(b"", "301 Moved Permanently", Location="/new")
        source = quay(desk, web)
        take_on(desk.store, clock(), web.url("/new"))
        for _ in range(6):
            await poll_at(desk, clock, source)
    assert account_of(desk.store, source).url == web.url("/feed")


async def test_an_address_that_is_longer_than_any_is_followed_and_not_adopted(
    desk: Desk, clock: SteppedClock
) -> None:
    """An index takes no more: adopted, it would let no poll of the source be written again."""
    long = f"/new?{'0123456789' * 300}"
    async with raw_web() as web:
        web.answers |= {
            "/feed": reply(b"", "301 Moved Permanently", Location=long),
            long: reply(rss()),
        }
        source = quay(desk, web)
        for _ in range(6):
            await poll_at(desk, clock, source)
        assert [request.target for request in web.requests[-2:]] == ["/feed", long]
    account = account_of(desk.store, source)
    assert (account.url, account.failures) == (web.url("/feed"), 0)


async def test_an_etag_that_is_never_known_again_gives_way_to_the_date(
    desk: Desk, clock: SteppedClock
) -> None:
    said = {"ETag": '"1-gzip"', "Last_Modified": "then"}
    async with raw_web(feed=reply(rss(), **said)) as web:
        source = quay(desk, web)
        for _ in range(5):
            await poll_at(desk, clock, source)
    conditions = [
        (each.headers.get("if-none-match"), each.headers.get("if-modified-since"))
        for each in web.requests
    ]
    assert conditions == [(None, None), *[('"1-gzip"', "then")] * 3, (None, "then")]


async def test_an_etag_that_is_known_again_is_sent_again(desk: Desk, clock: SteppedClock) -> None:
    async with raw_web(feed=reply(rss(), ETag='"1"', Last_Modified="then")) as web:
        source = quay(desk, web)
        for turn in range(12):
            await poll_at(desk, clock, source)
            known = turn % 2 == 0
            web.answers["/feed"] = (
                reply(b"", NOT_MODIFIED)
                if known
                else reply(rss(), ETag='"1"', Last_Modified="then")
            )
    assert all(each.headers.get("if-none-match") == '"1"' for each in web.requests[1:])


async def test_who_only_says_304_is_asked_without_conditions_after_eight_days(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web(feed=reply(rss(), ETag='"1"')) as web:
        source = quay(desk, web, interval=DAY)
        await poll_at(desk, clock, source)
        begun = clock.now
        web.answers["/feed"] = reply(b"", NOT_MODIFIED)
        while clock.now - begun < 8 * DAY:
            await poll_at(desk, clock, source)
        assert ["if-none-match" in each.headers for each in web.requests[1:]][-2:] == [True, False]
        # It said 304 to who set no condition: a failure of its own, and asked in full again.
        web.answers["/feed"] = reply(rss(), ETag='"1"')
        assert (await poll_at(desk, clock, source)).outcome is Outcome.NOT_MODIFIED
        assert "if-none-match" not in web.requests[-1].headers
        await poll_at(desk, clock, source)
        assert web.requests[-1].headers["if-none-match"] == '"1"'


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_a_public_host_that_asks_for_a_pause_is_left_alone_altogether(
    settings: Settings, store: Store, clock: SteppedClock, status: str
) -> None:
    async with raw_web() as web:
        web.answers["*"] = reply(b"", status, Retry_After="7200")
        by_proxy = changed(settings, fetch={"proxy": web.url("")})
        async with open_desk(by_proxy, store, clock) as desk:
            one, two = (take_on(store, clock(), f"http://quay.example/{n}") for n in "12")
            elsewhere = take_on(store, clock(), "http://pier.example/feed")
            (task,) = claim_polls(store, clock(), [one.id])
            await poll(desk, task)
    assert [task.url for task in claim_polls(store, clock())] == [elsewhere.url]
    due = {task.url for task in claim_polls(store, clock.advance(hours=1, minutes=59))}
    assert due == {elsewhere.url}
    due = {task.url for task in claim_polls(store, clock.advance(minutes=1))}
    assert due == {one.url, two.url}


async def test_a_private_host_that_asks_for_a_pause_speaks_for_one_source(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web(feed=reply(b"", "429 Too Many Requests", Retry_After="7200")) as web:
        held, free = quay(desk, web), take_on(desk.store, clock(), web.url("/other"))
        (task,) = claim_polls(desk.store, clock(), [held.id])
        await poll(desk, task)
    assert [task.url for task in claim_polls(desk.store, clock.advance(hours=1))] == [free.url]


async def test_a_held_host_is_not_asked_for_pages_either_unless_by_force(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web(feed=reply(rss())) as web:
        source = quay(desk, web)
        await poll_at(desk, clock, source)
    (entry,) = entries_in(desk.store)
    for host in (entry.host, "127.0.0.1"):
        hold = Hold(host, clock.now + 2 * HOUR)
        desk.store.write_now(partial(hold_host, hold=hold))
        shorter = Hold(host, clock.now + HOUR)
        desk.store.write_now(partial(hold_host, hold=shorter))
    clock.advance(minutes=90)
    assert claim_readings(desk.store, clock.now) == []
    assert claim_polls(desk.store, clock.now) == []
    assert desk.store.read_now(partial(polls.count_due, now=clock.now)) == 0
    desk.store.write_now(partial(polls.make_due, now=clock.now))
    assert len(claim_polls(desk.store, clock.now)) == 1
    assert len(claim_readings(desk.store, clock.advance(hours=1))) == 1


async def test_a_source_is_asked_by_its_own_rhythm(desk: Desk, clock: SteppedClock) -> None:
    async with raw_web(feed=reply(rss(), ETag='"1"')) as web:
        source = quay(desk, web)
        await poll_at(desk, clock, source)
        first = pause_of(desk, clock, source)
        web.answers["/feed"] = reply(b"", NOT_MODIFIED)
        while clock.now - NOON < 9 * DAY:
            await poll_at(desk, clock, source)
        assert first < 20 * MINUTE
        assert pause_of(desk, clock, source) > 20 * HOUR
        shown = desk.store.read_now(partial(sources.find_source, name=source.url))
        assert shown.pace is not None
        assert shown.pace > 20 * HOUR
        for turn in range(80):
            web.answers["/feed"] = reply(rss(title=f"Mullet {turn}"))
            await poll_at(desk, clock, source)
            clock.now = min(clock.now, account_of(desk.store, source).next_poll_at - MINUTE)
            desk.store.write_now(partial(polls.make_due, now=clock.advance(minutes=20)))
        assert pause_of(desk, clock, source) < 20 * MINUTE
