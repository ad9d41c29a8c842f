"""Dispatch: keep the verbs at work on what is due, embedded in one process.

Polls and readings run side by side, as many as the settings allow; placing
and publishing run one batch after another in a thread. The database alone
says what is due, so nothing here survives a restart or has to.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from aggregator import metrics
from aggregator.crew import Crew
from aggregator.desk import Desk
from aggregator.errors import RefusedError
from aggregator.logs import get_logger
from aggregator.poll import Outcome, Polled, poll
from aggregator.store import claims, polls
from aggregator.store.claims import Appetite
from aggregator.store.database import Store
from aggregator.store.polls import PollTask

# What a verb is made of is imported when there is work for it: a poll that finds nothing new need
# not wait for what compares articles, or writes feeds.
if TYPE_CHECKING:
    from aggregator.embed import Embedder
    from aggregator.place import Editor, Placements
    from aggregator.publish import Published, Publisher
    from aggregator.store.errands import Errand
    from aggregator.store.readings import ReadTask

logger = get_logger(__name__)

T = TypeVar("T")

# Each is 0 from the start on: an absent series has no rate.
_POLLS = {outcome: metrics.POLLS.labels(outcome) for outcome in Outcome}
_NEW, _KNOWN = (metrics.ENTRIES.labels(state) for state in ("new", "known"))
_POLL_SECONDS = metrics.WORK_SECONDS.labels("poll")

# Longer than the slowest poll: waiting for one's turn at a host, all deadlines, the parser.
LEASE = timedelta(minutes=10)
# What is under way at the end has so long: well within the 10 s that a service manager may be told
# to wait.
GRACE = timedelta(seconds=4)
# So long after an article could not be written its page is asked for again.
READ_AGAIN = timedelta(minutes=1)
# Calls of WebSub: one at a host, and so few that who does not answer keeps no poll waiting. Those
# at whom we know nobody to answer, as anybody may name them, have hands of their own.
ERRANDS, STRANGE_ERRANDS = 24, 8
ERRAND_LEASE = timedelta(minutes=2)


class Dispatch:
    """The four verbs, at work on what is due."""

    def __init__(self, desk: Desk, *, patient: bool = False) -> None:
        """Set to work at `desk`.

        Who is `patient` comes again: for pages that fail for now, and to hosts
        at which another process is at work.
        """
        self._desk = desk
        self._embedder: Embedder | None = None
        self._embedded = 0
        # The editor's and the publisher's; ours, so that ending waits for what they write.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="dispatch")
        size = desk.settings.fetch.concurrency
        self.polls: Crew[PollTask, Polled] = Crew(
            self._claim_polls, self._poll, size, self._poll_again
        )
        self._patient = patient
        self.errands: tuple[Crew[Errand, bool], ...] = tuple(
            Crew(partial(self._claim_errands, known=known), self._run_errand, hands)
            for known, hands in ((True, ERRANDS), (False, STRANGE_ERRANDS))
        )
        self.readings: Crew[ReadTask, bool] = Crew(
            self._claim_readings, self._read, size, self._read_again
        )

    async def place(self, *, wait: bool = True) -> "Placements":
        """Place one batch of the articles that wait.

        Raises:
            RefusedError: another process places, and we are not to `wait`.
        """
        started = monotonic()
        work = partial(self._editor.place, self._desk.clock(), wait=wait)
        placed = await self._in_thread(work)
        if placed.total:
            metrics.WORK_SECONDS.labels("place").observe(monotonic() - started)
        for kind, count in placed.kinds.items():
            metrics.PLACED.labels(kind).inc(count)
        return placed

    async def embed(self) -> int:
        """Embed some of the window's articles that another encoder read; return how many.

        Once all are, the editor looks at them anew.
        """
        if self._desk.embedding is None:
            return 0
        if self._embedder is None:
            from aggregator.embed import Embedder  # noqa: PLC0415

            await self._in_thread(partial(self._editor.renew, self._desk.clock()))
            self._embedder = Embedder(self._desk)
        if self._embedder.done:
            return 0
        count = await self._embedder.step()
        self._embedded += count
        if self._embedder.done and self._embedded:
            logger.info("window.embedded", articles=self._embedded)
            await self._in_thread(self._editor.start_over)
        return count

    async def publish(
        self, *, hold: bool = True, wait: bool = True, ended: Callable[[], bool] = lambda: False
    ) -> "Published":
        """Publish what changed; once `ended`, the feeds that are left stay due.

        Raises:
            RefusedError: another process publishes, and we are not to `wait`.
        """
        started = monotonic()
        publish = partial(self._publisher.publish, hold=hold, wait=wait, ended=ended)
        published = await self._in_thread(partial(publish, self._desk.clock()))
        if published.appeared or published.written:
            metrics.WORK_SECONDS.labels("publish").observe(monotonic() - started)
        metrics.STORIES.inc(published.appeared)
        metrics.FEEDS_WRITTEN.inc(published.written)
        return published

    async def tell(self, seconds: float) -> None:
        """Make the calls of WebSub that fall due for so long."""
        await asyncio.gather(*(crew.keep_up(seconds) for crew in self.errands))

    async def prune(self, ended: Callable[[], bool]) -> None:
        """Let go of what is past its retention, until `ended`.

        Raises:
            RefusedError: another process publishes; the next time goes on.
        """
        from aggregator.prune import prune  # noqa: PLC0415

        desk = self._desk
        work = partial(prune, desk.store, desk.settings, desk.clock(), ended=ended, wait=False)
        await asyncio.to_thread(work)

    async def stop(self, grace: timedelta) -> None:
        """End the running work; what is not finished within `grace` is handed back.

        Pages are due again at once; a source that may have been asked, when it
        would have been. Calls of WebSub are made again when their claim is over.
        """
        polled, read_, _ = await asyncio.gather(
            self.polls.stop(grace),
            self.readings.stop(grace),
            asyncio.gather(*(crew.stop(grace) for crew in self.errands)),
        )
        hand_back = partial(
            claims.hand_back,
            polls={task.source_id: task.epoch for task in polled},
            readings={task.entry_id: task.epoch for task in read_},
        )
        if polled or read_:
            await self._desk.store.write(hand_back)
        await asyncio.to_thread(self._threads.shutdown)

    @cached_property
    def _editor(self) -> "Editor":
        from aggregator.place import Editor  # noqa: PLC0415 - numpy

        return Editor(self._desk.store, self._desk.settings)

    @cached_property
    def _publisher(self) -> "Publisher":
        from aggregator.publish import Publisher  # noqa: PLC0415 - feedgen

        return Publisher(self._desk.store, self._desk.settings)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _poll(self, task: PollTask) -> Polled:
        with _POLL_SECONDS.time():
            polled = await poll(self._desk, task)
        _POLLS[polled.outcome].inc()
        if polled.tally.seen:
            _NEW.inc(polled.tally.new)
            _KNOWN.inc(polled.tally.seen - polled.tally.new)
        return polled

    async def _read(self, task: "ReadTask") -> bool:
        from aggregator.read import read  # noqa: PLC0415 - numpy

        with metrics.WORK_SECONDS.labels("read").time():
            return await read(self._desk, task, patient=self._patient)

    async def _claim_polls(self, appetite: Appetite) -> Sequence[PollTask]:
        return await self._desk.store.write(
            partial(
                polls.claim_due_polls,
                now=self._desk.clock(),
                length=LEASE,
                appetite=replace(appetite, yields=self._patient),
                ahead=self._desk.settings.poll.interval,
            )
        )

    async def _claim_readings(self, appetite: Appetite) -> "Sequence[ReadTask]":
        from aggregator.store import readings  # noqa: PLC0415

        return await self._desk.store.write(
            partial(
                readings.claim_due_readings,
                now=self._desk.clock(),
                length=LEASE,
                appetite=replace(appetite, yields=self._patient),
            )
        )

    async def _run_errand(self, claimed: "Errand") -> bool:
        from aggregator import errand  # noqa: PLC0415

        return await errand.run(self._desk, claimed)

    async def _poll_again(self, tasks: Sequence[PollTask]) -> None:
        """Have sources whose answers could not be written asked again, as early as may be."""
        at = self._desk.clock() + self._desk.settings.poll.min_interval
        epochs = {task.source_id: task.epoch for task in tasks}
        await self._desk.store.write(partial(claims.poll_again, epochs=epochs, at=at))

    async def _read_again(self, tasks: "Sequence[ReadTask]") -> None:
        """Have pages read again whose articles could not be written."""
        at = self._desk.clock() + READ_AGAIN
        epochs = {task.entry_id: task.epoch for task in tasks}
        await self._desk.store.write(partial(claims.read_again, epochs=epochs, at=at))

    async def _claim_errands(self, appetite: Appetite, *, known: bool) -> "Sequence[Errand]":
        from aggregator.store import errands  # noqa: PLC0415

        now, store = self._desk.clock(), self._desk.store
        if not await store.read(partial(errands.is_due, now=now)):
            return ()
        claim = partial(errands.claim_errands, now=now, length=ERRAND_LEASE, known=known)
        return await store.write(partial(claim, appetite=appetite))


@contextmanager
def at_work(store: Store) -> Iterator[Callable[[], bool]]:
    """Be one of those who work on this database; who finds nobody at it ends the dead's leases.

    Yields what takes the place again where it was lost with the database's
    server, and raises RefusedError while leases are being ended.
    """
    with suppress(RefusedError), store.lock("leases", wait=False):
        store.write_now(claims.break_leases)
    # Whoever comes later finds somebody at work as long as any of us holds this.
    with store.hold("leases", shared=True) as renew:
        yield renew
