"""How a child process lives: within limits, deaf to what ends us, and not longer than we do."""

import ctypes
import gc
import multiprocessing
import os
import resource
import signal
import threading
from contextlib import suppress
from multiprocessing import forkserver, resource_tracker
from typing import Any

# Imported once, before the fork, in this order; one that is missing is left out.
PRELOADED = [f"aggregator.intake.{name}" for name in ("orphaned", "parse", "news", "extract")]
_PR_SET_PDEATHSIG = 1  # prctl(2)


def start_early() -> None:
    """Start the fork server, which imports while we do; what hinders that is told with need."""
    with suppress(OSError):
        start_fork_server()


def start_fork_server() -> None:
    """Have a fork server that hears no SIGTERM, which may be meant for a whole group, nor SIGINT.

    Without it no child is thought alive, and what it is at would be lost.
    """
    # It is told what to run on its command line, and would look for modules where we were
    # started first: in whatever folder that is.
    os.environ["PYTHONSAFEPATH"] = "1"
    forkserver.set_forkserver_preload(PRELOADED)
    resource_tracker.ensure_running()  # its own start would let us hear again
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def settle(memory: int) -> None:
    """Prepare a child for its life: limited, stoppable even in C, and over with its parent's.

    In a group of its own: what ends ours lets us finish, and ask for nothing twice.
    """
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    gc.freeze()  # what was imported stays, and is nothing to look through
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _die_with(os.getppid())


def _die_with(server: int) -> None:
    """Be over once the fork server is, and it once its client is; even those that are stopped."""
    # The server lives for as long as anybody holds this, and one of us that is stopped would.
    held: Any = forkserver._forkserver  # noqa: SLF001 - there is no better way to it
    os.close(held._forkserver_alive_fd)  # noqa: SLF001
    # Linux alone has it, and it alone ends a process that is stopped.
    if (prctl := getattr(ctypes.CDLL(None), "prctl", None)) is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()


def _end_with_parent(server: int) -> None:
    """Wait until the fork server's client is gone; then end the server, should it be stopped."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        if os.getppid() == server:
            os.kill(server, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
