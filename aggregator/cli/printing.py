"""Results as documents and tables, and the progress of what takes long."""

import codecs
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from aggregator.cli.lines import UNPRINTABLE, printable
from aggregator.settings import format_duration

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def print_json(document: Mapping[str, object] | Sequence[object]) -> None:
    """Print one JSON document on stdout: ISO 8601 UTC times, durations as in the settings."""
    plain = codecs.lookup(sys.stdout.encoding).name != "utf-8"
    text = json.dumps(document, default=_plain, ensure_ascii=plain, indent=2)
    # The line feeds between the members are the layout's: those in texts are escaped already.
    sys.stdout.write(UNPRINTABLE.sub(_escape, text) + "\n")


def _escape(match: re.Match[str]) -> str:
    return match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return format_duration(value)
    return str(value)


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, labelled: bool = False
) -> None:
    """Print a table: drawn on a terminal, tab-separated lines elsewhere.

    `labelled`: off a terminal each cell says of which column it is.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        from aggregator.cli.screen import draw_table  # noqa: PLC0415 - rich, for terminals alone

        draw_table(columns, cells)
        return
    labels = [f"{column}=" if labelled else "" for column in columns]
    for row in cells:
        line = (label + cell for label, cell in zip(labels, row, strict=True))
        sys.stdout.write("\t".join(line) + "\n")


def looking_at() -> AbstractContextManager[Callable[[str], None]]:
    """Return what yields a function that shows what is looked at; elsewhere than on a terminal not.

    It is shown until the block is over.
    """
    if not sys.stderr.isatty():
        return nullcontext(lambda _: None)
    from aggregator.cli import screen  # noqa: PLC0415 - as above

    return screen.looking_at()


def progress_bar() -> AbstractContextManager[Callable[[str, int, int], None]]:
    """Return what yields a function that shows how far a step is: a bar on a terminal alone."""
    if not sys.stderr.isatty():
        return nullcontext(lambda *_: None)
    from aggregator.cli import screen  # noqa: PLC0415 - as above

    return screen.progress_bar()
