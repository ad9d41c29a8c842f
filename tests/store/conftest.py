"""A store on SQLite and on PostgreSQL; the server is ours and ends with the tests."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from store.postgresql import Server, binaries, run_alone, running_server
from store.stock import Stock

from aggregator.store.database import Store

# Whoever a test left behind would hold on to what it had locked.
ALONE = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Of some dozen rows: to truncate thirty tables takes four times as long. The role lets rows go in
# any order, whichever point to which.
EMPTY = """
DO $$ DECLARE name text; BEGIN
SET LOCAL session_replication_role = replica;
FOR name IN SELECT tablename FROM pg_tables
    WHERE schemaname = current_schema() AND tablename <> 'alembic_version'
LOOP EXECUTE 'DELETE FROM ' || quote_ident(name); END LOOP;
PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$
"""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    given = os.environ.get("AGGREGATOR_TEST_POSTGRESQL")
    if given:
        yield Server(given)
        return
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql/*/bin")
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgresql(server: Server) -> Iterator[str]:
    with server.database() as url:
        with Store.open(url):
            pass
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database without tables."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'aggregator.db'}"
        return
    with _fixture(request, "server").database() as url:
        yield url


@pytest.fixture
def url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database with tables and nothing in them."""
    if dialect == "sqlite":
        path = tmp_path / "aggregator.db"
        shutil.copy(_fixture(request, "sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url = _fixture(request, "migrated_postgresql")
    yield url
    # A database of its own for every test would take several times as long as the tests.
    run_alone(url, ALONE, EMPTY)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, checkpoints=True) as store:
        yield store


@pytest.fixture
def stock(store: Store) -> Stock:
    return Stock(store)


# Only the dialect's own template is made, so that SQLite's tests need no server.
def _fixture(request: pytest.FixtureRequest, name: str) -> Any:  # noqa: ANN401 - pytest's own
    return request.getfixturevalue(name)
