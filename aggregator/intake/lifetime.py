"""How a child process lives: within limits, deaf to what ends us, and not longer than we do."""

import gc
import multiprocessing
import os
import resource
import signal
import threading
from multiprocessing import forkserver, resource_tracker


def start_fork_server() -> None:
    """Have a fork server that hears no SIGTERM, which may be meant for a whole group.

    Without it no child is thought alive, and what it is at would be lost.
    """
    resource_tracker.ensure_running()  # its own start would let us hear again
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
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
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)
