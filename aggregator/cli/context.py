"""What a command begins with: the settings, the store, the present moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from aggregator.cli.given import Given
from aggregator.cli.lines import talk
from aggregator.errors import NoSuchError
from aggregator.logs import configure_logs, get_logger
from aggregator.settings import Settings, ignored_variables, load_settings
from aggregator.settings.places import unread_folder
from aggregator.store.database import Store
from aggregator.store.dialect import database_file

logger = get_logger(__name__)


def config_folder(context: typer.Context) -> Path | None:
    """Return the configuration folder that the command line names, None where it names none."""
    return (context.find_object(Given) or Given()).config


def settings_of(context: typer.Context) -> Settings:
    """Return the settings; commands talk through their output, so logs keep to errors."""
    settings = load_settings(config_folder(context))
    configure_logs("error", settings.log.format)
    if settings.folder is None and (unread := unread_folder()):
        talk(f"no ./config here, so the defaults hold: `--config {unread}` has its settings read")
    return settings


def warn_of_ignored_variables() -> None:
    """Log which variables look like settings and are none: they may have been meant as some."""
    for remark in ignored_variables():
        logger.warning("variable.ignored", reason=remark)


@contextmanager
def open_store(context: typer.Context) -> Iterator[Store]:
    """Yield the store, to do something with what it holds.

    Raises:
        NoSuchError: there is none yet, so it holds nothing.
    """
    settings = settings_of(context)
    if missing := _missing(settings):
        raise NoSuchError(missing)
    with Store.open(settings.database.url) as store:
        yield store


@contextmanager
def reading_store(settings: Settings) -> Iterator[Store]:
    """Yield the store to look something up in; where there is none yet, an empty one.

    A path that was mistyped must not become a database because somebody looked there.
    """
    missing = _missing(settings)
    if not missing:
        with Store.open(settings.database.url) as store:
            yield store
        return
    talk(missing)
    with TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/empty.db") as store:
        yield store


def _missing(settings: Settings) -> str:
    """Return what to say where there is no database yet, "" where there is one."""
    file = database_file(settings.database.url)
    if file is None:
        return ""
    nearest = next(path for path in (file, *file.parents) if path.exists())
    if nearest == file or not nearest.is_dir():  # what stands in the way, opening it tells
        return ""
    return (
        f"there is no database yet at {file}: `aggregator add-source URL`, `import-opml FILE` and "
        "`run` begin one; if there should be one, check database.url and STATE_DIRECTORY"
    )
