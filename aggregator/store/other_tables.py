"""The tables beside those of `tables.py`: imported here, they are all part of the schema."""

from aggregator.store import (
    correction_tables,
    feed_tables,
    host_tables,
    hub_tables,
    pruned_tables,
    websub_tables,
)

__all__ = [
    "correction_tables",
    "feed_tables",
    "host_tables",
    "hub_tables",
    "pruned_tables",
    "websub_tables",
]
