"""Killed while it publishes and readers ask: no answer is torn (more: `benchmarks/killed.py`)."""

from pathlib import Path

from killed import endure


def test_whoever_asks_while_publishers_are_killed_gets_whole_feeds(tmp_path: Path) -> None:
    published, killed, witness = endure(tmp_path, publishes=6, kills=3)
    assert witness.faults == []
    assert published >= 6
    assert killed >= 2
    assert witness.answers[200]
