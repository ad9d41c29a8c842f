import gc
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import hypothesis
import pytest
from newsdesk import Press, SteppedClock, changed
from sqlalchemy import Dialect, Engine, event

from aggregator.demo.newsroom import Newsroom, load
from aggregator.desk import Desk, open_desk
from aggregator.publish import Publisher
from aggregator.settings import Settings
from aggregator.store import database
from aggregator.store.database import Store
from aggregator.store.dialect import open_engine
from aggregator.stories.addresses import parse_opening

# Quick for every day, and patient on a busy machine; HYPOTHESIS_PROFILE=default takes hypothesis's
# own hundred examples.
hypothesis.settings.register_profile("quick", max_examples=30, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every search for garbage: it stays."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def newsroom() -> Newsroom:
    return load()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings that keep everything in a folder of its own and may ask loopback."""
    return changed(
        Settings(state=tmp_path),
        database={"url": f"sqlite:///{tmp_path / 'aggregator.db'}"},
        publish={"directory": tmp_path / "feeds", "base_url": "https://news.example"},
        fetch={
            "allow_networks": (parse_opening("127.0.0.0/8"),),
            "host_gap": timedelta(),
            "per_host": 8,
            "timeout": timedelta(seconds=10),
        },
        serve={"port": 0, "admin": "127.0.0.1:0"},
    )


@pytest.fixture(autouse=True, scope="session")
def _databases_are_quick() -> Iterator[None]:
    """Let all databases of a kind share their compiled statements: tests open thousands.

    What is compiled is remembered by the dialect that it was compiled for. And
    let nobody wait for the disk: no test survives a power cut, and a kill takes
    nothing from what was written.
    """
    dialects: dict[str, Dialect] = {}
    compiled: dict[object, object] = {}

    def opened(url: str, *, checkpoints: bool) -> Engine:
        engine = open_engine(url, checkpoints=checkpoints)
        # Connections are still made by the one that the engine came with.
        engine.dialect = dialects.setdefault(engine.dialect.driver, engine.dialect)
        engine.update_execution_options(compiled_cache=compiled)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _sync_never)
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "open_engine", opened)
        patch.setattr(os, "fsync", lambda _descriptor: None)
        yield


def _sync_never(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy: migrating anew for every test takes longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "aggregator.db"
    with Store.open(f"sqlite:///{path}", checkpoints=True):
        pass
    return path


@pytest.fixture
def store(settings: Settings, sqlite_template: Path) -> Iterator[Store]:
    shutil.copy(sqlite_template, settings.database.url.removeprefix("sqlite:///"))
    with Store.open(settings.database.url) as store:
        yield store


@pytest.fixture
async def desk(settings: Settings, store: Store, clock: SteppedClock) -> AsyncIterator[Desk]:
    async with open_desk(settings, store, clock) as desk:
        yield desk


@pytest.fixture
def press(store: Store, clock: SteppedClock) -> Press:
    return Press(store, clock)


@pytest.fixture
def publisher(store: Store, settings: Settings) -> Publisher:
    return Publisher(store, settings)


@pytest.fixture
def feeds(settings: Settings) -> Path:
    return settings.publish.directory
