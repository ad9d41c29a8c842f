"""The end: heard from the first moment on, and in time, whatever is waited for."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from newsdesk import listening

from aggregator.__main__ import main
from aggregator.cli import ending
from aggregator.daemon import Daemon
from aggregator.settings import Settings

ROOT = Path(__file__).parents[2]


def test_a_python_that_lacks_our_packages_is_told_of_the_one_that_has_them() -> None:
    """As who types `python -m aggregator` beside the environment gets it."""
    bare = [sys.executable, "-S", "-m", "aggregator", "--version"]
    there = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    said = subprocess.run(  # noqa: S603
        bare, cwd=ROOT, env=there, capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout, len(said.stderr.splitlines())) == (1, "", 1)
    assert said.stderr.startswith("aggregator: the package ")
    assert ".venv/bin" in said.stderr


def test_what_does_not_end_in_time_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    cut = threading.Event()

    def leave(code: int) -> None:
        codes.append(code)
        cut.set()

    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(ending, "LONGEST_S", 0.01)
    with listening() as events, ending.ended_in_time() as begin:
        begin()
        begin()
        assert cut.wait(20)
    assert codes == [0]
    assert [event["event"] for event in events()] == ["end.cut_short"]


def test_what_ends_in_time_is_not_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[bool] = []
    monkeypatch.setattr(ending, "cut_short", lambda: cut.append(True))
    with ending.ended_in_time() as begin:
        begin()
        (timer,) = (each for each in threading.enumerate() if isinstance(each, threading.Timer))
    timer.join(20)
    assert not timer.is_alive()
    assert not cut


async def test_a_daemon_hears_its_end_while_others_keep_the_database_locked(
    settings: Settings,
) -> None:
    told = asyncio.Event()
    daemon = Daemon(settings, lambda: settings, on_end=told.set)
    path = settings.database.url.removeprefix("sqlite:///")
    with listening() as events, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        running = asyncio.create_task(daemon.run())
        await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(told.wait(), 20)
        assert not running.done()
        other.execute("ROLLBACK")
        await asyncio.wait_for(running, 30)
    assert [event["event"] for event in events()] == ["daemon.started", "daemon.stopped"]


@pytest.mark.parametrize(
    ("command", "heard"),
    [("run", signal.SIG_IGN), ("worker", signal.SIG_IGN), ("update", signal.SIG_DFL)],
)
def test_who_reads_settings_again_does_not_end_of_being_told_so_early(
    command: str, heard: signal.Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[object] = []
    monkeypatch.setattr(sys, "argv", ["aggregator", "--config", "folder", command])
    monkeypatch.setattr(
        "aggregator.cli.main", lambda: found.append(signal.getsignal(signal.SIGHUP))
    )
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        main()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert found == [heard]
