"""Crews: workers on what is claimed from the store, as many at once as there are hands."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import Generic, Protocol, TypeVar

from aggregator import metrics
from aggregator.errors import AggregatorError
from aggregator.logs import get_logger
from aggregator.store.claims import Appetite

logger = get_logger(__name__)

# Who drains what is due looks for more when the hands that are free are this part of all.
ROUNDS = 4
# Those who end within so long are replaced by one claim.
_TOGETHER_S = 0.05


class Claimed(Protocol):
    """Work that was claimed, and the host that it asks, empty where it asks none."""

    @property
    def host(self) -> str:
        """Return the host."""


TaskT = TypeVar("TaskT", bound=Claimed)
ResultT = TypeVar("ResultT")
Claim = Callable[[Appetite], Awaitable[Sequence[TaskT]]]
Work = Callable[[TaskT], Awaitable[ResultT]]
GiveBack = Callable[[Sequence[TaskT]], Awaitable[None]]


class Crew(Generic[TaskT, ResultT]):
    """Workers on one kind of claimed work, no more than `size` at a time."""

    def __init__(
        self,
        claim: Claim[TaskT],
        work: Work[TaskT, ResultT],
        size: int,
        give_back: GiveBack[TaskT] | None = None,
    ) -> None:
        """Set up; what came of work and could not be written is given back once it can be."""
        self._claim = claim
        self._work = work
        self._size = size
        self._give_back = give_back
        self._unwritten: list[TaskT] = []
        self._on_result: Callable[[ResultT], None] = _ignore
        self._running: dict[asyncio.Task[None], TaskT] = {}
        self._ended = asyncio.Event()

    async def start_due(
        self,
        only: Collection[int] | None = None,
        due_by: datetime | None = None,
        *,
        ahead: int = 0,
    ) -> None:
        """Claim what is due, as far as hands are free, and set to work on it.

        Hosts at which more than `ahead` of ours are at work are left alone.
        """
        if self._give_back and (unwritten := tuple(self._unwritten)):
            await self._give_back(unwritten)
            del self._unwritten[: len(unwritten)]
        free = self._size - len(self._running)
        if free <= 0:
            return
        hosts = Counter(claimed.host for claimed in self._running.values() if claimed.host)
        busy = frozenset(host for host, count in hosts.items() if count > ahead)
        for claimed in await self._claim(Appetite(free, busy=busy, only=only, due_by=due_by)):
            task = asyncio.create_task(self._guarded(claimed))
            self._running[task] = claimed
            task.add_done_callback(self._count_out)

    async def keep_up(self, seconds: float) -> None:
        """Start what falls due for so long: who ends leaves hands and its host to the next."""
        until = monotonic() + seconds
        while True:
            self._ended.clear()
            await self.start_due()
            left = until - monotonic()
            if not self._running or left <= 0:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), left)
                await asyncio.sleep(_TOGETHER_S)

    async def drain(
        self,
        on_result: Callable[[ResultT], None],
        only: Collection[int] | None = None,
        due_by: datetime | None = None,
    ) -> None:
        """Work until nothing is due any more; report each result as it comes.

        `due_by`: what falls due later is left, or a round that takes long would never end.
        """
        self._on_result = on_result
        while True:
            idle = not self._running
            # What is next at a host is claimed while its last one is at work: none stands idle.
            await self.start_due(only, due_by, ahead=1)
            if idle and not self._running:
                return
            # Looking for more whenever one hand is free would be most of the work.
            enough = max(len(self._running) - max(self._size // ROUNDS, 1), 0)
            while len(self._running) > enough:
                self._ended.clear()
                await self._ended.wait()

    async def stop(self, grace: timedelta) -> Sequence[TaskT]:
        """Let the running work end; after `grace` stop it and return what was given up."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=grace.total_seconds())
        left = dict(self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return list(left.values())

    def _count_out(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._ended.set()

    async def _guarded(self, claimed: TaskT) -> None:
        try:
            result = await self._work(claimed)
            self._on_result(result)
        except AggregatorError as error:
            metrics.FAILURES.labels("foreseen").inc()
            logger.error("work.failed", reason=str(error))  # noqa: TRY400 - foreseen: one line
            if self._give_back:
                self._unwritten.append(claimed)
        except Exception:
            metrics.FAILURES.labels("bug").inc()
            logger.exception("work.broken", work=repr(claimed))


def _ignore(_result: object) -> None:
    """Report to nobody: what was done stands in the database."""
