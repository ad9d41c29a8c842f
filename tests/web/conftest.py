from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sample_view import FEED, Client, Newsroom

from aggregator.web.app import application


@pytest.fixture
def newsroom() -> Newsroom:
    return Newsroom()


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    directory = tmp_path / "feeds"
    (directory / "nato").mkdir(parents=True)
    (directory / "nato.atom").write_bytes(FEED)
    (directory / "nato" / "2026-10.atom").write_bytes(FEED)
    return directory


@pytest.fixture
async def client(newsroom: Newsroom, feeds: Path) -> AsyncIterator[Client]:
    """Return a client that shows what goes over the wire: no redirects, nothing unpacked."""
    server = TestServer(application(newsroom, lambda: feeds))
    async with TestClient(server, auto_decompress=False) as client:
        yield client
