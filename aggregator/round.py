"""A round: the four verbs once, in order, until nothing is due; for people who wait for it."""

from collections.abc import Callable, Collection
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from aggregator.desk import Desk
from aggregator.dispatch import Dispatch
from aggregator.model import Kind
from aggregator.poll import Outcome, Polled
from aggregator.store import backlog, polls
from aggregator.store.setback import bring_back

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = ("poll", "read", "place", "publish")
# Called with the step, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Report:
    """What a round did; the keys are those of `update --json`.

    `failures` are lines for people: which source failed or was put off, and why.
    """

    sources: int = 0
    polled: int = 0
    not_modified: int = 0
    failed: int = 0
    entries_seen: int = 0
    entries_new: int = 0
    articles: int = 0
    copies: int = 0
    retellings: int = 0
    stories_new: int = 0
    stories_total: int = 0
    feeds_written: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys([*STEPS, "total"], 0.0))

    def count_poll(self, polled: Polled) -> None:
        """Add what came of one poll."""
        self.polled += 1
        self.not_modified += polled.outcome is Outcome.NOT_MODIFIED
        self.failed += polled.outcome is Outcome.FAILED
        if polled.reason:
            self.failures.append(f"{polled.outcome}: {polled.url}: {polled.reason}")
        self.entries_seen += polled.tally.seen
        self.entries_new += polled.tally.new

    @contextmanager
    def timed(self, name: str) -> "Iterator[None]":
        """Add the time that the block takes, in seconds."""
        started = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(perf_counter() - started, 3)


async def run_round(
    desk: Desk,
    dispatch: Dispatch,
    steps: Collection[str] = STEPS,
    *,
    only: Collection[int] | None = None,
    force: bool = False,
    progress: Progress = lambda *_: None,
) -> Report:
    """Take what is due through the steps, to the published files; the hold does not apply.

    `only`: these sources, due or not, and no others. `force`: all, due or not.
    """
    report, begun = Report(), desk.clock()
    longest = desk.settings.poll.max_interval * 2
    await desk.store.write(partial(bring_back, now=begun, longest=longest))
    if "poll" in steps and (force or only is not None):
        await desk.store.write(partial(polls.make_due, now=desk.clock(), only=only))
    with report.timed("total"):
        if "poll" in steps:
            with report.timed("poll"):
                await _poll(desk, dispatch, report, only, progress)
        if "read" in steps:
            with report.timed("read"):
                await _read(desk, dispatch, report, begun, progress)
        if "place" in steps:
            with report.timed("place"):
                await _place(desk, dispatch, report, progress)
        if "publish" in steps:
            with report.timed("publish"):
                progress("publish", 0, 1)
                report.feeds_written = (await dispatch.publish(hold=False)).written
                progress("publish", 1, 1)
    report.stories_total = await desk.store.read(backlog.count_stories)
    return report


async def _poll(
    desk: Desk,
    dispatch: Dispatch,
    report: Report,
    only: Collection[int] | None,
    progress: Progress,
) -> None:
    begun = desk.clock()
    due = await desk.store.read(partial(polls.count_due, now=begun, only=only))
    report.sources = due
    progress("poll", 0, due)

    def count(polled: Polled) -> None:
        report.count_poll(polled)
        progress("poll", report.polled, due)

    await dispatch.polls.drain(count, only, begun)


async def _read(
    desk: Desk, dispatch: Dispatch, report: Report, begun: datetime, progress: Progress
) -> None:
    from aggregator.store import readings  # noqa: PLC0415 - as the dispatch has it

    # A daemon may have postponed some; who waits for a round waits for all of them.
    flood = desk.settings.poll.flood
    await desk.store.write(partial(readings.make_due, now=desk.clock(), flood=flood, begun=begun))
    due = await desk.store.read(readings.count_due)
    done = 0
    progress("read", done, due)

    def count(written: bool) -> None:  # noqa: FBT001 - what the verb returns
        nonlocal done
        done += 1
        report.articles += written
        progress("read", done, due)

    await dispatch.readings.drain(count)


async def _place(desk: Desk, dispatch: Dispatch, report: Report, progress: Progress) -> None:
    from aggregator.store import placings  # noqa: PLC0415 - as the dispatch has it

    embedded = 0
    while count := await dispatch.embed():
        embedded += count
        progress("embed", embedded, embedded)
    due = await desk.store.read(placings.count_unplaced)
    done = 0
    progress("place", done, due)
    while placed := (await dispatch.place()).kinds:
        report.stories_new += placed[Kind.ORIGINAL]
        report.copies += placed[Kind.COPY]
        report.retellings += placed[Kind.RETELLING]
        done += placed.total()
        progress("place", done, due)
