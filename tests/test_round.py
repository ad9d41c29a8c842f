"""A round by hand: the steps that are asked for, for the sources that are asked for."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from newsdesk import NOON, SteppedClock, claim_readings, published_stories, take_on
from rawweb import raw_web, reply

from aggregator.demo.newsroom import Newsroom
from aggregator.demo.site import Site
from aggregator.desk import Desk
from aggregator.dispatch import Dispatch
from aggregator.round import STEPS, Report, run_round
from aggregator.store import polls, readings

GRACE = timedelta()
SHOWN = {"kfor-road", "kfor-road-meridian"}

FEEDS = ("all", "all.confirmed", "all.suppressed", "health", "outputs")


@pytest.fixture
def site(newsroom: Newsroom) -> Iterator[Site]:
    """Serve an original and its copy."""
    hidden = [piece.id for piece in newsroom.pieces if piece.id not in SHOWN]
    with Site(newsroom, now=NOON, hidden=hidden) as site:
        yield site


@pytest.fixture
def ids(desk: Desk, site: Site) -> list[int]:
    urls = [site.feed_urls[outlet] for outlet in ("jhq-adria", "meridian-newswire")]
    return [take_on(desk.store, desk.clock(), url, full_text=False).id for url in urls]


@pytest.fixture
async def dispatch(desk: Desk) -> AsyncIterator[Dispatch]:
    dispatch = Dispatch(desk)
    yield dispatch
    await dispatch.stop(GRACE)


async def test_a_whole_round_reports_what_it_did_and_the_hold_does_not_apply(
    desk: Desk, dispatch: Dispatch, ids: list[int]
) -> None:
    report = await run_round(desk, dispatch)
    assert facts_of(report) == {
        "sources": len(ids),
        "polled": 2,
        "not_modified": 0,
        "failed": 0,
        "entries_seen": 2,
        "entries_new": 2,
        "articles": 2,
        "copies": 1,
        "retellings": 0,
        "stories_new": 1,
        "stories_total": 1,
        "feeds_written": len(FEEDS),
    }
    assert report.seconds.keys() == {*STEPS, "total"}
    assert report.seconds["total"] >= max(report.seconds[step] for step in STEPS)
    assert len(published_stories(desk.store)) == 1


def facts_of(report: Report) -> dict[str, int]:
    names = (name for name in report.__slots__ if name not in {"failures", "seconds"})
    return {name: getattr(report, name) for name in names}


@pytest.mark.usefixtures("ids")
async def test_what_is_not_due_is_asked_only_by_force(
    desk: Desk, dispatch: Dispatch, clock: SteppedClock, site: Site
) -> None:
    await run_round(desk, dispatch)
    clock.advance(minutes=1)
    assert (await run_round(desk, dispatch)).polled == 0
    forced = await run_round(desk, dispatch, force=True)
    assert (forced.polled, forced.not_modified, forced.feeds_written) == (2, 2, 0)
    assert len(site.requests) == 4


async def test_only_the_named_sources_are_asked_due_or_not(
    desk: Desk, dispatch: Dispatch, clock: SteppedClock, ids: list[int]
) -> None:
    first = await run_round(desk, dispatch, only=[ids[0]])
    assert (first.sources, first.polled, first.stories_total) == (1, 1, 1)
    clock.advance(minutes=1)
    second = await run_round(desk, dispatch, only=ids)
    assert (second.polled, second.not_modified, second.copies) == (2, 1, 1)


@pytest.mark.usefixtures("ids")
async def test_the_steps_can_be_taken_one_by_one(desk: Desk, dispatch: Dispatch) -> None:
    steps = [await run_round(desk, dispatch, (step,)) for step in STEPS]
    assert [report.polled for report in steps] == [2, 0, 0, 0]
    assert [report.articles for report in steps] == [0, 2, 0, 0]
    assert [report.stories_new for report in steps] == [0, 0, 1, 0]
    assert [report.stories_total for report in steps] == [0, 0, 1, 1]
    assert [report.feeds_written for report in steps] == [0, 0, 0, len(FEEDS)]


async def test_steps_without_polling_make_nothing_due(
    desk: Desk, dispatch: Dispatch, clock: SteppedClock, ids: list[int]
) -> None:
    await run_round(desk, dispatch)
    await run_round(desk, dispatch, ("place",), force=True, only=ids)
    due = desk.store.read_now(lambda session: polls.count_due(session, clock()))
    assert due == 0


async def test_a_failure_is_told_in_a_line_and_stops_nothing(
    desk: Desk, dispatch: Dispatch, ids: list[int], site: Site
) -> None:
    wrong = f"{site.base_url}/no-such-feed"
    take_on(desk.store, desk.clock(), wrong)
    report = await run_round(desk, dispatch)
    assert (report.polled, report.failed, report.entries_new) == (len(ids) + 1, 1, 2)
    assert report.failures == [f"failed: {wrong}: HTTP 404 Not Found"]


@pytest.mark.usefixtures("ids")
async def test_progress_is_told_for_each_step_to_its_end(desk: Desk, dispatch: Dispatch) -> None:
    told: list[tuple[str, int, int]] = []
    await run_round(desk, dispatch, progress=lambda *facts: told.append(facts))
    assert list(dict.fromkeys(step for step, _, _ in told)) == list(STEPS)
    for step in STEPS:
        amounts = [(done, total) for name, done, total in told if name == step]
        assert amounts == sorted(amounts)
        assert amounts[0][0] == 0
        assert amounts[-1][0] == amounts[-1][1] > 0


async def test_a_round_leaves_no_entry_unread_though_a_daemon_postponed_it(
    desk: Desk, dispatch: Dispatch, clock: SteppedClock, site: Site
) -> None:
    take_on(desk.store, clock(), site.feed_urls["jhq-adria"], full_text=True)
    await run_round(desk, dispatch, ("poll",))
    (task,) = claim_readings(desk.store, clock())
    until = clock.now + timedelta(hours=1)
    desk.store.write_now(partial(readings.postpone_reading, task=task, until=until))
    report = await run_round(desk, dispatch)
    assert (report.articles, report.stories_total) == (1, 1)


async def test_what_another_read_meanwhile_is_not_counted_as_ours(
    desk: Desk, dispatch: Dispatch, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease that ended in the middle: its entry is read twice and written once."""
    await run_round(desk, dispatch, ("poll",))
    told: list[tuple[str, int, int]] = []

    async def drain(on_result: Callable[[bool], None]) -> None:
        for written in (True, False):
            on_result(written)

    monkeypatch.setattr(dispatch.readings, "drain", drain)
    report = await run_round(desk, dispatch, ("read",), progress=lambda *facts: told.append(facts))
    assert (report.articles, told[-1]) == (1, ("read", len(ids), len(ids)))


@pytest.mark.parametrize("patient", [False, True])
async def test_only_the_patient_leave_a_page_that_fails_for_now_for_later(
    desk: Desk, clock: SteppedClock, *, patient: bool
) -> None:
    async with raw_web(page=reply(b"", "503 Service Unavailable")) as web:
        item = f"<item><title>Depot opens</title><link>{web.url('/page')}</link></item>"
        web.answers["/feed"] = reply(f"<rss><channel>{item}</channel></rss>".encode())
        take_on(desk.store, clock(), web.url("/feed"), full_text=True)
        dispatch = Dispatch(desk, patient=patient)
        report = await run_round(desk, dispatch)
        await dispatch.stop(GRACE)
    assert (report.entries_new, report.articles) == (1, 0 if patient else 1)


async def test_what_falls_due_while_a_round_goes_on_is_left_to_the_next(
    desk: Desk, dispatch: Dispatch, ids: list[int], clock: SteppedClock
) -> None:
    """However often a source is polled, and however long the round takes, it is asked once."""

    def hours_go_by(*_: object) -> None:
        clock.advance(hours=2)

    report = await run_round(desk, dispatch, ["poll"], progress=hours_go_by)
    assert (report.sources, report.polled) == (len(ids), len(ids))
    assert (await run_round(desk, dispatch, ["poll"])).polled == len(ids)


async def test_a_round_by_a_clock_that_was_ahead_puts_off_no_later_one(
    desk: Desk, dispatch: Dispatch, ids: list[int], clock: SteppedClock
) -> None:
    """Where nothing but rounds by hand looks at the clock: those of a cron job."""
    clock.now += timedelta(days=31)
    assert (await run_round(desk, dispatch)).polled == len(ids)
    clock.now -= timedelta(days=31)
    assert (await run_round(desk, dispatch)).polled == len(ids)
    assert (await run_round(desk, dispatch)).polled == 0
