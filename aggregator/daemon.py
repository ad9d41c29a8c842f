"""The daemon: one process that polls, reads, places, publishes and serves until told to end."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from functools import partial

from aggregator import __version__, metrics
from aggregator.clock import Clock, utc_now
from aggregator.desk import Desk, open_desk
from aggregator.dispatch import GRACE, Dispatch
from aggregator.errors import AggregatorError, RefusedError, SettingsError, StoreError
from aggregator.logs import configure_logs, get_logger
from aggregator.memory import give_large_blocks_back, tidy_up
from aggregator.pulse import Pulse
from aggregator.reception import Reception
from aggregator.settings import Settings
from aggregator.settings.hubs import hub_links
from aggregator.settings.lasting import keep_lasting
from aggregator.starting import fill_shelves, open_alone, take_starter_sources, warn_of_links
from aggregator.store import facts
from aggregator.store.database import Store
from aggregator.storefront import StoreView
from aggregator.subscribe import import_sources
from aggregator.systemd import ServiceManager, handed_socket
from aggregator.ticks import Ticks, heed_clock
from aggregator.watching import watched
from aggregator.web.app import application
from aggregator.web.server import serving
from aggregator.websub import Subscriber

logger = get_logger(__name__)

WORK_EVERY_S = 1
PUBLISH_EVERY_S = 2
PRUNE_EVERY_S = 3600
WEBSUB_EVERY_S = 2
PLACE_EVERY_S = 5
# The watchdog is fed several times within its limit: one time may be late.
FEEDINGS = 4
LAST_ALIVE = "last_alive"


class Daemon:
    """Runs until SIGTERM or SIGINT; SIGHUP has it read its configuration again."""

    def __init__(
        self,
        settings: Settings,
        reload: Callable[[], Settings],
        clock: Clock = utc_now,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Set up; `reload` returns the settings as they are by then, `on_end` hears of the end."""
        self._settings = settings
        # Those that the work was last done with.
        self._former: Settings | None = None
        self._reload = reload
        self._clock = clock
        self._on_end = on_end
        self._ended = asyncio.Event()
        self._interrupted = asyncio.Event()
        self._subscriber: Subscriber | None = None
        self._pulse = Pulse()
        self._manager = ServiceManager()
        self._address = ""
        # Invites whoever waits, once we have all that we work with.
        self._greet: Callable[[], None] = lambda: None
        # Why the last reload changed nothing, empty where it did.
        self._refused = ""
        # What ticks were put off, and until when: a reload runs none of them sooner.
        self._put_off: dict[str, float] = {}
        self._ticking: set[asyncio.Task[None]] = set()
        self._renew: Callable[[], None] = lambda: None
        # Why another daemon is at our place, which it took while the database was away.
        self._ousted: RefusedError | None = None

    async def run(self, on_ready: Callable[[str], None] = lambda _: None) -> None:
        """Serve and work until told to end; `on_ready` is told the address that is served.

        Raises:
            AggregatorError: the database, a folder or the port cannot be had.
        """
        self._listen_to_signals()
        give_large_blocks_back()
        with ExitStack() as held:
            # In a thread: others may keep the database locked, and we are to hear that it is over.
            url = self._settings.database.url
            store, self._renew = await asyncio.to_thread(open_alone, url, held)
            await self._work(store, on_ready)
        logger.info("daemon.stopped")
        if self._ousted is not None:
            raise self._ousted

    async def _work(self, store: Store, on_ready: Callable[[str], None]) -> None:
        await fill_shelves(store, self._settings, self._clock())
        view = StoreView(store, lambda: self._settings, self._pulse.readiness)
        app = application(
            view,
            lambda: self._settings.publish.directory,
            lambda name: hub_links(self._settings, name),
            Reception(store, lambda: self._settings, self._clock),
            lambda: self._subscriber,
        )
        serve = self._settings.serve
        async with (
            watched(store, view.readiness, serve.admin, self._clock) as admin,
            serving(app, serve.host, serve.port, handed_socket()) as address,
        ):
            self._address = address
            logger.info("daemon.started", version=__version__, address=address, admin=admin)
            warn_of_links(self._settings)
            self._greet = partial(on_ready, address)
            while not self._ended.is_set():
                await self._shift(store)
                # What it worked with, a window of articles above all, leads back to itself: that of
                # ten reloads would be kept until garbage is sought.
                tidy_up()

    async def _shift(self, store: Store) -> None:
        """Work with one set of settings, until told to end or to read them again."""
        self._interrupted.clear()
        async with self._desk(store) as desk:
            self._greet()
            self._greet = lambda: None  # once is enough
            await take_starter_sources(store, self._settings.folder, partial(import_sources, desk))
            dispatch = Dispatch(desk, patient=True)
            self._subscriber = subscriber = Subscriber(desk)
            scheduler = self._scheduler(dispatch, subscriber)
            self._watch(scheduler, store)
            scheduler.start()
            longest = self._settings.poll.max_interval * 2
            heed = asyncio.create_task(heed_clock(scheduler, store, self._clock, longest))
            self._manager.ready(self._status())
            await self._interrupted.wait()
            heed.cancel()
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
                self._refuse(error)
                self._settings = self._former
                configure_logs(self._settings.log.level, self._settings.log.format)
                desk = await opened.enter_async_context(
                    open_desk(self._settings, store, self._clock)
                )
            self._former = self._settings
            yield desk

    def _scheduler(self, dispatch: Dispatch, subscriber: Subscriber) -> Ticks:
        scheduler, ended = Ticks(self._put_off), self._interrupted.is_set
        ticks: Mapping[str, tuple[Callable[[], Awaitable[object]], int]] = {
            "poll": (dispatch.polls.start_due, WORK_EVERY_S),
            "read": (dispatch.readings.start_due, WORK_EVERY_S),
            "embed": (dispatch.embed, WORK_EVERY_S),
            "place": (partial(self._place_all, dispatch), WORK_EVERY_S),
            "tell": (partial(dispatch.tell, WORK_EVERY_S), WORK_EVERY_S),
            "publish": (partial(dispatch.publish, wait=False, ended=ended), PUBLISH_EVERY_S),
            "prune": (partial(dispatch.prune, ended), PRUNE_EVERY_S),
            "websub": (subscriber.tick, WEBSUB_EVERY_S),
            "lock": (self._keep_place, PLACE_EVERY_S),
        }
        for name, (work, seconds) in ticks.items():
            self._pulse.begin(name, seconds)
            scheduler.every(seconds, name, partial(self._tick, name, work))
        return scheduler

    async def _keep_place(self) -> None:
        """Take our place again where it was lost; end where another daemon has it."""
        try:
            await asyncio.to_thread(self._renew)
        except RefusedError as error:
            self._ousted = error
            self.stop()

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
            self._pulse.worked(name)
        except AggregatorError as error:
            # Said once: a disk may be full for days, and there is a tick a second.
            if self._pulse.failed(name, str(error)):
                logger.error("tick.failed", tick=name, reason=str(error))  # noqa: TRY400 - one line
        else:
            if self._pulse.worked(name):
                logger.info("tick.recovered", tick=name)

    async def _last_ticks(self) -> None:
        """Wait for the ticks at work: the scheduler would cancel them, even amid a claim."""
        await asyncio.sleep(0)  # what was started just now sees that it is over
        if self._ticking:
            await asyncio.wait(self._ticking)

    async def _place_all(self, dispatch: Dispatch) -> None:
        """Place until nothing waits; each batch is a sign of life."""
        while (await dispatch.place(wait=False)).total and not self._interrupted.is_set():
            self._pulse.worked("place")

    def _watch(self, scheduler: Ticks, store: Store) -> None:
        """Have the scheduler itself feed the watchdog: where it stands still, nobody does."""
        if self._manager.watchdog is None:
            return
        seconds = self._manager.watchdog.total_seconds() / FEEDINGS
        scheduler.every(seconds, "watchdog", partial(self._show_life, store))

    async def _show_life(self, store: Store) -> None:
        """Feed the watchdog once the database has taken a write, unless a tick hangs for good.

        That it refuses the write is an answer too: a full disk and a server
        that is gone are not cured by a restart.
        """
        alive = partial(facts.note, name=LAST_ALIVE, value=utc_now().isoformat())
        try:
            await store.write(alive)
        except StoreError as error:
            logger.warning("database.failed", reason=str(error))
        if not self._pulse.is_wedged():
            self._manager.alive()
            self._manager.status(self._status())

    def _status(self) -> str:
        """Return how things stand, in a line."""
        stuck = ", ".join(self._pulse.stuck())
        told = [f"pages at {self._address}/"]
        told += [f"stuck: {stuck}"] if stuck else []
        told += [f"the last reload was refused: {self._refused}"] if self._refused else []
        return "; ".join(told)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self.reload)

    def stop(self) -> None:
        """End the daemon: what runs is finished or left due."""
        self._on_end()
        self._manager.stopping()
        self._ended.set()
        self._interrupted.set()

    def reload(self) -> None:
        """Read the configuration again; a faulty one changes nothing."""
        self._manager.reloading()
        try:
            read = self._reload()
        except AggregatorError as error:
            self._refuse(error)
            self._manager.ready(self._status())
            return
        self._refused = ""
        self._settings, unchanged = keep_lasting(self._settings, read)
        configure_logs(self._settings.log.level, self._settings.log.format)
        metrics.RELOADS.labels("done").inc()
        logger.info("daemon.reloaded", categories=len(self._settings.categories))
        if unchanged:
            logger.warning("restart.needed", settings=unchanged)
        self._interrupted.set()

    def _refuse(self, error: AggregatorError) -> None:
        """Say why a configuration changes nothing."""
        self._refused = str(error)
        metrics.RELOADS.labels("refused").inc()
        logger.error("reload.refused", reason=self._refused)
