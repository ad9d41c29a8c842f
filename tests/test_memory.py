"""Memory: a large block is the system's again as soon as it is free; cycles are looked for."""

import ctypes
import gc
import subprocess
import sys
import weakref

import pytest

from aggregator.errors import StoreError
from aggregator.memory import let_go_of_the_young, uncollected

# In a process of its own: in one that has worked, a block may lie where another was.
PROGRAM = """
import ctypes
from aggregator.memory import give_large_blocks_back

class Account(ctypes.Structure):
    names = "arena chunks fast blocks mapped most in_fast used free top"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

def mapped():
    library.mallinfo2.restype = Account
    return library.mallinfo2().mapped

library, size = ctypes.CDLL(None), 1 << 20
bytearray(16 * size)  # once that is let go of, a MiB is not large, unless somebody says so
{told}
before = mapped()
block = bytearray(size)
taken = mapped() - before
del block
print(taken >= size, mapped() == before)
"""


@pytest.mark.parametrize(
    ("told", "found"), [("", "False True"), ("give_large_blocks_back()", "True True")]
)
def test_large_blocks_come_from_the_system_and_go_back_to_it(told: str, found: str) -> None:
    if not hasattr(ctypes.CDLL(None), "mallinfo2"):
        pytest.skip("another C library than glibc 2.33 or later")
    program = [sys.executable, "-c", PROGRAM.format(told=told)]
    said = subprocess.run(program, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603 - ourselves
    assert said.stdout.strip() == found


@pytest.mark.parametrize("at_work", [True, False])
def test_the_search_for_cycles_goes_on_as_before(*, at_work: bool) -> None:
    @uncollected()
    def work() -> None:
        assert not gc.isenabled()
        raise StoreError

    was_at_work = gc.isenabled()
    (gc.enable if at_work else gc.disable)()
    try:
        with pytest.raises(StoreError):
            work()
        assert gc.isenabled() == at_work
    finally:
        (gc.enable if was_at_work else gc.disable)()


def test_what_only_leads_back_to_itself_is_let_go_of_meanwhile() -> None:
    class Knot:
        def __init__(self) -> None:
            self.itself = self

    with uncollected():
        made = weakref.ref(Knot())
        assert made() is not None
        let_go_of_the_young()
        assert made() is None
