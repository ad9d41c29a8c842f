"""The command line as its users meet it: words in, lines and an exit code out."""

import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from zygote import Forked

from aggregator.cli import main

SETTINGS = """\
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = "0s"
per_host = 8
timeout = "5s"
[serve]
port = 0
"""
CATEGORIES = """\
[nato]
title = "NATO"
query = "nato allied"
[montenegro]
title = "Montenegro"
query = "montenegro* OR crn* OR rumija"
"""


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def complaint(self) -> str:
        """Return the one line that a command that failed says, and nothing else on stderr."""
        (line,) = self.err.splitlines()
        assert line.startswith("error: "), line
        assert "Traceback" not in line
        assert self.out == ""
        return line.removeprefix("error: ")

    @property
    def json(self) -> Any:  # noqa: ANN401 - a document of any shape
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass(frozen=True)
class Console:
    """A place of our own: configuration, state, published feeds."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch | None = None
    capture: pytest.CaptureFixture[str] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def feeds(self) -> Path:
        return self.state / "feeds"

    def prepare(self, settings: str = SETTINGS, categories: str = CATEGORIES) -> None:
        self.config.mkdir(parents=True, exist_ok=True)
        self.config.joinpath("aggregator.toml").write_text(settings)
        self.config.joinpath("categories.toml").write_text(categories)

    def __call__(self, *words: object) -> Said:
        """Run a command in this process."""
        assert self.monkeypatch
        assert self.capture
        self.monkeypatch.setenv("STATE_DIRECTORY", str(self.state))
        argv = ["aggregator", "--config", str(self.config), *map(str, words)]
        self.monkeypatch.setattr(sys, "argv", argv)
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.capture.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    def apart(self, *words: object, **environment: str) -> Said:
        """Run a command in a process of its own, with next to nothing in its environment."""
        with Forked(words, self.variables() | environment, self.folder) as process:
            out, err = process.communicate()
        return Said(process.wait(), out, err)

    def on_terminal(self, *words: object, columns: int = 80, **environment: str) -> str:
        """Return what a command shows on a terminal of that width."""
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (50, columns))
        command = [sys.executable, "-m", "aggregator", *map(str, words)]
        variables = self.variables() | {"TERM": "xterm"} | environment
        with subprocess.Popen(  # noqa: S603 - our own program
            command, env=variables, cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            shown = b"".join(iter(partial(_read_terminal, ours), b""))
        os.close(ours)
        assert process.returncode == 0, shown
        return shown.decode()

    @contextmanager
    def started(self, *words: object, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Yield a process that runs a command; it is over when the block is."""
        command = [sys.executable, "-m", "aggregator", *map(str, words)]
        with subprocess.Popen(  # noqa: S603 - our own program
            command,
            env=self.variables() | environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def variables(self) -> dict[str, str]:
        return {
            "AGGREGATOR_CONFIG": str(self.config),
            "STATE_DIRECTORY": str(self.state),
            **self.environment,
        }


def _read_terminal(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # how Linux says that nobody writes there any more
        return b""


def opml_of(outlets: Mapping[str, str]) -> str:
    """Return an OPML of feed addresses by the outlet's name, each of an outlet of its own."""
    outlines = "".join(
        f'<outline text="{name}" xmlUrl="{url}" category="/role/press,/outlet/{name}.example"/>'
        for name, url in outlets.items()
    )
    return f'<opml version="2.0"><body>{outlines}</body></opml>'
