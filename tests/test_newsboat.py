"""A reader that people use subscribes to the demo: one entry a story, however often it asks."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.demo.newsroom import load
from aggregator.demo.tour import free_port

pytestmark = pytest.mark.skipif(not shutil.which("newsboat"), reason="newsboat is not installed")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """Yield the address of a running demo."""
    command = [sys.executable, "-m", "aggregator", "demo", "--port", str(free_port(0))]
    environment = os.environ | {"STATE_DIRECTORY": str(tmp_path), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(  # noqa: S603 - our own program
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            told = next(line for line in process.stdout if "While the demo runs" in line)
            # The listener says on stderr that it is up.
            next(line for line in process.stderr if "reading pages at" in line)
            address = re.search(r"http://[\d.:]+", told)
            assert address is not None
            yield address[0]
        finally:
            process.terminate()
            process.communicate(timeout=30)


def reload(folder: Path) -> None:
    """Have newsboat ask for all its feeds."""
    command = ["newsboat", "-u", "urls", "-c", "cache.db", "-C", "/dev/null", "-x", "reload"]
    environment = os.environ | {"HOME": str(folder)}
    subprocess.run(command, cwd=folder, env=environment, check=True, timeout=60)  # noqa: S603


def test_newsboat_lists_one_entry_a_story(demo: str, tmp_path: Path) -> None:
    (tmp_path / "urls").write_text(f"{demo}/feeds/all.atom\n")
    stories = {piece.story for piece in load().pieces}
    for _ in range(2):
        reload(tmp_path)
        with sqlite3.connect(tmp_path / "cache.db") as cache:
            rows = cache.execute("SELECT title, guid FROM rss_item").fetchall()
        assert len(rows) == len(stories)
        assert len({title for title, _ in rows}) == len(stories)
