"""What may befall a service in a day: faults that begin, last for a while and are over."""

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from poll import tree
from scorekeeper import BOMB, DRIP, WELL, Control
from soaked import Clock

DAY, DECADE = 86_400.0, 3652 * 86_400.0
LITTER = 10_000


@dataclass
class Stage:
    """Where it happens: the daemon's process, its folder, the farm that it asks."""

    clock: Clock
    folder: Path
    control: Control
    process: subprocess.Popen[str] | None = None
    restart: Callable[[], None] = lambda: None
    leaps: list[float] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """Return the daemon's number."""
        assert self.process is not None  # noqa: S101 - there is one from the start on
        return self.process.pid

    def parsers(self) -> list[int]:
        """Return the processes that parse: the fork server's children, not the daemon's own."""
        return [pid for pid in tree(self.pid) if self.pid not in {pid, _parent(pid)}]


def _parent(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


@contextmanager
def killed(stage: Stage) -> Iterator[None]:
    """`kill -9`, and a new start at once."""
    os.kill(stage.pid, signal.SIGKILL)
    stage.restart()
    yield


@contextmanager
def reloaded(stage: Stage) -> Iterator[None]:
    """SIGHUP."""
    os.kill(stage.pid, signal.SIGHUP)
    yield


@contextmanager
def disk_full(stage: Stage) -> Iterator[None]:
    """No byte more on the disk of the database and the feeds."""
    ballast = stage.folder / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 20)):
            pass
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(stage: Stage) -> Iterator[None]:
    """Every write to a file fails, as on a disk that went read-only."""
    usual = resource.prlimit(stage.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stage.pid, resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        yield
    finally:
        resource.prlimit(stage.pid, resource.RLIMIT_FSIZE, usual)


@contextmanager
def locked(stage: Stage) -> Iterator[None]:
    """Somebody else writes the database and does not come to an end."""
    with closing(sqlite3.connect(stage.folder / "aggregator.db", timeout=30)) as database:
        with suppress(sqlite3.OperationalError):
            database.execute("BEGIN IMMEDIATE")
        yield
        database.rollback()


@contextmanager
def gone(stage: Stage) -> Iterator[None]:
    """The database's file is moved away, and back."""
    database = stage.folder / "aggregator.db"
    database.rename(database.with_suffix(".away"))
    try:
        yield
    finally:
        database.with_suffix(".away").rename(database)


@contextmanager
def wedged(stage: Stage) -> Iterator[None]:
    """No name server answers."""
    flag = stage.folder / "wedged"
    flag.touch()
    try:
        yield
    finally:
        flag.unlink()


@contextmanager
def parsers_die(stage: Stage) -> Iterator[None]:
    """A parser is killed."""
    for pid in stage.parsers()[:1]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    yield


@contextmanager
def parsers_hang(stage: Stage) -> Iterator[None]:
    """A parser stands still."""
    for pid in stage.parsers()[:1]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    yield


@contextmanager
def littered(stage: Stage) -> Iterator[None]:
    """Somebody leaves thousands of files among the feeds."""
    names = [stage.folder / "feeds" / f"litter-{number}" for number in range(LITTER)]
    for name in names:
        name.touch()
    try:
        yield
    finally:
        for name in names:
            name.unlink(missing_ok=True)


def _leap(seconds: float) -> Callable[[Stage], AbstractContextManager[None]]:
    @contextmanager
    def leapt(stage: Stage) -> Iterator[None]:
        for leap in (seconds, 0.0):
            stage.clock.set_by(leap)
            stage.leaps.append(time.monotonic())
            if leap:
                yield

    return leapt


def _mood(mood: str) -> Callable[[Stage], AbstractContextManager[None]]:
    @contextmanager
    def spoilt(stage: Stage) -> Iterator[None]:
        stage.control.spoil(mood)
        try:
            yield
        finally:
            stage.control.spoil(WELL)

    return spoilt


FAULTS: dict[str, Callable[[Stage], AbstractContextManager[None]]] = {
    "kill -9": killed,
    "reload": reloaded,
    "disk full": disk_full,
    "disk read-only": read_only,
    "database locked": locked,
    "database gone": gone,
    "names unanswered": wedged,
    "parser killed": parsers_die,
    "parser hangs": parsers_hang,
    "sources drip": _mood(DRIP),
    "parser beyond its limits": _mood(BOMB),
    f"{LITTER:,} files among feeds": littered,
    "clock a day ahead": _leap(DAY),
    "clock a day back": _leap(-DAY),
    "clock ten years ahead": _leap(DECADE),
    "clock ten years back": _leap(-DECADE),
}


def order(chance: random.Random) -> Iterator[str]:
    """Yield faults without end, each once before any comes again."""
    while True:
        yield from chance.sample(sorted(FAULTS), len(FAULTS))


def tracebacks(log: Path) -> Iterator[str]:
    """Yield what a daemon has said that it should never say."""
    lines = log.read_text(errors="replace").splitlines()
    for place, line in enumerate(lines):
        if line.startswith("{"):
            told = json.loads(line)
            if "exception" in told:
                yield f"{told['event']}: {told['exception'][-300:]}".replace("\n", " ")
        elif "Traceback" in line:
            yield " ".join(" ".join(lines[place : place + 30]).split())
