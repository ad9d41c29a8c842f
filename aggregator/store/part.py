"""A database in the making: beside its place, ours alone, renamed when it is whole."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aggregator.errors import RefusedError, StoreError

LOG = ("-wal", "-shm")
_PART = ".aggregator-copy.part"
_BESIDE = (*LOG, "-journal", ".schema.lock", ".journal.lock")


def beside(path: Path, suffix: str) -> Path:
    """Return the file that a database of this name has beside it."""
    return path.with_name(path.name + suffix)


@contextmanager
def part_in(folder: Path) -> Iterator[Path]:
    """Yield an empty file that only we read, gone in the end unless it was renamed.

    What a killed process left there is used again.

    Raises:
        RefusedError: another is at work on one there.
        StoreError: no file can be made there.
    """
    path = folder / _PART
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = f"{folder}: no file can be made there: {error.strerror}"
        raise StoreError(message) from error
    with os.fdopen(descriptor, "r+b") as file, ExitStack() as leftovers:
        if not is_ours_alone(path, descriptor):
            message = f"another backup or restore is at work in {folder}; try again after it"
            raise RefusedError(message)
        leftovers.callback(path.unlink, missing_ok=True)
        for suffix in _BESIDE:
            leftover = beside(path, suffix)
            leftover.unlink(missing_ok=True)
            leftovers.callback(leftover.unlink, missing_ok=True)
        os.fchmod(descriptor, 0o600)
        file.truncate(0)
        yield path


def is_ours_alone(path: Path, descriptor: int) -> bool:
    """Return whether we have locked the file, and it is still the one of that name.

    Another may have finished with it, and renamed what we opened.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except (BlockingIOError, FileNotFoundError):
        return False
