"""Everything in which SQLite and PostgreSQL differ; no other module asks which it is.

But how they hold moments (`moments.py`).
"""

import fcntl
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from aggregator.errors import RefusedError, SettingsError, StoreError
from aggregator.store.as_json import as_json

BUSY_TIMEOUT_MS = 30_000
# By the names that a URL may give; PostgreSQL without a driver means ours.
DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
# Text is text whatever the locale. A server that is gone without a word is missed after a minute,
# not two hours (libpq, 34.1.2): seconds, but for the last, which is in milliseconds.
_TO_SERVERS: Mapping[str, str | int] = {
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
NOT_OURS = "database.url: not a database URL; allowed: sqlite:///FILE, postgresql+psycopg://…"


def open_engine(url: str, *, checkpoints: bool) -> Engine:
    """Return an engine for the database at `url`, made if it is a missing SQLite file.

    `checkpoints`: whether this process's connections may checkpoint SQLite's
    log while they work. Only the daemon's may: SQLite before 3.51.3 has a rare
    race between two checkpointing connections that loses the log.

    Raises:
        SettingsError: the URL names no dialect that we know, or its driver is missing.
        StoreError: the folder of the file cannot be made, or the file is itself a folder.
    """
    parsed = _parsed(url)
    try:
        engine = create_engine(
            parsed,
            pool_pre_ping=parsed.get_backend_name() != "sqlite",
            json_serializer=as_json,
            connect_args=_connect_args(parsed),
        )
    except ModuleNotFoundError as error:
        message = (
            f"database.url: the driver {error.name} is missing; install aggregator[postgresql]"
        )
        raise SettingsError(message) from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, checkpoints=checkpoints)
    else:
        _prepare_postgresql(engine)
    return engine


def database_file(url: str) -> Path | None:
    """Return the file of the SQLite database at `url`, None where a server keeps it.

    Raises:
        SettingsError: the URL names no dialect that we know.
    """
    parsed = _parsed(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def keeps_a_file(engine: Engine) -> bool:
    """Return whether the database is a file, and no server's."""
    return engine.dialect.name == "sqlite"


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise SettingsError(NOT_OURS) from error
    if parsed.drivername not in DRIVERS:
        raise SettingsError(NOT_OURS)
    return parsed.set(drivername=DRIVERS[parsed.drivername])


def _connect_args(parsed: URL) -> dict[str, str | int]:
    """Return what to ask of a server's driver, but for what the URL says itself."""
    if parsed.get_backend_name() == "sqlite":
        return {}
    return {name: value for name, value in _TO_SERVERS.items() if name not in parsed.query}


def _prepare_sqlite(engine: Engine, *, checkpoints: bool) -> None:
    path = Path(engine.url.database or "")
    if engine.url.database in {None, "", ":memory:"}:
        message = "database.url: SQLite needs a file, as in sqlite:///var/aggregator.db"
        raise SettingsError(message)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot make {path.parent}: {error.strerror}"
        raise StoreError(message) from error
    if path.is_dir():
        message = f"{path} is a folder; let database.url name a file, as sqlite:///{path}/news.db"
        raise StoreError(message)

    _stay_with_file(engine, path)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
        # SQLAlchemy opens transactions itself below: the driver must not.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            # Of two that change it at once, one is refused whatever its timeout.
            with _file_lock(Path(f"{path}.journal.lock"), wait=True):
                cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        if not checkpoints:
            cursor.execute("PRAGMA wal_autocheckpoint = 0")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A reader that turns into a writer can fail half-way; a writer says so at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _stay_with_file(engine: Engine, path: Path) -> None:
    """Use the file that stands at the path at first, made for its owner alone if there is none.

    And no other: it may be gone, and back.

    What is written to a file without a name is lost. A new file would be empty, and another one
    would be given what the log still holds of the first.
    """
    first: list[tuple[int, int]] = []

    def check(*_: object) -> None:
        if first and _file_number(path) != first[0]:
            raise _unusable(path, " is another file than at the start; restart to use it")

    def make(*_: object) -> None:
        # Addresses of feeds may hold keys. SQLite gives its log and index the file's own mode.
        with suppress(OSError):  # most often it is there; what else is wrong SQLite will say
            path.touch(mode=0o600, exist_ok=False)

    event.listen(engine, "do_connect", check)
    event.listen(engine, "do_connect", make)
    event.listen(engine, "checkout", check)

    @event.listens_for(engine, "connect")
    def _on_connect(*_: object) -> None:
        first[:] = first or [_file_number(path)]


def _file_number(path: Path) -> tuple[int, int]:
    """Return what tells the file from any other."""
    try:
        facts = path.stat()
    except OSError as error:
        raise _unusable(path, f": {error.strerror}; put it back") from error
    return facts.st_dev, facts.st_ino


def _unusable(path: Path, why: str) -> OperationalError:
    return OperationalError(None, None, FileNotFoundError(f"{path}{why}"))


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
        if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
            message = (
                f"database.url: a database in {encoding} cannot hold all that is written; make one "
                "in UTF8: createdb --encoding=UTF8 --template=template0 NAME"
            )
            raise StoreError(message)

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # Otherwise every statement of a reader would see another moment.
        if not _writes(connection):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _writes(connection: Connection) -> bool:
    writes: bool = connection.get_execution_options().get("writes", False)
    return writes


def integrity_faults(connection: Connection) -> list[str]:
    """Return what is damaged, a line each: pages, references, indexes that are not to be used."""
    queries: tuple[str, ...]
    if connection.dialect.name == "sqlite":
        queries = ("PRAGMA integrity_check(10)", "PRAGMA foreign_key_check")
    else:
        queries = ("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid",)
    rows = (row for query in queries for row in connection.exec_driver_sql(query))
    return [" ".join(map(str, row)) for row in rows if tuple(row) != ("ok",)]


def reusable_bytes(connection: Connection) -> int | None:
    """Return how much of the database's file is free for what comes; None where a server knows."""
    if connection.dialect.name != "sqlite":
        return None
    pages, size = (
        connection.exec_driver_sql(f"PRAGMA {fact}").scalar_one()
        for fact in ("freelist_count", "page_size")
    )
    return int(pages * size)


@contextmanager
def locked(
    engine: Engine, name: str, *, wait: bool = True, shared: bool = False
) -> Iterator[Callable[[], bool]]:
    """Hold the lock `name` among all processes that share the database, alone or `shared`.

    Yields what tells whether it is held still.

    It is the kernel's (SQLite: a lock on a file beside the database) or the
    server's (PostgreSQL: a session's advisory lock), so it ends with its
    holder, however that ends.

    Raises:
        RefusedError: `wait` is False and another process holds it, of which not both share it.
    """
    if engine.dialect.name == "sqlite":
        with _file_lock(Path(f"{engine.url.database}.{name}.lock"), wait=wait, shared=shared):
            yield lambda: True
    else:
        with _advisory_lock(engine, name, wait=wait, shared=shared) as connection:
            yield partial(_is_alive, connection)


@contextmanager
def _file_lock(path: Path, *, wait: bool, shared: bool = False) -> Iterator[None]:
    try:
        file = path.open("a")
    except OSError as error:
        message = f"cannot open {path}: {error.strerror}"
        raise StoreError(message) from error
    with file:
        try:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(file, kind | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            message = f"another process holds {path.name}"
            raise RefusedError(message) from error
        yield


@contextmanager
def _advisory_lock(engine: Engine, name: str, *, wait: bool, shared: bool) -> Iterator[Connection]:
    number = zlib.crc32(f"aggregator.{name}".encode())
    options = {"isolation_level": "AUTOCOMMIT", "writes": True}
    with engine.connect().execution_options(**options) as connection:
        kind = "_shared" if shared else ""
        call = f"pg_advisory_lock{kind}" if wait else f"pg_try_advisory_lock{kind}"
        held = connection.execute(text(f"SELECT {call}(:number)"), {"number": number}).scalar()
        if held is False:
            message = f"another process holds the lock {name}"
            raise RefusedError(message)
        try:
            yield connection
        finally:
            give_back = text(f"SELECT pg_advisory_unlock{kind}(:number)")
            connection.execute(give_back, {"number": number})


def _is_alive(connection: Connection) -> bool:
    """Return whether the server knows the connection still, and so its locks."""
    if connection.closed or connection.invalidated:
        return False
    try:
        connection.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True
