"""The whole of a SQLite database in one file: taken while others write, checked, put back.

A copy is read in one transaction, so it shows one moment, and as the log is
written ahead, nobody waits for it. It takes its name when it is whole and on
disk: whoever is killed leaves what was there before. PostgreSQL has tools of
its own, which fit the server's version and know how to reach it.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from aggregator.disk import sync
from aggregator.errors import RefusedError, StoreError
from aggregator.store import feeds
from aggregator.store.database import Store
from aggregator.store.dialect import database_file, locked, open_engine
from aggregator.store.part import LOG, beside, part_in

Progress = Callable[[str, int, int], None]

_PAGES = 1000  # copied between two signs of progress
_PATIENCE_S = 5.0
STANDING = "story, not merged"  # among the rows by table
_IN_USE = "others work on {}; stop the daemon first, and let commands end"
_ON_A_SERVER = (
    "this database is PostgreSQL's: `pg_dump --format=custom` takes it, `pg_restore` puts it back"
)

# How each of its files begins (sqlite.org/fileformat.html, 1.3).
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was checked: where it is, its size in bytes, its schema, its rows by table."""

    path: Path
    size: int
    version: str
    rows: Mapping[str, int]


def back_up(url: str, target: Path, now: datetime, progress: Progress) -> Copied:
    """Copy the database at `url` to `target`, and check the copy; others may write meanwhile.

    A folder as the target is given a file named after the moment. A file that
    is there is replaced once the new one is whole.

    Raises:
        RefusedError: the database is not SQLite's, or the target is the database, a device or
            a pipe.
        StoreError: it cannot be read or written, or is damaged.
    """
    path = _file_at(url)
    if target.is_dir():
        target /= f"aggregator-{now:%Y%m%dT%H%M%SZ}.db"
    if target.is_symlink():
        target = target.resolve()
    _refuse_same(path, target)
    _refuse_special(target)
    _refuse_other(target)
    with _errors(path), part_in(target.parent) as part:
        copied = _copy(path, part, progress)
        sync(part)
        part.replace(target)
        sync(target.parent)
        return Copied(target, target.stat().st_size, *copied)


def restore(url: str, file: Path, now: datetime, progress: Progress) -> Path | None:
    """Put a backup in the place of the database at `url`; return where the former one is kept.

    The backup is checked and brought up to date first, beside its place. All
    feeds are to be rendered anew.

    Raises:
        RefusedError: the database is not SQLite's, or others work on it.
        StoreError: the file is no sound backup, or the disk fails us.
    """
    path = _file_at(url)
    _refuse_same(path, file)
    engine = open_engine(url, checkpoints=False)
    with ExitStack() as held:
        try:
            for name in ("daemon", "workers"):
                held.enter_context(locked(engine, name, wait=False))
        except RefusedError as error:
            raise RefusedError(_IN_USE.format(path)) from error
        held.enter_context(_errors(file))
        part = held.enter_context(part_in(path.parent))
        _copy(file, part, progress)
        with Store.open(f"sqlite:///{part}") as store:
            store.write_now(feeds.forget_renderings)
        _close_log(part)
        _take_over_owner(part, path)
        sync(part)
        return _put_in_place(part, path, now)


def _file_at(url: str) -> Path:
    path = database_file(url)
    if path is None:
        raise RefusedError(_ON_A_SERVER)
    return path


def _refuse_same(path: Path, file: Path) -> None:
    if file.resolve() in {beside(path, suffix).resolve() for suffix in ("", *LOG)}:
        message = f"{file} is the database itself; name another file"
        raise RefusedError(message)


def _refuse_special(file: Path) -> None:
    """Refuse a device or a pipe: root would put a file in its place."""
    if file.exists() and not file.is_file():
        message = f"{file} is no ordinary file; name another"
        raise RefusedError(message)


def _refuse_other(file: Path) -> None:
    """Refuse to put a backup in the place of what is none."""
    with suppress(OSError), file.open("rb") as there:
        head = there.read(len(_SQLITE))
        if head and head != _SQLITE:
            message = f"{file} is there already and is no backup; name another"
            raise RefusedError(message)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{error.filename or path}: {error.strerror or error}"
        raise StoreError(message) from error
    except sqlite3.Error as error:
        message = f"{path}: {error}"
        raise StoreError(message) from error


def _copy(source: Path, part: Path, progress: Progress) -> tuple[str, Mapping[str, int]]:
    """Copy the database as it is at this moment; return its version and rows, as the copy has them.

    Raises:
        StoreError: it is not ours, or damaged.
    """
    with closing(_opened(source)) as database:
        database.execute("BEGIN")
        expected = _contents(database, source)
        with closing(sqlite3.connect(part, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")  # it is synced once it is whole
            database.backup(
                copy,
                pages=_PAGES,
                progress=lambda _, left, total: progress("copy", total - left, total),
            )
    _close_log(part)
    progress("check", 0, 1)
    with closing(_opened(part)) as copy:
        for pragma in ("integrity_check(1)", "foreign_key_check"):
            for row in copy.execute(f"PRAGMA {pragma}"):
                if row != ("ok",):
                    message = f"{source} is damaged ({' '.join(map(str, row))}); see `doctor`"
                    raise StoreError(message)
        found = _contents(copy, source)
    if found != expected:
        message = f"the copy of {source} holds other rows than it; check the disk, then try again"
        raise StoreError(message)
    progress("check", 1, 1)
    return found


def _opened(path: Path) -> sqlite3.Connection:
    """Return a connection to a database that is there; it leaves the log as it is."""
    uri = f"file:{quote(str(path.absolute()))}?mode=rw"
    try:
        database = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_PATIENCE_S)
    except sqlite3.OperationalError as error:
        reason = "cannot be read" if path.exists() else "no such file"
        message = f"{path}: {reason}"
        raise StoreError(message) from error
    database.execute("PRAGMA wal_autocheckpoint = 0")
    return database


def _contents(database: sqlite3.Connection, path: Path) -> tuple[str, Mapping[str, int]]:
    """Return the schema's version and how many rows each table of ours has."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
    names = sorted(name for (name,) in database.execute(query))
    if "alembic_version" not in names:
        message = f"{path}: no database of the aggregator's; name a file that `backup` wrote"
        raise StoreError(message)
    (version,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    rows = {
        name: int(database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608
        for name in names
    }
    query = "SELECT count(*) FROM story WHERE merged_into_id IS NULL"
    return str(version), {**rows, STANDING: int(database.execute(query).fetchone()[0])}


def _close_log(path: Path) -> None:
    """Take what the log holds into the database's file, which is whole without it then."""
    with closing(_opened(path)) as database:
        database.execute("PRAGMA journal_mode = DELETE")


def _take_over_owner(part: Path, path: Path) -> None:
    """Let the file belong to whom the former one belonged to: root restores for a service."""
    former = path if path.exists() else path.parent
    facts = former.stat()
    with suppress(PermissionError):
        os.chown(part, facts.st_uid, facts.st_gid)
    if former == path:
        part.chmod(facts.st_mode & 0o777)


def _put_in_place(part: Path, path: Path, now: datetime) -> Path | None:
    """Give the part its name; return that of the former database, None where there was none.

    At any moment one or the other stands whole under the database's name, and
    the former one under one of its names at least.
    """
    kept, there = _free_name(path, now), path.exists()
    if there:
        _keep_log(path, kept)
        kept.hardlink_to(path)
        sync(path.parent)
    # The log of one database must never be taken for another's.
    for suffix in LOG:
        beside(path, suffix).unlink(missing_ok=True)
    sync(path.parent)
    part.replace(path)
    sync(path.parent)
    return kept if there else None


def _free_name(path: Path, now: datetime) -> Path:
    """Return what the former database is to be called; second names of the present one go."""
    for other in path.parent.glob(f"{path.name}.before-*"):
        if path.exists() and other.samefile(path):
            other.unlink()
    free = beside(path, f".before-{now:%Y%m%dT%H%M%SZ}")
    while free.exists():
        free = beside(free, "+")
    return free


def _keep_log(path: Path, kept: Path) -> None:
    """Take the log into the database, which SQLite grants to one alone.

    One that is damaged is kept as it is, with a copy of its log: SQLite would
    throw away what it cannot read.

    Raises:
        RefusedError: somebody has it open.
    """
    log, kept_log = (beside(database, "-wal") for database in (path, kept))
    if log.exists():
        shutil.copyfile(log, kept_log)
        sync(kept_log)
    try:
        _close_log(path)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            kept_log.unlink(missing_ok=True)
            raise RefusedError(_IN_USE.format(path)) from error
    except StoreError:
        pass  # no permission to write it, which a rename does not need
    else:
        kept_log.unlink(missing_ok=True)
