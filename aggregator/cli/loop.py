"""The event loop of the commands (the only home of uvloop)."""

from collections.abc import Coroutine
from typing import TypeVar

import uvloop

T = TypeVar("T")


def run_loop(work: Coroutine[None, None, T]) -> T:
    """Return what the work comes to, in an event loop of its own."""
    return uvloop.run(work)
