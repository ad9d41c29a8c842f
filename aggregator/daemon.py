"""The daemon: one process that polls, reads, places, publishes and serves until told to end."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator import __version__
from aggregator.desk import Clock, Desk, open_desk
from aggregator.dispatch import Dispatch, sole_worker
from aggregator.errors import AggregatorError, ParseError, RefusedError, SettingsError
from aggregator.logs import configure_logs, get_logger
from aggregator.output.files import sweep
from aggregator.prune import prune
from aggregator.publish import Publisher
from aggregator.reception import Reception
from aggregator.settings import Settings
from aggregator.settings.hubs import hub_links
from aggregator.store import facts, sources
from aggregator.store.database import Session, Store
from aggregator.storefront import StoreView
from aggregator.subscribe import import_sources
from aggregator.web.app import application
from aggregator.web.server import serving
from aggregator.websub import Subscriber

logger = get_logger(__name__)

STARTER_SOURCES = "sources.opml"
STARTED_BEFORE = "started_before"
WORK_EVERY_S = 1
PUBLISH_EVERY_S = 2
PRUNE_EVERY_S = 3600
WEBSUB_EVERY_S = 2
# Ended well within the 10 s that a service manager may be told to wait.
GRACE = timedelta(seconds=4)
# These sections are read once: a reload leaves them as they are.
LASTING = ("database", "serve")
# No tick is silent for longer than the slowest batch; beyond this the scheduler is stuck.
STUCK_AFTER_S = 120.0
RARE = {"prune": PRUNE_EVERY_S}


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class Daemon:
    """Runs until SIGTERM or SIGINT; SIGHUP has it read its configuration again."""

    def __init__(
        self, settings: Settings, reload: Callable[[], Settings], clock: Clock = utc_now
    ) -> None:
        self._settings = settings
        # Those that the work was last done with.
        self._former: Settings | None = None
        self._reload = reload
        self._clock = clock
        self._ended = asyncio.Event()
        self._interrupted = asyncio.Event()
        self._subscriber: Subscriber | None = None
        self._beats: dict[str, float] = {}
        self._ticking: set[asyncio.Task[None]] = set()

    async def run(self, on_ready: Callable[[str], None] = lambda _: None) -> None:
        """Serve and work until told to end; `on_ready` is told the address that is served.

        Raises:
            AggregatorError: the database, a folder or the port cannot be had.
        """
        self._listen_to_signals()
        url = self._settings.database.url
        with Store.open(url, checkpoints=True) as store, _alone(store):
            await self._work(store, on_ready)
        logger.info("daemon.stopped")

    async def _work(self, store: Store, on_ready: Callable[[str], None]) -> None:
        await asyncio.to_thread(sweep, self._settings.publish.directory)
        await self._fill_shelves(store)
        view = StoreView(store, lambda: self._settings, self._readiness)
        app = application(
            view,
            lambda: self._settings.publish.directory,
            lambda name: hub_links(self._settings, name),
            Reception(store, lambda: self._settings, self._clock),
            lambda: self._subscriber,
        )
        serve = self._settings.serve
        async with serving(app, serve.host, serve.port) as address:
            logger.info("daemon.started", version=__version__, address=address)
            on_ready(address)
            while not self._ended.is_set():
                await self._shift(store)

    async def _fill_shelves(self, store: Store) -> None:
        """Write the feeds there are to be: who subscribes at once finds them, empty or not."""
        publisher = Publisher(store, self._settings)
        try:
            await asyncio.to_thread(publisher.write_feeds, self._clock())
        except AggregatorError as error:
            logger.warning("feeds.unwritten", reason=str(error))

    async def _shift(self, store: Store) -> None:
        """Work with one set of settings, until told to end or to read them again."""
        self._interrupted.clear()
        async with self._desk(store) as desk:
            await self._take_starter_sources(store, partial(import_sources, desk))
            dispatch = Dispatch(desk, patient=True)
            self._subscriber = subscriber = Subscriber(desk)
            scheduler = self._scheduler(store, dispatch, subscriber)
            scheduler.start()
            await self._interrupted.wait()
            scheduler.pause()
            await self._last_ticks()
            scheduler.shutdown(wait=False)
            self._subscriber = None
            await asyncio.gather(dispatch.stop(GRACE), subscriber.stop(GRACE))

    @asynccontextmanager
    async def _desk(self, store: Store) -> AsyncIterator[Desk]:
        """Yield a desk with the present settings, or the former ones where it cannot be had."""
        async with AsyncExitStack() as opened:
            try:
                desk = await opened.enter_async_context(
                    open_desk(self._settings, store, self._clock)
                )
            except SettingsError as error:
                if self._former is None:
                    raise
                logger.error("reload.refused", reason=str(error))  # noqa: TRY400 - one line
                self._settings = self._former
                desk = await opened.enter_async_context(
                    open_desk(self._settings, store, self._clock)
                )
            self._former = self._settings
            yield desk

    def _scheduler(
        self, store: Store, dispatch: Dispatch, subscriber: Subscriber
    ) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(
            timezone=UTC,
            logger=_quiet_logger(),
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        ticks: Mapping[str, tuple[Callable[[], Awaitable[object]], int]] = {
            "poll": (dispatch.polls.start_due, WORK_EVERY_S),
            "read": (dispatch.readings.start_due, WORK_EVERY_S),
            "embed": (dispatch.embed, WORK_EVERY_S),
            "place": (partial(self._place_all, dispatch), WORK_EVERY_S),
            "tell": (dispatch.errands.start_due, WORK_EVERY_S),
            "publish": (partial(dispatch.publish, wait=False), PUBLISH_EVERY_S),
            "prune": (partial(self._prune, store), PRUNE_EVERY_S),
            "websub": (subscriber.tick, WEBSUB_EVERY_S),
        }
        for name, (work, seconds) in ticks.items():
            self._beats[name] = monotonic()
            scheduler.add_job(
                self._tick,
                "interval",
                args=(name, work),
                id=name,
                seconds=seconds,
                next_run_time=utc_now(),
            )
        return scheduler

    async def _tick(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        if self._interrupted.is_set():
            return
        task = asyncio.create_task(self._beat(name, work))
        self._ticking.add(task)
        task.add_done_callback(self._ticking.discard)
        await task

    async def _beat(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except RefusedError as error:
            # A tick that waited for another process could not be ended.
            logger.debug("tick.postponed", tick=name, reason=str(error))
            self._beats[name] = monotonic()
        except AggregatorError as error:
            logger.error("tick.failed", tick=name, reason=str(error))  # noqa: TRY400 - one line
        else:
            self._beats[name] = monotonic()

    async def _last_ticks(self) -> None:
        """Wait for the ticks at work: the scheduler would cancel them, even amid a claim."""
        await asyncio.sleep(0)  # what was started just now sees that it is over
        if self._ticking:
            await asyncio.wait(self._ticking)

    async def _place_all(self, dispatch: Dispatch) -> None:
        """Place until nothing waits; each batch is a sign of life."""
        while (await dispatch.place(wait=False)).total and not self._interrupted.is_set():
            self._beats["place"] = monotonic()

    async def _prune(self, store: Store) -> None:
        ended = self._interrupted.is_set
        work = partial(prune, store, self._settings, self._clock(), ended=ended, wait=False)
        await asyncio.to_thread(work)

    def _readiness(self) -> Mapping[str, object]:
        silent = {
            name: round(monotonic() - beat, 1)
            for name, beat in self._beats.items()
            if monotonic() - beat > STUCK_AFTER_S + RARE.get(name, 0)
        }
        return {"ready": bool(self._beats) and not silent, "stuck_for_seconds": silent}

    async def _take_starter_sources(
        self, store: Store, take: Callable[[bytes], Awaitable[object]]
    ) -> None:
        """Take on the configuration's sources the first time that there is nothing."""
        folder = self._settings.folder
        path = folder / STARTER_SOURCES if folder else None
        if path is None or not await store.read(_never_started):
            return
        try:
            await take(await asyncio.to_thread(path.read_bytes))
        except FileNotFoundError:
            logger.info("starter.missing", path=str(path))
        except (OSError, ParseError) as error:
            logger.warning("starter.unreadable", path=str(path), reason=str(error))
        else:
            await store.write(partial(facts.note, name=STARTED_BEFORE, value="yes"))

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self.reload)

    def stop(self) -> None:
        """End the daemon: what runs is finished or left due."""
        self._ended.set()
        self._interrupted.set()

    def reload(self) -> None:
        """Read the configuration again; a faulty one changes nothing."""
        former = self._settings
        try:
            self._settings = self._reload()
        except AggregatorError as error:
            logger.error("reload.refused", reason=str(error))  # noqa: TRY400 - one line
            return
        configure_logs(self._settings.log.level, self._settings.log.format)
        logger.info("daemon.reloaded")
        for section in LASTING:
            if getattr(former, section) != getattr(self._settings, section):
                logger.warning("restart.needed", section=section)
        self._interrupted.set()


def _quiet_logger() -> logging.Logger:
    """Return a log that keeps to errors: that a tick waits for the one before it is no news."""
    quiet = logging.getLogger("apscheduler.scheduler")
    quiet.setLevel(logging.ERROR)
    return quiet


def _never_started(session: Session) -> bool:
    nothing = not sources.known_urls(session)
    return nothing and facts.fact(session, STARTED_BEFORE) is None


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Hold the place of the one daemon on this database; what the dead had claimed is free."""
    with ExitStack() as held:
        try:
            held.enter_context(store.lock("daemon", wait=False))
        except RefusedError as error:
            message = "another daemon works on this database; stop it first, or set database.url"
            raise RefusedError(message) from error
        held.enter_context(sole_worker(store))
        yield
