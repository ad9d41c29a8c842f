"""What to do where a file cannot be used as a database at all."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from aggregator.errors import StoreError

_UNWRITABLE = "cannot be written; see the permissions of the file and of its folder"

# What to do where SQLite cannot begin, by the name of its error.
_ADVICE = {
    "SQLITE_NOTADB": "is no SQLite database; set database.url to another file, or `restore` one",
    "SQLITE_CANTOPEN": "cannot be opened; see the permissions of the file and of its folder",
    "SQLITE_READONLY": _UNWRITABLE,
    # No log can be made beside a file that was used before.
    "SQLITE_READONLY_DIRECTORY": _UNWRITABLE,
}


@contextmanager
def first_use(engine: Engine) -> Iterator[None]:
    """Raise a StoreError that says what to do, where a file cannot be used at all."""
    try:
        yield
    except DBAPIError as error:
        advice = _ADVICE.get(getattr(error.orig, "sqlite_errorname", ""))
        if advice is None:
            raise
        message = f"database: {engine.url.database} {advice}"
        raise StoreError(message) from error
