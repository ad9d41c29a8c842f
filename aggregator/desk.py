"""What the four verbs work with, opened once and handed to each of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aggregator.clock import Clock
from aggregator.intake.children import Children
from aggregator.intake.embedding import Embedding, open_embedding
from aggregator.intake.fetch import Fetcher
from aggregator.intake.robots import Robots
from aggregator.settings import Settings
from aggregator.store.database import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """The tools: what the operator decided, what we remember, what reaches the network.

    `embedding` is None where no sentence encoder is wanted; `clock` returns the
    present moment, aware and in UTC. No verb keeps anything here between two calls.
    """

    settings: Settings
    store: Store
    fetcher: Fetcher
    robots: Robots
    children: Children
    clock: Clock
    embedding: Embedding | None = None


@asynccontextmanager
async def open_desk(settings: Settings, store: Store, clock: Clock) -> AsyncIterator[Desk]:
    """Yield a desk; its connections and processes end with it.

    Raises:
        SettingsError: the sentence encoder cannot be used.
    """
    async with (
        Fetcher(settings.fetch) as fetcher,
        Children() as children,
        open_embedding(settings) as embedding,
    ):
        robots = Robots(fetcher, settings.fetch.user_agent)
        yield Desk(settings, store, fetcher, robots, children, clock, embedding)
