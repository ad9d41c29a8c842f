"""What is printed where: results on stdout, remarks on stderr, nothing that commands a terminal."""

import codecs
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

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

from aggregator.settings import format_duration

# Control characters, line separators and what turns the reading direction: nothing that a
# source says may command a terminal. Each can stand in JSON as its escape.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


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
def looking_at() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows what is looked at; on a terminal until it is over."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("") as status:
        yield lambda text: status.update(Text(f"looking at {printable(text)}"))


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
