"""The ticks: APScheduler, kept from what a clock that is set does to it (its only home)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.errors import StoreError
from aggregator.logs import get_logger
from aggregator.store.database import Store
from aggregator.store.setback import bring_back

logger = get_logger(__name__)

LOOK_EVERY_S = 1.0


class Ticks(AsyncIOScheduler):  # type: ignore[misc] # apscheduler ships no types
    """Jobs at intervals, one at a time of each; what was missed is made up for once.

    APScheduler goes by the clock alone: set back by a year, it would wait that long.
    """

    def __init__(self, until: dict[str, float] | None = None) -> None:
        """Set up; what is put off is noted in `until`, for the next that are given it."""
        super().__init__(
            timezone=UTC,
            logger=_quiet_logger(),
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        # By the name of a job: when it may run, by a clock that nobody sets.
        self._until: dict[str, float] = {} if until is None else until

    def every(self, seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Run `work` now, unless it was put off, and at that interval from then on."""
        pause = timedelta(seconds=max(self._until.get(name, 0.0) - monotonic(), 0.0))
        first = datetime.now(UTC) + pause
        self.add_job(work, "interval", id=name, seconds=seconds, next_run_time=first)

    def all_due(self) -> None:
        """Let every job run now, and at its interval from then on."""
        self._until.clear()
        for job in self.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def put_off(self, name: str, pause: timedelta) -> None:
        """Let the job run next after a pause, and not before."""
        self._until[name] = monotonic() + pause.total_seconds()
        self.modify_job(name, next_run_time=datetime.now(UTC) + pause)


async def heed_clock(
    ticks: Ticks,
    store: Store,
    clock: Callable[[], datetime],
    longest: timedelta,
    every: float = LOOK_EVERY_S,
) -> None:
    """Go on by a clock that was set, before the start or since; never end.

    Nothing waits for a time that was wrong: no tick does, and nothing that is due later than
    `longest` from now, which no plan is. What a clock set ahead would have us let go of is kept
    for a while, as it may be set back.
    """
    wall, steady = clock(), monotonic()
    is_heeded = await _bring_back(store, wall, longest)
    while True:
        await asyncio.sleep(every)
        now, passed = clock(), monotonic() - steady
        leap = now - wall - timedelta(seconds=passed)
        wall, steady = now, steady + passed
        if abs(leap) > timedelta(seconds=every):
            logger.warning("clock.leapt", seconds=round(leap.total_seconds()))
            if leap < timedelta():
                ticks.all_due()
                is_heeded = False
            else:
                ticks.put_off("prune", min(leap, longest))
        is_heeded = is_heeded or await _bring_back(store, now, longest)


async def _bring_back(store: Store, now: datetime, longest: timedelta) -> bool:
    """Return whether it could be done; if not, it is to be tried again."""
    try:
        await store.write(partial(bring_back, now=now, longest=longest))
    except StoreError as error:
        logger.error("clock.unheeded", reason=str(error))  # noqa: TRY400 - foreseen: one line
        return False
    return True


def _quiet_logger() -> logging.Logger:
    """Return a log that keeps to errors: that a tick waits for the one before it is no news."""
    quiet = logging.getLogger("apscheduler.scheduler")
    quiet.setLevel(logging.ERROR)
    return quiet
