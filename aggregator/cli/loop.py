"""The event loop of the commands (the only home of uvloop)."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import TypeVar

import uvloop

T = TypeVar("T")


def run_loop(work: Coroutine[None, None, T]) -> T:
    """Return what the work comes to, in an event loop of its own.

    Raises:
        KeyboardInterrupt: the operator has interrupted it.
    """
    try:
        return uvloop.run(_interruptible(work))
    except asyncio.CancelledError as error:
        raise KeyboardInterrupt from error


async def _interruptible(work: Coroutine[None, None, T]) -> T:
    """Do the work until an interrupt; the loop itself hears it: Python may miss one."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    return await task
