"""Newsrooms that no weight was learned from: every telling in its story, look-alikes apart."""

import json
from pathlib import Path

import pytest

from aggregator.labelled import read_documents
from aggregator.lexicon import general_terms
from aggregator.stories.fingerprint import fingerprint
from aggregator.stories.measures import joined, measure
from aggregator.stories.stream import compare_stream, sort_stream

APART = Path(__file__).parents[2] / "benchmarks" / "newsrooms" / "apart"


@pytest.mark.parametrize("file", sorted(APART.glob("*.jsonl")), ids=lambda file: file.stem)
def test_a_newsroom_that_was_never_learned_from_is_sorted_as_those_that_were(file: Path) -> None:
    documents = read_documents(file)
    beside = file.with_name(f"{file.stem}-lookalikes.json")
    lookalikes = json.loads(beside.read_text(encoding="utf-8"))
    prints = [fingerprint(document.article) for document in documents]
    found, _ = sort_stream(compare_stream(prints, general_terms()))
    truth = [document.story for document in documents]
    assert not joined(truth, found, [(one, other) for one, other, _ in lookalikes])
    assert measure(truth, found).lost == 0.0
    told = [at for at, document in enumerate(documents) if document.kind != "spun"]
    assert measure([truth[at] for at in told], [found[at] for at in told]).f1 > 0.95
