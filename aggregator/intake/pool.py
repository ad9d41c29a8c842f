"""The processes that parsers run in, and what goes to and fro (the only home of pebble)."""

import asyncio
import math
import multiprocessing
import os
import pickle
import resource
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

import pebble

from aggregator.errors import AggregatorError, ParseError, ShortageError
from aggregator.intake.lifetime import settle, start_fork_server
from aggregator.memory import tidy_up

if TYPE_CHECKING:
    from concurrent.futures import Future

# The fork server's socket lies below the temporary folder, and its path has at most 107 bytes.
LONGEST_FOLDER = 75
# Bytes of a call after which a child tidies up.
LARGE = 500_000
# A child that is told to stop has nothing to put in order.
pebble.CONSTS.term_timeout = 0.2


class ChildError(Exception):
    """Where in the child an error was raised, as text."""


class Pool:
    """Children that run one call each; `cpu` and `wall` are the limits of one.

    One that `is_lost` is of no more use.
    """

    is_lost = False

    def __init__(self, cpu: timedelta, wall: timedelta) -> None:
        self._cpu = cpu
        self._wall = wall
        self._calls: set[Future[Sequence[bytes]]] = set()

    def start(self, workers: int, memory: int, tasks_per_worker: int) -> None:
        """Start the children, of so many bytes of address space each; blocks.

        Raises:
            ShortageError: None could be started.
        """
        try:
            self._pool = _started(workers, memory, tasks_per_worker)
        except BrokenProcessPool as error:
            message = "parser could not be started: no process to be had"
            raise ShortageError(message) from error
        except OSError as error:
            reason = error.strerror or error
            message = f"parser could not be started: {reason}; it needs a place for locks, "
            message += "a /dev/shm that can be written, and for a socket, TMPDIR"
            raise ShortageError(message) from error

    async def run(self, work: Sequence[Callable[[], Any]]) -> Sequence[Callable[[], Any]]:
        """Return what opens each answer of one child: what the work returns there, in order.

        What is opened may raise in its turn: an AggregatorError of the work as it is, and a
        ParseError where that failed in any other way.

        Raises:
            ParseError: A limit was reached, or the child is gone: there is no answer to any.
        """
        calls = [pickle.dumps(each) for each in work]
        try:
            answers = await self._scheduled(calls)
        except TimeoutError as error:
            message = f"parser stopped after {self._wall.total_seconds():g} s"
            raise ParseError(message) from error
        except pebble.ProcessExpired as error:
            raise ParseError(self._obituary(error.exitcode)) from error
        except RuntimeError as error:  # BrokenProcessPool, or what pebble says once it is broken
            self.is_lost = True
            message = "parser lost: its process is gone"
            raise ParseError(message) from error
        return [partial(_opened, answer) for answer in answers]

    async def stop(self) -> None:
        """Stop the children at once, whatever they are at."""
        calls = tuple(self._calls)
        await asyncio.to_thread(_stop, self._pool)
        for call in calls:  # a pool that stops forgets those that it was at
            if not call.done():
                call.set_exception(BrokenProcessPool("the pool was stopped"))

    async def _scheduled(self, calls: Sequence[bytes]) -> Sequence[bytes]:
        wall, cpu = self._wall.total_seconds(), self._cpu.total_seconds()
        future = self._pool.schedule(_answers, (calls, cpu), timeout=wall)
        self._calls.add(future)
        future.add_done_callback(self._calls.discard)
        # A child that dies before it takes the call would leave us waiting.
        return await asyncio.wait_for(asyncio.wrap_future(future), wall * 2)

    def _obituary(self, code: int) -> str:
        if code == -signal.SIGXCPU:
            return f"parser used more than {self._cpu.total_seconds():g} s of processor time"
        name = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return f"parser crashed ({name})"


def _started(workers: int, memory: int, tasks: int) -> pebble.ProcessPool:
    if len(os.fsencode(gettempdir())) > LONGEST_FOLDER:
        message = "parser could not be started: set TMPDIR to a shorter path, for its socket"
        raise ShortageError(message)
    context = multiprocessing.get_context("forkserver")
    start_fork_server()
    pool = pebble.ProcessPool(
        max_workers=workers,
        max_tasks=tasks,
        initializer=settle,
        initargs=(memory,),
        context=context,
    )
    pool.schedule(os.getpid)
    return pool


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


def _answers(calls: Sequence[bytes], cpu: float) -> Sequence[bytes]:
    """Return what came of each call; what large ones took is given back."""
    answers = [_answer(call, cpu) for call in calls]
    if sum(map(len, calls)) > LARGE:
        tidy_up()  # parsers leave documents in cycles, of few and large parts
    return answers


def _answer(call: bytes, cpu: float) -> bytes:
    """Return the pickled outcome of a call, and the traceback where it is an error.

    Pickled here and not by the pool, which an unreadable outcome would break.
    """
    with _processor_time(cpu):
        try:
            work = pickle.loads(call)  # noqa: S301 - what our own parent wrote
            return pickle.dumps((work(), ""))
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
