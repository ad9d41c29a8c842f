"""Room for documents: never more than there is and one more, in turn, and nobody waits for ever."""

import asyncio
import gzip
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rawweb import raw_web, reply

from aggregator.errors import FetchError
from aggregator.intake import fetch, room
from aggregator.intake.fetch import Fetched, Fetcher
from aggregator.intake.room import FREE, Room, Share
from aggregator.settings import FetchSettings
from aggregator.stories.addresses import parse_opening

SETTINGS = FetchSettings(
    allow_networks=(parse_opening("127.0.0.0/8"),), per_host=2, host_gap=timedelta()
)


async def take(share: Share, size: int) -> None:
    if beyond := share.takes(size):
        await share.wait(beyond)


async def test_nobody_waits_for_the_first_bytes() -> None:
    full = Room(0)
    with full.share() as share:
        assert share.takes(FREE // 2) == 0
        assert share.takes(FREE // 2) == 0
        assert share.held == 0


async def test_the_first_never_waits_and_the_others_wait_in_turn() -> None:
    shared, order = Room(100), []

    async def hold(name: str, size: int) -> None:
        with shared.share() as share:
            await take(share, FREE + size)
            order.append(name)

    with shared.share() as first:
        await take(first, FREE + 60)
        large = asyncio.create_task(hold("large", 50))
        await asyncio.sleep(0)
        small = asyncio.create_task(hold("small", 10))
        await asyncio.sleep(0)
        assert order == []
        await take(first, 1000)
    await asyncio.gather(large, small)
    assert order == ["large", "small"]


async def test_who_gives_up_lets_those_behind_go_on() -> None:
    shared = Room(100)
    with shared.share() as first, shared.share() as second, shared.share() as third:
        await take(first, FREE + 60)
        large = asyncio.create_task(take(second, FREE + 50))
        small = asyncio.create_task(take(third, FREE + 10))
        await asyncio.sleep(0)
        large.cancel()
        await small
        assert large.cancelled()
        assert (first.held, second.held, third.held) == (60, 0, 10)


async def test_who_gives_up_as_room_is_made_takes_none() -> None:
    shared = Room(100)
    with shared.share() as second:
        with shared.share() as first:
            await take(first, FREE + 100)
            waiting = asyncio.create_task(take(second, FREE + 50))
            await asyncio.sleep(0)
            waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert waiting.cancelled()
        assert second.held == 0


async def test_room_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PATIENCE_S", 0.01)
    shared = Room(100)
    with shared.share() as first, shared.share() as second:
        await take(first, FREE + 100)
        with pytest.raises(FetchError, match="no room for the document"):
            await take(second, FREE + 1)


@given(st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=5), min_size=1, max_size=12))
def test_all_come_to_their_end_and_one_alone_goes_beyond(documents: Sequence[list[int]]) -> None:
    size, largest = 60, max(map(sum, documents))
    held: dict[Share, None] = {}
    most = 0

    async def hold(shared: Room, pieces: list[int]) -> None:
        nonlocal most
        with shared.share() as share:
            held[share] = None
            await take(share, FREE)
            for piece in pieces:
                await take(share, piece)
                most = max(most, sum(each.held for each in held))
                await asyncio.sleep(0)
            assert share.held == sum(pieces)
            del held[share]

    async def all_of_them() -> None:
        shared = Room(size)
        await asyncio.wait_for(asyncio.gather(*(hold(shared, each) for each in documents)), 10)

    asyncio.run(all_of_them())
    assert most <= size + largest


@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_waits_for_room_and_holds_up_no_known_source(
    monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    monkeypatch.setattr(fetch, "STRANGE", 100_000)
    body = b"x" * 600_000
    sent = reply(gzip.compress(body), Content_Encoding="gzip") if packed else reply(body)
    async with raw_web(feed=sent) as web, Fetcher(SETTINGS) as fetcher:

        async def get(*, known: bool) -> bytes:
            with fetcher.share(known=known) as own:
                got = await fetcher.get(web.url("/feed"), limit=1_000_000, share=own)
                assert isinstance(got, Fetched)
                return got.body

        with fetcher.share(known=False) as first:
            await take(first, FREE + 100_000)
            waiting = asyncio.create_task(get(known=False))
            assert await get(known=True) == body
            assert not waiting.done()
        assert await waiting == body


async def test_no_time_runs_while_there_is_no_room() -> None:
    shared, deadline = Room(0), fetch._Deadline(0.05)
    with shared.share() as second, shared.share() as first:
        await take(first, FREE + 1)
        asyncio.get_running_loop().call_later(0.1, first.leave)
        async with deadline.running():
            await deadline.heeding(second)(FREE + 1)
    assert 0 < deadline._left <= 0.05
