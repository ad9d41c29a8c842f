"""Parsers in processes of their own, which can be killed.

What is parsed is hostile: it may ask for all the memory, never come back, or
bring the process down. None of that reaches further than one call.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from aggregator.errors import ParseError

if TYPE_CHECKING:
    from aggregator.intake.pool import Pool

P = ParamSpec("P")
T = TypeVar("T")

# So many that what was never fit to be read has four of them: it is all that a first round has to
# read, and while one is given work others are at it.
WORKERS = 6
# lxml and the allocator keep what they once had.
TASKS_PER_WORKER = 100
# The largest feeds and pages take up to 330 MiB, a child that does nothing 250, mostly shared.
MEMORY = 448 << 20
# How many children are left free by the calls of this task.
_spared: ContextVar[int] = ContextVar("spared", default=0)
# Pages and large documents leave one to polls of all others, and what was never fit to be read
# leaves another to pages.
PAGES = LARGE_ONES = 1
STRANGERS = 2
# What is small is given to a child so many at a time.
TOGETHER = 6


@dataclass(slots=True, eq=False)
class _Call:
    """Work that waits for its turn; its answer is None where it is to be run by itself."""

    work: Callable[[], Any]
    answer: "asyncio.Future[Callable[[], Any] | None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Children:
    """A few processes that run one parser each; started by the first call.

    `memory` is in bytes of address space, `cpu` and `wall` are for one call.
    """

    def __init__(
        self,
        workers: int = WORKERS,
        *,
        memory: int = MEMORY,
        cpu: timedelta = timedelta(seconds=15),
        wall: timedelta = timedelta(seconds=20),
        tasks_per_worker: int = TASKS_PER_WORKER,
    ) -> None:
        self._workers = workers
        self._memory = memory
        self._tasks = tasks_per_worker
        self._cpu = cpu
        self._wall = wall
        # One within the other: through each go as many as leave so many children free.
        self._doors = [
            asyncio.Semaphore(max(1, self._workers - spared)) for spared in range(1 + STRANGERS)
        ]
        # By how many children they leave free: calls that may share one's turn.
        self._waiting = [deque[_Call]() for _ in self._doors]
        self._starting = asyncio.Lock()
        self._pool: Pool | None = None
        self._is_open = True

    async def __aenter__(self) -> Self:
        """Return itself; nothing is started yet."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the children at once, whatever they are at."""
        self._is_open = False
        if self._pool is not None:
            await self._discard(self._pool)

    def pages(self) -> AbstractContextManager[None]:
        """Leave a child free of what is run within: there are far more pages than feeds."""
        return _sparing(PAGES)

    def large(self) -> AbstractContextManager[None]:
        """Leave a child free of what is run within: it may take as long as any call may."""
        return _sparing(LARGE_ONES)

    def strangers(self) -> AbstractContextManager[None]:
        """Leave more free of what is run within: it may be made to keep all of them busy."""
        return _sparing(STRANGERS)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `function` returns in a child; it and its arguments are pickled.

        Waits while all children are busy; that time counts towards no limit.

        Raises:
            AggregatorError: Raised by `function`; comes through as it is.
            ParseError: A limit was reached, or `function` failed in any other way.
            ShortageError: No child could be started.
        """
        async with self._turn() as pool:
            (opened,) = await self._answers(pool, [partial(function, *args, **kwargs)])
        await asyncio.sleep(0)  # who waited for the child gives it work before this is looked at
        result: T = opened()
        return result

    async def run_together(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `function` returns in a child, as `run`; for work of a few milliseconds.

        Of several that wait a child is given a few at once: to give it work takes as long. Where
        one of these comes to a limit, or takes the child with it, each is run by itself.
        """
        call = _Call(partial(function, *args, **kwargs))
        waiting = self._waiting[_spared.get()]
        waiting.append(call)
        try:
            async with self._turn() as pool:
                if call in waiting:
                    await self._run_first(waiting, pool)
            opened = await call.answer
        finally:
            if call in waiting:
                waiting.remove(call)
        if opened is None:
            return await self.run(function, *args, **kwargs)
        result: T = opened()
        return result

    async def _run_first(self, waiting: "deque[_Call]", pool: "Pool") -> None:
        """Run those that have waited longest; none is left without an answer."""
        calls = [waiting.popleft() for _ in range(min(TOGETHER, len(waiting)))]
        answers: Sequence[Callable[[], Any] | None] = [None] * len(calls)
        try:
            answers = await self._answers(pool, [call.work for call in calls])
        except ParseError:
            if len(calls) == 1:
                raise
        finally:
            for call, answer in zip(calls, answers, strict=True):
                if not call.answer.done():
                    call.answer.set_result(answer)

    @asynccontextmanager
    async def _turn(self) -> "AsyncIterator[Pool]":
        async with AsyncExitStack() as passed:
            for door in reversed(self._doors[: _spared.get() + 1]):
                await passed.enter_async_context(door)
            yield await self._started()

    async def _answers(
        self, pool: "Pool", work: Sequence[Callable[[], Any]]
    ) -> Sequence[Callable[[], Any]]:
        try:
            return await pool.run(work)
        finally:
            if pool.is_lost:
                await self._discard(pool)

    async def _started(self) -> "Pool":
        """Return the pool; the first call starts it, which takes as long as the imports.

        Raises:
            ParseError: All were stopped.
            ShortageError: No child could be started.
        """
        async with self._starting:
            if not self._is_open:
                message = "parser lost: all were stopped"
                raise ParseError(message)
            if self._pool is None:
                # Most polls bring nothing to be parsed.
                from aggregator.intake.pool import Pool  # noqa: PLC0415

                pool = Pool(self._cpu, self._wall)
                await asyncio.to_thread(pool.start, self._workers, self._memory, self._tasks)
                self._pool = pool
            return self._pool

    async def _discard(self, pool: "Pool") -> None:
        if pool is self._pool:
            self._pool = None
            await pool.stop()


@contextmanager
def _sparing(children: int) -> Iterator[None]:
    token = _spared.set(max(children, _spared.get()))
    try:
        yield
    finally:
        _spared.reset(token)
