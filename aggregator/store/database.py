"""The door to the database: sessions that read, sessions that write, grouped commits."""

import asyncio
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from threading import Lock, Thread
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, NestedTransaction
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from aggregator.errors import StoreError
from aggregator.store.dialect import locked, open_engine
from aggregator.store.first_use import first_use
from aggregator.store.holding import hold
from aggregator.store.schema import bring_up_to_date

__all__ = ["Session", "Store"]

T = TypeVar("T")
ItemT = TypeVar("ItemT")
Together = Callable[[Session, Sequence[ItemT]], Sequence[T]]
# Given "read" or "write", what measures how long that takes.
Timed = Callable[[str], AbstractContextManager[object]]

LARGEST_GROUP = 64
# What can be written together waits so long for the next, up to so many: among sixteen each takes
# half of the time that it takes by itself, or less.
PATIENCE_S = 0.025
ENOUGH = 16
READERS = 4


@dataclass(slots=True)
class _Job:
    """Work on a session; `together` names what does the like for many items at once."""

    work: Callable[[Session], Any]
    done: Future[Any]
    together: Together[Any, Any] | None = None
    item: Any = None


class Store:
    """The database, open: `read` and `write` take functions of a session.

    Writes go through one thread and one connection. Those that wait together
    are committed together, each behind its own savepoint: one that fails
    takes nothing of its neighbours with it, and nobody is told "written"
    before the commit is on disk.
    """

    def __init__(self, engine: Engine, timed: Timed = nullcontext) -> None:
        self._engine = engine
        self._timed = timed
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._door = Lock()
        self._closed = False
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._writer = Thread(target=self._write_groups, name="store-write", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, url: str, *, checkpoints: bool = False, timed: Timed = nullcontext) -> Self:
        """Return the store at `url`, its schema brought up to date.

        Raises:
            SettingsError: `url` cannot be a database of ours.
            StoreError: it cannot be opened, is of a later version, or another program's.
        """
        engine = open_engine(url, checkpoints=checkpoints)
        try:
            with _store_errors(), first_use(engine):
                bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, timed)

    def close(self) -> None:
        """Finish what waits to be written and close every connection."""
        with self._door:
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        self._readers.shutdown()
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return the open store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    async def read(self, work: Callable[[Session], T]) -> T:
        """Return what `work` reads, from one consistent view."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.read_now, work)

    def read_now(self, work: Callable[[Session], T]) -> T:
        """Return what `work` reads, blocking the caller's thread."""
        with self._timed("read"), _store_errors(), Session(self._engine) as session:
            return work(session)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Return what `work` returns once its changes are on disk.

        A caller that is cancelled meanwhile does not undo the change.
        """
        return await asyncio.wrap_future(self._submit(work))

    async def write_together(self, work: Together[ItemT, T], item: ItemT) -> T:
        """Return what `work` returns for the item once its changes are on disk.

        The items that wait together are given to `work` together: it returns
        an answer for each, in order. Should it fail, each is tried by itself.
        """

        def alone(session: Session) -> T:
            return work(session, [item])[0]

        return await asyncio.wrap_future(self._submit(alone, work, item))

    def write_now(self, work: Callable[[Session], T]) -> T:
        """Return what `work` returns once its changes are on disk, blocking."""
        return self._submit(work).result()

    @contextmanager
    def lock(self, name: str, *, wait: bool = True) -> Iterator[None]:
        """Hold the lock `name` among all processes on this database.

        Raises:
            RefusedError: `wait` is False and another process holds it.
            StoreError: it cannot be had, or was lost with its connection.
        """
        with _store_errors(), locked(self._engine, name, wait=wait):
            yield

    @contextmanager
    def hold(self, name: str, *, shared: bool = False) -> Iterator[Callable[[], bool]]:
        """Hold the lock `name` for as long as a process lives, alone or `shared`.

        Yields what takes it again where it was lost with its connection, and
        returns whether it was; raises RefusedError where another process has
        it for itself. At first, who shares waits for that one.

        Raises:
            RefusedError: it is not shared, and another process holds it.
            StoreError: it cannot be had.
        """
        with ExitStack() as held:
            with _store_errors():
                lock = held.enter_context(hold(self._engine, name, shared=shared))

            def renew() -> bool:
                with _store_errors():
                    return lock.renew()

            yield renew

    def _submit(
        self,
        work: Callable[[Session], T],
        together: Together[Any, T] | None = None,
        item: object = None,
    ) -> Future[T]:
        done: Future[T] = Future()
        # A future that runs cannot be cancelled: what was handed in is written.
        done.set_running_or_notify_cancel()
        with self._door:
            if self._closed:
                message = "the database is closed: nothing more is written"
                raise StoreError(message)
            self._jobs.put(_Job(work, done, together, item))
        return done

    def _write_groups(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            while len(group) < LARGEST_GROUP:
                waits = len(group) < ENOUGH and all(each.together for each in group)
                try:
                    following = self._jobs.get(timeout=PATIENCE_S * waits)
                except queue.Empty:
                    break
                if following is None:
                    self._jobs.put(None)
                    break
                group.append(following)
            self._write_group(group)

    def _write_group(self, group: list[_Job]) -> None:
        try:
            with self._timed("write"), _store_errors(), self._engine.connect() as connection:
                connection.execution_options(writes=True)
                with connection.begin():
                    outcomes = _attempt_all(connection, group)
        except Exception as error:  # noqa: BLE001 - it is the callers', handed back
            outcomes = [partial(job.done.set_exception, error) for job in group]
        for tell in outcomes:
            tell()


def _attempt_all(connection: Connection, group: Sequence[_Job]) -> list[Callable[[], None]]:
    """Do the jobs, those of one kind together; return what tells their callers how they ended."""
    kinds: dict[object, list[_Job]] = {}
    for job in group:
        kinds.setdefault(job.together or id(job), []).append(job)
    return [outcome for jobs in kinds.values() for outcome in _outcomes(connection, jobs)]


def _outcomes(connection: Connection, jobs: Sequence[_Job]) -> Iterator[Callable[[], None]]:
    together = jobs[0].together
    if together is not None and len(jobs) > 1:
        items = [job.item for job in jobs]
        results, error = _attempt(connection, lambda session: together(session, items))
        if error is None:
            yield from (
                partial(job.done.set_result, result)
                for job, result in zip(jobs, results, strict=True)
            )
            return
    for job in jobs:
        result, error = _attempt(connection, job.work)
        yield (
            partial(job.done.set_exception, error)
            if error
            else partial(job.done.set_result, result)
        )


def _attempt(
    connection: Connection, work: Callable[[Session], Any]
) -> tuple[Any, Exception | None]:
    """Do the work behind a savepoint; return what it returns, or the error that it ended with.

    An error that takes the whole transaction with it is raised: a full disk
    and a lost connection do, and the neighbours must not be told "written".
    The session has a savepoint of its own, whose loss it would keep to itself.
    """
    savepoint = connection.begin_nested()
    try:
        with _store_errors(), _session(connection) as session, session.begin():
            result = work(session)
    except Exception as error:
        if not _undone(connection, savepoint):
            raise
        return None, error
    savepoint.commit()
    return result, None


def _session(connection: Connection) -> Session:
    return Session(connection, join_transaction_mode="create_savepoint")


def _undone(connection: Connection, savepoint: NestedTransaction) -> bool:
    """Return whether what stood before the savepoint still stands."""
    try:
        savepoint.rollback()
    except DBAPIError:
        return False
    return not connection.invalidated


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        cause = _first(error).orig
        reason = str(cause).partition("\n")[0]
        if getattr(cause, "sqlite_errorname", "") == "SQLITE_READONLY":
            reason += "; `aggregator doctor` says which file may not be written"
        message = f"database: {reason}"
        raise StoreError(message) from error
    except UnicodeEncodeError as error:
        message = f"database: text that is no Unicode cannot be stored or looked for ({error})"
        raise StoreError(message) from error


def _first(error: DBAPIError) -> DBAPIError:
    """Return what went wrong first: a rollback that fails hides why there was one."""
    earlier = error.__context__
    while earlier is not None:
        if isinstance(earlier, DBAPIError):
            error = earlier
        earlier = earlier.__context__
    return error
