"""How fast a thousand feeds are polled, step by step, beside the package `reader`.

    .venv/bin/python benchmarks/poll.py [--reader PYTHON] [--runs 3] [--feeds 1000]

PYTHON is an interpreter that has `reader` installed; without it we stand alone. Each run begins
with an empty folder: a farm of our own (`farm.py`) is polled when nothing is known yet (cold), when
nothing has changed, and when each feed has one new entry (changed). Every poll is a process of its
own, from its start to its end, with its database on disk. The farm runs on the same machine:
compare rows of one run, not of two.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

PHASES = ("cold", "unchanged", "changed")
READER_ADD = """
import sys
from reader import make_reader
from xml.etree import ElementTree
reader = make_reader(sys.argv[1], search_enabled=False)
for outline in ElementTree.parse(sys.argv[2]).iter("outline"):
    reader.add_feed(outline.get("xmlUrl"))
"""
READER_POLL = """
import sys
from reader import make_reader
make_reader(sys.argv[1], search_enabled=False).update_feeds(scheduled=False, workers=8)
"""
SETTINGS = """
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = "0s"

[read]
full_text = false

[serve]
port = 0
"""


class Row:
    """What one poll took: seconds of the wall and of the processor, MiB at the peak."""

    def __init__(self, wall: float, cpu: float, peak: float) -> None:
        self.wall, self.cpu, self.peak = wall, cpu, peak


def measured(command: Sequence[str], environment: dict[str, str]) -> Row:
    """Run a command to its end; children count in."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own words
        command, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        peak: list[float] = [0.0]
        watcher = threading.Thread(target=watch, args=(process.pid, peak), daemon=True)
        watcher.start()
        if process.wait() != 0:
            message = f"{command[:3]} ended with {process.returncode}"
            raise RuntimeError(message)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Row(wall, cpu, peak[0])


def watch(pid: int, peak: list[float]) -> None:
    """Note the most memory that the process and its children have at once (PSS)."""
    while Path(f"/proc/{pid}").exists():
        peak[0] = max(peak[0], sum(map(memory, tree(pid))))
        time.sleep(0.05)


def tree(pid: int) -> Iterator[int]:
    """Yield a process and all that come of it."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def memory(pid: int) -> float:
    """Return a process's share of the memory, in MiB."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return 0.0


@contextmanager
def farm(feeds: int, folder: Path) -> Iterator[int]:
    """Yield the port of a farm that is ready."""
    port = 8900
    here = Path(__file__).parent
    command = [sys.executable, str(here / "farm.py"), "--feeds", str(feeds), "--port", str(port)]
    with subprocess.Popen(  # noqa: S603 - our own program
        [*command, "--opml", str(folder / "farm.opml")], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout  # noqa: S101 - piped
        process.stdout.readline()
        try:
            yield port
        finally:
            process.terminate()


def ask(port: int, path: str) -> dict[str, int]:
    """Return the farm's own account."""
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=120) as answer:
        said: dict[str, int] = json.load(answer)
        return said


def run_ours(folder: Path, port: int, steps: str) -> Iterator[tuple[str, Row, dict[str, int]]]:
    """Yield what each of our polls took and what the farm saw of it."""
    config = folder / "config"
    config.mkdir()
    (config / "aggregator.toml").write_text(SETTINGS)
    environment = os.environ | {"AGGREGATOR_CONFIG": str(config), "STATE_DIRECTORY": str(folder)}
    program = [sys.executable, "-m", "aggregator"]
    subprocess.run(  # noqa: S603 - our own program
        [*program, "import-opml", str(folder / "farm.opml")], env=environment, check=True
    )
    update = [*program, "update", "--force", "--steps", steps]
    yield from phases(update, environment, port)


def run_reader(python: str, folder: Path, port: int) -> Iterator[tuple[str, Row, dict[str, int]]]:
    """Yield what each poll of `reader` took and what the farm saw of it."""
    database, environment = str(folder / "reader.sqlite"), dict(os.environ)
    listed = str(folder / "farm.opml")
    subprocess.run([python, "-c", READER_ADD, database, listed], check=True)  # noqa: S603
    yield from phases([python, "-c", READER_POLL, database], environment, port)


def phases(
    command: Sequence[str], environment: dict[str, str], port: int
) -> Iterator[tuple[str, Row, dict[str, int]]]:
    """Yield each phase's figures."""
    for phase in PHASES:
        if phase == "changed":
            ask(port, "/control?new=1")
        ask(port, "/stats?reset=1")
        row = measured(command, environment)
        yield phase, row, ask(port, "/stats")


def main() -> None:
    """Print the table."""
    words = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    words.add_argument("--reader", metavar="PYTHON")
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--feeds", type=int, default=1000)
    words.add_argument("--steps", default="poll")
    given = words.parse_args()
    walls: dict[tuple[str, str], list[float]] = {}
    print(f"{'':10}{'':12}{'wall s':>8}{'CPU s':>8}{'MiB':>7}  what the farm saw")
    for _ in range(given.runs):
        for name in ("reader", "ours") if given.reader else ("ours",):
            for phase, row, seen in one_run(name, given):
                walls.setdefault((phase, name), []).append(row.wall)
                figures = f"{row.wall:8.2f}{row.cpu:8.2f}{row.peak:7.0f}"
                print(f"{name:10}{phase:12}{figures}  {seen}", flush=True)
    for phase in PHASES if given.reader else ():
        theirs, ours = (statistics.median(walls[phase, name]) for name in ("reader", "ours"))
        print(f"{phase}: {theirs / ours:.1f} times as fast as reader")


def one_run(name: str, given: argparse.Namespace) -> Iterator[tuple[str, Row, dict[str, int]]]:
    """Yield the phases of one run, from an empty folder on."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as text:
        folder = Path(text)
        with farm(given.feeds, folder) as port:
            if name == "reader":
                yield from run_reader(given.reader, folder, port)
            else:
                yield from run_ours(folder, port, given.steps)


if __name__ == "__main__":
    main()
