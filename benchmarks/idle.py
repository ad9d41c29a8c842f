"""What a daemon takes whose sources have nothing new: processor time, memory, connections.

    .venv/bin/python benchmarks/idle.py [--sources 10000] [--seconds 300]

A running daemon asks its sources every 15 minutes each, and a server of our own answers all of
them with 304. It is watched for some minutes after it has come up: all its processes count. Each
source is a host of its own but for every tenth, which shares that of the one before; the server
counts the connections that a host sees at once.
"""

import argparse
import asyncio
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

from poll import SETTINGS, memory, processor_time, scratch, tree
from sqlalchemy import insert

from aggregator.store.database import Session, Store
from aggregator.store.tables import SourceRow

PORT = 8910
INTERVAL = timedelta(minutes=15)
SETTLING_S = 30  # until the daemon has come up, and what is due by then is asked
LOOK_EVERY_S = 1.0
ETAG = '"unchanged"'
ANSWER = f"HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\n\r\n".encode()


class Unchanging:
    """Answers 304, and counts what each host sees of the daemon."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self.asked = self.most = self.careless = 0
        self._open: Counter[str] = Counter()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what comes over one connection."""
        host = writer.get_extra_info("sockname")[0]
        self._open[host] += 1
        self.most = max(self.most, self._open[host])
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked += 1
                self.careless += ETAG.encode() not in head
                writer.write(ANSWER)
        self._open[host] -= 1
        writer.close()


def serve(told: Connection) -> None:
    """Answer until the other end asks for the account."""
    asyncio.run(_serve(told))


async def _serve(told: Connection) -> None:
    server = Unchanging()
    async with await asyncio.start_server(server.answer, "0.0.0.0", PORT):  # noqa: S104 - 127.x.y.z
        told.send("ready")
        await asyncio.to_thread(told.recv)
        told.send((server.asked, server.most, server.careless))


def stock(session: Session, count: int) -> None:
    """Fill in sources that were asked before, due at even distances."""
    now = datetime.now(UTC)
    rows = []
    for number in range(count):
        place = number - (number % 10 == 1)
        host = f"127.{1 + place // 60_000}.{place // 250 % 240}.{1 + place % 250}"
        rows.append(
            {
                "url": f"http://{host}:{PORT}/feed/{number}",
                "host": host,
                "title": f"Outlet {number}",
                "outlet": f"outlet{number}.example",
                "role": "press",
                "kind": "rss",
                "interval_s": INTERVAL.seconds,
                "only_new": False,
                "enabled": True,
                "added_at": now,
                "next_poll_at": now + INTERVAL * (number * 7_919 % count / count),
                "last_polled_at": now,
                "last_success_at": now,
                "whole_at": now,
                "etag": ETAG,
            }
        )
    session.execute(insert(SourceRow), rows)


def watch(process: subprocess.Popen[str], seconds: float) -> tuple[float, float, float]:
    """Return the share of a core that the processes took, and the first and largest memory."""
    time.sleep(SETTLING_S)
    pids = list(tree(process.pid))
    before, begun = sum(map(processor_time, pids)), time.monotonic()
    sizes = [sum(map(memory, pids))]
    while time.monotonic() < begun + seconds:
        time.sleep(LOOK_EVERY_S)
        sizes.append(sum(map(memory, tree(process.pid))))
    taken = sum(map(processor_time, tree(process.pid))) - before
    return taken / (time.monotonic() - begun), sizes[0], max(sizes)


def main() -> None:
    """Print what the daemon takes."""
    words = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    words.add_argument("--sources", type=int, default=10_000)
    words.add_argument("--seconds", type=float, default=300)
    given = words.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    ours.recv()
    with tempfile.TemporaryDirectory(dir=scratch()) as name:
        folder = Path(name)
        with Store.open(f"sqlite:///{folder / 'aggregator.db'}") as store:
            store.write_now(partial(stock, count=given.sources))
        (folder / "config").mkdir()
        (folder / "config" / "aggregator.toml").write_text(f'{SETTINGS}admin = "127.0.0.1:0"\n')
        environment = os.environ | {"AGGREGATOR_CONFIG": str(folder / "config")}
        environment |= {"STATE_DIRECTORY": name, "LOG_LEVEL": "error"}
        command = [sys.executable, "-m", "aggregator", "run"]
        with subprocess.Popen(  # noqa: S603 - our own program
            command, env=environment, stderr=subprocess.PIPE, text=True
        ) as process:
            said: list[str] = []
            Thread(target=lambda: said.extend(process.stderr or ()), daemon=True).start()
            share, first, largest = watch(process, given.seconds)
            process.terminate()
        if process.returncode:
            sys.exit(f"the daemon failed: {said[-1:]}")
    ours.send("enough")
    asked, most, careless = ours.recv()
    print(f"{given.sources:,} sources, {asked:,} polls, {careless} without the validator")
    print(f"{share:.1%} of a core; {first:.0f} MiB at first, {largest:.0f} at most")
    print(f"connections that a host saw at once: {most} at most")


if __name__ == "__main__":
    main()
