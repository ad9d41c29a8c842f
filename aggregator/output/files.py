"""Published files: replaced whole or not at all, and only when they differ."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IFREG, S_ISREG
from tempfile import NamedTemporaryFile

from aggregator.disk import sync
from aggregator.errors import StoreError

_MODE = 0o644  # nginx and others read what we publish


def write_published(path: Path, data: bytes) -> bool:
    """Return whether the file had to be written; makes its directory where it is missing.

    A reader sees the old bytes or the new, also after a power cut: they are
    written next to their place, synced and renamed. Which of them it is after
    one is settled by `settle`.

    Raises:
        StoreError: The disk is full, read-only or in the way; the old file stands.
    """
    with _reported(path):
        if _holds(path, data):
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
        return True


def settle(directory: Path) -> None:
    """Have the names that were written in a directory outlast a power cut.

    Raises:
        StoreError: The disk does not take them.
    """
    with _reported(directory):
        sync(directory)


def stamp_of(path: Path | str) -> str | None:
    """Return a mark that changes whenever anybody writes the file; None where there is none.

    The time of its last change cannot be set back, as that of its contents can.
    """
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    return f"{facts.st_ctime_ns}-{facts.st_size}-{facts.st_ino}"


def sweep(directory: Path) -> int:
    """Return how many leftovers of a crash were removed, here and one level below.

    A file that somebody is still writing is locked, and stays.

    Raises:
        StoreError: A leftover cannot be removed.
    """
    with _reported(directory):
        found = [*directory.glob(".*.tmp"), *directory.glob("*/.*.tmp")]
        return sum(_remove_abandoned(path) for path in found)


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"{path}: cannot be published: {reason}; check publish.directory and its disk"
        raise StoreError(message) from error


def _holds(path: Path, data: bytes) -> bool:
    """Return whether it is a file as we write them, and holds this."""
    try:
        facts = path.lstat()
        as_written = (S_IFREG | _MODE, len(data))
        return (facts.st_mode, facts.st_size) == as_written and path.read_bytes() == data
    except (FileNotFoundError, PermissionError):
        return False


def _replace(path: Path, data: bytes) -> None:
    with NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", suffix=".tmp", delete=False
    ) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), _MODE)
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _remove_abandoned(path: Path) -> bool:
    with suppress(FileNotFoundError, BlockingIOError):
        if not S_ISREG(path.lstat().st_mode):
            return False  # nothing of ours, and to open it might take for ever
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
            return True
    return False
