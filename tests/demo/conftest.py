import pytest

from aggregator.demo.newsroom import Newsroom, load


@pytest.fixture(scope="session")
def newsroom() -> Newsroom:
    return load()
