"""A hostile collection: sources that mean harm, beside neighbours that do not.

    .venv/bin/python benchmarks/hostile.py

A daemon polls some neighbours alone for a while, then all attacks (attacks.py) as well. Asked: it
lives; no neighbour's poll comes more than a second later than without; all its processes together
take 700 MB at most; the canaries, a file and a port, are not touched; no traceback is logged.
Prints for each source how long it took, the most memory in that time, and what came of it. The
neighbours are a process of their own, and have something new each time: their polls need a parser.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count, pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from attacks import attacks
from hostile_documents import Answer, Canaries, item, reply, rss
from poll import memory, tree

Visit = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

NEIGHBOURS = 12
EVERY_S = 5
MOST_MIB = 700e6 / (1 << 20)
LATEST_S = 1.0
SECRET = "canary-6f1c"  # noqa: S105 - a word to look for
SETTINGS = f"""
[poll]
interval = "{EVERY_S}s"
min_interval = "{EVERY_S}s"
max_interval = "1h"
[publish]
hold = "1s"
[fetch]
allow_networks = ["127.0.1.0/24", "127.0.2.0/24"]
host_gap = "0s"
[serve]
port = 0
"""


@dataclass
class Farm:
    """Serves each source from an address of its own; notes when it was asked."""

    asked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    touched: int = 0
    port: int = 0

    async def serve_attacks(self, said: Connection, canary: str) -> None:
        """Serve all that is hostile, until killed."""
        canary_port = await self._listen("127.0.0.1", self._canary, 0)
        await self._open("127.0.2.250")
        answers = attacks(Canaries(canary, canary_port, f"http://127.0.2.251:{self.port}"))
        await self._listen("127.0.2.251", self._talker(answers, lambda: b""), self.port)
        urls = {}
        for number, (name, answer) in enumerate(answers.items()):
            host = f"127.0.2.{number + 1}"
            await self._listen(host, self._talker(answers, partial(_same, answer)), self.port)
            urls[name] = f"http://{host}:{self.port}/feed"
        said.send((f"http://127.0.2.250:{self.port}/", urls))
        await asyncio.Event().wait()

    async def serve_neighbours(self, said: Connection) -> None:
        """Serve those who mean no harm and always say something new, until killed."""
        await self._open("127.0.1.250")
        urls = {}
        for number in range(NEIGHBOURS):
            host = f"127.0.1.{number + 1}"
            news = partial(_news, number, count())
            await self._listen(host, self._talker({}, news), self.port)
            urls[f"neighbour-{number}"] = f"http://{host}:{self.port}/feed"
        said.send((f"http://127.0.1.250:{self.port}/", urls))
        await asyncio.Event().wait()

    async def _open(self, host: str) -> None:
        self.port = await self._listen(host, self._tell, 0)

    async def _listen(self, host: str, talk: Visit, port: int) -> int:
        server = await asyncio.start_server(talk, host, port)
        number: int = server.sockets[0].getsockname()[1]
        return number

    def _talker(self, answers: dict[str, Answer], usual: Callable[[], Answer]) -> Visit:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError, asyncio.IncompleteReadError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1].strip("/")
                if path == "feed":
                    self.asked[writer.get_extra_info("sockname")[0]].append(time.monotonic())
                    answer = usual()
                else:
                    answer = answers.get(path, reply(b"", "text/plain", "404 Not Found"))
                if callable(answer):
                    await answer(writer)
                else:
                    writer.write(answer)
                    await writer.drain()
            writer.close()

        return talk

    async def _canary(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.touched += 1
        writer.write(reply(f"<rss>{SECRET}</rss>".encode()))
        writer.close()

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        told = json.dumps({"asked": self.asked, "touched": self.touched}).encode()
        writer.write(reply(told, "application/json"))
        await writer.drain()
        writer.close()


def _same(answer: Answer) -> Answer:
    return answer


def _news(feed: int, turn: Iterator[int]) -> bytes:
    newest = next(turn) + 2
    return reply(
        rss("".join(item(f"Neighbour {feed}-{n}", guid=f"neighbour-{n}") for n in range(newest)))
    )


def _serve_attacks(said: Connection, canary: str) -> None:
    asyncio.run(Farm().serve_attacks(said, canary))


def _serve_neighbours(said: Connection) -> None:
    asyncio.run(Farm().serve_neighbours(said))


@dataclass
class Watch:
    """The daemon's memory over time, and what it says."""

    process: subprocess.Popen[str]
    log: Path
    samples: list[tuple[float, list[float]]] = field(default_factory=list)

    def rest(self, seconds: float) -> None:
        """Look on for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            self.samples.append((time.monotonic(), [memory(pid) for pid in tree(self.process.pid)]))
            time.sleep(0.1)

    def most(self, begun: float, ended: float) -> float:
        """Return the most memory between two moments, in MiB."""
        return sum(self._largest(begun, ended))

    def told(self, begun: float, ended: float) -> str:
        """Return in words what each process took when all took most, the daemon first."""
        each = self._largest(begun, ended)
        return f"{sum(each):.0f} MiB ({', '.join(f'{taken:.0f}' for taken in each)})"

    def _largest(self, begun: float, ended: float) -> list[float]:
        within = (each for at, each in self.samples if begun <= at <= ended)
        return max(within, key=sum, default=[])

    def events(self) -> list[dict[str, Any]]:
        """Return what the daemon has logged."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def ask(url: str) -> dict[str, Any]:
    """Return a farm's account."""
    with urlopen(url, timeout=60) as answer:  # noqa: S310 - our own farm
        told: dict[str, Any] = json.load(answer)
        return told


def longest_gap(times: Sequence[float], begun: float, ended: float) -> float:
    """Return the longest pause between two of the polls in this time, in seconds."""
    within = [begun, *(at for at in times if begun <= at <= ended), ended]
    return max(later - at for at, later in pairwise(within))


def main() -> int:
    """Run; print the table; return whether anything does not hold."""
    words = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    words.add_argument("--alone", type=float, default=30, help="seconds without attacks")
    words.add_argument("--together", type=float, default=90, help="seconds with them")
    given = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostile-") as text:
        folder = Path(text)
        (folder / "canary").write_text(SECRET)
        (folder / "aggregator.toml").write_text(SETTINGS)
        context = get_context("spawn")
        ends = [context.Pipe(duplex=False) for _ in range(2)]
        ways: list[tuple[Callable[..., None], tuple[object, ...]]] = [
            (_serve_neighbours, (ends[0][1],)),
            (_serve_attacks, (ends[1][1], str(folder / "canary"))),
        ]
        farms = [context.Process(target=way, args=with_, daemon=True) for way, with_ in ways]
        for farm in farms:
            farm.start()
        try:
            neighbours, hostile = (end[0].recv() for end in ends)
            return run(folder, neighbours, hostile, given)
        finally:
            for farm in farms:
                farm.kill()


Sources = tuple[str, dict[str, str]]


def run(folder: Path, good: Sources, bad: Sources, given: argparse.Namespace) -> int:
    """Let the daemon meet them; return whether anything does not hold.

    Of the `good` and of the `bad`: where their farm gives its account, and their addresses.
    """
    urls = good[1] | bad[1]
    state = folder / "state"
    environment = os.environ | {"AGGREGATOR_CONFIG": str(folder), "STATE_DIRECTORY": str(state)}
    program = [sys.executable, "-m", "aggregator"]

    def take_on(names: Sequence[str]) -> None:
        outlines = "".join(f'<outline text="{name}" xmlUrl="{urls[name]}"/>' for name in names)
        (folder / "list.opml").write_text(f"<opml><body>{outlines}</body></opml>")
        command = [*program, "import-opml", str(folder / "list.opml")]
        subprocess.run(command, env=environment, check=True)  # noqa: S603 - our own words

    neighbours = list(good[1])
    take_on(neighbours)
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(  # noqa: S603 - our own words
            [*program, "run"], env=environment, stderr=log, text=True
        ) as process,
    ):
        watch = Watch(process, folder / "log")
        watch.rest(8)
        begun = time.monotonic()
        watch.rest(given.alone)
        met = time.monotonic()
        take_on([name for name in urls if name not in neighbours])
        watch.rest(given.together)
        ended = time.monotonic()
        lives = process.poll() is None
        told = ask(bad[0])
        told["asked"] |= ask(good[0])["asked"]
        process.terminate()
        process.wait(60)
    listed = subprocess.run(  # noqa: S603 - our own words
        [*program, "list-sources", "--json"], env=environment, check=True, capture_output=True
    )
    rows = {row["url"]: row for row in json.loads(listed.stdout)}
    print_table(urls, rows, told["asked"], watch)
    faults = [] if lives else ["the daemon is dead"]
    hosts = [urls[name].split("/")[2].partition(":")[0] for name in neighbours]
    alone = max(longest_gap(told["asked"].get(host, []), begun, met) for host in hosts)
    beside = max(longest_gap(told["asked"].get(host, []), met, ended) for host in hosts)
    print(f"neighbours: at most {alone:.2f} s between two polls alone, {beside:.2f} s beside them")
    if beside > alone + LATEST_S:
        faults.append(f"a neighbour waited {beside - alone:.2f} s longer")
    peak = watch.most(0, ended)
    print(f"memory: {watch.told(0, ended)} at most, {watch.told(begun, met)} before")
    if peak > MOST_MIB:
        faults.append(f"{peak:.0f} MiB of memory")
    if told["touched"]:
        faults.append(f"the canary's port was touched {told['touched']} times")
    files = [path for path in state.rglob("*") if path.is_file()]
    faults += [
        f"{path.name} holds what the canary says"
        for path in files
        if SECRET.encode() in path.read_bytes()
    ]
    said = (folder / "log").read_text(errors="replace")
    faults += [
        line[-400:] for line in said.splitlines() if "Traceback" in line or "work.broken" in line
    ]
    unmet = [
        name
        for name, url in urls.items()
        if not told["asked"].get(url.split("/")[2].partition(":")[0])
    ]
    faults += [f"{name} was never asked" for name in unmet]
    for fault in faults:
        print(f"FAULT {fault}")
    print(f"{len(urls) - len(neighbours)} attacks, {len(faults)} faults")
    return bool(faults)


def print_table(
    urls: dict[str, str],
    rows: dict[str, dict[str, Any]],
    asked: dict[str, list[float]],
    watch: Watch,
) -> None:
    """Print what came of each source: seconds of its first poll, memory meanwhile, the outcome."""
    offset = time.time() - time.monotonic()
    ends: dict[str, float] = {}
    for event in watch.events():
        if event.get("event") in {"poll.finished", "poll.failed"} and event.get("url") not in ends:
            at = time.mktime(time.strptime(event["timestamp"][:19], "%Y-%m-%dT%H:%M:%S"))
            ends[event["url"]] = at - time.timezone + float(event["timestamp"][19:26]) - offset
    for name, url in urls.items():
        row = rows.get(url, {})
        first = asked.get(url.split("/")[2].partition(":")[0], [0.0])[0]
        took = max(ends.get(url, first) - first, 0.0)
        outcome = row.get("last_error") or f"{row.get('entries')} entries"
        most = watch.most(first, first + took + 0.2)
        print(f"{name:24}{took:7.1f} s{most:7.0f} MiB  {outcome[:90]}")


if __name__ == "__main__":
    sys.exit(main())
