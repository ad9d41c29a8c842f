"""Memory: what is given back to the system, and when cycles are looked for.

The C library's allocator is told where it is one that listens (glibc).
"""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_M_MMAP_THRESHOLD = -3  # mallopt(3)
_LARGE = 128 << 10  # glibc's own at its start, in bytes
# So many objects more are made than let go of before cycles are looked for among them.
_ENOUGH = 10_000


def give_large_blocks_back() -> None:
    """Have each large block be the system's again as soon as it is free, from now on.

    glibc would raise the bound of what is large with every document that is let go of; the next
    ones would then lie in between what stays, and their place be the system's no more. For
    processes that live long: to have a window's columns anew for each article costs a tenth of
    the time that its placing takes.
    """
    if (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


def give_all_back() -> None:
    """Give back to the system what is free by now."""
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


def tidy_up() -> None:
    """Let go of what only leads back to itself, and give back to the system what is free then."""
    gc.collect()
    give_all_back()


def seek_cycles_seldom() -> None:
    """Have cycles looked for less often, for as long as a command takes.

    With two hundred polls under way Python's own 700 objects are there all the time.
    """
    gc.set_threshold(_ENOUGH)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: hardly any of the many objects made is in one.

    To walk through all that is alive, again and again, takes an eighth of the
    time where entries are placed by the batch; a round of publishing, else of
    a tenth of a second, is held up by half as much again each time.
    """
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


def let_go_of_the_young() -> None:
    """Let go of what was made lately and only leads back to itself, without a look at the rest."""
    gc.collect(1)
