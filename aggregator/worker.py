"""A worker: polls and reads beside a daemon, on a database that several processes may write.

The daemon places, publishes and serves. What a worker does is what is due in
the database, claimed and fenced as the daemon's own, so either may come, go
and be killed at any time.
"""

import asyncio
import signal
from collections.abc import Callable
from contextlib import ExitStack, suppress

from aggregator import __version__
from aggregator.clock import Clock
from aggregator.desk import Desk, open_desk
from aggregator.dispatch import GRACE, Dispatch, at_work
from aggregator.errors import AggregatorError, RefusedError, SettingsError, StoreError
from aggregator.logs import configure_logs, get_logger
from aggregator.memory import give_large_blocks_back
from aggregator.settings import Settings
from aggregator.settings.lasting import keep_lasting
from aggregator.store.database import Store
from aggregator.systemd import ServiceManager

logger = get_logger(__name__)

CLAIM_EVERY_S = 1.0


class Told:
    """What a worker was told: to end, or to read its settings again."""

    def __init__(self, on_end: Callable[[], None] = lambda: None) -> None:
        self._on_end = on_end
        self.ended = False
        self.reload = False
        self._anything = asyncio.Event()

    def end(self) -> None:
        """Have the worker end."""
        self._on_end()
        self.ended = True
        self._anything.set()

    def read_again(self) -> None:
        """Have the worker read its settings again."""
        self.reload = True
        self._anything.set()

    async def wait(self, seconds: float) -> None:
        """Wait until something is told, for so long at most."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._anything.wait(), seconds)
        self._anything.clear()


async def work_beside(
    settings: Settings, clock: Clock, told: Told, reload: Callable[[], Settings]
) -> None:
    """Poll and read what is due until `told` to end; `reload` returns the settings as they are.

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
    give_large_blocks_back()
    with ExitStack() as held:
        # In a thread: others may keep the database locked, and we are to hear that it is over.
        store, renew = await asyncio.to_thread(_opened, settings, held)
        logger.info("worker.started", version=__version__)
        while not told.ended:
            async with open_desk(settings, store, clock) as desk:
                settings = await _shift(desk, told, reload, manager, renew)
    logger.info("worker.stopped")


def _opened(settings: Settings, held: ExitStack) -> tuple[Store, Callable[[], bool]]:
    store = held.enter_context(Store.open(settings.database.url))
    return store, held.enter_context(at_work(store))


async def _shift(
    desk: Desk,
    told: Told,
    reload: Callable[[], Settings],
    manager: ServiceManager,
    renew: Callable[[], bool],
) -> Settings:
    """Work until told to end or to go on with other settings; return them."""
    dispatch = Dispatch(desk, patient=True)
    manager.ready("polling and reading beside a daemon")
    settings = desk.settings
    while not told.ended and settings is desk.settings:
        await _take_on(dispatch, renew)
        await told.wait(CLAIM_EVERY_S)
        if told.reload:
            told.reload = False
            settings = _read_again(desk.settings, reload, manager)
    if told.ended:
        manager.stopping()
    await dispatch.stop(GRACE)
    return settings


def _read_again(
    present: Settings, reload: Callable[[], Settings], manager: ServiceManager
) -> Settings:
    """Return the settings as they are now, or the present ones where they are faulty."""
    manager.reloading()
    try:
        settings, unchanged = keep_lasting(present, reload())
    except AggregatorError as error:
        logger.error("reload.refused", reason=str(error))  # noqa: TRY400 - foreseen: one line
        manager.ready(f"the last reload was refused: {error}")
        return present
    configure_logs(settings.log.level, settings.log.format)
    logger.info("worker.reloaded")
    if unchanged:
        logger.warning("restart.needed", settings=unchanged)
    return settings


async def _take_on(dispatch: Dispatch, renew: Callable[[], bool]) -> None:
    """Claim what is due, unless others do not see that we are at work and may not either."""
    try:
        await asyncio.to_thread(renew)
        await dispatch.polls.start_due()
        await dispatch.readings.start_due()
    except RefusedError as error:
        logger.debug("tick.postponed", tick="claim", reason=str(error))
    except StoreError as error:
        logger.error("tick.failed", tick="claim", reason=str(error))  # noqa: TRY400 - one line


def heed_signals(on_end: Callable[[], None] = lambda: None) -> Told:
    """Return what SIGTERM, SIGINT and SIGHUP tell from now on; `on_end` hears of the end, too."""
    told, loop = Told(on_end), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.end)
    loop.add_signal_handler(signal.SIGHUP, told.read_again)
    return told
