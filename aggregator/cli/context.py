"""What stands before the command, and what a command begins with: the settings, the store."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from aggregator.logs import configure_logs
from aggregator.settings import Settings, load_settings
from aggregator.store.database import Store


@dataclass(frozen=True, slots=True)
class Context:
    """What the options before the command say."""

    config: Path | None

    def settings(self) -> Settings:
        """Return the settings; commands talk through their output, so logs keep to errors."""
        settings = load_settings(self.config)
        configure_logs("error", settings.log.format)
        return settings


def settings_of(context: typer.Context) -> Settings:
    """Return the settings that the command line asks for."""
    found = context.find_object(Context)
    return (found or Context(None)).settings()


@contextmanager
def open_store(context: typer.Context) -> Iterator[Store]:
    """Yield the store that the command line asks for."""
    with Store.open(settings_of(context).database.url) as store:
        yield store


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)
