"""Backups hold one moment whole; to restore one loses nothing, whenever it ends."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from store.stock import NOW, Stock, sighting

from aggregator.errors import AggregatorError, RefusedError, StoreError
from aggregator.store import facts, feeds
from aggregator.store.backup import back_up, restore
from aggregator.store.database import Session, Store
from aggregator.store.feeds import FeedState
from aggregator.store.part import is_ours_alone
from aggregator.store.schema import newest_version


class KilledError(BaseException):
    """The process ends here."""


def no_progress(*_: object) -> None:
    """Show nothing."""


@pytest.fixture
def path(tmp_path: Path, sqlite_template: Path) -> Path:
    """Return a database with tables and one entry."""
    path = tmp_path / "state" / "aggregator.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    with Store.open(url_of(path)) as store:
        Stock(store).poll(Stock(store).source(), sighting("first"))
    return path


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of a database, by table."""
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as database:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        names = [name for (name,) in database.execute(query)]
        return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608


def keys(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as database:
        return [key for (key,) in database.execute("SELECT key FROM entry ORDER BY id")]


def note(path: Path, value: str) -> None:
    with Store.open(url_of(path)) as store:
        store.write_now(lambda session: facts.note(session, "noted", value))


def noted(path: Path) -> str | None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = database.execute("SELECT value FROM meta WHERE name = 'noted'").fetchone()
        return str(found[0]) if found else None


def test_a_backup_during_ingest_restored_elsewhere_lacks_nothing_up_to_its_moment(
    path: Path, tmp_path: Path
) -> None:
    taken, elsewhere = tmp_path / "backup.db", tmp_path / "elsewhere" / "aggregator.db"
    enough, acknowledged = threading.Event(), ["first"]
    under_way = threading.Event()
    with Store.open(url_of(path), checkpoints=True) as store:
        stock = Stock(store)
        source = stock.source("https://b.example/feed")

        def ingest() -> None:
            while not enough.is_set():
                key = f"entry {len(acknowledged)}"
                stock.poll(source, sighting(key))
                acknowledged.append(key)
                if len(acknowledged) > 3:
                    under_way.set()

        thread = threading.Thread(target=ingest)
        thread.start()
        try:
            assert under_way.wait(30)
            before = len(acknowledged)
            copied = back_up(url_of(path), taken, NOW, no_progress)
            after = len(acknowledged)
        finally:
            enough.set()
            thread.join()
    assert restore(url_of(elsewhere), taken, NOW, no_progress) is None
    found = keys(elsewhere)
    assert found == acknowledged[: len(found)]
    # One more may be on disk, and its writer not told yet.
    assert before <= len(found) <= after + 1
    assert copied.rows["entry"] == len(found)
    assert copied.version == newest_version()
    written = rows(path)
    for name, kept in rows(elsewhere).items():
        if name not in {"source", "feed"} and not name.startswith("search"):
            assert kept == written[name][: len(kept)]


def test_a_backup_is_one_file_for_nobody_else(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    target.mkdir()
    with Store.open(url_of(path)) as store:  # its log holds what the file does not
        store.write_now(lambda session: facts.note(session, "noted", "late"))
        copied = back_up(url_of(path), target, NOW, no_progress)
    assert [copied.path] == list(target.iterdir())
    assert copied.path.name == "aggregator-20261122T063000Z.db"
    assert copied.path.stat().st_mode & 0o777 == 0o600
    assert copied.size == copied.path.stat().st_size
    assert noted(copied.path) == "late"


def test_a_backup_shows_how_far_it_is(path: Path, tmp_path: Path) -> None:
    seen = []
    back_up(url_of(path), tmp_path / "b.db", NOW, lambda *step: seen.append(step))
    assert [step for step, *_ in seen] == ["copy", "check", "check"]
    assert all(done <= total for _, done, total in seen)


def test_a_backup_that_fails_leaves_the_one_before(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    back_up(url_of(path), target, NOW, no_progress)
    before = target.read_bytes()
    path.write_bytes(damaged(path.read_bytes()))
    with pytest.raises(StoreError, match=r"aggregator\.db") as failed:
        back_up(url_of(path), target, NOW, no_progress)
    assert "\n" not in str(failed.value)
    assert target.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"backup.db", "state"}


def damaged(data: bytes) -> bytes:
    """Return a database whose header is whole and whose pages are not."""
    return data[:4096] + b"\xff" * (len(data) - 4096)


def test_two_do_not_write_the_same_copy(path: Path, tmp_path: Path) -> None:
    def meanwhile(*_: object) -> None:
        with pytest.raises(RefusedError, match="another backup or restore is at work"):
            back_up(url_of(path), tmp_path / "other.db", NOW, no_progress)

    back_up(url_of(path), tmp_path / "one.db", NOW, meanwhile)
    back_up(url_of(path), tmp_path / "other.db", NOW, no_progress)


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_the_database_itself_is_no_backup(path: Path, suffix: str) -> None:
    with pytest.raises(RefusedError, match="is the database itself"):
        back_up(url_of(path), path.with_name(path.name + suffix), NOW, no_progress)
    with pytest.raises(RefusedError, match="is the database itself"):
        restore(url_of(path), path.with_name(path.name + suffix), NOW, no_progress)


def test_no_device_or_pipe_is_replaced_by_a_file(path: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):
        with pytest.raises(RefusedError, match="pipe is no ordinary file; name another"):
            back_up(url_of(path), tmp_path / name, NOW, no_progress)
    assert (tmp_path / "pipe").is_fifo()


def test_what_is_no_backup_is_not_replaced_by_one(path: Path, tmp_path: Path) -> None:
    notes, empty = tmp_path / "notes.txt", tmp_path / "empty"
    notes.write_text("not to be lost")
    empty.touch()
    with pytest.raises(RefusedError, match=r"notes\.txt is there already and is no backup"):
        back_up(url_of(path), notes, NOW, no_progress)
    assert notes.read_text() == "not to be lost"
    back_up(url_of(path), empty, NOW, no_progress)
    back_up(url_of(path), empty, NOW, no_progress)
    assert keys(empty) == keys(path)


def test_a_link_leads_to_where_the_copy_stands(path: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "newest.db").symlink_to("disk/copy.db")
    copied = back_up(url_of(path), tmp_path / "newest.db", NOW, no_progress)
    assert copied.path == (tmp_path / "disk" / "copy.db").resolve()
    assert (tmp_path / "newest.db").is_symlink()
    assert keys(copied.path) == keys(path)


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "aggregator.db"
    with pytest.raises(StoreError, match=r"aggregator.db: no such file"):
        back_up(url_of(missing), tmp_path / "backup.db", NOW, no_progress)
    with pytest.raises(StoreError, match="No such file or directory"):
        back_up(url_of(missing), tmp_path / "no" / "backup.db", NOW, no_progress)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("work", [back_up, restore])
def test_a_server_has_its_own_tools(tmp_path: Path, work: object) -> None:
    assert callable(work)
    with pytest.raises(RefusedError, match="pg_dump"):
        work("postgresql+psycopg://localhost/news", tmp_path / "file", NOW, no_progress)


def test_restoring_keeps_what_was_there(path: Path, tmp_path: Path) -> None:
    taken = tmp_path / "backup.db"
    note(path, "of old")
    back_up(url_of(path), taken, NOW, no_progress)
    note(path, "newer")
    path.chmod(0o640)
    kept = restore(url_of(path), taken, NOW, no_progress)
    assert noted(path) == "of old"
    assert path.stat().st_mode & 0o777 == 0o640
    assert kept == path.with_name("aggregator.db.before-20261122T063000Z")
    assert noted(kept) == "newer"
    left = {file.name for file in path.parent.iterdir() if not file.name.endswith(".lock")}
    assert left == {path.name, kept.name}


def test_a_log_beside_the_backup_is_part_of_it(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copied by hand.db"
    with Store.open(url_of(path)) as store:
        store.write_now(lambda session: facts.note(session, "noted", "in the log"))
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    note(path, "newer")
    restore(url_of(path), copy, NOW, no_progress)
    assert noted(path) == "in the log"


def test_all_feeds_are_rendered_anew_after_it(path: Path, tmp_path: Path) -> None:
    def mark(session: Session) -> None:
        feeds.mark_rendered(session, [FeedState("all", 1, 1, "look")])

    with Store.open(url_of(path)) as store:
        store.write_now(mark)
        assert store.read_now(feeds.states)["all"].shows("look")
    back_up(url_of(path), tmp_path / "b.db", NOW, no_progress)
    restore(url_of(path), tmp_path / "b.db", NOW, no_progress)
    with Store.open(url_of(path)) as store:
        assert not store.read_now(feeds.states)["all"].shows("look")


@contextmanager
def at_work(path: Path, lock: str | None) -> Iterator[None]:
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(url_of(path)))
        if lock:
            stack.enter_context(store.lock(lock))
        else:
            store.read_now(lambda session: facts.fact(session, "noted"))
        yield


@pytest.mark.parametrize("lock", ["daemon", "workers", None])
def test_nothing_is_restored_under_who_works(
    path: Path, tmp_path: Path, lock: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.store.backup._PATIENCE_S", 0.0)
    taken = tmp_path / "backup.db"
    back_up(url_of(path), taken, NOW, no_progress)
    note(path, "newer")
    with at_work(path, lock), pytest.raises(RefusedError, match="others work on"):
        restore(url_of(path), taken, NOW, no_progress)
    assert noted(path) == "newer"


def no_database(file: Path) -> None:
    file.write_text("no database at all, but long enough to be taken for one" * 100)


def strange(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE cat (name)")


def broken(file: Path) -> None:
    file.write_bytes(damaged(file.read_bytes()))


def of_later(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")


def missing(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (no_database, "file is not a database"),
        (strange, "no database of the aggregator's"),
        (broken, "malformed|damaged"),
        (of_later, r"later version \(9999\)"),
        (missing, "no such file"),
    ],
)
def test_what_is_no_sound_backup_changes_nothing(
    path: Path, tmp_path: Path, spoil: object, reason: str
) -> None:
    taken = tmp_path / "backup.db"
    note(path, "stands")
    back_up(url_of(path), taken, NOW, no_progress)
    if spoil is strange:
        taken.unlink()
    assert callable(spoil)
    spoil(taken)
    with pytest.raises(AggregatorError, match=reason) as refused:
        restore(url_of(path), taken, NOW, no_progress)
    assert "\n" not in str(refused.value)
    assert noted(path) == "stands"
    assert not list(path.parent.glob(".*"))


def test_a_damaged_database_is_replaced_and_kept_with_its_log(path: Path, tmp_path: Path) -> None:
    taken = tmp_path / "backup.db"
    note(path, "whole")
    back_up(url_of(path), taken, NOW, no_progress)
    path.write_bytes(b"\xff" * 8192)
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(b"what the log held")
    kept = restore(url_of(path), taken, NOW, no_progress)
    assert noted(path) == "whole"
    assert kept is not None
    assert kept.read_bytes() == b"\xff" * 8192
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"what the log held"


@pytest.mark.parametrize("whole", [True, False])
def test_whenever_it_is_killed_nothing_is_lost(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, whole: bool
) -> None:
    taken = tmp_path / "backup.db"
    note(path, "of old")
    back_up(url_of(path), taken, NOW, no_progress)
    note(path, "newer")
    if not whole:
        path.write_bytes(b"\xff" * 8192)
    state = tmp_path / "before"
    shutil.copytree(path.parent, state)
    killed = 0
    for step in range(99):
        shutil.rmtree(path.parent)
        shutil.copytree(state, path.parent)
        with monkeypatch.context() as patch:
            kill_at(patch, step)
            try:
                restore(url_of(path), taken, NOW, no_progress)
                break
            except KilledError:
                killed += 1
        if whole:
            assert noted(path) in {"of old", "newer"}
            former = [path, *path.parent.glob("*.before-*Z")]
            assert "newer" in {noted(file) for file in former}
        else:
            assert b"\xff" * 8192 in {
                file.read_bytes() for file in path.parent.glob("aggregator.db*")
            }
        # What the dead left does not stand in the way.
        restore(url_of(path), taken, NOW, no_progress)
        assert noted(path) == "of old"
    assert killed > 3


def kill_at(patch: pytest.MonkeyPatch, step: int) -> None:
    """End the process before its n-th change of a name; nothing is tidied up from there on."""
    left = [step]

    def dying(name: str) -> None:
        call = getattr(Path, name)

        def change(path: Path, *args: object, **kwargs: object) -> object:
            if left[0] == 0:
                raise KilledError
            left[0] -= 1
            return call(path, *args, **kwargs)

        patch.setattr(Path, name, change)

    for name in ("unlink", "replace", "hardlink_to"):
        dying(name)


def test_a_copy_that_another_took_over_is_left_alone(tmp_path: Path) -> None:
    """Whoever opened the file just before it got its name must not write into it."""
    part, done = tmp_path / "part", tmp_path / "done"
    part.touch()
    with part.open("rb") as file:
        part.replace(done)
        assert not is_ours_alone(part, file.fileno())
        part.touch()
        assert not is_ours_alone(part, file.fileno())
