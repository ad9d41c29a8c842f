"""What is drawn on a terminal: tables, bars (the only home of rich)."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

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

from aggregator.cli.lines import printable

# What is typed or pasted again stands in one piece.
WHOLE = {"id", "url", "story", "entry"}
# Other cells fold; narrower than this nobody reads them.
NARROWEST = 10
_FRAME = 3  # around each cell


def draw_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw a table; where it would break an id or an address, a paragraph for each row instead."""
    console = Console()
    if _narrowest(columns, rows) > console.width:
        _draw_paragraphs(columns, rows)
        return
    table = Table(
        *(Column(name, no_wrap=name in WHOLE, overflow="fold") for name in columns),
    )
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _narrowest(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how many columns of the terminal a table takes at least."""
    width = 1
    for name, *cells in zip(columns, *rows, strict=True):
        widest = max(map(len, (name, *cells)))
        width += _FRAME + (widest if name in WHOLE else min(widest, NARROWEST))
    return width


def _draw_paragraphs(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write each row as lines of a name and a value; the terminal alone breaks what is too long."""
    longest = max(map(len, columns))
    paragraphs = (
        "".join(
            f"{name:<{longest}}  {cell}\n" for name, cell in zip(columns, row, strict=True) if cell
        )
        for row in rows
    )
    sys.stdout.write("\n".join(paragraphs))


@contextmanager
def looking_at() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows what is looked at, until it is over."""
    with Console(stderr=True).status("") as status:
        yield lambda text: status.update(Text(f"looking at {printable(text)}"))


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that shows how far a step is."""
    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                # With its total at once: the bar is drawn from another thread.
                tasks[step] = bars.add_task(step, total=max(done, total))
            bars.update(tasks[step], completed=done, total=max(done, total))

        yield show
