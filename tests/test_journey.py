"""One entry's whole way, from its outlet's server to a reader. Only the internet is ours."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus

import pytest
from aiohttp import ClientSession
from newsdesk import NOON, SteppedClock, claim_polls, claim_readings, published_stories, titles_in
from sqlalchemy import select

from aggregator.demo.newsroom import Newsroom, Piece
from aggregator.demo.site import Site
from aggregator.desk import Desk
from aggregator.dispatch import Dispatch
from aggregator.model import Category
from aggregator.place import Editor
from aggregator.poll import poll
from aggregator.publish import Publisher
from aggregator.read import read
from aggregator.round import run_round
from aggregator.settings import Settings
from aggregator.store import ledger, readings
from aggregator.store.tables import ArticleRow
from aggregator.storefront import StoreView
from aggregator.subscribe import Wish, subscribe
from aggregator.web.app import application
from aggregator.web.server import serving

FEED = "/jhq-adria/feed.xml"
OLD, NEW = "visit-announced", "kfor-road"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"categories": (Category("kosovo", "Kosovo", "kfor"),)})


@pytest.fixture
def piece(newsroom: Newsroom) -> Piece:
    """Return what the outlet is about to publish."""
    return newsroom.piece(NEW)


@pytest.fixture
def outlet(newsroom: Newsroom) -> Iterator[Site]:
    """Serve an outlet that has published one thing so far."""
    with Site(newsroom, now=NOON, hidden={piece.id for piece in newsroom.pieces} - {OLD}) as site:
        yield site


async def test_one_entrys_way(desk: Desk, clock: SteppedClock, outlet: Site, piece: Piece) -> None:
    await subscribe(desk, Wish(outlet.feed_urls["jhq-adria"]))
    await run_round(desk, Dispatch(desk))
    outlet.reveal(piece.id)

    assert nothing_is_due(desk)
    clock.advance(minutes=17)
    await poll_what_is_due(desk)
    assert (outlet.requests[-1], entries_to_read(desk)) == ((FEED, HTTPStatus.OK), 1)
    assert await validators_let_the_server_say_304(desk, clock, outlet)

    await read_what_is_due(desk)
    assert text_of_the_article(desk).endswith(piece.text.rpartition("\n\n")[2])

    place_what_waits(desk)
    clock.advance(minutes=4)
    publish_what_is_past_hold(desk)
    assert len(published_stories(desk.store)) == 1

    clock.advance(minutes=1)
    publish_what_is_past_hold(desk)
    assert titles_in(file_of(desk, "kosovo")) == [piece.title]
    assert titles_in(file_of(desk, "all")).count(piece.title) == 1

    view = StoreView(desk.store, lambda: desk.settings, dict)
    app = application(view, lambda: desk.settings.publish.directory)
    async with serving(app, "127.0.0.1", 0) as address, ClientSession(address) as reader:
        first = await reader.get("/feeds/kosovo.atom")
        assert await first.read() == file_of(desk, "kosovo")
        second = await reader.get("/feeds/kosovo.atom", headers=conditions_from(first.headers))
        assert (second.status, await second.read()) == (HTTPStatus.NOT_MODIFIED, b"")
    assert desk.store.read_now(ledger.draw_up).faults == ()


def nothing_is_due(desk: Desk) -> bool:
    return not claim_polls(desk.store, desk.clock()) and not entries_to_read(desk)


async def poll_what_is_due(desk: Desk) -> None:
    for task in claim_polls(desk.store, desk.clock()):
        await poll(desk, task)


def entries_to_read(desk: Desk) -> int:
    return desk.store.read_now(readings.count_due)


async def validators_let_the_server_say_304(desk: Desk, clock: SteppedClock, outlet: Site) -> bool:
    clock.advance(minutes=20)
    await poll_what_is_due(desk)
    return outlet.requests[-1] == (FEED, HTTPStatus.NOT_MODIFIED)


async def read_what_is_due(desk: Desk) -> None:
    for task in claim_readings(desk.store, desk.clock()):
        assert await read(desk, task)


def text_of_the_article(desk: Desk) -> str:
    newest = select(ArticleRow.text).order_by(ArticleRow.entry_id.desc()).limit(1)
    return desk.store.read_now(lambda session: session.scalars(newest).one())


def place_what_waits(desk: Desk) -> None:
    assert Editor(desk.store, desk.settings).place(desk.clock()).total == 1


def publish_what_is_past_hold(desk: Desk) -> None:
    Publisher(desk.store, desk.settings).publish(desk.clock())


def file_of(desk: Desk, slug: str) -> bytes:
    return (desk.settings.publish.directory / f"{slug}.atom").read_bytes()


def conditions_from(headers: Mapping[str, str]) -> dict[str, str]:
    return {"If-None-Match": headers["ETag"], "If-Modified-Since": headers["Last-Modified"]}
