"""Where things are: the configuration, the state, and what relative paths start from."""

import os
from pathlib import Path

from aggregator.errors import SettingsError

SYSTEM = Path("/etc/aggregator")
# Of the configuration folder: the sources to begin with.
STARTER_SOURCES = "sources.opml"


def configuration_folder(named: Path | None) -> Path | None:
    """Return the configuration folder, None where there is none.

    In order: the one that is named, `AGGREGATOR_CONFIG`, `./config`,
    `/etc/aggregator`.

    Raises:
        SettingsError: a folder is named and is not there.
    """
    variable = os.environ.get("AGGREGATOR_CONFIG")
    if named is None and variable:
        return _existing(Path(variable), "AGGREGATOR_CONFIG: ")
    if named is not None:
        return _existing(named, "")
    return next((folder for folder in (Path("config"), SYSTEM) if folder.is_dir()), None)


def starter_folder() -> Path:
    """Return the configuration that comes with the program: its rules stand where no folder is."""
    packaged = Path(__file__).parents[1] / "starter"
    return packaged if packaged.is_dir() else _checkout() / "config"


def state_folder() -> Path:
    """Return systemd's state directory, else `var` where the program is at home."""
    return _service_state() or _checkout() / "var"


def home_folder() -> Path:
    """Return what `publish.directory` starts from: a service's state, else the checkout."""
    return _service_state() or _checkout()


def unread_folder() -> Path | None:
    """Return the configuration of the checkout whose state is used, where none was found.

    Who calls its program from another folder works on its database by other settings.
    """
    beside = _checkout() / "config"
    return beside if _service_state() is None and beside.is_dir() else None


def _existing(folder: Path, variable: str) -> Path:
    try:
        found = folder.is_dir()
    except OSError:
        found = False
    if not found:
        msg = f"{variable}{folder}: no such folder; name the one that holds aggregator.toml"
        raise SettingsError(msg)
    return folder


def _service_state() -> Path | None:
    """Return the first of the directories that systemd names, separated by colons."""
    first = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return Path(first).absolute() if first else None


def _checkout() -> Path:
    """Return the folder of the checkout that we run from, else the current one."""
    beside = Path(__file__).parents[2]
    return beside if (beside / "pyproject.toml").is_file() else Path.cwd()
