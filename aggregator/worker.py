"""A worker: polls and reads beside a daemon, on a database that several processes may write.

The daemon places, publishes and serves. What a worker does is what is due in
the database, claimed and fenced as the daemon's own, so either may come, go
and be killed at any time.
"""

import asyncio
import signal
from contextlib import suppress

from aggregator import __version__
from aggregator.desk import Clock, open_desk
from aggregator.dispatch import GRACE, Dispatch, sole_worker
from aggregator.errors import SettingsError, StoreError
from aggregator.logs import get_logger
from aggregator.settings import Settings
from aggregator.store.database import Store
from aggregator.systemd import ServiceManager

logger = get_logger(__name__)

CLAIM_EVERY_S = 1.0


async def work_beside(settings: Settings, clock: Clock, ended: asyncio.Event) -> None:
    """Poll and read what is due until `ended`.

    Raises:
        SettingsError: the database is SQLite, which one daemon has to itself.
        StoreError: it cannot be opened.
    """
    if settings.database.url.startswith("sqlite:"):
        message = (
            "database.url: a worker needs PostgreSQL; on SQLite the daemon polls alone, "
            "raise fetch.concurrency instead"
        )
        raise SettingsError(message)
    manager = ServiceManager()
    with Store.open(settings.database.url) as store, sole_worker(store):
        async with open_desk(settings, store, clock) as desk:
            dispatch = Dispatch(desk, patient=True)
            logger.info("worker.started", version=__version__)
            manager.ready("polling and reading beside a daemon")
            while not ended.is_set():
                await _take_on(dispatch)
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), CLAIM_EVERY_S)
            manager.stopping()
            await dispatch.stop(GRACE)
    logger.info("worker.stopped")


async def _take_on(dispatch: Dispatch) -> None:
    try:
        await dispatch.polls.start_due()
        await dispatch.readings.start_due()
    except StoreError as error:
        logger.error("tick.failed", tick="claim", reason=str(error))  # noqa: TRY400 - one line


def until_told() -> asyncio.Event:
    """Return what SIGTERM and SIGINT set from now on."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    return ended
