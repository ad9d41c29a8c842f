"""All tables as one, for those who make them, change them or compare them."""

from aggregator.store import (
    correction_tables,
    feed_tables,
    host_tables,
    hub_tables,
    pruned_tables,
    tables,
    websub_tables,
)
from aggregator.store.base import Base

__all__ = [
    "METADATA",
    "correction_tables",
    "feed_tables",
    "host_tables",
    "hub_tables",
    "pruned_tables",
    "tables",
    "websub_tables",
]

METADATA = Base.metadata
