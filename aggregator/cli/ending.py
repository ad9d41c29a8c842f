"""The end of a process that was told to end: in time, whatever it waits for.

Others may keep the database locked for as long as they like, and a disk may hang. To
cut such a wait short is safe: it is `kill -9`, after which nothing that was acknowledged
is lost, and what was under way is due again.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aggregator.logs import get_logger

logger = get_logger(__name__)

# Longer than all that we wait for ourselves, within the 10 s that are promised.
LONGEST_S = 8.0


def cut_short() -> None:
    """End this process now."""
    reason = "what it waits for does not come: a lock on the database, or a disk"
    logger.error("end.cut_short", seconds=LONGEST_S, reason=reason)
    os._exit(0)


@contextmanager
def ended_in_time() -> Iterator[Callable[[], None]]:
    """Yield what begins the end: a block that is not left within some seconds is cut short."""
    timer = threading.Timer(LONGEST_S, cut_short)
    timer.daemon = True

    def begin() -> None:
        if timer.ident is None:
            timer.start()

    try:
        yield begin
    finally:
        timer.cancel()
