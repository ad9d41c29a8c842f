"""A daemon's start: alone on its database, with feeds to be found and sources to begin with."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from aggregator import metrics
from aggregator.dispatch import at_work
from aggregator.errors import AggregatorError, PollError, RefusedError
from aggregator.logs import get_logger
from aggregator.publish import Publisher
from aggregator.settings import Settings
from aggregator.settings.address import astray
from aggregator.settings.places import STARTER_SOURCES
from aggregator.store import facts, sources
from aggregator.store.database import Session, Store

logger = get_logger(__name__)

STARTED_BEFORE = "started_before"


class Taken(Protocol):
    """What came of a list of sources."""

    @property
    def added(self) -> int:
        """How many were taken on."""

    @property
    def refused(self) -> Sequence[tuple[str, str]]:
        """Addresses that will not do, and why."""


def open_alone(url: str, held: ExitStack) -> tuple[Store, Callable[[], None]]:
    """Return the database, and what takes our place on it again (`alone`), for as long as `held`.

    Raises:
        AggregatorError: it cannot be had, or another daemon has it.
    """
    store = held.enter_context(Store.open(url, checkpoints=True, timed=metrics.database_time))
    return store, held.enter_context(alone(store))


@contextmanager
def alone(store: Store) -> Iterator[Callable[[], None]]:
    """Hold the place of the one daemon on this database; what the dead had claimed is free.

    Yields what takes the place again where it was lost with the database's
    server, and raises as this does.

    Raises:
        RefusedError: another daemon has it.
    """
    with ExitStack() as held:
        with _refusals():
            place = held.enter_context(store.hold("daemon"))
        work = held.enter_context(at_work(store))

        def renew() -> None:
            with _refusals():
                if place():
                    logger.warning("place.retaken")
            with suppress(RefusedError):  # for a moment; the next time it is had
                work()

        yield renew


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except RefusedError as error:
        message = "another daemon works on this database; stop it first, or set database.url"
        raise RefusedError(message) from error


def warn_of_links(settings: Settings) -> None:
    """Say so where readers would be led to a port that is not ours."""
    if found := astray(settings):
        logger.warning("links.astray", found=found, advice="set publish.base_url")


async def fill_shelves(store: Store, settings: Settings, now: datetime) -> None:
    """Write the feeds that have no files yet: who subscribes at once finds them, empty or not.

    Those that stand are served as they are until the first round has come to
    them: where all are to be rendered anew, that takes a while.
    """
    publisher = Publisher(store, settings)
    try:
        await asyncio.to_thread(publisher.write_missing, now)
    except AggregatorError as error:
        logger.warning("feeds.unwritten", reason=str(error))


async def take_starter_sources(
    store: Store, folder: Path | None, take: Callable[[bytes], Awaitable[Taken]]
) -> None:
    """Take on the configuration's sources the first time that there is nothing.

    A list of which nothing can be taken on is looked at again at the next start.
    """
    path = folder / STARTER_SOURCES if folder else None
    if path is None or not await store.read(_never_started):
        return
    try:
        taken = await take(await asyncio.to_thread(path.read_bytes))
    except FileNotFoundError:
        logger.info("starter.missing", path=str(path))
    except (OSError, PollError) as error:
        logger.warning("starter.unreadable", path=str(path), reason=str(error))
    else:
        for url, reason in taken.refused:
            logger.warning("starter.refused", path=str(path), url=url, reason=reason)
        if taken.added or not taken.refused:
            await store.write(partial(facts.note, name=STARTED_BEFORE, value="yes"))


def _never_started(session: Session) -> bool:
    nothing = not sources.known_urls(session)
    return nothing and facts.fact(session, STARTED_BEFORE) is None
