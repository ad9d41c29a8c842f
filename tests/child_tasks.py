"""What the tests of intake/children.py run in a child; run as a script, a parent to be killed."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from aggregator.errors import ParseError, StatusError
from aggregator.intake.children import Children


class Document(str):  # noqa: SLOT000 - unlike text itself it can be watched
    """A document of which it can be told whether anybody has it still."""


def total(first: int, last: int = 0) -> tuple[int, int]:
    return os.getpid(), first + last


def slow_total(number: int) -> tuple[int, int]:
    time.sleep(0.2)
    return total(number)


def refuse(reason: str) -> None:
    raise ParseError(reason)


def fail() -> None:
    message = "two\nlines"
    raise RuntimeError(message)


def entangle(document: bytes) -> int:
    """Leave much memory in a cycle, as parsers do; return how much this process takes."""
    knot: list[object] = [document * 100]
    knot.append(knot)
    return resident()


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def allocate() -> int:
    return len(b"x" * (4 << 30))


def recurse() -> None:
    recurse()


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def crash_on(*_: object) -> None:
    crash()


def leave() -> None:
    os._exit(3)


def unpicklable() -> Callable[[], int]:
    return lambda: 1


def unreadable() -> None:
    message = "an error whose pickle lacks an argument"
    raise StatusError(message, 404)


def spin() -> None:
    while True:
        pass


def work(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def mark_and_spin(mark: Path) -> None:
    mark.write_text(str(os.getpid()))
    spin()


def mark_and_stop(mark: Path) -> None:
    mark.write_text(f"{os.getpid()} {os.getppid()}")
    os.kill(os.getpid(), signal.SIGSTOP)


async def be_a_parent(stopped: Path, *busy: Path) -> None:
    async with Children(1 + len(busy)) as children:
        spinning = [children.run(mark_and_spin, mark) for mark in busy]
        await asyncio.gather(children.run(mark_and_stop, stopped), *spinning)


if __name__ == "__main__":
    asyncio.run(be_a_parent(*map(Path, sys.argv[1:])))
