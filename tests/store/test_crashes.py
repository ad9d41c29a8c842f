"""kill -9: whatever was told "written" is there afterwards."""

import random
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import select, text

from aggregator.store.database import Store
from aggregator.store.tables import MetaRow

ROUNDS = 6
WRITE = r"""
import os
import sys
from itertools import count
from threading import Thread
from aggregator.store import facts
from aggregator.store.database import Store

store = Store.open(sys.argv[1], checkpoints=True)

def write(name):
    for n in count():
        store.write_now(lambda session: facts.note(session, f"{name}.{n}", "x" * 2000))
        os.write(1, f"{name}.{n}\n".encode())

for thread in range(3):
    Thread(target=write, args=(f"{sys.argv[2]}.{thread}",), daemon=True).start()
sys.stdin.read()
"""


def acknowledged(url: str, name: str, seconds: float) -> list[str]:
    """Return what a writer was told is written until it was killed."""
    process = subprocess.Popen(  # noqa: S603 - the words are ours
        [sys.executable, "-c", WRITE, url, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.kill()
        lines = (first + process.stdout.read()).split("\n")
    return [line for line in lines[:-1] if line]


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    moments = random.Random(20261122)
    for turn in range(ROUNDS):
        told = acknowledged(url, f"{turn}", moments.uniform(0, 0.1))
        assert told
        with Store.open(url) as store:
            kept = store.read_now(lambda session: set(session.scalars(select(MetaRow.name))))
            assert set(told) <= kept
            check = store.read_now(lambda session: session.scalar(text("PRAGMA integrity_check")))
            assert check == "ok"
