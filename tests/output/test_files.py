import fcntl
import multiprocessing
import os
import signal
import stat
from pathlib import Path
from time import monotonic

import pytest

from aggregator.errors import StoreError
from aggregator.output.files import settle, sweep, write_published


def test_a_new_file_is_written_readable_by_all(tmp_path: Path) -> None:
    path = tmp_path / "nato.atom"
    assert write_published(path, b"<feed/>")
    assert path.read_bytes() == b"<feed/>"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_equal_bytes_are_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "nato.atom"
    write_published(path, b"<feed/>")
    before = path.stat()
    assert not write_published(path, b"<feed/>")
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("data", [b"<FEED/>", b"", b"longer than before"])
def test_other_bytes_replace_the_file_and_leave_nothing_beside_it(
    tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "nato.atom"
    write_published(path, b"<feed/>")
    assert write_published(path, data)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("nato.atom", data)]


def test_what_is_no_file_as_we_write_them_is_replaced(tmp_path: Path) -> None:
    """A server refuses links, and those that it may not read."""
    path, elsewhere = tmp_path / "nato.atom", tmp_path / "elsewhere"
    elsewhere.write_bytes(b"<feed/>")
    path.symlink_to(elsewhere)
    assert write_published(path, b"<feed/>")
    assert not path.is_symlink()
    for mode in (0o600, 0o000):
        path.chmod(mode)
        assert write_published(path, b"<feed/>")
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_the_folder_of_an_archive_is_made(tmp_path: Path) -> None:
    assert write_published(tmp_path / "nato" / "2026-10.atom", b"<feed/>")


def test_what_is_in_the_way_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "feeds").write_text("a file where a folder should be")
    with pytest.raises(StoreError, match=r"feeds/nato\.atom.*Not a directory") as refusal:
        write_published(tmp_path / "feeds" / "nato.atom", b"<feed/>")
    assert "\n" not in str(refusal.value)


def test_a_full_disk_leaves_the_old_file_and_no_leftover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "nato.atom"
    write_published(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        write_published(path, b"new")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [
        ("nato.atom", b"old")
    ]


def test_names_that_cannot_be_settled_are_told_of_in_one_line(tmp_path: Path) -> None:
    settle(tmp_path)
    with pytest.raises(StoreError, match=r"feeds: cannot be published: No such file") as refusal:
        settle(tmp_path / "feeds")
    assert "\n" not in str(refusal.value)


def test_sweep_removes_leftovers_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "nato").mkdir()
    leftovers = [tmp_path / ".nato.atom.x1.tmp", tmp_path / "nato" / ".2026-10.atom.x2.tmp"]
    kept = [tmp_path / "nato.atom", tmp_path / ".gitignore", tmp_path / "notes.tmp"]
    for path in leftovers + kept:
        path.touch()
    assert sweep(tmp_path) == 2
    assert not any(path.exists() for path in leftovers)
    assert all(path.exists() for path in kept)


def test_sweep_spares_what_is_being_written(tmp_path: Path) -> None:
    path = tmp_path / ".nato.atom.x1.tmp"
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert sweep(tmp_path) == 0
    assert path.exists()


def test_sweep_opens_nothing_but_files(tmp_path: Path) -> None:
    (tmp_path / ".folder.tmp").mkdir()
    os.mkfifo(tmp_path / ".pipe.tmp")
    assert sweep(tmp_path) == 0


def test_sweep_of_a_folder_that_is_not_there_finds_nothing(tmp_path: Path) -> None:
    assert sweep(tmp_path / "feeds") == 0


def _write_for_ever(path: Path) -> None:
    while True:
        for letter in b"ab":
            write_published(path, bytes([letter]) * 300_000)


def test_a_killed_writer_never_leaves_a_torn_file(tmp_path: Path) -> None:
    path = tmp_path / "nato.atom"
    for _round in range(5):
        writer = multiprocessing.get_context("spawn").Process(target=_write_for_ever, args=(path,))
        writer.start()
        until = monotonic() + 20
        reads = 0
        while reads < 50 and monotonic() < until:
            if path.exists():
                reads += 1
                assert path.read_bytes() in (b"a" * 300_000, b"b" * 300_000)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        assert path.read_bytes() in (b"a" * 300_000, b"b" * 300_000)
    sweep(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["nato.atom"]
