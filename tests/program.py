"""The program as its users start it: a process of its own, with a folder for all its state."""

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from threading import Thread
from typing import Any

from zygote import Forked

PATIENCE_S = 45.0
INVITATION = re.compile(r"reading pages at http://127\.0\.0\.1:(\d+)/")


@dataclass
class Program:
    """`aggregator`, with its state and its settings in one folder."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def feeds(self) -> Path:
        return self.folder / "feeds"

    def start(self, *arguments: str) -> Forked:
        """Start the program; what it says stands in pipes."""
        return Forked(arguments, self._environment())

    def _environment(self) -> dict[str, str]:
        settings = {
            "STATE_DIRECTORY": str(self.folder),
            "AGGREGATOR_FETCH__ALLOW_NETWORKS": "127.0.0.0/8",
            "AGGREGATOR_FETCH__HOST_GAP": "0s",
            "AGGREGATOR_FETCH__PER_HOST": "8",
            "AGGREGATOR_SERVE__PORT": "0",
            "AGGREGATOR_SERVE__ADMIN": "127.0.0.1:0",
        }
        return {"PATH": os.environ["PATH"], **settings, **self.environment}

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Return what the program prints; its exit code must be the one expected."""
        with self.start(*arguments) as process:
            output, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == expect, errors
        assert "Traceback" not in errors, errors
        return output if expect == 0 else errors

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - whatever the command prints
        return json.loads(self.run(*arguments, "--json"))


@dataclass
class Running:
    """A daemon that serves."""

    process: Forked
    lines: list[str] = field(default_factory=list)
    port: int = 0

    def hear(self) -> None:
        """Take in what it says on stderr, until it ends."""
        for line in self.process.stderr:
            self.lines.append(line)
            if found := INVITATION.search(line):
                self.port = int(found[1])

    def said(self, event: str) -> list[dict[str, Any]]:
        """Return the events of this name that it has logged so far."""
        told = [json.loads(line) for line in self.lines if line.startswith("{")]
        return [line for line in told if line["event"] == event]

    def get(self, path: str, **headers: str) -> tuple[int, HTTPMessage, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", path, headers=sent)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal to end; return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@contextmanager
def running(program: Program, *arguments: str) -> Iterator[Running]:
    """Yield the daemon once it serves; it may not say a traceback in all its life."""
    with program.start(*arguments, "run") as process:
        daemon = Running(process)
        ear = Thread(target=daemon.hear)
        ear.start()
        try:
            eventually(lambda: daemon.port or process.poll() is not None)
            assert process.poll() is None, daemon.lines
            yield daemon
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            ear.join()
    assert "Traceback" not in "".join(daemon.lines), daemon.lines


def eventually(holds: Callable[[], object], patience: float = PATIENCE_S) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)


def session_of(process: Forked) -> list[int]:
    """Return the living processes of the session that this process leads or led."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == process.pid and state != "Z":
            found.append(int(folder.name))
    return found
