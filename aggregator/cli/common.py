"""What all commands share: the context, what is printed where, and how errors end."""

import asyncio
import codecs
import json
import re
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column, Table
from rich.text import Text

from aggregator.desk import Desk, open_desk
from aggregator.dispatch import sole_worker
from aggregator.logs import configure_logs
from aggregator.settings import Settings, format_duration, load_settings
from aggregator.store.database import Store

T = TypeVar("T")

# Control characters, line separators and what turns the reading direction: nothing that a
# source says may command a terminal. Each can stand in JSON as its escape.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


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


def at_desk(context: typer.Context, work: Callable[[Desk], Coroutine[None, None, T]]) -> T:
    """Return what the work at a desk comes to."""
    settings = settings_of(context)

    async def sit_down(store: Store) -> T:
        async with open_desk(settings, store, utc_now) as desk:
            return await work(desk)

    with Store.open(settings.database.url) as store, sole_worker(store):
        return asyncio.run(sit_down(store))


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def printable(text: object) -> str:
    """Return the text on one line, with nothing in it that commands a terminal."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(text))


def print_json(document: Mapping[str, object] | Sequence[object]) -> None:
    """Print one JSON document on stdout: ISO 8601 UTC times, durations as in the settings."""
    plain = codecs.lookup(sys.stdout.encoding).name != "utf-8"
    text = json.dumps(document, default=_plain, ensure_ascii=plain, indent=2)
    # The line feeds between the members are the layout's: those in texts are escaped already.
    sys.stdout.write(_UNPRINTABLE.sub(_escape, text) + "\n")


def _escape(match: re.Match[str]) -> str:
    return match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return format_duration(value)
    return str(value)


def say(text: str) -> None:
    """Print a result line on stdout."""
    sys.stdout.write(printable(text) + "\n")
    # What follows may run for days; who reads us through a pipe wants this line now.
    sys.stdout.flush()


def talk(text: str) -> None:
    """Print a remark on stderr."""
    sys.stderr.write(printable(text) + "\n")


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return how many there are, in words that fit the number; `many` defaults to `one` with s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, labelled: bool = False
) -> None:
    """Print a table: framed on a terminal, tab-separated lines elsewhere.

    `labelled`: off a terminal each cell says of which column it is.
    """
    if not sys.stdout.isatty():
        labels = [f"{column}=" if labelled else "" for column in columns]
        for row in rows:
            cells = (label + printable(cell) for label, cell in zip(labels, row, strict=True))
            sys.stdout.write("\t".join(cells) + "\n")
        return
    # A name that is cut off cannot be typed again: narrow columns fold.
    table = Table(*(Column(column, overflow="fold") for column in columns))
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that shows how far a step is; on a terminal a bar, elsewhere nothing."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                # With its total at once: the bar is drawn from another thread.
                tasks[step] = bars.add_task(step, total=max(done, total))
            bars.update(tasks[step], completed=done, total=max(done, total))

        yield show
