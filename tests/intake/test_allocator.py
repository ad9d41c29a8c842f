"""The allocator: a large block is the system's again as soon as it is free."""

import ctypes
from typing import Any

import pytest

from aggregator.intake.allocator import give_large_blocks_back

MIB = 1 << 20
NAMES = ("arena", "chunks", "fast", "blocks", "mapped", "most", "in_fast", "used", "free", "top")


class Account(ctypes.Structure):
    """What mallinfo2(3) tells."""

    _fields_ = [(name, ctypes.c_size_t) for name in NAMES]


def mapped(library: Any) -> int:  # noqa: ANN401 - ctypes knows no types
    """Return how many bytes stand in blocks of their own."""
    library.mallinfo2.restype = Account
    return int(library.mallinfo2().mapped)


def test_large_blocks_come_from_the_system_and_go_back_to_it() -> None:
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        pytest.skip("another C library than glibc 2.33 or later")
    bytearray(16 * MIB)  # once that is let go of, a MiB is not large, unless somebody says so
    give_large_blocks_back()
    before = mapped(library)
    block = bytearray(MIB)
    assert mapped(library) - before >= MIB
    del block
    assert mapped(library) == before
