"""A day of a thousand sources within minutes, with every fault thrown in that a service may meet.

    .venv/bin/python benchmarks/soak.py
    .venv/bin/python benchmarks/soak.py --hours 3 --minutes 3 --sources 50

Time is scaled: the daemon's clock, and what it holds it against, run so many times as fast, so all
that the database plans (polls, holds, backing off) is what a day would bring. What only a machine
can do has the machine's own time: ticks come once a second of ours, answers and parsers have some
of our seconds, and a claim lasts as long as ever. So the daemon is on a machine as many times
slower. Its settings and code are the real ones. A table of ours resolves names, and can be made to
hang; the folder is a small file system of its own (`unshare --mount`), and can be filled.

Faults (faults.py) begin and end at random. Asked of the whole: memory is flat and no descriptor
leaked in any life of the daemon; no source is polled before its time, but once for each time that
the clock was set; no entry that was served is lost or stands in no published story; the daemon
never ends by itself, says no traceback, and ends when told to. Exits with 1 where that fails.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median

from chaos import Newsroom, faults
from faults import FAULTS, Stage, order, tracebacks
from poll import memory, tree
from scorekeeper import Account, Control, scorekeeper
from soaked import SUFFIX, Clock, settings_in

from aggregator.logs import configure_logs
from aggregator.settings import Settings

HOUR = 3600.0
# Not this file: each parser would import its daemon's main program.
DAEMON = "from soaked import main; main()"
SIZE = "400m"
NEW_AN_HOUR = 0.1  # entries of each source
LOOK_EVERY_S = 2.0
# A look-back on a life: how many looks make one, and what may be told apart from chance.
FEWEST_LOOKS = 20
MOST_GROWTH = 1.15
MIB_AN_ENTRY = 0.02
MIB_BY_CHANCE = 24.0
DESCRIPTORS_BY_CHANCE = 6
CONNECTIONS_BY_CHANCE = 100
QUIET_HOURS = 1.0
END_S = 10.0


@dataclass(frozen=True)
class Look:
    """What a daemon and its children took at a moment, and how many entries there had been.

    Memory in MiB, the daemon's first; connections come and go, all other descriptors stay.
    """

    life: int
    hour: float
    memory: tuple[float, ...]
    connections: int
    others: int
    entries: int

    @property
    def mib(self) -> float:
        """Return the memory of all together."""
        return sum(self.memory)


@dataclass(frozen=True)
class Room(Newsroom):
    """The folder of the daemon, with the intervals of a real one."""

    @property
    def settings(self) -> Settings:
        """Return the daemon's own."""
        return settings_in(self.folder)


@dataclass
class Soak:
    """The day, and what was seen of it."""

    stage: Stage
    hours: float
    sources: int
    chance: random.Random
    looks: list[Look] = field(default_factory=list)
    lives: int = 0
    wrong: list[str] = field(default_factory=list)
    seen_at: float = 0.0
    allowed: float = 0.0

    @property
    def hour(self) -> float:
        """Return how many hours have passed."""
        return self.stage.clock.steady() / HOUR

    def start(self) -> None:
        """Start a daemon, or the next one; the one before is no more."""
        if self.stage.process is not None:
            self.stage.process.wait()
        clock = self.stage.clock
        self.lives += 1
        with (self.stage.folder.parent / "log").open("a") as log:
            self.stage.process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-c", DAEMON, *clock.words()],
                stderr=log,
                text=True,
                cwd=Path(__file__).parent,
            )

    def rest(self, until: float) -> None:
        """Look on until an hour."""
        while self.hour < until:
            if self.stage.process is not None and self.stage.process.poll() is not None:
                code = self.stage.process.returncode
                self.wrong.append(f"hour {self.hour:.1f}: the daemon ended by itself ({code})")
                self.start()
            if time.monotonic() - self.seen_at > LOOK_EVERY_S:
                self.look()
            time.sleep(0.2)

    def look(self) -> None:
        """Note what the daemon takes, and let news happen, but not in the last hours."""
        self.seen_at = time.monotonic()
        due = min(self.hour, self.hours - QUIET_HOURS) * self.sources * NEW_AN_HOUR
        account = self.stage.control.allow(int(due - self.allowed))
        self.allowed += int(due - self.allowed)
        pid = self.stage.pid
        with suppress(OSError):
            taken = tuple(memory(each) for each in tree(pid))
            opened = list(descriptors(pid))
            connections = sum(each.startswith("socket:") for each in opened)
            others = len(opened) - connections
            self.looks.append(
                Look(self.lives, self.hour, taken, connections, others, len(account.served))
            )

    def run(self) -> None:
        """Let the day pass, with its faults."""
        self.start()
        kinds = order(self.chance)
        self.rest(min(1.0, self.hours / 4))
        print("  hour  fault                        hours   polls   MiB  files  lives", flush=True)
        while self.hour < self.hours - QUIET_HOURS - 0.5:
            kind, begun = next(kinds), self.hour
            asked = self.stage.control.allow(0).asked
            with FAULTS[kind](self.stage):
                self.rest(self.hour + self.chance.uniform(0.1, 0.6))
            polls = self.stage.control.allow(0).asked - asked
            last = self.looks[-1] if self.looks else Look(0, 0, (), 0, 0, 0)
            print(
                f"{begun:6.2f}  {kind:28}{self.hour - begun:6.2f}{polls:8}{last.mib:6.0f}"
                f"{last.connections + last.others:7}{self.lives:7}",
                flush=True,
            )
            self.rest(self.hour + self.chance.uniform(0.05, 0.3))
        self.rest(self.hours)

    def end(self) -> None:
        """Have the daemon end; note how long that takes."""
        process = self.stage.process
        assert process is not None  # noqa: S101 - there is one from the start on
        begun = time.monotonic()
        process.terminate()
        try:
            code = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        took = time.monotonic() - begun
        print(f"ended with {code} after {took:.1f} s")
        if code or took > END_S:
            self.wrong.append(f"it ended with {code} after {took:.1f} s")


def descriptors(pid: int) -> Iterator[str]:
    """Yield what a process holds open."""
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            yield str(each.readlink())


def early(account: Account, stage: Stage, shortest: float) -> Iterator[str]:
    """Yield the sources that were polled before their time; each leap of the clock grants one."""
    for feed, moments in account.polled.items():
        short = [
            (one, two)
            for one, two in pairwise(map(stage.clock.since_origin, moments))
            if two - one < shortest
        ]
        if len(short) > len(stage.leaps):
            gaps = ", ".join(f"{two - one:.0f} s at {one / HOUR:.2f}" for one, two in short[:4])
            yield f"source {feed} was polled {len(short)} times before its time: {gaps}"


def leaks(looks: Sequence[Look]) -> Iterator[str]:
    """Yield what grew in a life of the daemon: from its second quarter to its last."""
    for life in sorted({look.life for look in looks}):
        within = [look for look in looks if look.life == life]
        quarter = len(within) // 4
        if len(within) < FEWEST_LOOKS:
            continue
        before, after = within[quarter : 2 * quarter], within[-quarter:]
        news = after[-1].entries - before[0].entries
        was, is_ = (median(look.mib for look in part) for part in (before, after))
        files, later = (min(look.others for look in part) for part in (before, after))
        open_, still = (median(look.connections for look in part) for part in (before, after))
        print(
            f"life {life}, hours {within[0].hour:.1f} to {within[-1].hour:.1f}: {was:.0f} MiB, "
            f"later {is_:.0f}, {news} entries between; {files} descriptors, later {later}; "
            f"{open_:.0f} connections, later {still:.0f}"
        )
        if is_ > was * MOST_GROWTH + news * MIB_AN_ENTRY + MIB_BY_CHANCE:
            yield f"life {life}: memory grew from {was:.0f} to {is_:.0f} MiB"
        if later > files + DESCRIPTORS_BY_CHANCE:
            yield f"life {life}: descriptors grew from {files} to {later}"
        if still > open_ * 2 + CONNECTIONS_BY_CHANCE:
            yield f"life {life}: connections grew from {open_:.0f} to {still:.0f}"


def told(soak: Soak, room: Room, account: Account) -> list[str]:
    """Print what came of the day; return what does not hold."""
    wrong = [*soak.wrong, *leaks(soak.looks), *faults(room, account)]
    wrong += early(account, soak.stage, room.settings.poll.min_interval.total_seconds())
    wrong += tracebacks(soak.stage.folder.parent / "log")
    polls = sum(map(len, account.polled.values()))
    most = max(soak.looks, key=lambda look: look.mib)
    stories = len(room.rows("SELECT id FROM story WHERE merged_into_id IS NULL"))
    print(
        f"{soak.hours:g} hours of {soak.sources} sources at {soak.stage.clock.scale:g} times the "
        f"pace: {polls} polls, {len(account.served)} entries served, {stories} stories, "
        f"{soak.lives} lives, {account.looks} looks at files, "
        f"{most.mib:.0f} MiB at most ({', '.join(f'{each:.0f}' for each in most.memory)})"
    )
    return wrong


def soak(given: argparse.Namespace, folder: Path, control: Control) -> list[str]:
    """Let a day pass; return what does not hold."""
    state = folder / "state"
    state.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "soak", str(state)]
    subprocess.run(command, check=True)  # noqa: S603
    room = Room(state)
    chance = random.Random(given.seed)
    per_feed = 2 + int(given.hours * NEW_AN_HOUR * 3)
    begun = control.begin(given.seed, given.sources * per_feed // 2, room.feeds)
    room.open([_by_name(url) for url in begun.urls])
    clock = Clock(state, given.hours * 60 / given.minutes, time.monotonic())
    stage = Stage(clock, state, control)
    day = Soak(stage, given.hours, given.sources, chance)
    stage.restart = day.start
    try:
        day.run()
        day.end()
        return told(day, room, control.account())
    finally:
        if stage.process is not None:
            stage.process.kill()
            stage.process.wait()
        subprocess.run(["umount", str(state)], check=False)  # noqa: S603, S607


def _by_name(url: str) -> str:
    """Return the address with the host's name instead of its number."""
    scheme, _, rest = url.partition("://127.0.1.")
    number, _, path = rest.partition(":")
    return f"{scheme}://{number}{SUFFIX}:{path}"


def main() -> int:
    """Let a day pass and print what came of it."""
    words = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    words.add_argument("--hours", type=float, default=24.0, help="how long a day is")
    words.add_argument("--minutes", type=float, default=20.0, help="how long it takes")
    words.add_argument("--sources", type=int, default=1000)
    words.add_argument("--seed", type=int, default=20261129)
    given = words.parse_args()
    if "SOAKED" not in os.environ:
        os.environ["SOAKED"] = "1"
        inside = ["unshare", "--user", "--map-root-user", "--mount"]
        os.execvp(inside[0], [*inside, sys.executable, *sys.argv])  # noqa: S606
    configure_logs("error", "console")
    with tempfile.TemporaryDirectory(prefix="soak-") as text, scorekeeper(given.sources) as control:
        wrong = soak(given, Path(text), control)
    for each in wrong:
        print(f"WRONG {each}")
    print(f"{len(wrong)} things do not hold")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
