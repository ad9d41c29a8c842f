"""WebSub: the cases of websub.rocks for subscribers, by their numbers, and those who mean harm."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from newsdesk import SteppedClock, account_of, changed, claim_polls, entries_in, take_on
from program import eventually
from smallhub import Page, Reader, SmallHub, atom, path_of, reading, small_hub

from aggregator.poll import Outcome, poll
from aggregator.settings import Settings
from aggregator.store import sources
from aggregator.store.database import Session, Store
from aggregator.store.tables import SourceRow
from aggregator.store.websub import State
from aggregator.stories.addresses import parse_opening
from aggregator.stories.signatures import signature
from aggregator.subscribe import Wish, subscribe
from aggregator.websub import callback_base

DAY = timedelta(days=1)


@pytest.fixture
async def hub() -> AsyncIterator[SmallHub]:
    async with small_hub() as hub:
        yield hub


@pytest.fixture
async def reader(settings: Settings, store: Store, clock: SteppedClock) -> AsyncIterator[Reader]:
    async with reading(settings, store, clock) as reader:
        yield reader


def titles(reader: Reader) -> list[str]:
    return [entry.title for entry in entries_in(reader.store)]


RSS = """<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>Q</title>
<link>https://quay.example/</link>{}<item><guid>1</guid><title>One</title></item></channel></rss>"""
JSON = '{{"version": "https://jsonfeed.org/version/1.1", "items": [{{"id": "1"}}], {}}}'


async def test_100_to_104_hub_and_topic_are_found(reader: Reader, hub: SmallHub) -> None:
    mine, other = hub.at("/hub"), hub.at("/other")
    header = (f'<{mine}>; title="a; rel=self"; rel="hub"', f"<{hub.at('/it')}>; REL=self")
    decoy = f'<link rel="hub" href="{other}"/><link rel="self" href="{other}"/>'
    links = f'<a:link rel="hub" href="{mine}"/><a:link rel="self" href="/it"/>'
    in_json = f'"feed_url": "{hub.at("/it")}", "hubs": [{{"type": "rssCloud", "url": "{other}"}},'
    in_json += f'{{"type": "WebSub", "url": "{mine}"}}]'
    cases = {
        "100": Page(atom("a"), header),
        "102": Page(atom("a", links=links.replace("a:", ""))),
        "103": Page(RSS.format(links).encode(), type="text/xml"),
        "104": Page(atom("a", links=decoy), header),
        "json": Page(JSON.format(in_json).encode(), type="application/feed+json"),
    }
    for number, page in cases.items():
        hub.pages[f"/{number}"] = page
        source = await reader.take_on(hub.at(f"/{number}"))
        standing = reader.standing(source)
        assert standing is not None, number
        assert (standing.hub, standing.topic) == (mine, hub.at("/it")), number
    assert [said["hub.topic"] for said in hub.asked] == [hub.at("/it")] * len(cases)


async def test_101_the_page_of_a_feed_names_its_hub(reader: Reader, hub: SmallHub) -> None:
    head = (
        '<link rel="alternate" type="application/atom+xml" href="/feed">'
        '<link rel="hub" href="/hub"><link rel="canonical self" href="/home">'
    )
    page = Page(f"<html><head>{head}</head><body>x</body></html>".encode(), type="text/html")
    hub.pages |= {"/": page, "/feed": Page(atom("a"))}
    asked_for: list[str] = []
    found = await subscribe(reader.desk, Wish(hub.at("/")), asking=asked_for.append)
    assert asked_for == [hub.at("/"), hub.at("/feed")]
    source = found.source
    await reader.poll(source)
    await reader.ask()
    (asked,) = hub.asked
    assert (asked["hub.topic"], asked["hub.mode"]) == (hub.at("/home"), "subscribe")
    assert await hub.verify(asked) == (200, "42-and-<b>more</b>")
    hub.pages["/feed"] = Page(atom("a", "b"))
    reader.clock.advance(hours=1)
    assert await hub.ping(asked, page.body, Content_Type="text/html") == 202
    assert account_of(reader.store, source).next_poll_at <= reader.clock()
    await reader.poll(source)
    assert titles(reader) == ["News of a", "News of b"]
    hub.says("/feed", "a", "b", "c")
    await reader.poll(source)
    standing = reader.standing(source)
    assert standing is not None
    assert standing.topic == hub.at("/feed")


async def test_half_of_it_is_nothing(reader: Reader, hub: SmallHub) -> None:
    half = '<{}>; rel="hub"'
    links = (half, f'{half}; anchor="/x", </it>; rel=self', "nonsense <", "")
    for number, link in enumerate(links):
        hub.pages[f"/{number}"] = Page(atom("a"), (link.format(hub.at("/hub")),))
        source = await reader.take_on(hub.at(f"/{number}"))
        assert reader.standing(source) is None
    assert hub.asked == []


async def test_200_to_202_the_topic_is_what_the_document_calls_itself(
    reader: Reader, hub: SmallHub
) -> None:
    for number, status in (("200", 200), ("201", 302), ("202", 301)):
        hub.says(f"/{number}?final", "a", topic=f"/self?{number}")
        hub.pages[f"/{number}"] = Page(status=status, to=f"/{number}?final")
        await reader.take_on(hub.at(f"/{number}?final" if status == 200 else f"/{number}"))
        said = hub.asked[-1]
        assert said["hub.topic"] == hub.at(f"/self?{number}")
        assert (await hub.verify(said))[0] == 200


async def test_203_and_204_a_hub_that_moved_is_followed(reader: Reader, hub: SmallHub) -> None:
    for status, heard in ((307, 1), (308, 1), (302, 0), (303, 0)):
        hub.asked.clear()
        hub.moves[f"/{status}"] = status, hub.at("/hub")
        hub.says(f"/feed/{status}", "a", hub=f"/{status}")
        source = await reader.take_on(hub.at(f"/feed/{status}"))
        assert len(hub.asked) == heard
        standing = reader.standing(source)
        assert standing is not None
        assert (standing.reason is None) == bool(heard)


async def test_a_request_has_a_secret_and_a_callback_of_its_own(
    reader: Reader, hub: SmallHub
) -> None:
    for path in ("/one", "/two"):
        hub.says(path, path[1:])
        await reader.take_on(hub.at(path))
    first, second = hub.asked
    assert first["hub.mode"] == "subscribe"
    assert int(first["hub.lease_seconds"]) == 10 * 86_400
    assert first["hub.secret"] != second["hub.secret"]
    assert 43 <= len(first["hub.secret"]) < 200
    tokens = [path_of(said["hub.callback"]).rpartition("/")[2] for said in hub.asked]
    assert len(set(tokens)) == 2
    assert all(len(token) >= 43 for token in tokens)


async def test_what_was_asked_for_is_confirmed_and_lives(
    reader: Reader, hub: SmallHub, clock: SteppedClock
) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    (said,) = hub.asked
    assert await hub.verify(said) == (200, "42-and-<b>more</b>")
    assert await hub.verify(said) == (200, "42-and-<b>more</b>")  # the hub did not hear it
    standing = reader.standing(source)
    assert standing is not None
    assert standing.state == State.LIVE
    assert account_of(reader.store, source).pushed_until == clock() + DAY


FORGED = (
    {"topic": "https://other.example/"},
    {"topic": ""},
    {"mode": "unsubscribe"},
    {"mode": "publish"},
    {"mode": ""},
    {"challenge": ""},
    {"mode": "denied", "topic": "https://other.example/"},
)


async def test_205_what_was_not_asked_for_is_not_found(reader: Reader, hub: SmallHub) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    (said,) = hub.asked
    for forged in FORGED:
        status, text = await hub.verify(said, **forged)
        assert status == 404, forged
        assert "42-and" not in text
    account = account_of(reader.store, source)
    standing = reader.standing(source)
    assert standing is not None
    assert (account.pushed_until, standing.state) == (None, State.WANTED)


async def test_a_callback_of_another_name_is_not_found(reader: Reader, hub: SmallHub) -> None:
    hub.says("/feed", "a")
    await reader.take_on(hub.at("/feed"))
    base, token = hub.asked[0]["hub.callback"].split("/websub/1/")
    for path in (f"1/{token}x", f"2/{token}", "1/x", f"99999999999/{token}", f"9999999999/{token}"):
        wrong = hub.asked[0] | {"hub.callback": f"{base}/websub/{path}"}
        assert (await hub.verify(wrong))[0] == 404
        assert await hub.ping(wrong, atom("b")) == 404
    assert titles(reader) == ["News of a"]


async def test_an_old_question_is_not_answered(
    reader: Reader, hub: SmallHub, clock: SteppedClock
) -> None:
    hub.says("/feed", "a")
    await reader.take_on(hub.at("/feed"))
    clock.advance(hours=2)
    assert (await hub.verify(hub.asked[0]))[0] == 404


async def test_300_what_a_hub_sends_is_stored_as_by_a_poll(reader: Reader, hub: SmallHub) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    (said,) = hub.asked
    await hub.verify(said)
    before = account_of(reader.store, source)
    assert await hub.ping(said, atom("b", "a"), ETag='"x"', Last_Modified="now") == 202
    assert await hub.ping(said, atom("b", "a")) == 202  # replayed
    assert titles(reader) == ["News of a", "News of b"]
    after = account_of(reader.store, source)
    assert (after.etag, after.body_hash, after.items) == (
        before.etag,
        before.body_hash,
        before.items,
    )
    assert (after.epoch, after.last_polled_at) == (before.epoch, before.last_polled_at)
    assert after.entries_seen - after.entries_known == 2
    pushed, read = entries_in(reader.store)
    assert (pushed.outlet, pushed.fetch_page) == (read.outlet, read.fetch_page)
    hub.says("/feed", "b", "a")
    await reader.poll(source)
    assert titles(reader) == ["News of a", "News of b"]


async def test_signatures_of_every_sound_method_hold(reader: Reader, hub: SmallHub) -> None:
    hub.says("/feed", "a")
    await reader.take_on(hub.at("/feed"))
    for method in ("sha256", "sha384", "sha512"):
        body = atom(method)
        signed = signature(hub.asked[0]["hub.secret"], body, method)
        assert await hub.ping(hub.asked[0], body, signed) == 202
        assert titles(reader)[-1] == f"News of {method}"


UNSIGNED = (None, "sha256=00", signature("not the secret", atom("b")), "sha1=" + 40 * "0", "é=")


async def test_301_and_302_what_is_not_rightly_signed_is_ignored(
    reader: Reader, hub: SmallHub
) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    await hub.verify(hub.asked[0])
    before = account_of(reader.store, source)
    for signed in UNSIGNED:
        assert await hub.ping(hub.asked[0], atom("b"), signed) == 202
    assert titles(reader) == ["News of a"]
    assert account_of(reader.store, source).next_poll_at == before.next_poll_at


async def test_what_is_no_feed_says_that_there_is_news(
    reader: Reader, hub: SmallHub, clock: SteppedClock
) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    shortest = reader.desk.settings.poll.min_interval
    for body in (b"", b"news!", b"<!doctype html><p>News</p>", b"\x00\xff"):
        await reader.poll(source)
        assert account_of(reader.store, source).next_poll_at > clock() + shortest
        assert await hub.ping(hub.asked[0], body) == 202
        assert account_of(reader.store, source).next_poll_at == clock() + shortest


async def test_polling_is_relaxed_while_a_lease_lives(
    reader: Reader, hub: SmallHub, clock: SteppedClock
) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    usual = account_of(reader.store, source).next_poll_at - clock()
    await hub.verify(hub.asked[0])
    await reader.poll(source)
    relaxed = account_of(reader.store, source).next_poll_at - clock()
    assert relaxed >= 3 * usual
    clock.advance(minutes=30)
    await hub.ping(hub.asked[0], atom("b"))
    assert account_of(reader.store, source).next_poll_at > clock() + relaxed * 0.8
    # However much it sends, a day does not pass without a poll.
    polled_at = account_of(reader.store, source).last_polled_at
    clock.advance(hours=23)
    await hub.ping(hub.asked[0], atom("c"))
    assert polled_at is not None
    assert account_of(reader.store, source).next_poll_at <= polled_at + DAY


async def test_polling_resumes_when_the_lease_lapses(
    reader: Reader, hub: SmallHub, clock: SteppedClock
) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    await hub.verify(hub.asked[0], lease_seconds="1800")
    await reader.poll(source)
    assert account_of(reader.store, source).next_poll_at <= clock() + timedelta(minutes=33)
    clock.advance(minutes=34)
    hub.status = 500
    await reader.ask()
    await reader.poll(source)
    account = account_of(reader.store, source)
    assert account.pace_s is not None
    assert account.next_poll_at - clock() <= timedelta(seconds=account.pace_s + 1) * 1.1


async def test_an_interval_of_the_operators_is_not_relaxed(
    reader: Reader, hub: SmallHub, clock: SteppedClock
) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    await hub.verify(hub.asked[0])

    def set_interval(session: Session) -> None:
        session.get_one(SourceRow, source.id).interval_s = 600

    reader.store.write_now(set_interval)
    await reader.poll(source)
    planned = account_of(reader.store, source).next_poll_at
    assert planned - clock() <= timedelta(minutes=11)
    await hub.ping(hub.asked[0], atom("b"))
    assert account_of(reader.store, source).next_poll_at == planned


async def test_a_lease_is_renewed_before_its_end(
    reader: Reader, hub: SmallHub, clock: SteppedClock
) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    await hub.verify(hub.asked[0])
    clock.advance(hours=19)
    await reader.ask()
    assert len(hub.asked) == 1
    clock.advance(minutes=30)
    await reader.subscriber.tick()
    await reader.ask()
    first, again = hub.asked
    assert again == first
    await hub.verify(again)
    assert account_of(reader.store, source).pushed_until == clock() + DAY


async def test_a_lease_is_within_reason(reader: Reader, hub: SmallHub, clock: SteppedClock) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    for stated, days in (("x", 10), ("", 10), ("9" * 400, 30), ("-5", 10), ("0", 0)):
        await hub.verify(hub.asked[0], lease_seconds=stated)
        assert account_of(reader.store, source).pushed_until == clock() + timedelta(days=days)
    clock.advance(minutes=20)
    await reader.ask()
    assert len(hub.asked) == 1


async def test_a_hub_that_does_not_confirm_is_asked_ever_less(
    reader: Reader, hub: SmallHub, clock: SteppedClock
) -> None:
    hub.status = 503
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    standing = reader.standing(source)
    assert standing is not None
    assert standing.reason == "HTTP 503 Service Unavailable"
    for _ in range(24 * 6):
        clock.advance(minutes=10)
        await reader.subscriber.tick()
        if reader.subscriber._crew._running:
            await reader.ask()
    assert 6 <= len(hub.asked) <= 10


async def test_a_denial_is_heard(reader: Reader, hub: SmallHub, clock: SteppedClock) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    (said,) = hub.asked
    await hub.verify(said)
    await reader.poll(source)
    assert await hub.verify(said, mode="denied", reason="no\n\0room") == (200, "")
    standing = reader.standing(source)
    assert standing is not None
    assert (standing.state, standing.reason) == (State.DENIED, "denied: no room")
    account = account_of(reader.store, source)
    assert account.pushed_until is None
    assert account.next_poll_at <= clock() + reader.desk.settings.poll.interval
    assert (await hub.verify(said))[0] == 404
    clock.advance(days=8)
    await reader.ask()
    assert len(hub.asked) == 2


@pytest.mark.parametrize("removed", [True, False])
async def test_who_is_not_polled_any_more_is_unsubscribed(
    reader: Reader, hub: SmallHub, clock: SteppedClock, *, removed: bool
) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    await hub.verify(hub.asked[0])

    def end(session: Session) -> None:
        if removed:
            sources.remove_source(session, source, clock())
        else:
            sources.enable_source(session, source, clock(), enabled=False)

    reader.store.write_now(end)
    await reader.ask()
    assert await hub.ping(hub.asked[0], atom("b")) == 202
    assert titles(reader) == ["News of a"]
    farewell = hub.asked[1]
    assert farewell["hub.mode"] == "unsubscribe"
    assert farewell["hub.callback"] == hub.asked[0]["hub.callback"]
    assert (await hub.verify(hub.asked[0]))[0] == 404
    assert (await hub.verify(farewell))[0] == 200
    clock.advance(days=9)
    await reader.ask()
    assert len(hub.asked) == 2
    if not removed:
        reader.store.write_now(
            lambda session: sources.enable_source(session, source, clock(), enabled=True)
        )
        await reader.ask()
        assert hub.asked[2] == hub.asked[0]


async def test_a_hub_that_hears_no_farewell_is_left_alone(
    reader: Reader, hub: SmallHub, clock: SteppedClock
) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    await hub.verify(hub.asked[0])
    reader.store.write_now(lambda session: sources.remove_source(session, source, clock()))
    for _ in range(9):
        await reader.ask()
        clock.advance(days=8)
    assert [said["hub.mode"] for said in hub.asked] == ["subscribe", *3 * ["unsubscribe"]]


async def test_a_source_that_names_another_hub_moves_there(
    reader: Reader, hub: SmallHub, clock: SteppedClock
) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    await hub.verify(hub.asked[0])
    hub.says("/feed", "a", "b", hub="/new")
    await reader.poll(source)
    await reader.ask()
    modes = {said["hub.mode"]: said for said in hub.asked[1:]}
    assert modes["subscribe"]["hub.callback"] != modes["unsubscribe"]["hub.callback"]
    await hub.verify(modes["unsubscribe"])
    await hub.verify(modes["subscribe"])
    assert account_of(reader.store, source).pushed_until == clock() + DAY
    hub.pages["/feed"] = Page(atom("a", "b", "c"))
    await reader.poll(source)
    assert reader.standing(source) is None


async def test_a_hub_at_a_private_address_is_not_asked(
    settings: Settings, store: Store, clock: SteppedClock, hub: SmallHub
) -> None:
    openings = (parse_opening(hub.address.removeprefix("http://")),)
    async with reading(settings, store, clock) as reader:
        base = reader.desk.settings.publish.base_url.removeprefix("http://")
        ours = (*openings, parse_opening(base))
        narrow = changed(settings, fetch={"allow_networks": ours})
    async with reading(narrow, store, clock) as reader:
        hub.says("/feed", "a")
        hub.moves["/hub"] = 307, "http://10.0.0.1/hub"
        source = await reader.take_on(hub.at("/feed"))
        reader.subscriber._base = "http://127.0.0.1/websub"
        await reader.ask()
        standing = reader.standing(source)
    assert standing is not None
    assert standing.reason is not None
    assert "refused to talk to 10.0.0.1" in standing.reason


async def test_too_much_is_refused_before_it_is_read(reader: Reader, hub: SmallHub) -> None:
    hub.says("/feed", "a")
    await reader.take_on(hub.at("/feed"))
    callback = hub.asked[0]["hub.callback"]
    port = int(callback.split(":")[2].split("/")[0])
    for framing in ("Content-Length: 100000000", "Transfer-Encoding: chunked"):
        stream, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST {path_of(callback)} HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n"
        writer.write(head.encode())
        chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
        for _ in range(12 if "chunked" in framing else 0):
            writer.write(chunk)
        assert (await asyncio.wait_for(stream.readline(), 10)).split()[1] == b"413"
        writer.close()
    assert titles(reader) == ["News of a"]


async def begin_ping(callback: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection on which the head of a ping was sent, and nothing of its body."""
    port = int(callback.split(":")[2].split("/", maxsplit=1)[0])
    stream, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path_of(callback)} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
    writer.write(head.encode())
    return stream, writer


async def test_a_slow_ping_is_ended(
    settings: Settings, store: Store, clock: SteppedClock, hub: SmallHub
) -> None:
    quick = changed(settings, fetch={"timeout": timedelta(seconds=0.5)})
    async with reading(quick, store, clock) as reader:
        hub.says("/feed", "a")
        await reader.take_on(hub.at("/feed"))
        stream, writer = await begin_ping(hub.asked[0]["hub.callback"])
        assert (await stream.readline()).split()[1] == b"408"
        writer.close()


async def test_of_many_pings_at_once_the_rest_is_put_off(reader: Reader, hub: SmallHub) -> None:
    hub.says("/feed", "a")
    await reader.take_on(hub.at("/feed"))
    said = hub.asked[0]
    slow = [await begin_ping(said["hub.callback"]) for _ in range(2)]
    await asyncio.to_thread(eventually, lambda: reader.subscriber._reading.total() == 2)
    assert await hub.ping(said, atom("b")) == 503
    for stream, writer in slow:
        writer.write(b"news")
        assert (await stream.readline()).split()[1] == b"202"
        writer.close()
    assert await hub.ping(said, atom("b")) == 202
    assert titles(reader) == ["News of a", "News of b"]


async def test_packed_pings_are_refused(reader: Reader, hub: SmallHub) -> None:
    hub.says("/feed", "a")
    await reader.take_on(hub.at("/feed"))
    assert await hub.ping(hub.asked[0], atom("b"), Content_Encoding="gzip") in {400, 415}
    assert titles(reader) == ["News of a"]


async def test_a_ping_during_a_poll_supersedes_nothing(reader: Reader, hub: SmallHub) -> None:
    hub.says("/feed", "a")
    source = await reader.take_on(hub.at("/feed"))
    await hub.verify(hub.asked[0])
    hub.says("/feed", "b", "c")
    account = account_of(reader.store, source)
    reader.clock.now = account.next_poll_at
    (task,) = claim_polls(reader.store, reader.clock())
    assert await hub.ping(hub.asked[0], atom("b")) == 202
    polled = await poll(reader.desk, task)
    assert (polled.outcome, polled.tally.new) == (Outcome.CHANGED, 1)
    assert titles(reader) == ["News of a", "News of b", "News of c"]


async def test_a_storm_of_pings_loses_and_doubles_nothing(reader: Reader, hub: SmallHub) -> None:
    hub.says("/feed", "a")
    await reader.take_on(hub.at("/feed"))
    bodies = [atom(f"n{number % 10}") for number in range(100)]
    answers = await asyncio.gather(*(hub.ping(hub.asked[0], body) for body in bodies))
    assert set(answers) <= {202, 503}
    for body in bodies[:10]:
        await hub.ping(hub.asked[0], body)
    assert sorted(titles(reader)) == ["News of a", *(f"News of n{n}" for n in range(10))]


@pytest.mark.parametrize(
    ("base", "on"),
    [
        ("https://news.example", True),
        ("https://news.example/at", True),
        ("http://127.0.0.1:8080", False),
        ("http://localhost:8080", False),
        ("http://10.1.2.3", False),
        ("http://[::1]:80", False),
        ("http://newsbox", False),
        ("http://news.internal", False),
    ],
)
def test_only_who_is_reached_from_outside_subscribes(
    settings: Settings, base: str, *, on: bool
) -> None:
    closed = changed(settings, fetch={"allow_networks": ()}, publish={"base_url": base})
    assert (callback_base(closed) is not None) == on
    off = changed(closed, poll={"websub": False})
    assert callback_base(off) is None
    opened = changed(closed, fetch={"allow_networks": (parse_opening("127.0.0.0/8"),)})
    assert (callback_base(opened) is not None) == (on or "127." in base or "localhost" in base)


async def test_where_no_hub_reaches_us_none_is_asked(
    settings: Settings, store: Store, clock: SteppedClock, hub: SmallHub
) -> None:
    async with reading(changed(settings, poll={"websub": False}), store, clock) as reader:
        hub.says("/feed", "a")
        await reader.poll(take_on(store, clock(), hub.at("/feed")))
        await reader.subscriber.tick()
        await reader.subscriber.stop(timedelta())
    assert hub.asked == []
