"""TOML files, and the line on which each of their keys stands."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from aggregator.settings.faults import Fault

# Our tables hold keys, a key may hold a list. What goes deeper would end in a RecursionError here
# or there.
_DEEPEST = 10
# How much of a file is parsed once more to find the lines of its keys: each line of a statement
# costs all of the lines before.
_MOST_REREAD = 500_000
_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says; empty where there is no file."""

    file: Path | None = None
    tables: dict[str, object] = field(default_factory=dict)
    text: str = ""

    def in_order(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return the faults in the order of their lines; those of no line are last."""
        lines = key_lines(self.text)
        return sorted(faults, key=lambda fault: lines.get(fault.path, len(self.text) + 1))

    def place(self, path: tuple[str, ...]) -> str | None:
        """Return the file and line of a key or section, None where the file does not hold it.

        In a file that is too long to be searched, the line is left out.
        """
        line = key_lines(self.text).get(path)
        if line is not None:
            return f"{self.file}:{line}"
        return str(self.file) if _holds(self.tables, path) else None


def read_document(file: Path | None) -> tuple[Document, list[str]]:
    """Return what a file says, and its fault as a line that begins with its place."""
    if file is None:
        return Document(), []
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return Document(file), []
    except OSError as error:
        return Document(file), [f"{file}: cannot be read: {error.strerror}"]
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Document(file), [f"{file}:{line}: not UTF-8; save the file in that encoding"]
    return _parsed(file, text)


def _parsed(file: Path, text: str) -> tuple[Document, list[str]]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Document(file), [_syntax_fault(file, text, str(error))]
    except RecursionError:
        tables = None
    if tables is None or _is_deeper(tables, _DEEPEST):
        return Document(file), [f"{file}: tables or lists nested more than {_DEEPEST} deep"]
    return Document(file, tables, text), []


@lru_cache(maxsize=2)
def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line, counted from 1, on which each table and key of a valid document begins.

    Every statement of TOML is a document of its own and no shorter run of
    its lines is, so the parser itself tells where one ends. Of a file with very
    long statements, those before them are returned.
    """
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    statement, start, reread = "", 1, 0
    for number, line in enumerate(text.split("\n"), start=1):
        statement += line + "\n"
        reread += len(statement)
        if reread > _MOST_REREAD:
            break
        try:
            paths = list(_paths(tomllib.loads(statement)))
        except tomllib.TOMLDecodeError:
            continue
        heads = statement.lstrip().startswith("[")
        for path in paths:
            lines.setdefault(path if heads else table + path, start)
        if heads:
            table = paths[-1]
        statement, start = "", number + 1
    return lines


def _paths(value: object) -> Iterator[tuple[str, ...]]:
    """Yield the path of every table and key, a table before its keys."""
    for key, below in value.items() if isinstance(value, dict) else ():
        yield (key,)
        yield from ((key, *path) for path in _paths(below))


def _holds(value: object, path: tuple[str, ...]) -> bool:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    below = value.values() if isinstance(value, dict) else value
    return not levels or any(_is_deeper(each, levels - 1) for each in below)


def _syntax_fault(file: Path, text: str, reason: str) -> str:
    position = _POSITION.search(reason)
    line = position[1] if position else None
    return f"{file}:{line or text.count(chr(10)) + 1}: not TOML: {_POSITION.sub('', reason)}"
