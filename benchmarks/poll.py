"""How fast a thousand feeds are polled, step by step, beside the package `reader`.

    .venv/bin/python benchmarks/poll.py [--reader PYTHON] [--runs 3] [--feeds 1000]

PYTHON is an interpreter that has `reader` installed (in an environment of its own); without it we
are measured beside a bare loop of aiohttp and feedparser alone. Each run begins with an empty
folder: a farm of our own (`farm.py`) is polled when nothing is known yet (cold), when nothing has
changed, and when each feed has one new entry (changed); `ours, whole` reads, places and publishes,
too, which takes some minutes the first time.
Every poll is a process of its own, from its start to its end, with its database on disk. The farm
runs on the same machine: compare rows of one run, not of two.

Last, how long it takes to find what is due among 100,000 sources. What a daemon takes whose sources
have nothing new, `idle.py` measures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

from sqlalchemy import insert

from aggregator.store.claims import Appetite, due_ids
from aggregator.store.database import Session, Store
from aggregator.store.tables import SourceRow

CROWD = 100_000
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
LOOP_POLL = """
import asyncio, io, sqlite3, sys
from xml.etree import ElementTree
import aiohttp, feedparser
base = sqlite3.connect(sys.argv[1])
base.execute("CREATE TABLE IF NOT EXISTS feed (url TEXT PRIMARY KEY, etag TEXT)")
base.execute("CREATE TABLE IF NOT EXISTS entry (url TEXT, id TEXT, title TEXT, text TEXT,"
             " PRIMARY KEY (url, id))")
tags = dict(base.execute("SELECT url, etag FROM feed"))
async def poll(session, at_once, url):
    sent = {"If-None-Match": tags[url]} if url in tags else {}
    async with at_once, session.get(url, headers=sent) as answer:
        if answer.status == 304:
            return
        body = await answer.read()
    found = feedparser.parse(io.BytesIO(body)).entries
    rows = [(url, one.get("id"), one.get("title"), one.get("summary")) for one in found]
    with base:
        base.executemany("INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?)", rows)
        base.execute("REPLACE INTO feed VALUES (?, ?)", (url, answer.headers.get("ETag")))
async def main():
    outlines = ElementTree.parse(sys.argv[2]).iter("outline")
    at_once = asyncio.Semaphore(32)
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(poll(session, at_once, one.get("xmlUrl")) for one in outlines))
asyncio.run(main())
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
    """Run a command to its end; all the processes that come of it count in."""
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own words
        command, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        seen = Seen()
        watcher = threading.Thread(target=seen.watch, args=(process.pid,), daemon=True)
        watcher.start()
        if process.wait() != 0:
            message = f"{command[:3]} ended with {process.returncode}"
            raise RuntimeError(message)
    return Row(time.perf_counter() - started, sum(seen.cpu.values()), seen.peak)


class Seen:
    """What was seen of a process and of all that came of it.

    `cpu` is in seconds by process: those of a fork server are nobody's children in the end.
    """

    def __init__(self) -> None:
        self.peak, self.cpu = 0.0, dict[int, float]()

    def watch(self, pid: int) -> None:
        """Look until the process is over."""
        while Path(f"/proc/{pid}").exists():
            pids = list(tree(pid))
            for each in pids:
                self.cpu[each] = max(self.cpu.get(each, 0.0), processor_time(each))
            self.peak = max(self.peak, sum(map(memory, pids)))
            time.sleep(0.05)


def processor_time(pid: int) -> float:
    """Return what a process has used of the processor, in seconds."""
    with suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


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
    # As it is installed: compiled once.
    environment |= {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
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


def run_loop(folder: Path, port: int) -> Iterator[tuple[str, Row, dict[str, int]]]:
    """Yield what each poll of the bare loop took and what the farm saw of it."""
    words = [str(folder / "loop.sqlite"), str(folder / "farm.opml")]
    yield from phases([sys.executable, "-c", LOOP_POLL, *words], dict(os.environ), port)


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
    given = words.parse_args()
    peer = "reader" if given.reader else "loop"
    walls: dict[tuple[str, str], list[float]] = {}
    print(f"{'':12}{'':12}{'wall s':>8}{'CPU s':>8}{'MiB':>7}  what the farm saw")
    for _ in range(given.runs):
        for name in (peer, "ours", "ours, whole"):
            for phase, row, seen in one_run(name, given):
                walls.setdefault((phase, name), []).append(row.wall)
                figures = f"{row.wall:8.2f}{row.cpu:8.2f}{row.peak:7.0f}"
                print(f"{name:12}{phase:12}{figures}  {seen}", flush=True)
    for phase in PHASES:
        theirs, ours, whole = (
            statistics.median(walls[phase, name]) for name in (peer, "ours", "ours, whole")
        )
        ratio = f"{theirs / ours:.1f} times as fast as {peer}"
        print(f"{phase}: {ratio}, {theirs / whole:.1f} times with placing and publishing")
    with tempfile.TemporaryDirectory(dir=scratch()) as text:
        print(f"due query among {CROWD:,}: {due_query(Path(text)) * 1000:.1f} ms")


def scratch() -> Path:
    """Return a folder on disk that git does not look into."""
    folder = Path(__file__).parent.parent / "var"
    folder.mkdir(exist_ok=True)
    return folder


def one_run(name: str, given: argparse.Namespace) -> Iterator[tuple[str, Row, dict[str, int]]]:
    """Yield the phases of one run, from an empty folder on."""
    with tempfile.TemporaryDirectory(dir=scratch()) as text:
        folder = Path(text)
        with farm(given.feeds, folder) as port:
            if name == "reader":
                yield from run_reader(given.reader, folder, port)
            elif name == "loop":
                yield from run_loop(folder, port)
            else:
                steps = "poll,read,place,publish" if "whole" in name else "poll"
                yield from run_ours(folder, port, steps)


def due_query(folder: Path) -> float:
    """Return how long it takes to find a second's sources among many, in seconds."""
    now = datetime.now(UTC)
    rows = [
        {
            "url": f"https://host{number % 20_000}.example/{number}",
            "host": f"host{number % 20_000}.example",
            "title": "Outlet",
            "outlet": "outlet.example",
            "role": "press",
            "only_new": False,
            "enabled": True,
            "added_at": now,
            "next_poll_at": now + timedelta(seconds=number * 7_919 % 900),
        }
        for number in range(CROWD)
    ]
    due = SourceRow.enabled & (SourceRow.next_poll_at <= now + timedelta(seconds=1))

    def find(session: Session) -> int:
        when = SourceRow.next_poll_at.expression
        return len(session.scalars(due_ids(SourceRow, due, when, now, Appetite(200))).all())

    taken = []
    with Store.open(f"sqlite:///{folder / 'crowd.db'}") as store:
        store.write_now(lambda session: bool(session.execute(insert(SourceRow), rows)))
        for _ in range(9):
            started = time.perf_counter()
            store.read_now(find)
            taken.append(time.perf_counter() - started)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
