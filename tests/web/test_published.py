from pathlib import Path

import pytest

from aggregator.web import published
from aggregator.web.published import PublishedFiles


def test_an_unchanged_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "nato.atom").write_bytes(b"<feed/>")
    files = PublishedFiles(lambda: tmp_path)
    assert files.get("nato.atom") is files.get("nato.atom")


def test_equal_bytes_keep_their_tag(tmp_path: Path) -> None:
    files = PublishedFiles(lambda: tmp_path)
    tags = set()
    for _round in range(2):
        (tmp_path / "nato.atom").unlink(missing_ok=True)
        (tmp_path / "nato.atom").write_bytes(b"<feed/>")
        found = files.get("nato.atom")
        assert found is not None
        tags.add(
            tuple(
                found.coded(coding).body + found.coded(coding).etag.encode()
                for coding in (None, "gzip", "br")
            )
        )
    assert len(tags) == 1


def test_the_oldest_goes_when_memory_holds_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "_KEPT", 2)
    files = PublishedFiles(lambda: tmp_path)
    for name in ("a.atom", "b.atom", "c.atom"):
        (tmp_path / name).write_bytes(b"<feed/>")
    first, second = files.get("a.atom"), files.get("b.atom")
    files.get("c.atom")
    assert files.get("b.atom") is second
    assert files.get("a.atom") is not first


def test_a_folder_that_moved_is_followed(tmp_path: Path) -> None:
    here = tmp_path / "one"
    files = PublishedFiles(lambda: here)
    assert files.get("nato.atom") is None
    here = tmp_path / "two"
    here.mkdir()
    (here / "nato.atom").write_bytes(b"<feed/>")
    assert files.get("nato.atom") is not None
