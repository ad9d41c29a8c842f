"""The door to the database: sessions that read, sessions that write, grouped commits."""

import asyncio
import queue
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any, Self, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from aggregator.errors import StoreError
from aggregator.store.dialect import exclusive, open_engine
from aggregator.store.migrate import upgrade

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
        with _store_errors():
            upgrade(engine)
        return cls(engine)

    def close(self) -> None:
        """Finish what waits to be written and close every connection."""
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

    def lock(self, name: str, *, wait: bool = True) -> AbstractContextManager[None]:
        """Return the lock `name`, held among all processes on this database."""
        return exclusive(self._engine, name, wait=wait)

    def _submit(self, work: Callable[[Session], T]) -> Future[T]:
        done: Future[T] = Future()
        # A future that runs cannot be cancelled: what was handed in is written.
        done.set_running_or_notify_cancel()
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
        results: list[tuple[Future[Any], Any]] = []
        try:
            with _store_errors(), self._writing_session() as session:
                for job in group:
                    try:
                        with _store_errors(), session.begin_nested():
                            results.append((job.done, job.work(session)))
                    except Exception as error:  # noqa: BLE001 - it is the caller's, handed back
                        job.done.set_exception(error)
        except StoreError as error:
            for done, _ in results:
                done.set_exception(error)
            return
        for done, result in results:
            done.set_result(result)

    @contextmanager
    def _writing_session(self) -> Iterator[Session]:
        with self._engine.connect().execution_options(writes=True) as connection:
            session = Session(connection, join_transaction_mode="rollback_only")
            with connection.begin(), session:
                yield session
                session.flush()


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        message = f"database: {str(error.orig).splitlines()[0]}"
        raise StoreError(message) from error
