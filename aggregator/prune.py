"""Prune: let go of the texts of stories that are past their time.

What was pruned is known for ever: no source can bring it back, no id is used
again, and archives stay as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aggregator.logs import get_logger
from aggregator.settings import Settings
from aggregator.store import pruning
from aggregator.store.database import Session, Store
from aggregator.store.dialect import reusable_bytes
from aggregator.store.pruning import Retention

logger = get_logger(__name__)

# Small enough that polls, which write meanwhile, hardly wait.
STORIES, ENTRIES = 100, 500


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many stories were pruned, and how many bytes of the database's file await new data.

    `reusable` is None where a server keeps the database.
    """

    stories: int
    reusable: int | None


def prune(
    store: Store,
    settings: Settings,
    now: datetime,
    *,
    wait: bool = True,
    ended: Callable[[], bool] = lambda: False,
) -> Pruned:
    """Prune in short transactions until nothing is left to prune, or `ended` says so.

    Raises:
        RefusedError: another publishes, and we are not to `wait`; the next time goes on.
        StoreError: the database cannot be written; what was pruned stays so.
    """
    keeps = {c.slug: c.keep for c in settings.categories if c.keep is not None}
    retention = Retention(settings.retention.stories, keeps)
    next_stories = partial(pruning.prune_stories, retention=retention, now=now, limit=STORIES)
    count, after = 0, None
    while not ended():
        with store.lock("publisher", wait=wait):
            batch = store.write_now(partial(next_stories, after=after))
        count, after = count + batch.pruned, batch.after
        if after is None:
            break
    baseline = partial(pruning.prune_baseline, before=now - retention.stories, limit=ENTRIES)
    while not ended() and store.write_now(baseline):
        continue
    if count:
        logger.info("stories.pruned", count=count)
    return Pruned(count, store.read_now(_reusable))


def _reusable(session: Session) -> int | None:
    return reusable_bytes(session.connection())
