"""Watching the daemon at work: its metrics, served to its operator."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from aggregator import metrics
from aggregator.clock import Clock
from aggregator.errors import AggregatorError, RefusedError
from aggregator.logs import get_logger
from aggregator.store import backlog
from aggregator.store.database import Store
from aggregator.web.admin import Readiness, admin_application, administering

logger = get_logger(__name__)


@asynccontextmanager
async def watched(
    store: Store, readiness: Readiness, place: str, clock: Clock
) -> AsyncIterator[str]:
    """Measure, and serve what was measured at `place`; yield where that is, "" where nowhere.

    A place that cannot be had is a warning: no story is to wait for its being measured,
    and whoever watches sees that nobody answers.
    """
    app = admin_application(
        partial(_measured, store, readiness, clock), metrics.CONTENT_TYPE, readiness
    )
    lag = asyncio.create_task(metrics.watch_loop())
    try:
        async with AsyncExitStack() as opened:
            try:
                address = await opened.enter_async_context(administering(app, place))
            except RefusedError as error:
                logger.warning("admin.unavailable", reason=str(error))
                address = ""
            yield address
    finally:
        lag.cancel()


async def _measured(store: Store, readiness: Readiness, clock: Clock) -> bytes:
    """Return all metrics; those that only the database knows are left out where it is gone."""
    metrics.READY.set(bool((await readiness())["ready"]))
    for gauge in (metrics.QUEUE, metrics.QUEUE_AGE, metrics.SOURCES):
        gauge.clear()
    try:
        queues = await store.read(partial(backlog.queues, now=clock()))
        states = await store.read(backlog.source_states)
    except AggregatorError:
        return metrics.exposition()
    for verb, queue in queues.items():
        metrics.QUEUE.labels(verb).set(queue.length)
        metrics.QUEUE_AGE.labels(verb).set(queue.age)
    for state, count in states.items():
        metrics.SOURCES.labels(state).set(count)
    return metrics.exposition()
