import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.errors import RefusedError
from aggregator.labelled import read_documents

ROW = {"id": "a", "title": "Depot", "text": "In Bar.", "story": "s", "published": None}


def written(folder: Path, *rows: object) -> Path:
    path = folder / "news.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def test_a_document_is_read_with_all_that_a_page_would_yield(tmp_path: Path) -> None:
    row = ROW | {
        "published": "2026-03-02T13:00:00+01:00",
        "source": "Wire",
        "outlet": "wire.example",
        "caption": "Depot | Bar",
        "lang": "en",
        "kind": "spun",
    }
    (found,) = read_documents(written(tmp_path, row, ""))
    assert (found.id, found.story, found.kind) == ("a", "s", "spun")
    assert found.article.published == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert found.article.dated
    assert (found.article.outlet, found.article.captions) == ("wire.example", ("Depot | Bar",))


def test_what_is_not_told_is_not_guessed_into_sameness(tmp_path: Path) -> None:
    dated = ROW | {"published": "2026-03-02T13:00:00", "source": "Wire"}
    first, second, third = read_documents(written(tmp_path, dated, ROW, ROW | {"text": None}))
    assert first.article.published.tzinfo is UTC
    assert second.article.published == first.article.published
    assert not second.article.dated
    assert len({first.article.outlet, second.article.outlet, third.article.outlet}) == 3
    assert third.article.text == ""


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "1: no labelled document"),
        ("[]", "a JSON object is wanted"),
        ("[" * 100_000, "1: no labelled document"),
        ({"id": "a"}, "story is missing"),
        (ROW | {"title": 7}, "title is to be a string"),
        (ROW | {"published": "yesterday"}, "yesterday"),
    ],
)
def test_what_is_no_document_is_named_by_its_line(tmp_path: Path, row: object, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read_documents(written(tmp_path, row))


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"cannot read .*No such file"):
        read_documents(tmp_path / "none")
    path = tmp_path / "latin"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RefusedError, match="no text in UTF-8"):
        read_documents(path)
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(RefusedError, match="split it"):
        read_documents(path)
