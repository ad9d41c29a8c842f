"""Room for documents: what there is, a few documents more, in turn; and nobody waits for ever."""

import asyncio
import gzip
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rawweb import raw_web, reply

from aggregator.errors import ShortageError
from aggregator.intake import fetch, room
from aggregator.intake.fetch import Fetched, Fetcher
from aggregator.intake.room import FREE, STEP, Room, Share
from aggregator.settings import FetchSettings
from aggregator.stories.addresses import parse_opening

SETTINGS = FetchSettings(
    allow_networks=(parse_opening("127.0.0.0/8"),), per_host=2, host_gap=timedelta()
)


PIECE = STEP // 8


async def take(share: Share, size: int) -> None:
    if beyond := share.takes(size):
        await share.wait(beyond)


async def test_nobody_waits_for_the_first_bytes() -> None:
    full = Room(0, 1)
    with full.share() as share:
        assert share.takes(FREE // 2) == 0
        assert share.takes(FREE // 2) == 0
        assert share.held == 0


async def test_a_document_takes_step_by_step_and_gives_back_what_it_did_not_need() -> None:
    shared = Room(4 * STEP, 1)
    with shared.share() as share:
        await take(share, FREE + 1)
        assert share.held == STEP
        await take(share, STEP)
        assert share.held == 2 * STEP
        share.settle()
        assert share.held == STEP + 1
        with shared.share() as other:
            assert other.takes(FREE + 3 * STEP - 1) == 0


async def test_one_never_waits_and_the_others_wait_in_turn() -> None:
    shared, order = Room(10 * STEP, 1), []

    async def hold(name: str, size: int) -> None:
        with shared.share() as share:
            await take(share, FREE + size)
            order.append(name)

    with shared.share() as first:
        await take(first, FREE + 6 * STEP)
        large = asyncio.create_task(hold("large", 5 * STEP))
        await asyncio.sleep(0)
        small = asyncio.create_task(hold("small", STEP))
        await asyncio.sleep(0)
        assert order == []
        await take(first, 100 * STEP)
    await asyncio.gather(large, small)
    assert order == ["large", "small"]


async def test_who_is_within_comes_before_who_is_not() -> None:
    shared = Room(4 * STEP, 0)
    with shared.share() as first, shared.share() as second, shared.share() as third:
        await take(first, FREE + 3 * STEP)
        await take(second, FREE + STEP)
        outside = asyncio.create_task(take(third, FREE + 2 * STEP))
        await asyncio.sleep(0)
        within = asyncio.create_task(take(second, 2 * STEP))
        await asyncio.sleep(0)
        first.leave()
        await within
        assert not outside.done()
        second.leave()
        await outside


async def test_as_many_come_to_their_end_at_a_time_as_are_read() -> None:
    shared, whole = Room(8 * STEP, 3), 0
    read = asyncio.Event()

    async def come_in() -> None:
        nonlocal whole
        with shared.share() as share:
            for _ in range(0, FREE + 3 * STEP, PIECE):
                await take(share, PIECE)
                await asyncio.sleep(0)
            whole += 1
            await read.wait()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(40):
            tasks.create_task(come_in())
        for _ in range(100):
            await asyncio.sleep(0)
        assert whole == 3
        read.set()


async def test_what_a_crowd_took_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given_back: list[Room] = []
    shared = Room(STEP, 1)
    monkeypatch.setattr(room, "give_all_back", lambda: given_back.append(shared))
    with shared.share() as alone:
        await take(alone, FREE + STEP)
    assert not given_back
    with shared.share() as second:
        with shared.share() as first:
            await take(first, FREE + STEP)
            waiting = asyncio.create_task(take(second, FREE + STEP))
            await asyncio.sleep(0)
        await waiting
        assert not given_back
    assert given_back == [shared]


async def test_who_gives_up_lets_those_behind_go_on() -> None:
    shared = Room(10 * STEP, 1)
    with shared.share() as first, shared.share() as second, shared.share() as third:
        await take(first, FREE + 6 * STEP)
        large = asyncio.create_task(take(second, FREE + 5 * STEP))
        small = asyncio.create_task(take(third, FREE + STEP))
        await asyncio.sleep(0)
        large.cancel()
        await small
        assert large.cancelled()
        assert (first.held, second.held, third.held) == (6 * STEP, 0, STEP)


async def test_who_gives_up_as_room_is_made_takes_none() -> None:
    shared = Room(STEP, 1)
    with shared.share() as second:
        with shared.share() as first:
            await take(first, FREE + STEP)
            waiting = asyncio.create_task(take(second, FREE + STEP))
            await asyncio.sleep(0)
            waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert waiting.cancelled()
        assert second.held == 0


async def test_room_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PATIENCE_S", 0.01)
    shared = Room(STEP, 1)
    with shared.share() as first, shared.share() as second:
        await take(first, FREE + STEP)
        with pytest.raises(ShortageError, match="no room for the document"):
            await take(second, FREE + 1)


@given(
    st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=5), min_size=1, max_size=12),
    st.integers(1, 3),
)
def test_all_come_to_their_end_and_few_go_beyond(documents: Sequence[list[int]], few: int) -> None:
    size = 60 * PIECE
    largest = PIECE * max(map(sum, documents)) + STEP
    held: dict[Share, None] = {}
    most = 0

    async def hold(shared: Room, pieces: list[int]) -> None:
        nonlocal most
        with shared.share() as share:
            held[share] = None
            await take(share, FREE)
            for piece in pieces:
                await take(share, piece * PIECE)
                most = max(most, sum(each.held for each in held))
                await asyncio.sleep(0)
            assert share.held >= sum(pieces) * PIECE
            share.settle()
            assert share.held == sum(pieces) * PIECE
            del held[share]

    async def all_of_them() -> None:
        shared = Room(size, few)
        await asyncio.wait_for(asyncio.gather(*(hold(shared, each) for each in documents)), 10)

    asyncio.run(all_of_them())
    assert most <= size + few * largest


@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_waits_for_room_and_holds_up_no_known_source(
    monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    monkeypatch.setattr(fetch, "STRANGE", (100_000, 1))
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
    shared, deadline = Room(0, 1), fetch._Deadline(0.05)
    with shared.share() as second, shared.share() as first:
        await take(first, FREE + 1)
        asyncio.get_running_loop().call_later(0.1, first.leave)
        async with deadline.running():
            await deadline.heeding(second)(FREE + 1)
    assert 0 < deadline._left <= 0.05
