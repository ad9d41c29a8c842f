"""Polling: what a server says, and what is remembered of it."""

import asyncio
from contextlib import AbstractContextManager
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
    entries_in,
    take_on,
)
from rawweb import RawWeb, raw_web, reply

from aggregator.desk import Desk, open_desk
from aggregator.documents import Reading, read_document
from aggregator.errors import ParseError, ShortageError
from aggregator.intake import room
from aggregator.intake.answers import NO_VALIDATORS, Fetched
from aggregator.intake.children import Children
from aggregator.intake.room import FREE
from aggregator.metrics import REGISTRY
from aggregator.model import ParsedFeed, Source, SourceKind
from aggregator.poll import NOTHING, Outcome, Polled, poll
from aggregator.settings import Settings
from aggregator.store import polls
from aggregator.store.database import Store
from aggregator.store.health import newest_turn
from aggregator.store.tally import Tally

RSS = b"""<rss version="2.0"><channel><title>The Quay</title><link>https://quay.example/</link>
%s</channel></rss>"""
MULLET = b"""<item><title>Mullet return</title><link>https://quay.example/mullet</link>
<guid>mullet</guid><pubDate>Thu, 02 Apr 2026 10:00:00 GMT</pubDate></item>"""
LIGHTS = b"""<item><title>Lights dimmed</title><link>https://quay.example/lights</link>
<guid>lights</guid><source url="https://harbour.example/rss">The Harbour</source></item>"""
ONE, TWO = RSS % MULLET, RSS % (LIGHTS + MULLET)


def quay(desk: Desk, web: RawWeb, **facts: Unpack[SourceFacts]) -> Source:
    return take_on(desk.store, desk.clock(), web.url("/feed"), **facts)


def assert_about(pause: timedelta, interval: timedelta) -> None:
    """Sources that began together drift apart: each waits a little longer, in its own way."""
    assert interval <= pause <= interval + min(interval / 10, timedelta(minutes=5))


async def poll_now(desk: Desk) -> Polled:
    """Poll the one source that is due."""
    (task,) = claim_polls(desk.store, desk.clock())
    return await poll(desk, task)


async def test_a_first_poll_stores_the_entries_with_the_validators(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web(feed=reply(ONE, ETag='"1"', Last_Modified="yesterday")) as web:
        source = quay(desk, web, outlet="quay.example")
        polled = await poll_now(desk)
    assert polled == Polled(source.url, Outcome.CHANGED, Tally(seen=1, new=1))
    account = account_of(desk.store, source)
    assert (account.etag, account.last_modified) == ('"1"', "yesterday")
    assert (account.title, account.site_url) == ("The Quay", "https://quay.example/")
    assert (account.kind, account.failures, account.lease_until) == (SourceKind.RSS, 0, None)
    assert account.last_success_at == clock.now
    assert_about(account.next_poll_at - clock.now, desk.settings.poll.interval)
    (entry,) = entries_in(desk.store)
    assert (entry.key, entry.title, entry.outlet) == ("mullet", "Mullet return", "quay.example")
    assert entry.published_at == NOON - timedelta(hours=2)
    assert (entry.fetch_page, entry.host, entry.page_due_at) == (True, "quay.example", clock.now)


NAMED = b"""<item><title>%s</title><link>https://search.example/%s</link>
<guid isPermaLink="false">%s</guid>%s</item>"""


async def test_a_name_that_came_with_an_address_is_that_outlets_from_then_on(desk: Desk) -> None:
    told = [
        b'<source url="https://www.gazette.example/">Harbour Gazette</source>',
        b"<source>The Harbour Gazette</source>",
        b'<News:Source xmlns:News="urn:news">Coast Wire</News:Source>',
        b'<source url="https://n.example/">Novosti</source>',
        b'<source url="https://other.example/">Novosti</source>',
        b"<source>Novosti</source>",
        b'<source url="https://en.gazette.example/">Harbour Gazette</source>',
    ]
    items = [NAMED % (b"T%d" % n, b"%d" % n, b"%d" % n, line) for n, line in enumerate(told)]
    told_again = [
        b'<source url="https://www.gazette.example/">Harbour Gazette</source>',
        b"<source>Harbour Gazette</source>",
    ]
    later = b"".join(
        NAMED % (b"L", b"L%d" % n, b"L%d" % n, line) for n, line in enumerate(told_again)
    )
    async with raw_web(feed=reply(RSS % b"".join(items))) as web:
        quay(desk, web, outlet="search.example")
        await poll_now(desk)
        web.answers["/feed"] = reply(RSS % later)
        desk.store.write_now(partial(polls.make_due, now=desk.clock()))
        await poll_now(desk)
    assert [entry.outlet for entry in entries_in(desk.store)] == [
        "gazette.example",
        "gazette.example",
        "Coast Wire",
        "n.example",
        "other.example",
        "Novosti",
        "en.gazette.example",
        "gazette.example",
        "gazette.example",
    ]


async def test_only_unseen_entries_are_stored_and_the_rest_is_known(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web(feed=reply(ONE)) as web:
        source = quay(desk, web)
        await poll_now(desk)
        clock.advance(hours=1)
        web.answers["/feed"] = reply(TWO)
        assert (await poll_now(desk)).tally == Tally(seen=2, new=1)
    account = account_of(desk.store, source)
    assert (account.entries_seen, account.entries_known) == (3, 1)
    assert [entry.key for entry in entries_in(desk.store)] == ["mullet", "lights"]


async def test_304_needs_no_parser_and_keeps_the_validators(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web(feed=reply(ONE, ETag='"1"', Last_Modified="then")) as web:
        source = quay(desk, web, interval=timedelta(minutes=15))
        await poll_now(desk)
        clock.advance(hours=1)
        web.answers["/feed"] = reply(b"", "304 Not Modified", ETag='"2"')
        assert await poll_now(desk) == Polled(source.url, Outcome.NOT_MODIFIED)
    sent = web.requests[-1].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('"1"', "then")
    account = account_of(desk.store, source)
    assert (account.etag, account.last_modified) == ('"2"', "then")
    assert_about(account.next_poll_at - clock.now, desk.settings.poll.interval)


async def test_the_same_body_with_new_validators_is_not_parsed_again(
    desk: Desk, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_web(feed=reply(ONE, ETag='"1"')) as web:
        source = quay(desk, web)
        await poll_now(desk)
        clock.advance(hours=1)
        web.answers["/feed"] = reply(ONE, ETag='"2"')
        monkeypatch.setattr(type(desk.children), "run", None)
        assert (await poll_now(desk)).outcome is Outcome.NOT_MODIFIED
    account = account_of(desk.store, source)
    assert (account.etag, account.last_modified, account.entries_seen) == ('"2"', None, 1)


async def test_what_may_stand_behind_a_cut_is_asked_for_until_the_same_comes_again(
    desk: Desk, clock: SteppedClock
) -> None:
    cut = TWO[: TWO.index(b"<title>Mullet")]
    async with raw_web(feed=reply(cut, ETag='"cut"')) as web:
        source = quay(desk, web)
        for validators in (None, '"cut"'):
            await poll_now(desk)
            assert account_of(desk.store, source).etag == validators
            clock.advance(days=1)
        web.answers["/feed"] = reply(TWO, ETag='"whole"')
        await poll_now(desk)
    assert [entry.title for entry in entries_in(desk.store)] == ["Lights dimmed", "Mullet return"]


async def test_what_is_always_cut_off_is_read_to_its_end_when_the_same_comes_again(
    desk: Desk, clock: SteppedClock
) -> None:
    cut = TWO[: TWO.index(b"<guid>mullet")]
    async with raw_web(feed=reply(cut, ETag='"cut"')) as web:
        source = quay(desk, web)
        seen = []
        for _ in range(3):
            await poll_now(desk)
            seen.append(len(entries_in(desk.store)))
            assert account_of(desk.store, source).cut_off
            clock.advance(days=1)
        assert seen == [1, 2, 2]
        web.answers["/feed"] = reply(cut[:-30], ETag='"shorter"')
        await poll_now(desk)
        assert len(entries_in(desk.store)) == 2
        clock.advance(days=1)
        web.answers["/feed"] = reply(RSS % LIGHTS)
        await poll_now(desk)
        assert not account_of(desk.store, source).cut_off
    assert [entry.title for entry in entries_in(desk.store)] == ["Lights dimmed", "Mullet return"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(b"", "404 Not Found"), "404"),
        (reply(b"", "503 Service Unavailable"), "503"),
        (reply(b"<html><body>Welcome</body></html>", ETag='"9"', Last_Modified="9"), "feed"),
        (reply(b"/etc/passwd", ETag='"9"'), "feed"),
    ],
    ids=["not-found", "unavailable", "html", "names-a-file"],
)
async def test_a_failure_is_recorded_and_leaves_what_was_known(
    desk: Desk, clock: SteppedClock, answer: bytes, reason: str
) -> None:
    async with raw_web(feed=reply(ONE, ETag='"1"', Last_Modified="then")) as web:
        source = quay(desk, web)
        await poll_now(desk)
        before = account_of(desk.store, source)
        clock.advance(hours=1)
        web.answers["/feed"] = answer
        polled = await poll_now(desk)
    assert polled.outcome is Outcome.FAILED
    assert reason in polled.reason
    assert polled.tally is NOTHING
    account = account_of(desk.store, source)
    assert account.last_error == polled.reason
    assert (account.failures, account.enabled, account.lease_until) == (1, True, None)
    known = ("etag", "last_modified", "body_hash", "entries_seen", "last_success_at", "title")
    assert all(getattr(account, name) == getattr(before, name) for name in known)


async def test_what_we_lack_ourselves_is_held_against_no_source(
    desk: Desk, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_child(*_: object, **__: object) -> None:
        message = "parser could not be started"
        raise ShortageError(message)

    def counted() -> float:
        return REGISTRY.get_sample_value("aggregator_shortages_total", {"verb": "poll"}) or 0

    monkeypatch.setattr(room, "PATIENCE_S", 0.01)
    before = counted()
    async with raw_web(feed=reply(ONE + b" " * FREE, ETag='"1"')) as web:
        source = quay(desk, web)
        # Sources that were never fit to be read share 32 MiB, and two go beyond them.
        with desk.fetcher.share(known=False) as one, desk.fetcher.share(known=False) as other:
            one.takes(FREE + (33 << 20))
            other.takes(FREE + 1)
            polled = await poll_now(desk)
        assert (polled.outcome, polled.tally) == (Outcome.POSTPONED, NOTHING)
        assert "no room for the document" in polled.reason
        account = account_of(desk.store, source)
        assert (account.failures, account.last_error, account.lease_until) == (0, None, None)
        soon = desk.settings.poll.min_interval
        assert soon <= account.next_poll_at - clock() < 2 * soon
        clock.advance(minutes=10)
        with monkeypatch.context() as patch:
            patch.setattr(Children, "run_together", no_child)
            assert (await poll_now(desk)).outcome is Outcome.POSTPONED
        clock.advance(minutes=10)
        assert await poll_now(desk) == Polled(source.url, Outcome.CHANGED, Tally(seen=1, new=1))
    assert counted() == before + 2
    assert "if-none-match" not in web.requests[-1].headers
    assert desk.store.read_now(newest_turn) == 0


async def test_what_failed_to_parse_is_asked_for_again_in_full(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web(feed=reply(b"no feed", ETag='"1"')) as web:
        quay(desk, web)
        await poll_now(desk)
        clock.advance(hours=1)
        web.answers["/feed"] = reply(ONE, ETag='"1"')
        assert (await poll_now(desk)).outcome is Outcome.CHANGED
    assert "if-none-match" not in web.requests[-1].headers


async def test_a_server_that_never_answers_fails_at_the_deadline(
    settings: Settings, store: Store, clock: SteppedClock
) -> None:
    hasty = changed(settings, fetch={"timeout": timedelta(seconds=0.1)})
    async with open_desk(hasty, store, clock) as desk, raw_web(feed=_say_nothing) as web:
        quay(desk, web)
        polled = await poll_now(desk)
    assert (polled.outcome, polled.reason) == (Outcome.FAILED, "no answer within 0.1 s")


async def _say_nothing(_writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def test_a_source_that_is_gone_is_asked_no_more(desk: Desk, clock: SteppedClock) -> None:
    async with raw_web(feed=reply(b"", "410 Gone")) as web:
        source = quay(desk, web)
        polled = await poll_now(desk)
    assert "resume-source" in polled.reason
    account = account_of(desk.store, source)
    assert (account.enabled, account.last_error) == (False, polled.reason)
    assert claim_polls(desk.store, clock.advance(days=400)) == []


async def test_the_pause_doubles_with_each_failure_up_to_the_longest_and_ends_with_success(
    desk: Desk, clock: SteppedClock
) -> None:
    pauses = []
    async with raw_web(feed=reply(b"", "500 Internal Server Error")) as web:
        source = quay(desk, web)
        for _ in range(9):
            await poll_now(desk)
            pauses.append(account_of(desk.store, source).next_poll_at - clock.now)
            clock.now = account_of(desk.store, source).next_poll_at
        web.answers["/feed"] = reply(ONE)
        await poll_now(desk)
    for pause, minutes in zip(pauses, [30, 60, 120, 240, 480, 960], strict=False):
        assert_about(pause, timedelta(minutes=minutes))
    day = timedelta(days=1)
    assert all(day - timedelta(minutes=5) <= pause <= day for pause in pauses[6:])
    account = account_of(desk.store, source)
    assert (account.failures, account.last_error) == (0, None)
    assert_about(account.next_poll_at - clock.now, timedelta(minutes=15))


@pytest.mark.parametrize(
    ("asked", "granted"),
    [("7200", 2), ("60", 0.5), ("Thu, 02 Apr 2026 15:00:00 GMT", 3)],
    ids=["long", "shorter-than-ours", "until"],
)
async def test_the_pause_that_a_server_asks_for_is_granted(
    desk: Desk, clock: SteppedClock, asked: str, granted: float
) -> None:
    refusal = reply(
        b"", "429 Too Many Requests", Retry_After=asked, Date="Thu, 02 Apr 2026 12:00:00 GMT"
    )
    async with raw_web(feed=refusal) as web:
        source = quay(desk, web)
        await poll_now(desk)
    assert_about(account_of(desk.store, source).next_poll_at - clock.now, timedelta(hours=granted))


async def test_a_source_keeps_its_own_interval(desk: Desk, clock: SteppedClock) -> None:
    async with raw_web(feed=reply(ONE)) as web:
        source = take_on(desk.store, clock(), web.url("/feed"), interval=timedelta(hours=6))
        await poll_now(desk)
    assert_about(account_of(desk.store, source).next_poll_at - clock.now, timedelta(hours=6))


async def test_who_was_overtaken_writes_nothing(desk: Desk, clock: SteppedClock) -> None:
    async with raw_web(feed=reply(ONE, ETag='"1"')) as web:
        source = quay(desk, web)
        (overtaken,) = claim_polls(desk.store, clock())
        (later,) = claim_polls(desk.store, clock.advance(minutes=16))
        assert await poll(desk, overtaken) == Polled(source.url, Outcome.SUPERSEDED)
        assert (account_of(desk.store, source).etag, entries_in(desk.store)) == (None, [])
        web.answers["/feed"] = reply(b"", "404 Not Found")
        await poll(desk, overtaken)
        assert account_of(desk.store, source).failures == 0
        web.answers["/feed"] = reply(ONE)
        assert (await poll(desk, later)).outcome is Outcome.CHANGED


def in_pieces_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.documents.LARGE", 0)
    monkeypatch.setattr("aggregator.documents.ITEMS_A_PIECE", 2)


async def test_of_a_very_long_document_only_what_is_new_is_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pieces_of_two(monkeypatch)
    items = [b"<item><title>T%d</title><guid>%d</guid></item>" % (n, n) for n in range(6)]
    url = "https://quay.example/feed"

    async def read(*shown: bytes, known: bytes | None = None) -> Reading:
        answer = Fetched(url, RSS % b"".join(shown), "", NO_VALIDATORS, None, {})
        return await read_document(desk, answer, known)

    first = await read(*items[:5])
    assert (len(first.feed.entries), first.known) == (5, 0)
    later = await read(items[5], *items[:5], known=first.items)
    assert ([entry.title for entry in later.feed.entries], later.known) == (["T5"], 5)
    assert (await read(items[5], *items[:5], known=later.items)).known == 6
    # The one that it shares its name with stands in another piece.
    again = await read(items[4].replace(b"T4", b"T9"), *items[:5], known=first.items)
    assert ([entry.title for entry in again.feed.entries], again.known) == (
        ["T9", "T0", "T1", "T2", "T3", "T4"],
        0,
    )


async def test_a_very_long_document_is_read_piece_by_piece(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pieces_of_two(monkeypatch)
    items = b"".join(b"<item><title>T%d</title><guid>%d</guid></item>" % (n, n) for n in range(5))
    twice = b"<item><title>T9</title><guid>0</guid></item>"
    async with raw_web(feed=reply(RSS % (items + twice))) as web:
        quay(desk, web)
        assert (await poll_now(desk)).tally == Tally(seen=6, new=6)
    assert [entry.title for entry in entries_in(desk.store)] == [
        f"T{n}" for n in (0, 1, 2, 3, 4, 9)
    ]


async def test_who_reads_a_large_document_leaves_a_child_to_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = []
    large = Children.large

    def noted(children: Children) -> AbstractContextManager[None]:
        entered.append(children)
        return large(children)

    monkeypatch.setattr(Children, "large", noted)
    monkeypatch.setattr("aggregator.documents.LARGE", len(TWO))
    for body, times in ((ONE, 0), (TWO, 1)):
        reply_ = Fetched("https://quay.example/feed", body, "", NO_VALIDATORS, None, {})
        assert (await read_document(desk, reply_)).feed.title == "The Quay"
        assert len(entered) == times


NEWS = b"""<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://quay.example/%s
</loc><n:news><n:title>News of %s</n:title></n:news></url></urlset>"""


def index(web: RawWeb, *listed: tuple[str, str]) -> bytes:
    rows = "".join(
        f"<sitemap><loc>{web.url(path)}</loc><lastmod>{when}</lastmod></sitemap>"
        for path, when in listed
    )
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


async def test_of_an_index_the_newest_sitemaps_are_read(desk: Desk, clock: SteppedClock) -> None:
    listed = [(f"/{day}.xml", f"2026-04-0{day}") for day in (1, 5, 3, 4, 2)]
    async with raw_web() as web:
        web.answers |= {path: reply(NEWS % (b"a", b"a")) for path, _ in listed}
        web.answers |= {
            "/feed": reply(index(web, *listed), ETag='"1"'),
            "/4.xml": reply(b"<urlset/>"),
            "/3.xml": reply(NEWS % (b"b", b"b")),
        }
        source = quay(desk, web)
        assert (await poll_now(desk)).tally == Tally(seen=2, new=2)
        assert [each.target for each in web.requests] == ["/feed", "/5.xml", "/4.xml", "/3.xml"]
        account = account_of(desk.store, source)
        assert (account.etag, account.kind) == ('"1"', SourceKind.SITEMAP)
        clock.advance(hours=1)
        assert (await poll_now(desk)).outcome is Outcome.NOT_MODIFIED
        assert len(web.requests) == 5


@pytest.mark.parametrize("lost", [True, False], ids=["one is lost", "undated"])
async def test_an_index_that_may_hide_news_is_read_again(
    desk: Desk, clock: SteppedClock, *, lost: bool
) -> None:
    async with raw_web() as web:
        listed = [("/1.xml", "2026-04-01"), ("/2.xml", "2026-04-02" if lost else "")]
        web.answers |= {
            "/feed": reply(index(web, *listed), ETag='"1"'),
            "/1.xml": reply(NEWS % (b"a", b"a")),
            "/2.xml": reply(b"", "503 Away") if lost else reply(b"<urlset/>"),
        }
        source = quay(desk, web)
        assert (await poll_now(desk)).tally == Tally(seen=1, new=1)
        assert account_of(desk.store, source).etag is None
        web.answers["/2.xml"] = reply(NEWS % (b"b", b"b"))
        clock.advance(hours=1)
        assert (await poll_now(desk)).tally == Tally(seen=2, new=1)


async def test_an_index_without_news_is_no_feed(desk: Desk) -> None:
    async with raw_web() as web:
        web.answers |= {"/feed": reply(index(web, ("/1.xml", ""))), "/1.xml": reply(b"<urlset/>")}
        quay(desk, web)
        polled = await poll_now(desk)
    assert polled.outcome is Outcome.FAILED
    assert "sitemaps that hold no news: a sitemap without news" in polled.reason


async def test_only_new_takes_what_is_there_today_as_known(desk: Desk, clock: SteppedClock) -> None:
    async with raw_web(feed=reply(ONE)) as web:
        source = quay(desk, web, only_new=True)
        assert (await poll_now(desk)).tally == Tally(seen=1, new=0)
        clock.advance(hours=1)
        web.answers["/feed"] = reply(TWO)
        assert (await poll_now(desk)).tally == Tally(seen=2, new=1)
    account = account_of(desk.store, source)
    assert (account.entries_seen, account.entries_known, account.only_new) == (3, 2, False)
    waiting = [entry.key for entry in entries_in(desk.store) if entry.page_due_at]
    assert waiting == ["lights"]


async def test_an_entry_that_names_its_publisher_counts_as_that_outlets(desk: Desk) -> None:
    async with raw_web(feed=reply(TWO)) as web:
        quay(desk, web, outlet="quay.example")
        await poll_now(desk)
    outlets = {entry.key: entry.outlet for entry in entries_in(desk.store)}
    assert outlets == {"lights": "harbour.example", "mullet": "quay.example"}


async def test_a_source_may_be_read_without_its_pages(desk: Desk) -> None:
    async with raw_web(feed=reply(ONE)) as web:
        quay(desk, web, full_text=False)
        await poll_now(desk)
    (entry,) = entries_in(desk.store)
    assert (entry.fetch_page, entry.host) == (False, f"source:{entry.source_id}")
    assert entry.page_due_at is not None


async def test_a_parser_that_had_to_be_stopped_is_one_more_failure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped(*_: object) -> ParsedFeed:
        message = "parser stopped after 20 s"
        raise ParseError(message)

    monkeypatch.setattr(type(desk.children), "run_together", staticmethod(stopped))
    async with raw_web(feed=reply(ONE)) as web:
        quay(desk, web)
        assert (await poll_now(desk)).reason == "parser stopped after 20 s"
