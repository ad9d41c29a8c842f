"""What is measured, by the names that Prometheus knows it by; the only home of its client.

Counters are this process's own and begin at 0 with it. Durations are in
seconds, as Prometheus asks. No label takes its values from outside: a source's
address would make a series of each.
"""

import asyncio
from contextlib import AbstractContextManager
from time import CLOCK_BOOTTIME, clock_gettime, monotonic, time

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from aggregator import __version__
from aggregator.model import Kind

CONTENT_TYPE = CONTENT_TYPE_LATEST
REGISTRY = CollectorRegistry()
_LONG = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 300)
_SHORT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30)
_SHARES = (*(step / 10 for step in range(1, 9)), 0.85, 0.9, 0.95, 0.99, 1.0)
_LAG_EVERY_S = 1.0


class OwnProcess(ProcessCollector):
    """Measures this process, also where /proc shows processes only, as in our unit.

    There is no /proc/stat, without which the client leaves everything out.
    """

    def _boot_time(self) -> float:
        return time() - clock_gettime(CLOCK_BOOTTIME)


OwnProcess(registry=REGISTRY)

POLLS = Counter("aggregator_polls", "Polls that ended.", ["outcome"], registry=REGISTRY)
WORK_SECONDS = Histogram(
    "aggregator_work_seconds",
    "One poll or page from its claim to its end, one batch placed, one round published.",
    ["verb"],
    buckets=_LONG,
    registry=REGISTRY,
)
FAILURES = Counter(
    "aggregator_failures",
    "Work that ended in an error, or a bug.",
    ["kind"],
    registry=REGISTRY,
)
TICK_FAILURES = Counter(
    "aggregator_tick_failures", "Ticks that came to nothing.", ["tick"], registry=REGISTRY
)
SHORTAGES = Counter(
    "aggregator_shortages",
    "Polls and pages put off since we had no room or no process for what came.",
    ["verb"],
    registry=REGISTRY,
)
FETCHED_BYTES = Counter(
    "aggregator_fetched_bytes", "Bodies taken in, after decompression.", registry=REGISTRY
)
ENTRIES = Counter(
    "aggregator_entries", "Entries that polls saw, new or known.", ["state"], registry=REGISTRY
)
PLACED = Counter("aggregator_articles_placed", "Articles placed.", ["kind"], registry=REGISTRY)
MATCH_SCORE = Histogram(
    "aggregator_match_score",
    "Of each article placed: the score of its story, or of the best that fell short.",
    buckets=_SHARES,
    registry=REGISTRY,
)
STORIES = Counter("aggregator_stories_published", "Stories that appeared.", registry=REGISTRY)
FEEDS_WRITTEN = Counter("aggregator_feeds_written", "Feeds whose files changed.", registry=REGISTRY)
DATABASE_SECONDS = Histogram(
    "aggregator_database_seconds",
    "One reading session, or one group of writes up to its commit.",
    ["access"],
    buckets=_SHORT,
    registry=REGISTRY,
)
LOOP_LAG = Histogram(
    "aggregator_event_loop_lag_seconds",
    "How late the event loop came back to what was due, once a second.",
    buckets=_SHORT,
    registry=REGISTRY,
)
CONNECTIONS = Gauge(
    "aggregator_connections", "Who is connected to the public listener.", registry=REGISTRY
)
REFUSALS = Counter(
    "aggregator_connections_refused",
    "Connections ended by a limit of the public listener, by the status that they were told.",
    ["status"],
    registry=REGISTRY,
)
RELOADS = Counter("aggregator_reloads", "Reloads asked for.", ["outcome"], registry=REGISTRY)
READY = Gauge("aggregator_ready", "1 while /readyz says so.", registry=REGISTRY)
SOURCES = Gauge("aggregator_sources", "Sources, by how they do.", ["state"], registry=REGISTRY)
QUEUE = Gauge("aggregator_queue_length", "What is due and not done.", ["verb"], registry=REGISTRY)
QUEUE_AGE = Gauge(
    "aggregator_queue_age_seconds",
    "For how long the oldest of it has been due.",
    ["verb"],
    registry=REGISTRY,
)
# Each is 0 from the start on: of an absent series nobody sees the first increase.
for _counter, _values in (
    (FAILURES, ("foreseen", "bug")),
    (RELOADS, ("done", "refused")),
    (SHORTAGES, ("poll", "read")),
    (ENTRIES, ("new", "known")),
    (PLACED, tuple(Kind)),
    (REFUSALS, (408, 414, 431, 503)),
):
    for _value in _values:
        _counter.labels(_value)
Info("aggregator", "Which version runs.", registry=REGISTRY).info({"version": __version__})


def database_time(access: str) -> AbstractContextManager[object]:
    """Return what measures a block in which the database is read or written."""
    return DATABASE_SECONDS.labels(access).time()


async def watch_loop() -> None:
    """Measure the event loop's lag until cancelled."""
    while True:
        due = monotonic() + _LAG_EVERY_S
        await asyncio.sleep(_LAG_EVERY_S)
        LOOP_LAG.observe(max(monotonic() - due, 0.0))


def exposition() -> bytes:
    """Return every metric in Prometheus's text format."""
    return generate_latest(REGISTRY)
