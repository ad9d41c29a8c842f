"""Reading: an entry's page becomes an article, and the feed helps out where it does not."""

import os
import signal
from datetime import timedelta
from functools import partial

import pytest
from newsdesk import SteppedClock, claim_readings, entries_in
from rawweb import raw_web, reply
from sqlalchemy import select

from aggregator.desk import Desk
from aggregator.errors import (
    FetchError,
    GoneError,
    ParseError,
    PollError,
    RefusedAddressError,
    ShortageError,
    StatusError,
    TooLargeError,
)
from aggregator.intake import room
from aggregator.intake.article import article_from_feed
from aggregator.intake.children import Children
from aggregator.intake.room import FREE
from aggregator.model import Article, Entry, Page, ParsedFeed, Role, Source, SourceKind
from aggregator.poll import sightings_of
from aggregator.read import MOST_TRIES, may_pass, read
from aggregator.store import readings
from aggregator.store.answers import Answer, record_first_answer
from aggregator.store.database import Session, Store
from aggregator.store.tables import ArticleRow, ExactKeyRow

PARAGRAPHS = [
    "Engineers from the port of Bar handed over a new fuel depot on Monday, after two winters.",
    "The depot holds nine thousand cubic metres in six tanks, each with a pump and an alarm.",
    "Fishermen asked whether the new lights would drive away the mullet; they will be dimmed.",
]
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
PAGE = f"""<!doctype html><html lang="en"><head><title>Depot opens</title></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>Depot opens</h1>{BODY}</article><footer>Imprint</footer></body></html>""".encode()
HTML = "text/html; charset=utf-8"
TEASER = "<p>Engineers from the port of Bar handed over a new fuel depot.</p>"
OTHER = "<p>" + "What only the feed says, word for word, from end to end of it. " * 20 + "</p>"


def announce(desk: Desk, link: str | None, summary: str = "", content: str = "") -> None:
    """Have a source say one entry."""
    now = desk.clock()
    entry = Entry("depot", "Depot opens", link=link, summary=summary, content=content, lang="en")
    feed = ParsedFeed(SourceKind.RSS, "The Quay", (entry,))
    desk.store.write_now(
        partial(
            record_first_answer,
            source=Source(0, "https://quay.example/feed", "", "quay.example", Role.PRESS),
            answer=Answer(None, None, None, now, SourceKind.RSS, "The Quay", None),
            sightings=sightings_of(feed, "quay.example", now, full_text=True),
            now=now,
        )
    )


async def read_now(desk: Desk, *, patient: bool = False) -> ArticleRow:
    """Read the one entry that is due; return what is remembered of it."""
    (task,) = claim_readings(desk.store, desk.clock())
    assert await read(desk, task, patient=patient)
    return article_in(desk.store)


def article_in(store: Store) -> ArticleRow:
    def look(session: Session) -> ArticleRow:
        row = session.scalars(select(ArticleRow)).one()
        session.expunge(row)
        return row

    return store.read_now(look)


async def test_the_page_gives_the_article_without_what_stands_around_it(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web(depot=reply(PAGE, Content_Type=HTML)) as web:
        announce(desk, web.url("/depot"), TEASER)
        article = await read_now(desk)
    assert article.text.split("\n\n")[-3:] == PARAGRAPHS
    assert "Imprint" not in article.text + article.html
    assert (article.page_error, article.read_at, article.placed) == (None, clock.now, False)
    assert web.requests[-1].headers["accept"].startswith("text/html")
    assert desk.store.read_now(readings.count_due) == 0
    assert claim_readings(desk.store, clock.advance(days=1)) == []


async def test_an_article_can_be_found_by_its_exact_keys(desk: Desk) -> None:
    async with raw_web(depot=reply(PAGE, Content_Type=HTML)) as web:
        announce(desk, web.url("/depot"))
        await read_now(desk)
    keys = desk.store.read_now(lambda session: session.scalars(select(ExactKeyRow.key)).all())
    assert {key.partition(":")[0] for key in keys} == {"link", "text"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(b"", "404 Not Found"), "HTTP 404 Not Found"),
        (reply(b"<html><body></body></html>", Content_Type=HTML), "article"),
    ],
    ids=["not-found", "no-article"],
)
async def test_a_page_that_fails_leaves_the_feeds_content(
    desk: Desk, answer: bytes, reason: str
) -> None:
    async with raw_web(depot=answer) as web:
        announce(desk, web.url("/depot"), TEASER, BODY)
        article = await read_now(desk)
    assert article.text == "\n\n".join(PARAGRAPHS)
    assert article.html == BODY
    assert reason in (article.page_error or "")


async def test_without_content_the_summary_must_do(desk: Desk) -> None:
    async with raw_web() as web:
        announce(desk, web.url("/depot"), TEASER)
        article = await read_now(desk)
    assert article.text == "Engineers from the port of Bar handed over a new fuel depot."


async def test_an_entry_without_a_link_is_read_from_the_feed(desk: Desk) -> None:
    announce(desk, None, content=BODY)
    article = await read_now(desk)
    assert (article.text, article.page_error) == ("\n\n".join(PARAGRAPHS), None)


async def test_a_page_with_less_than_the_feed_is_a_notice_and_the_feed_is_kept(
    desk: Desk,
) -> None:
    async with raw_web(depot=reply(PAGE, Content_Type=HTML)) as web:
        announce(desk, web.url("/depot"), content=OTHER)
        article = await read_now(desk)
    assert article.html == OTHER
    assert article.page_error is None


async def test_an_extractor_that_is_killed_costs_the_page_and_nothing_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.read.article_from_page", die)
    async with raw_web(depot=reply(PAGE, Content_Type=HTML)) as web:
        announce(desk, web.url("/depot"), TEASER)
        article = await read_now(desk)
    assert article.text.startswith("Engineers from the port of Bar")
    assert article.page_error == "parser crashed (SIGKILL)"


async def test_a_content_that_kills_its_reader_leaves_the_headline(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.read.article_from_feed", die_in_a_child)
    announce(desk, None, content=BODY)
    article = await read_now(desk)
    assert (article.text, article.page_error) == ("", None)


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_in_a_child(stub: Article, feed_html: str) -> tuple[Page, object]:
    if feed_html:
        die()
    return article_from_feed(stub, feed_html)


async def test_who_was_overtaken_writes_nothing(desk: Desk, clock: SteppedClock) -> None:
    announce(desk, None, content=BODY)
    (overtaken,) = claim_readings(desk.store, clock())
    (later,) = claim_readings(desk.store, clock.advance(minutes=11))
    assert not await read(desk, overtaken)
    assert await read(desk, later)
    assert article_in(desk.store).read_at == clock.now


OVERLOADED = reply(b"", "503 Service Unavailable")


async def test_a_page_that_fails_for_now_is_asked_for_again_by_the_patient(
    desk: Desk, clock: SteppedClock
) -> None:
    async with raw_web(depot=OVERLOADED) as web:
        announce(desk, web.url("/depot"), TEASER)
        assert await postponed_for(desk, clock) == timedelta(minutes=1)
        clock.advance(minutes=1)
        assert await postponed_for(desk, clock) == timedelta(minutes=2)
        web.answers["/depot"] = reply(PAGE, Content_Type=HTML)
        clock.advance(minutes=2)
        assert (await read_now(desk, patient=True)).text.endswith(PARAGRAPHS[-1])


async def test_patience_ends_with_the_feeds_text(desk: Desk, clock: SteppedClock) -> None:
    async with raw_web(depot=OVERLOADED) as web:
        announce(desk, web.url("/depot"), TEASER)
        for _ in range(MOST_TRIES):
            clock.advance(seconds=(await postponed_for(desk, clock)).total_seconds())
        article = await read_now(desk, patient=True)
    assert article.text == "Engineers from the port of Bar handed over a new fuel depot."
    assert article.page_error == "HTTP 503 Service Unavailable"
    asked = [request.target for request in web.requests]
    assert asked == ["/robots.txt", *["/depot"] * (MOST_TRIES + 1)]


@pytest.mark.parametrize(("asked", "minutes"), [("600", 10), ("999999", 60)])
async def test_the_pause_that_a_server_asks_for_is_kept_within_reason(
    desk: Desk, clock: SteppedClock, asked: str, minutes: int
) -> None:
    busy = reply(b"", "429 Too Many Requests", Retry_After=asked)
    async with raw_web(depot=busy) as web:
        announce(desk, web.url("/depot"), TEASER)
        assert await postponed_for(desk, clock) == timedelta(minutes=minutes)


async def test_a_page_that_is_not_there_is_not_waited_for(desk: Desk) -> None:
    async with raw_web() as web:
        announce(desk, web.url("/depot"), TEASER)
        assert (await read_now(desk, patient=True)).page_error == "HTTP 404 Not Found"


async def postponed_for(desk: Desk, clock: SteppedClock) -> timedelta:
    """Read the one entry that is due, in vain; return when it is due again."""
    (task,) = claim_readings(desk.store, clock())
    assert not await read(desk, task, patient=True)
    (entry,) = entries_in(desk.store)
    assert entry.page_due_at is not None
    return entry.page_due_at - clock()


async def test_what_we_lack_ourselves_costs_a_page_no_try_and_no_text(
    desk: Desk, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_child(*_: object, **__: object) -> None:
        message = "parser could not be started"
        raise ShortageError(message)

    monkeypatch.setattr(room, "PATIENCE_S", 0.01)
    page = reply(PAGE.replace(b"<nav>", b"<nav>" + b" " * FREE), Content_Type=HTML)
    async with raw_web(depot=page) as web:
        announce(desk, web.url("/depot"), TEASER)
        with desk.fetcher.share(known=False) as other:
            assert not other.takes(FREE + (33 << 20))  # all of the room, and more
            with desk.fetcher.share(known=False) as beyond:
                beyond.takes(FREE + 1)
                await wait_a_minute(desk, clock, patient=False)
                for _ in range(MOST_TRIES + 1):
                    await wait_a_minute(desk, clock, patient=True)
        with monkeypatch.context() as patch:
            patch.setattr(Children, "run", no_child)
            await wait_a_minute(desk, clock, patient=True)
        (task,) = claim_readings(desk.store, clock())
        assert task.tries == 0
        assert await read(desk, task)
    assert PARAGRAPHS[0] in desk.store.read_now(partial(readings.load_article, entry_id=1)).text


async def wait_a_minute(desk: Desk, clock: SteppedClock, *, patient: bool) -> None:
    (task,) = claim_readings(desk.store, clock())
    assert not await read(desk, task, patient=patient)
    clock.advance(minutes=1)


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (FetchError("no answer within 10 s"), True),
        (RefusedAddressError("private"), False),
        (TooLargeError("more than 5 MB"), False),
        (StatusError("", 500), True),
        (StatusError("", 599), True),
        *((StatusError("", status), True) for status in (408, 425, 429)),
        *((StatusError("", status), False) for status in (400, 403, 404, 451, 499)),
        (GoneError("", 410), False),
        (ParseError("no article"), False),
    ],
)
def test_what_may_pass(error: PollError, *, passes: bool) -> None:
    assert may_pass(error) is passes
