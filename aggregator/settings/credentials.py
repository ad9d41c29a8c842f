"""Settings that a service manager hands over as files: systemd's credentials.

`LoadCredential=aggregator.database.url` puts a file of that name into the folder
`$CREDENTIALS_DIRECTORY`, which nobody else can read and no child inherits
(systemd.exec(5)). A variable of the environment has the last word.
"""

import os
from pathlib import Path

from aggregator.errors import SettingsError

_PREFIX = "aggregator."


def credentials() -> dict[tuple[str, ...], str]:
    """Return the values handed over, by section and key; names that are not ours are left alone.

    Raises:
        SettingsError: one is there and cannot be read.
    """
    return {_path(file): _text(file) for file in _files()}


def credential_files() -> dict[tuple[str, ...], str]:
    """Return the file of each value handed over, by section and key."""
    return {_path(file): str(file) for file in _files()}


def _files() -> list[Path]:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return sorted(Path(folder).glob(f"{_PREFIX}*.*")) if folder else []


def _path(file: Path) -> tuple[str, ...]:
    return tuple(file.name.removeprefix(_PREFIX).split("."))


def _text(file: Path) -> str:
    """Return what the file says; an editor ends it with a line break that is not meant."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        message = f"{file}: {reason}; a credential is a file of text that the service can read"
        raise SettingsError(message) from error
