"""The schema's versions: up, down, once among many, never backwards."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    insert,
    inspect,
    select,
    text,
)
from store.postgresql import Server
from store.stock import NOW

from aggregator.errors import StoreError
from aggregator.store import facts
from aggregator.store.all_tables import METADATA
from aggregator.store.database import Store
from aggregator.store.dialect import open_engine
from aggregator.store.feed_tables import FeedRow
from aggregator.store.migrate import _config, upgrade
from aggregator.store.moments import UtcDateTime
from aggregator.store.schema import newest_version, schema_version
from aggregator.store.tables import FingerprintRow

# The tables that every version has.
LASTING = (
    *("source", "source_category", "entry", "article", "exact_key"),
    *("story", "story_category", "telling", "ruling"),
)
OPEN_EACH = """
import sys
from aggregator.store.database import Store

print("ready", flush=True)
for line in sys.stdin:
    with Store.open(line.strip()) as store:
        store.read_now(lambda session: session.connection().exec_driver_sql("SELECT * FROM story"))
    print("open", flush=True)
"""


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    engine = open_engine(empty_url, checkpoints=True)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    """Return the tables but those of the engine's own full text."""
    names = set(inspect(engine).get_table_names()) - {"alembic_version"}
    return {name for name in names if not is_full_text(name)}


def is_full_text(name: str | None) -> bool:
    return name is not None and name.partition("_")[0] == "search"


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_server_may_keep_what_goes_by_other_names(engine: Engine, empty_url: str) -> None:
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE story (id INTEGER)"))
    with pytest.raises(StoreError, match=r"another program's database \(table story\)"):
        Store.open(empty_url)
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE story RENAME TO spatial_ref_sys"))
    with Store.open(empty_url) as store:
        assert store.read_now(partial(facts.fact, name="rules")) is None


def test_the_newest_version_is_what_the_tables_say(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        ours = {"include_name": lambda name, kind, _: kind != "table" or not is_full_text(name)}
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, METADATA) == []
    assert tables(engine) == set(METADATA.tables)


def test_alembic_and_we_agree_on_the_version(engine: Engine) -> None:
    assert schema_version(engine) is None
    upgrade(engine)
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert schema_version(engine) == newest_version() == head


def test_partial_indexes_are_partial(engine: Engine) -> None:
    upgrade(engine)
    partial = {
        str(index["name"])
        for table in tables(engine)
        for index in inspect(engine).get_indexes(table)
        if index.get("dialect_options", {}).get(f"{engine.dialect.name}_where") is not None
    }
    assert partial == {
        "ix_article_unplaced",
        "ix_entry_held",
        "ix_entry_page_due",
        "ix_story_changed",
        "ix_story_confirmed",
        "ix_story_held",
        "ix_story_live",
        "ix_story_merged",
        "ix_websub_subscription_due",
    }


def test_partial_indexes_hold_what_the_tables_say(tmp_path: Path) -> None:
    """Alembic compares their columns alone."""
    migrated, made = (
        open_engine(f"sqlite:///{tmp_path}/{name}.db", checkpoints=True) for name in "ab"
    )
    upgrade(migrated)
    with writing(made) as connection:
        METADATA.create_all(connection)
    query = text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'")
    found = []
    for engine in (migrated, made):
        with engine.connect() as connection:
            found.append(sorted(connection.scalars(query)))
        engine.dispose()
    assert found[0] == found[1] != []


def test_down_to_nothing_and_up_again(engine: Engine) -> None:
    upgrade(engine)
    with writing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert tables(engine) == set()
    assert not inspect(engine).has_table("search")
    upgrade(engine)
    assert tables(engine) == set(METADATA.tables)


def test_fingerprints_move_out_of_their_articles(engine: Engine) -> None:
    with writing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        facts: dict[str, dict[str, object]] = {
            "source": {"id": 1, "url": "https://a.example/", "published_at": NOW},
            "entry": {"id": 7, "source_id": 1, "published_at": NOW},
            "article": {"entry_id": 7, "fingerprint": b"\x03 of old"},
            "exact_key": {"key": "link:1", "entry_id": 7},
        }
        for name, known in facts.items():
            fill(connection, name, known)
        command.upgrade(config, "head")
        moved = connection.execute(select(FingerprintRow.__table__)).one()
        assert tuple(moved) == (7, NOW, b"\x03 of old")
        kept = "SELECT count(*) FROM article JOIN exact_key USING (entry_id)"
        assert connection.scalar(text(kept)) == 1
        command.downgrade(config, "0002")
        assert bytes(connection.scalar(text("SELECT fingerprint FROM article")) or b"") == b""


def test_what_was_polled_before_hubs_were_looked_for_is_read_once_more(engine: Engine) -> None:
    with writing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        for number in (1, 2):
            known = {"id": number, "url": f"https://{number}.example/", "etag": '"1"'}
            fill(connection, "source", known)
        fill(connection, "websub_subscription", {"id": 1, "source_id": 2})
        command.upgrade(config, "0010")
        etags = connection.execute(text("SELECT id, etag FROM source ORDER BY id")).all()
        assert [tuple(row) for row in etags] == [(1, None), (2, '"1"')]


def test_archives_are_numbered_and_closed_as_their_months_follow_each_other(engine: Engine) -> None:
    with writing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0015")
        known = ["eu/2026-11", "eu/2026-02", "eu-defence/2026-11", "eu", "eu.confirmed", "health"]
        for name in [*known, "eu/2025-12", "eu-defence/2026-10"]:
            fill(connection, "feed", {"name": name})
        command.upgrade(config, "0016")
        opened = connection.execute(text("SELECT name, opened FROM feed")).all()
        assert {name: number for name, number in opened if number} == {
            "eu/2025-12": 1,
            "eu/2026-02": 2,
            "eu/2026-11": 3,
            "eu-defence/2026-10": 1,
            "eu-defence/2026-11": 2,
        }
        assert len(opened) == 8
        # Opened by a clock far ahead, and the next when that was set right.
        fill(connection, "feed", {"name": "eu-defence/9999-12", "opened": 3})
        fill(connection, "feed", {"name": "eu-defence/2026-12", "opened": 4})
        command.upgrade(config, "0020")
        closed = select(FeedRow.name, FeedRow.closed_at).where(FeedRow.closed_at.is_not(None))
        assert dict(iter(connection.execute(closed))) == {
            "eu/2025-12": datetime(2026, 1, 1, tzinfo=UTC),
            "eu/2026-02": datetime(2026, 3, 1, tzinfo=UTC),
            "eu-defence/2026-10": datetime(2026, 11, 1, tzinfo=UTC),
            "eu-defence/2026-11": datetime(2026, 12, 1, tzinfo=UTC),
            "eu-defence/9999-12": datetime.max.replace(tzinfo=UTC),
        }


def fill(connection: Connection, name: str, known: Mapping[str, object]) -> None:
    """Add a row to a table as it is now; what is not known is some value."""
    table = Table(name, MetaData(), autoload_with=connection)
    row = {
        column.name: known.get(column.name, plain_value(column))
        for column in table.columns
        if column.name in known or not column.nullable
    }
    connection.execute(insert(table).values(row))


def plain_value(column: Column[Any]) -> object:
    """Return some value of a column's type."""
    if isinstance(column.type, JSON):
        return []
    if isinstance(column.type, UtcDateTime):
        return NOW
    kind = column.type.python_type
    return NOW if kind is datetime else kind()


def test_a_failed_upgrade_leaves_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.create_table", lambda *_, **__: fail())
        with pytest.raises(RuntimeError):
            upgrade(engine)
    assert tables(engine) == set()


def test_opening_again_changes_nothing(empty_url: str) -> None:
    with Store.open(empty_url) as store:
        store.write_now(lambda session: facts.note(session, "kept", "yes"))
    with Store.open(empty_url) as store:
        assert store.read_now(lambda session: facts.fact(session, "kept")) == "yes"


def test_a_later_version_is_refused(empty_url: str, engine: Engine) -> None:
    upgrade(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError) as refused:
        Store.open(empty_url)
    assert str(refused.value) == "the database is of a later version (9999); update the program"


def openers(count: int) -> Iterator[subprocess.Popen[str]]:
    for _ in range(count):
        yield subprocess.Popen(  # noqa: S603 - the words are ours
            [sys.executable, "-c", OPEN_EACH],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def line_from(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def empty_urls(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[list[str]]:
    with ExitStack() as stack:
        if dialect == "sqlite":
            yield [f"sqlite:///{tmp_path}/{n}/aggregator.db" for n in range(3)]
        else:
            server = request.getfixturevalue("server")
            assert isinstance(server, Server)
            yield [stack.enter_context(server.database()) for _ in range(2)]


def test_many_may_open_an_empty_database_at_once(empty_urls: list[str]) -> None:
    processes = list(openers(3))
    with ExitStack() as stack:
        for process in processes:
            assert process.stdin is not None
            stack.enter_context(process)
            stack.enter_context(closing(process.stdin))
            assert line_from(process) == "ready"
        for url in empty_urls:
            for process in processes:
                assert process.stdin is not None
                process.stdin.write(f"{url}\n")
                process.stdin.flush()
            assert [line_from(process) for process in processes] == ["open"] * 3


def test_down_and_up_through_every_version_keeps_the_rows(engine: Engine) -> None:
    """Each table has a row; a version may take away the tables and columns that it brought."""
    upgrade(engine)
    with writing(engine) as connection:
        for name, row in full_rows().items():
            connection.execute(insert(METADATA.tables[name]).values(row))
    lasting = set(LASTING)
    assert all(counted_rows(engine)[name] for name in lasting)
    revisions = list(ScriptDirectory.from_config(_config()).walk_revisions())
    for revision in revisions[:-1]:
        before = counted_rows(engine)
        former = str(revision.down_revision)
        migrate(engine, command.downgrade, former)
        left = counted_rows(engine)
        assert {name: left[name] for name in lasting} == {name: before[name] for name in lasting}
        migrate(engine, command.upgrade, revision.revision)
        migrate(engine, command.downgrade, former)
        assert counted_rows(engine) == left
    upgrade(engine)
    assert all(counted_rows(engine)[name] for name in lasting)


def migrate(engine: Engine, step: Callable[[Config, str], None], revision: str) -> None:
    with writing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        step(config, revision)


def full_rows() -> dict[str, dict[str, object]]:
    """Return a row of each table, those first that others refer to."""
    references = {"source_id", "entry_id", "story_id", "telling_id"}
    references |= {"lead_entry_id", "other_story_id"}
    return {
        table.name: {
            column.name: 1 if column.name in {"id", *references} else plain_value(column)
            for column in table.columns
            if not column.nullable or column.name in references
        }
        for table in METADATA.sorted_tables
    }


def counted_rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0  # noqa: S608
            for name in tables(engine)
        }
