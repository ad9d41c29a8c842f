"""Labelled news: documents of which it is known which story they tell, one JSON object a line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aggregator.errors import RefusedError
from aggregator.model import Article
from aggregator.stories.credits import credits_in

# Documents whose outlet is not told are no two from one.
_UNKNOWN_OUTLET = "unknown"
_LARGEST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """A labelled document: its own id, the true story, the article that matching sees.

    `kind` is what the label says of it, empty where it says nothing.
    """

    id: str | int
    story: str
    article: Article
    kind: str = ""


def read_documents(path: Path) -> Sequence[Document]:
    """Return the documents of a file in its order, which is the order of reading.

    A document without a date bears that of the one before it, as a guess.

    Raises:
        RefusedError: the file cannot be read, or a line is no document.
    """
    try:
        if path.stat().st_size > _LARGEST:
            message = f"{path} is larger than {_LARGEST // 1_000_000} MB: split it"
            raise RefusedError(message)
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise RefusedError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path} is no text in UTF-8"
        raise RefusedError(message) from error
    return list(_documents(path, lines))


def _documents(path: Path, lines: Sequence[str]) -> Iterator[Document]:
    latest = datetime.fromtimestamp(0, UTC)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = _document(number, json.loads(line), latest)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            message = f"{path}:{number}: no labelled document as JSON ({_reason(error)})"
            raise RefusedError(message) from error
        latest = found.article.published
        yield found


def _document(number: int, row: object, latest: datetime) -> Document:
    if not isinstance(row, dict):
        message = "a JSON object is wanted"
        raise TypeError(message)
    published = _text(row, "published")
    outlet = _text(row, "outlet") or _text(row, "source") or f"{_UNKNOWN_OUTLET}-{number}"
    caption = _text(row, "caption")
    return Document(
        id=row["id"] if isinstance(row["id"], int) else str(row["id"]),
        story=str(row["story"]),
        kind=_text(row, "kind"),
        article=Article(
            entry_id=number,
            title=_text(row, "title"),
            text=_text(row, "text"),
            outlet=outlet,
            published=_time(published) if published else latest,
            dated=bool(published),
            lang=_text(row, "lang") or None,
            captions=(caption,) if caption else (),
            credits=credits_in(_text(row, "text")),
        ),
    )


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        message = f"{name} is to be a string"
        raise TypeError(message)
    return value


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    return str(error) or type(error).__name__
