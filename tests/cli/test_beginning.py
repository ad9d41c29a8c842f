"""Where there is nothing yet: what is looked up is nowhere, and nothing comes to be by looking."""

import json

import pytest
from console import Console

LOOKING = [
    ("list-sources", "--json"),
    ("stories", "--json"),
    ("search", "frigate", "--json"),
    ("test-rule", "nato", "--json"),
]


@pytest.mark.parametrize("words", LOOKING, ids=lambda words: words[0])
def test_to_look_makes_no_database(pristine: Console, words: tuple[str, ...]) -> None:
    said = pristine(*words)
    assert (said.code, json.loads(said.out)) == (0, [])
    told = said.err.splitlines()[0]
    assert told.startswith(f"there is no database yet at {pristine.state}/aggregator.db: ")
    assert "add-source URL" in told
    assert not pristine.state.exists()


@pytest.mark.parametrize("words", [("remove-source", 1), ("explain", 1), ("split", 1, 1)])
def test_nothing_can_be_done_with_what_is_not_there(
    pristine: Console, words: tuple[object, ...]
) -> None:
    said = pristine(*words)
    assert said.code == 2
    assert said.complaint.startswith("there is no database yet at ")
    assert not pristine.state.exists()
