"""Killed while it publishes and readers ask: no answer is torn (more: `benchmarks/killed.py`)."""

import os
import re
import subprocess
import sys
from pathlib import Path

import killed


def test_whoever_asks_while_publishers_are_killed_gets_whole_feeds(tmp_path: Path) -> None:
    # In a process of its own: a process has one fork server, and ours is the parsers'.
    command = [
        sys.executable,
        killed.__file__,
        "--publishes=12",
        "--kills=6",
        f"--folder={tmp_path}",
    ]
    # What starts parsers leaves in our environment that scripts are not to look beside themselves.
    environment = os.environ | {"PYTHONPATH": str(Path(killed.__file__).parent)}
    told = subprocess.run(  # noqa: S603 - our own program
        command, capture_output=True, text=True, check=False, timeout=120, env=environment
    )
    assert told.returncode == 0, told.stdout + told.stderr
    figures = re.fullmatch(
        r"(\d+) publishes, (\d+) kills, answers:.* [\d,]+ of 200\b.*; faults: 0; \d+ s\n",
        told.stdout,
    )
    assert figures is not None, told.stdout
    assert int(figures[1]) >= 12
    assert int(figures[2]) >= 2
