"""Sources that say much at once, or everything once more."""

from collections.abc import Iterable

import pytest
from newsdesk import SteppedClock, account_of, changed, claim_polls, entries_in, take_on
from rawweb import raw_web, reply

from aggregator.desk import Desk, open_desk
from aggregator.dispatch import Dispatch
from aggregator.poll import Polled, poll
from aggregator.round import Report, run_round
from aggregator.settings import Settings
from aggregator.store.database import Store


def rss(numbers: Iterable[int], site: str = "https://quay.example", names: str = "a") -> bytes:
    items = "".join(
        f"<item><title>Ferry number {n} sails</title><link>{site}/news/{n}</link>"
        f"<guid isPermaLink='false'>{names}{n}</guid>"
        f"<pubDate>Thu, 02 Apr 2026 {n % 12:02}:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    return f"<rss version='2.0'><channel><title>Quay</title>{items}</channel></rss>".encode()


async def say(desk: Desk, clock: SteppedClock, *documents: bytes) -> list[Polled]:
    """Poll a source that says these documents, one after another."""
    polled = []
    async with raw_web() as web:
        web.answers["/feed"] = reply(documents[0])
        source = take_on(desk.store, clock(), web.url("/feed"))
        for document in documents:
            web.answers["/feed"] = reply(document)
            clock.now = account_of(desk.store, source).next_poll_at
            (task,) = claim_polls(desk.store, clock.now)
            polled.append(await poll(desk, task))
    return polled


async def test_names_that_all_change_at_once_make_nothing_new(
    desk: Desk, clock: SteppedClock
) -> None:
    moved = "https://www.new-quay.example"
    first, second, third = await say(
        desk, clock, rss(range(5)), rss(range(6), moved, "b"), rss(range(7), moved, "b")
    )
    assert (first.tally.new, second.tally.new, third.tally.new) == (5, 1, 1)
    assert [entry.key for entry in entries_in(desk.store)] == [f"b{n}" for n in range(7)]
    assert {entry.link for entry in entries_in(desk.store)} == {
        f"{moved}/news/{n}" for n in range(7)
    }


@pytest.mark.parametrize(
    "again",
    [rss(range(100, 105), names="b"), rss([4, 101, 102, 103], names="b"), rss([1], names="b")],
    ids=["other places", "hardly any known", "a title used again"],
)
async def test_names_that_stand_elsewhere_are_new(
    desk: Desk, clock: SteppedClock, again: bytes
) -> None:
    _, polled = await say(desk, clock, rss(range(5)), again)
    assert polled.tally.new == polled.tally.seen


async def test_of_a_flood_some_is_read_at_once_the_newest_first_and_none_is_dropped(
    settings: Settings, store: Store, clock: SteppedClock
) -> None:
    few = changed(settings, poll={"flood": 4}, read={"full_text": False})
    async with open_desk(few, store, clock) as desk:
        await say(desk, clock, rss(range(10)))
        at_once = {e.key for e in entries_in(store) if e.page_due_at == clock.now}
        assert at_once == {"a6", "a7", "a8", "a9"}
        later = sorted({e.page_due_at for e in entries_in(store) if e.page_due_at})
        assert len(later) == 3
        reports = [await next_round(desk, clock) for _ in range(4)]
    assert [report.articles for report in reports] == [8, 2, 0, 0]
    assert sum(report.stories_new + report.copies + report.retellings for report in reports) == 10


async def test_a_round_does_not_take_in_the_flood_that_it_brought(
    settings: Settings, store: Store, clock: SteppedClock
) -> None:
    few = changed(settings, poll={"flood": 4}, read={"full_text": False})
    async with open_desk(few, store, clock) as desk, raw_web(feed=reply(rss(range(10)))) as web:
        take_on(store, clock(), web.url("/feed"))
        first = await run_round(desk, Dispatch(desk))
        assert (first.entries_new, first.articles) == (10, 4)
        second = await next_round(desk, clock)
        assert (second.entries_new, second.articles) == (0, 4)


async def next_round(desk: Desk, clock: SteppedClock) -> Report:
    clock.advance(seconds=1)
    return await run_round(desk, Dispatch(desk), ("read", "place"))
