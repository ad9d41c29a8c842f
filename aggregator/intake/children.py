"""Parsers in processes of their own, which can be killed (the only home of pebble).

What is parsed is hostile: it may ask for all the memory, never come back, or
bring the process down. None of that reaches further than one call.
"""

import asyncio
import math
import multiprocessing
import os
import pickle
import resource
import signal
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from tempfile import gettempdir
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

import pebble

from aggregator.errors import AggregatorError, ParseError, ShortageError
from aggregator.intake.lifetime import settle, start_fork_server
from aggregator.memory import tidy_up

if TYPE_CHECKING:
    from concurrent.futures import Future

P = ParamSpec("P")
T = TypeVar("T")

# Imported once, before the fork; one that is missing is left out.
PRELOADED = ["aggregator.intake.parse", "aggregator.intake.extract"]
# So many that what was never fit to be read has two of them: all that a first round has to read.
WORKERS = 4
# The fork server's socket lies below the temporary folder, and its path has at most 107 bytes.
LONGEST_FOLDER = 75
# Bytes of a call after which a child tidies up.
LARGE = 500_000
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
# A child that is told to stop has nothing to put in order.
pebble.CONSTS.term_timeout = 0.2


class ChildError(Exception):
    """Where in the child an error was raised, as text."""


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
        self._starting = asyncio.Lock()
        self._pool: pebble.ProcessPool | None = None
        self._calls: set[Future[bytes]] = set()

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
        async with AsyncExitStack() as passed:
            for door in reversed(self._doors[: _spared.get() + 1]):
                await passed.enter_async_context(door)
            pool = await self._started()
            call = pickle.dumps((function, args, kwargs))
            result: T = _opened(await self._outcome(pool, call))
            return result

    async def _outcome(self, pool: pebble.ProcessPool, call: bytes) -> bytes:
        try:
            return await self._scheduled(pool, call)
        except TimeoutError as error:
            message = f"parser stopped after {self._wall.total_seconds():g} s"
            raise ParseError(message) from error
        except pebble.ProcessExpired as error:
            raise ParseError(self._obituary(error.exitcode)) from error
        except RuntimeError as error:  # BrokenProcessPool, or what pebble says once it is broken
            await self._discard(pool)
            message = "parser lost: its process is gone"
            raise ParseError(message) from error

    async def _scheduled(self, pool: pebble.ProcessPool, call: bytes) -> bytes:
        wall, cpu = self._wall.total_seconds(), self._cpu.total_seconds()
        future = pool.schedule(_answer, (call, cpu), timeout=wall)
        self._calls.add(future)
        future.add_done_callback(self._calls.discard)
        # A child that dies before it takes the call would leave us waiting.
        return await asyncio.wait_for(asyncio.wrap_future(future), wall * 2)

    def _obituary(self, code: int) -> str:
        if code == -signal.SIGXCPU:
            return f"parser used more than {self._cpu.total_seconds():g} s of processor time"
        name = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return f"parser crashed ({name})"

    async def _started(self) -> pebble.ProcessPool:
        """Return the pool; the first call starts it, which takes as long as the imports."""
        async with self._starting:
            if self._pool is None:
                try:
                    self._pool = await asyncio.to_thread(self._start)
                except BrokenProcessPool as error:
                    message = "parser could not be started: no process to be had"
                    raise ShortageError(message) from error
                except OSError as error:
                    reason = error.strerror or error
                    message = f"parser could not be started: {reason}; it needs a place for locks, "
                    message += "a /dev/shm that can be written, and for a socket, TMPDIR"
                    raise ShortageError(message) from error
            return self._pool

    def _start(self) -> pebble.ProcessPool:
        if len(os.fsencode(gettempdir())) > LONGEST_FOLDER:
            message = "parser could not be started: set TMPDIR to a shorter path, for its socket"
            raise ShortageError(message)
        # The fork server is told what to run on its command line, and would look for modules where
        # we were started first: in whatever folder that is.
        os.environ["PYTHONSAFEPATH"] = "1"
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        start_fork_server()
        pool = pebble.ProcessPool(
            max_workers=self._workers,
            max_tasks=self._tasks,
            initializer=settle,
            initargs=(self._memory,),
            context=context,
        )
        pool.schedule(os.getpid)
        return pool

    async def _discard(self, pool: pebble.ProcessPool) -> None:
        if pool is not self._pool:
            return
        self._pool, calls = None, tuple(self._calls)
        await asyncio.to_thread(_stop, pool)
        for call in calls:  # a pool that stops forgets those that it was at
            if not call.done():
                call.set_exception(BrokenProcessPool("the pool was stopped"))


@contextmanager
def _sparing(children: int) -> Iterator[None]:
    token = _spared.set(max(children, _spared.get()))
    try:
        yield
    finally:
        _spared.reset(token)


def _stop(pool: pebble.ProcessPool) -> None:
    # Pebble takes the names of its locks away before it ends its children: one that is just
    # starting would not find them, and say so on our stderr. While we hold the locks they stay.
    held = _locks(pool)
    pool.stop()  # type: ignore[no-untyped-call] # pebble leaves it untyped
    pool.join()
    del held


def _locks(pool: pebble.ProcessPool) -> object:
    manager: Any = pool._pool_manager  # noqa: SLF001 - pebble has no other way to them
    with suppress(AttributeError):  # of another release: then it may complain, and no more
        mutex = manager.worker_manager.workers_channel.mutex
        return mutex.reader_mutex, mutex.writer_mutex
    return None


def _answer(call: bytes, cpu: float) -> bytes:
    """Return what came of a call; what a large one took is given back."""
    answer = _outcome(call, cpu)
    if len(call) > LARGE:
        tidy_up()  # parsers leave documents in cycles, of few and large parts
    return answer


def _outcome(call: bytes, cpu: float) -> bytes:
    """Return the pickled outcome of a call, and the traceback where it is an error.

    Pickled here and not by the pool, which an unreadable outcome would break.
    """
    with _processor_time(cpu):
        try:
            function, args, kwargs = pickle.loads(call)  # noqa: S301 - what our own parent wrote
            return pickle.dumps((function(*args, **kwargs), ""))
        except Exception as error:  # noqa: BLE001 - whatever a parser raises is its document's fault
            return pickle.dumps((_failure(error), traceback.format_exc()))


def _opened(answer: bytes) -> Any:  # noqa: ANN401 - pickle knows no types
    try:
        outcome, trace = pickle.loads(answer)  # noqa: S301 - what our own child wrote
    except Exception as error:
        message = "parser gave an answer that cannot be read"
        raise ParseError(message) from error
    try:
        if trace:
            raise outcome from ChildError(trace)
        return outcome
    finally:
        # An error that its own traceback leads to would keep the document until garbage is sought.
        del outcome


def _failure(error: Exception) -> AggregatorError:
    if isinstance(error, AggregatorError):
        return error
    if isinstance(error, MemoryError):
        return ParseError("parser ran out of memory")
    if isinstance(error, RecursionError):
        return ParseError("parser ran out of stack: nested too deeply")
    return ParseError(" ".join(f"parser failed ({type(error).__name__}: {error})".split()))


@contextmanager
def _processor_time(seconds: float) -> Iterator[None]:
    """Let the kernel end this process (SIGXCPU) when it has used that much more time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
