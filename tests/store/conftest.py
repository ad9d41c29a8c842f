"""A store on SQLite and on PostgreSQL; the server is ours and ends with the tests."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from store.postgresql import Server, binaries, running_server
from store.stock import Stock

from aggregator.store.database import Store


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
def postgresql_template(server: Server) -> Iterator[str]:
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
    template = _fixture(request, "postgresql_template")
    with _fixture(request, "server").database(template) as url:
        yield url


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
