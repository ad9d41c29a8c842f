"""The event loop of the commands (the only home of uvloop)."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import TypeVar

import uvloop

T = TypeVar("T")

# The loop, who writes, and those who hand documents to parsers wait for each other thousands of
# times a round: by Python's own 5 ms each time as long as a document takes.
_TURN_S = 0.001


def run_loop(work: Coroutine[None, None, T]) -> T:
    """Return what the work comes to, in an event loop of its own.

    Raises:
        KeyboardInterrupt: the operator has interrupted it.
    """
    sys.setswitchinterval(_TURN_S)
    try:
        return uvloop.run(_interruptible(work))
    except asyncio.CancelledError as error:
        raise KeyboardInterrupt from error


async def _interruptible(work: Coroutine[None, None, T]) -> T:
    """Do the work until an interrupt; the loop itself hears it: Python may miss one."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    return await task
