"""The door: who is told "written", who is told what went wrong, and what a reader sees."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, DateTime, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError
from store.postgresql import Server
from store.stock import NOW, Stock

from aggregator.errors import SettingsError, StoreError
from aggregator.store import database, facts
from aggregator.store import dialect as dialects
from aggregator.store.checkup import check_up
from aggregator.store.database import LARGEST_GROUP, Session, Store
from aggregator.store.dialect import open_engine
from aggregator.store.moments import UtcDateTime
from aggregator.store.tables import EntryRow, MetaRow

Job = Callable[[Session], object]


class InjectedError(Exception):
    pass


def noting(name: str, value: str = "yes") -> Job:
    return lambda session: facts.note(session, name, value)


def execute(statement: str) -> Job:
    return lambda session: session.execute(text(statement))


def failing(session: Session) -> None:
    facts.note(session, "half", "done")
    session.flush()
    raise InjectedError


def noted(store: Store, *names: str) -> set[str]:
    return {name for name in names if store.read_now(partial(facts.fact, name=name))}


@contextmanager
def one_group(store: Store) -> Iterator[None]:
    """Hold the writer up, so that what is submitted meanwhile is committed together."""
    busy, go_on = Event(), Event()

    def hold_up(_: Session) -> None:
        busy.set()
        go_on.wait()

    store._submit(hold_up)
    busy.wait()
    try:
        yield
    finally:
        go_on.set()


def submit(store: Store, *jobs: Job) -> list[BaseException | None]:
    """Return how each of the jobs ended, all of them in one group."""
    with one_group(store):
        futures = [store._submit(job) for job in jobs]
    return [future.exception(timeout=30) for future in futures]


def test_one_that_fails_takes_nothing_of_its_neighbours_with_it(store: Store) -> None:
    ends = submit(store, noting("a"), failing, noting("b"), execute("SELECT nonsense"), noting("c"))
    assert [type(end) for end in ends] == [
        type(None),
        InjectedError,
        type(None),
        StoreError,
        type(None),
    ]
    assert noted(store, "a", "b", "c", "half") == {"a", "b", "c"}


def test_a_flush_that_fails_is_undone_alone(store: Store) -> None:
    def twice(session: Session) -> None:
        facts.note(session, "half", "done")
        session.flush()
        session.add(MetaRow(name="a", value="again"))

    ends = submit(store, noting("a"), twice, noting("b"))
    assert [type(end) for end in ends] == [type(None), StoreError, type(None)]
    assert "\n" not in str(ends[1])
    assert noted(store, "a", "b", "half") == {"a", "b"}


def test_each_gets_its_own_result(store: Store) -> None:
    def give(n: int, _: Session) -> int:
        return n

    with one_group(store):
        futures = [store._submit(partial(give, n)) for n in range(3 * LARGEST_GROUP)]
    assert [future.result(30) for future in futures] == list(range(3 * LARGEST_GROUP))


def test_nobody_is_told_before_the_commit(url: str, store: Store) -> None:
    seen: list[set[str]] = []
    with Store.open(url) as other:
        with one_group(store):
            first = store._submit(noting("a"))
            first.add_done_callback(lambda _: seen.append(noted(other, "a")))
            last = store._submit(lambda _: seen.append(noted(other, "a")))
        last.result(30)
    assert seen == [set(), {"a"}], "nothing while the group is written, all once it is told"


def test_a_commit_that_fails_reaches_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Connection) -> None:
        raise InjectedError

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "_commit_impl", fail)
        ends = submit(store, noting("a"), noting("b"))
    assert [type(end) for end in ends] == [InjectedError, InjectedError]
    assert noted(store, "a", "b") == set()
    store.write_now(noting("c"))
    assert noted(store, "c") == {"c"}


def test_a_constraint_that_is_checked_at_commit_reaches_all(url: str, dialect: str) -> None:
    deferred = {
        "sqlite": "PRAGMA defer_foreign_keys = ON",
        "postgresql": "ALTER TABLE telling ALTER CONSTRAINT fk_telling_story_id"
        " DEFERRABLE INITIALLY DEFERRED",
    }[dialect]

    def orphan(session: Session) -> None:
        session.execute(text(deferred))
        session.execute(
            text(
                "INSERT INTO telling (entry_id, story_id, kind, score, threshold, evidence,"
                " placed_at) SELECT 1, 999, 'copy', 1, 1, '[]', CURRENT_TIMESTAMP"
            )
        )

    with Store.open(url) as store:
        Stock(store).articles("1")
        ends = submit(store, noting("a"), orphan)
        assert [type(end) for end in ends] == [StoreError, StoreError]
        assert noted(store, "a") == set()


def test_a_full_disk_is_told_to_all_whom_it_concerns(tmp_path: Path) -> None:
    """SQLite then undoes the whole transaction, not the savepoint alone."""

    def fill(session: Session) -> None:
        session.execute(text("PRAGMA max_page_count = 100"))
        for n in range(20):
            facts.note(session, f"{n}", "x" * 100_000)
            session.flush()

    with Store.open(f"sqlite:///{tmp_path / 'a.db'}") as store:
        ends = submit(store, noting("a"), fill, noting("b"))
        assert {str(end) for end in ends} == {"database: database or disk is full"}
        assert noted(store, "a", "b") == set()
        store.write_now(noting("c"))
        assert noted(store, "c") == {"c"}


def test_a_new_file_and_its_log_are_the_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        engine = dialects.open_engine(f"sqlite:///{tmp_path}/news.db", checkpoints=True)
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE TABLE secret (word)")
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("*.db*")}
        engine.dispose()
    finally:
        os.umask(before)
    del modes["news.db.journal.lock"]  # which holds nothing
    assert modes == dict.fromkeys(("news.db", "news.db-wal", "news.db-shm"), 0o600)


def test_a_file_that_is_gone_is_missed_until_it_is_back(tmp_path: Path) -> None:
    path, aside = tmp_path / "a.db", tmp_path / "aside.db"

    def refusals(store: Store) -> set[str]:
        ends = []
        for work in (store.write_now, store.read_now):
            with pytest.raises(StoreError) as raised:
                work(noting("lost"))
            ends.append(str(raised.value))
        return set(ends)

    with Store.open(f"sqlite:///{path}") as store:
        store.write_now(noting("a"))
        path.rename(aside)
        assert refusals(store) == {f"database: {path}: No such file or directory; put it back"}
        assert not path.exists()
        shutil.copy(aside, path)
        other = f"database: {path} is another file than at the start; restart to use it"
        assert refusals(store) == {other}
        aside.rename(path)
        store.write_now(noting("b"))
        assert noted(store, "a", "b", "lost") == {"a", "b"}
    with Store.open(f"sqlite:///{path}") as store:
        assert noted(store, "a", "b", "lost") == {"a", "b"}


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.parametrize("last", [True, False])
def test_a_lost_connection_is_told_to_all_whom_it_concerns(store: Store, *, last: bool) -> None:
    hang_up = execute("SELECT pg_terminate_backend(pg_backend_pid())")
    ends = submit(store, noting("a"), hang_up, *([] if last else [noting("b")]))
    assert {type(end) for end in ends} == {StoreError}
    assert noted(store, "a", "b") == set()
    store.write_now(noting("c"))
    assert noted(store, "c") == {"c"}


def test_text_that_is_no_unicode_is_refused_in_one_line(store: Store) -> None:
    ends = submit(store, noting("a"), noting("b", "\ud800"), noting("c"))
    assert [type(end) for end in ends] == [type(None), StoreError, type(None)]
    assert noted(store, "a", "b", "c") == {"a", "c"}
    with pytest.raises(StoreError):
        store.read_now(lambda session: facts.fact(session, "\udcff"))


def test_closing_finishes_what_waits(url: str) -> None:
    store = Store.open(url)
    with one_group(store):
        futures = [store._submit(noting(f"{n}")) for n in range(LARGEST_GROUP + 9)]
    store.close()
    assert all(future.done() for future in futures)
    with Store.open(url) as again:
        names = [f"{n}" for n in range(LARGEST_GROUP + 9)]
        assert noted(again, *names) == set(names)


def test_a_close_among_the_waiting_is_noticed(url: str) -> None:
    store = Store.open(url)
    with one_group(store):
        future = store._submit(noting("a"))
        store._jobs.put(None)
    store._writer.join()
    assert future.exception() is None
    store.close()


def test_what_comes_after_closing_is_refused(url: str) -> None:
    store = Store.open(url)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.write_now(noting("late"))
    store.close()


async def test_a_writer_who_is_cancelled_still_writes(store: Store) -> None:
    with one_group(store):
        task = asyncio.create_task(store.write(noting("a")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await store.write(noting("b"))
    assert noted(store, "a", "b") == {"a", "b"}


async def test_what_waits_together_is_written_together(store: Store) -> None:
    calls = []

    def note_all(session: Session, names: Sequence[str]) -> list[str]:
        calls.append(list(names))
        for name in names:
            facts.note(session, name, "yes")
        return [name.upper() for name in names]

    with one_group(store):
        tasks = [asyncio.create_task(store.write_together(note_all, name)) for name in "abc"]
        await asyncio.sleep(0)
    assert await asyncio.gather(*tasks) == ["A", "B", "C"]
    assert calls == [["a", "b", "c"]]
    assert noted(store, "a", "b", "c") == {"a", "b", "c"}


def take_names(_: Session, names: Sequence[str], calls: list[list[str]]) -> Sequence[str]:
    """Note who was written together."""
    calls.append(list(names))
    return names


async def test_what_can_be_written_together_waits_for_company_and_keeps_no_other_waiting(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    take = partial(take_names, calls=calls)
    monkeypatch.setattr(database, "PATIENCE_S", 60.0)
    monkeypatch.setattr(database, "ENOUGH", 2)
    async with asyncio.timeout(30):
        first = asyncio.create_task(store.write_together(take, "a"))
        await asyncio.sleep(0.1)
        await asyncio.gather(first, store.write_together(take, "b"))
        third = asyncio.create_task(store.write_together(take, "c"))
        await asyncio.sleep(0.1)
        await store.write(noting("d"))
        await third
        with one_group(store):
            other = store._submit(noting("e"))
            fourth = asyncio.create_task(store.write_together(take, "f"))
            await asyncio.sleep(0)
        await asyncio.wrap_future(other)
        await fourth
    assert calls == [["a", "b"], ["c"], ["f"]]


async def test_company_that_comes_in_time_waits_for_the_next_in_its_turn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    take = partial(take_names, calls=calls)
    monkeypatch.setattr(database, "PATIENCE_S", 4.0)
    monkeypatch.setattr(database, "ENOUGH", 3)
    first = asyncio.create_task(store.write_together(take, "a"))
    await asyncio.sleep(2.2)
    second = asyncio.create_task(store.write_together(take, "b"))
    await asyncio.sleep(2.2)
    await asyncio.gather(first, second, store.write_together(take, "c"))
    assert calls == [["a", "b", "c"]]


async def test_who_fails_among_those_written_together_fails_alone(store: Store) -> None:
    def note_all(session: Session, names: Sequence[str]) -> Sequence[str]:
        for name in names:
            facts.note(session, name, "yes")
            if name == "bad":
                session.flush()
                raise InjectedError
        return names

    with one_group(store):
        names = ("a", "bad", "b")
        tasks = [asyncio.create_task(store.write_together(note_all, name)) for name in names]
        await asyncio.sleep(0)
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [ends[0], type(ends[1]), ends[2]] == ["a", InjectedError, "b"]
    assert noted(store, *names) == {"a", "b"}


async def test_errors_reach_those_who_wait(store: Store) -> None:
    with pytest.raises(InjectedError):
        await store.write(failing)
    with pytest.raises(StoreError):
        await store.read(execute("SELECT nonsense"))


async def test_reads_run_beside_each_other_and_a_write(store: Store) -> None:
    await store.write(noting("a"))
    with one_group(store):
        reads = (store.read(lambda session: facts.fact(session, "a")) for _ in range(9))
        assert await asyncio.gather(*reads) == ["yes"] * 9


def test_a_reader_sees_one_moment(store: Store) -> None:
    store.write_now(noting("a", "before"))

    def look_twice(session: Session) -> tuple[str | None, ...]:
        seen = facts.fact(session, "a")
        store.write_now(noting("a", "after"))
        store.write_now(noting("b", "after"))
        session.expire_all()
        return seen, facts.fact(session, "a"), facts.fact(session, "b")

    assert store.read_now(look_twice) == ("before", "before", None)
    assert store.read_now(lambda session: facts.fact(session, "a")) == "after"


def test_a_reader_writes_nothing(store: Store) -> None:
    def write(session: Session) -> None:
        facts.note(session, "a", "yes")
        session.flush()

    try:
        store.read_now(write)
    except StoreError as refused:
        assert "read-only" in str(refused)  # noqa: PT017 - PostgreSQL says so, SQLite forgets it
    assert noted(store, "a") == set()


def pragma(session: Session, name: str) -> object:
    return session.scalar(text(f"PRAGMA {name}"))


@pytest.mark.parametrize("checkpoints", [True, False])
def test_sqlite_is_set_to_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, checkpoints: bool
) -> None:
    monkeypatch.setattr(database, "open_engine", open_engine)  # not as the other tests open it
    with Store.open(f"sqlite:///{tmp_path / 'a.db'}", checkpoints=checkpoints) as store:
        for ask in (store.read_now, store.write_now):
            assert ask(lambda session: pragma(session, "journal_mode")) == "wal"
            assert ask(lambda session: pragma(session, "synchronous")) == 2
            assert ask(lambda session: pragma(session, "foreign_keys")) == 1
            assert ask(lambda session: pragma(session, "busy_timeout")) == 30_000
            pages = ask(lambda session: pragma(session, "wal_autocheckpoint"))
            assert pages == (1000 if checkpoints else 0)


def test_foreign_keys_hold(stock: Stock) -> None:
    with pytest.raises(StoreError, match=r"(?i)foreign key"):
        stock.do(execute("INSERT INTO source_category (source_id, slug) VALUES (999, 'navy')"))


def test_a_naive_moment_is_a_bug(store: Store) -> None:
    def ask(session: Session) -> object:
        naive = NOW.replace(tzinfo=None)
        return session.scalar(select(EntryRow.id).where(EntryRow.seen_at == naive))

    with pytest.raises(StatementError, match="naive"):
        store.read_now(ask)


PERMISSIONS = "the permissions of the file and of its folder"


def open_error(url: str) -> str:
    with pytest.raises(StoreError) as refused:
        Store.open(url)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    "moment",
    [
        NOW,
        datetime(2026, 3, 29, 2, 30, 0, 7, tzinfo=timezone(timedelta(hours=2))),
        datetime(33, 4, 5, tzinfo=UTC),
    ],
)
def test_moments_stand_in_sqlite_as_its_own_type_writes_them(moment: datetime) -> None:
    ours, dialect = UtcDateTime(), sqlite.dialect()
    give, write = (
        ours.bind_processor(dialect),
        DateTime().dialect_impl(dialect).bind_processor(dialect),
    )
    take = ours.result_processor(dialect, None)
    assert give
    assert write
    assert take
    written = write(moment.astimezone(UTC).replace(tzinfo=None))
    assert give(moment) == written
    assert take(written) == moment
    assert take(written.removesuffix(".000000")).tzinfo is UTC
    assert give(None) is take(None) is None


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"not a database at all, " * 100)
    message = f"database: {path} is no SQLite database; set database.url to another file, or "
    assert open_error(f"sqlite:///{path}") == f"{message}`restore` one"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert open_error(f"sqlite:///{tmp_path}") == (
        f"{tmp_path} is a folder; let database.url name a file, as sqlite:///{tmp_path}/news.db"
    )


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        (("bookmark",), "table bookmark"),
        (("bookmark", "alembic_version"), "table bookmark"),
        (("visit", "bookmark", "tag"), "bookmark and 2 more tables"),
    ],
)
def test_a_database_of_another_program_is_left_alone(
    tmp_path: Path, tables: Sequence[str], told: str
) -> None:
    path = tmp_path / "places.db"
    with closing(sqlite3.connect(path)) as other, other:
        for name in tables:
            other.execute(f"CREATE TABLE {name} (version_num TEXT)")
            other.execute(f"INSERT INTO {name} VALUES ('0a1b2c')")  # noqa: S608 - ours
    reason = f"{path} is another program's database ({told}); set database.url to one of its own"
    assert open_error(f"sqlite:///{path}") == reason
    with pytest.raises(StoreError) as refused:
        check_up(f"sqlite:///{path}", NOW)
    assert str(refused.value) == reason
    with closing(sqlite3.connect(path)) as other:
        found = other.execute("SELECT name FROM sqlite_master").fetchall()
    assert sorted(found) == sorted((name,) for name in tables)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = open_error(f"sqlite:///{tmp_path / 'file' / 'folder' / 'a.db'}")
    assert message == f"cannot make {tmp_path / 'file' / 'folder'}: Not a directory"


def test_a_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'new' / 'folder' / 'a.db'}") as store:
        store.write_now(noting("a"))


OPEN_AS_NOBODY = """
import os, sys
from aggregator.errors import StoreError
from aggregator.store.database import Store

# First where it may, since what is imported late could be closed to nobody.
Store.open(sys.argv[2]).close()
if os.geteuid() == 0:
    os.seteuid(65534)  # root may write everywhere
try:
    Store.open(sys.argv[1])
except StoreError as error:
    print(error)
"""


def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    # Not pytest's folder, which nobody may even enter.
    closed = tempfile.TemporaryDirectory(prefix="aggregator-closed-")
    with closed as folder:
        Path(folder).chmod(0o555)
        assert refusal(Path(folder), tmp_path) in {
            f"database: {folder}/a.db cannot be opened; see {PERMISSIONS}\n",
            f"database: {folder}/a.db cannot be written; see {PERMISSIONS}\n",
        }


def test_a_database_in_a_folder_that_may_no_longer_be_written_is_refused(tmp_path: Path) -> None:
    closed = tempfile.TemporaryDirectory(prefix="aggregator-closed-")
    with closed as folder:
        Store.open(f"sqlite:///{folder}/a.db").close()
        (Path(folder) / "a.db").chmod(0o444)
        Path(folder).chmod(0o555)
        said = refusal(Path(folder), tmp_path)
        assert said == f"database: {folder}/a.db cannot be written; see {PERMISSIONS}\n"


def test_what_may_no_longer_be_written_leads_to_the_doctor(tmp_path: Path) -> None:
    def write(session: Session) -> None:
        session.execute(text("PRAGMA query_only = 1"))
        noting("a")(session)

    with (
        Store.open(f"sqlite:///{tmp_path / 'a.db'}") as store,
        pytest.raises(StoreError, match=r"readonly database; `aggregator doctor` says which file"),
    ):
        store.write_now(write)


def refusal(folder: Path, tmp_path: Path) -> str:
    """Return what someone without rights is told who opens a database in the folder."""
    urls = [f"sqlite:///{place / 'a.db'}" for place in (folder, tmp_path)]
    found = subprocess.run(  # noqa: S603 - the words are ours
        [sys.executable, "-c", OPEN_AS_NOBODY, *urls],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    return found.stdout


def test_a_server_that_is_not_there_is_refused(tmp_path: Path) -> None:
    message = open_error(f"postgresql+psycopg://postgres@/nothing?host={tmp_path}")
    assert message.startswith("database: connection")


def test_a_database_that_stays_locked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialects, "BUSY_TIMEOUT_MS", 20)
    url = f"sqlite:///{tmp_path / 'a.db'}"
    with Store.open(url) as store, Store.open(url) as other:

        def hold(session: Session) -> BaseException | None:
            facts.note(session, "a", "yes")
            session.flush()
            return store._submit(noting("b")).exception(30)

        assert str(other.write_now(hold)) == "database: database is locked"
        store.write_now(noting("c"))
        assert noted(store, "a", "b", "c") == {"a", "c"}


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "",
        "mysql://localhost/news",
        "sqlite+other:///a.db",
        "postgresql+psycopg2:///news",
        "postgresql+psycopg://localhost:port/news",
    ],
)
def test_what_is_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"allowed: sqlite:///FILE, postgresql\+psycopg://"):
        Store.open(url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_sqlite_needs_a_file(url: str) -> None:
    with pytest.raises(SettingsError, match="SQLite needs a file"):
        Store.open(url)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match=r"psycopg is missing; install aggregator\[postgresql]"):
        Store.open("postgresql:///news")


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_postgresql_without_a_driver_means_ours(url: str) -> None:
    with Store.open(url.replace("+psycopg", "")) as store:
        store.write_now(noting("a"))


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_all_text_is_refused(server: Server, encoding: str) -> None:
    with server.database(f"ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'") as url:
        refused = open_error(url)
    assert encoding in refused
    assert "createdb --encoding=UTF8" in refused


def test_a_server_that_is_gone_without_a_word_is_missed_soon(server: Server) -> None:
    """As long as who wrote the URL is content with it."""
    engine = open_engine(f"{server.url}&connect_timeout=3", checkpoints=False)
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        asked = driver.info.get_parameters()
    engine.dispose()
    assert asked["connect_timeout"] == "3"
    assert {asked[name] for name in ("keepalives_idle", "tcp_user_timeout")} == {"30", "30000"}
