import logging
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from console import Console
from newsdesk import take_on

from aggregator import logs
from aggregator.demo.newsroom import load
from aggregator.demo.site import Site
from aggregator.store.database import Store


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    logs._waiting.configure = None


@pytest.fixture
def pristine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Console:
    """Return a place where nothing has happened yet."""
    pristine = Console(tmp_path / "place", monkeypatch, capsys)
    pristine.prepare()
    return pristine


@pytest.fixture
def console(pristine: Console, sqlite_template: Path) -> Console:
    """Return a place that has a database, with nothing in it."""
    pristine.state.mkdir()
    shutil.copy(sqlite_template, pristine.state)
    return pristine


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(load(), now=datetime.now(UTC)) as site:
        yield site


@pytest.fixture(scope="session")
def lasting_site() -> Iterator[Site]:
    """Yield a site that nobody may change."""
    with Site(load(), now=datetime.now(UTC)) as site:
        yield site


@pytest.fixture(scope="session")
def printed(tmp_path_factory: pytest.TempPathFactory, lasting_site: Site) -> Path:
    """Return a place that has the whole newsroom published; not to be written to."""
    console = Console(tmp_path_factory.mktemp("printed") / "place")
    console.prepare()
    console.state.mkdir()
    with Store.open(f"sqlite:///{console.state}/aggregator.db") as store:
        for name, url in lasting_site.feed_urls.items():
            take_on(store, datetime.now(UTC), url, title=name, outlet=f"{name}.example")
    assert console.apart("update").code == 0
    return console.folder


@pytest.fixture
def newsdesk(pristine: Console, printed: Path) -> Console:
    """Return a place of our own that has the whole newsroom published."""
    shutil.copytree(printed, pristine.folder, dirs_exist_ok=True)
    return pristine
