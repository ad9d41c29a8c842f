"""Requests a second for a feed of 60 kB, beside nginx on the same core.

    python benchmarks/serve.py [--seconds 5]

Needs nginx and wrk. Each server has one core and one process, wrk has another. On a machine that
others use, too, the requests a second of the server's own processor time tell more.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

SERVER_CORE, CLIENT_CORE = "0", "1"
PORTS = {"aggregator": 8961, "nginx": 8962}
CONNECTIONS = 32
SIZE = 60_000
OURS = """
import asyncio, sys
from pathlib import Path
import uvloop
from aggregator.web.app import application
from aggregator.web.server import serving

async def main():
    folder = Path(sys.argv[1])
    async with serving(application(None, lambda: folder), "127.0.0.1", int(sys.argv[2])):
        await asyncio.sleep(600)

with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
"""
THEIRS = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000;
    types {{ application/atom+xml atom; }}
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; location /feeds/ {{ alias {folder}/feeds/; }} }}
}}
"""


def main() -> None:
    """Measure both, with and without the validator that a reader sends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    seconds = parser.parse_args().seconds
    for tool in ("nginx", "wrk", "taskset"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed")
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "feeds").mkdir()
        body = "<feed>" + "<entry>news</entry>" * (SIZE // 19) + "</feed>\n"
        (folder / "feeds" / "nato.atom").write_text(body)
        folder.chmod(0o755)
        with running(*ours(folder)) as one, running(*theirs(folder)) as other:
            for answer in (200, 304):
                measure(answer, seconds, {"aggregator": one, "nginx": other})


def ours(folder: Path) -> list[str]:
    """Return the command that serves the folder with our own server."""
    return [sys.executable, "-c", OURS, str(folder / "feeds"), str(PORTS["aggregator"])]


def theirs(folder: Path) -> list[str]:
    """Return the command that serves the folder with nginx."""
    configuration = folder / "nginx.conf"
    configuration.write_text(THEIRS.format(folder=folder, port=PORTS["nginx"]))
    return ["nginx", "-p", str(folder), "-c", str(configuration)]


@contextmanager
def running(*command: str) -> Iterator[int]:
    """Run a server on its core inside the block; yield its process id."""
    pinned = ["taskset", "-c", SERVER_CORE, *command]
    with subprocess.Popen(pinned, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - ours
        try:
            yield process.pid
        finally:
            process.terminate()


def measure(answer: int, seconds: int, servers: dict[str, int]) -> None:
    """Print the requests a second of both servers, and their ratios."""
    rates, by_processor = {}, {}
    for server, process in servers.items():
        port = PORTS[server]
        tag = first_answer(port)
        headers = ["-H", f"If-None-Match: {tag}"] if answer == 304 else []  # noqa: PLR2004 - a status
        before = processor_time(process)
        rates[server] = rate(port, seconds, headers)
        by_processor[server] = rates[server] * seconds / (processor_time(process) - before)
    show(f"{answer}: requests a second", rates)
    show(f"{answer}: requests a second of processor time", by_processor)


def show(what: str, found: dict[str, float]) -> None:
    """Print what was found for both, and the ratio."""
    stated = ", ".join(f"{server} {number:,.0f}" for server, number in found.items())
    print(f"{what}: {stated}; ratio {found['aggregator'] / found['nginx']:.2f}")


def processor_time(process: int) -> float:
    """Return the seconds of processor time that a server and its workers have used."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ticks = 0
    for number in (str(process), *children):
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def first_answer(port: int) -> str:
    """Return the entity tag of the feed, once the server answers."""
    deadline = time.monotonic() + 20
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/feeds/nato.atom")
            answer = connection.getresponse()
            answer.read()
            return answer.headers["ETag"]
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def rate(port: int, seconds: int, headers: list[str]) -> float:
    """Return the requests a second that wrk reaches."""
    address = f"http://127.0.0.1:{port}/feeds/nato.atom"
    command = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    run = [*command, *headers, address]
    told = subprocess.run(run, check=True, capture_output=True, text=True).stdout  # noqa: S603 - ours
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if found is None or ("Non-2xx" in told and not headers):
        sys.exit(told)
    return float(found[1])


if __name__ == "__main__":
    main()
