"""The door to the database: sessions that read, sessions that write, grouped commits."""

import asyncio
import queue
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Lock, Thread
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, NestedTransaction
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from aggregator.errors import StoreError
from aggregator.store.dialect import exclusive, open_engine
from aggregator.store.schema import bring_up_to_date

__all__ = ["Session", "Store"]

T = TypeVar("T")

LARGEST_GROUP = 64
READERS = 4


@dataclass(slots=True)
class _Job:
    work: Callable[[Session], Any]
    done: Future[Any]


class Store:
    """The database, open: `read` and `write` take functions of a session.

    Writes go through one thread and one connection. Those that wait together
    are committed together, each behind its own savepoint: one that fails
    takes nothing of its neighbours with it, and nobody is told "written"
    before the commit is on disk.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._door = Lock()
        self._closed = False
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._writer = Thread(target=self._write_groups, name="store-write", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, url: str, *, checkpoints: bool = False) -> Self:
        """Return the store at `url`, its schema brought up to date.

        Raises:
            SettingsError: `url` cannot be a database of ours.
            StoreError: it cannot be opened, or is of a later version.
        """
        engine = open_engine(url, checkpoints=checkpoints)
        try:
            with _store_errors():
                bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

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
        with _store_errors(), Session(self._engine) as session:
            return work(session)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Return what `work` returns once its changes are on disk.

        A caller that is cancelled meanwhile does not undo the change.
        """
        return await asyncio.wrap_future(self._submit(work))

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
        with _store_errors(), exclusive(self._engine, name, wait=wait):
            yield

    def _submit(self, work: Callable[[Session], T]) -> Future[T]:
        done: Future[T] = Future()
        # A future that runs cannot be cancelled: what was handed in is written.
        done.set_running_or_notify_cancel()
        with self._door:
            if self._closed:
                message = "the database is closed: nothing more is written"
                raise StoreError(message)
            self._jobs.put(_Job(work, done))
        return done

    def _write_groups(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            while len(group) < LARGEST_GROUP:
                try:
                    following = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    self._jobs.put(None)
                    break
                group.append(following)
            self._write_group(group)

    def _write_group(self, group: list[_Job]) -> None:
        try:
            with _store_errors(), self._engine.connect() as connection:
                connection.execution_options(writes=True)
                with connection.begin():
                    outcomes = [_attempt(connection, job) for job in group]
        except Exception as error:  # noqa: BLE001 - it is the callers', handed back
            outcomes = [partial(job.done.set_exception, error) for job in group]
        for tell in outcomes:
            tell()


def _attempt(connection: Connection, job: _Job) -> Callable[[], None]:
    """Do the job behind a savepoint; return what tells its caller how it ended.

    An error that takes the whole transaction with it is raised: a full disk
    and a lost connection do, and the neighbours must not be told "written".
    The session has a savepoint of its own, whose loss it would keep to itself.
    """
    savepoint = connection.begin_nested()
    try:
        with _store_errors(), _session(connection) as session, session.begin():
            result = job.work(session)
    except Exception as error:
        if not _undone(connection, savepoint):
            raise
        return partial(job.done.set_exception, error)
    savepoint.commit()
    return partial(job.done.set_result, result)


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
        message = f"database: {str(_first(error).orig).partition(chr(10))[0]}"
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
