"""Feeds of every dialect, odd or damaged, yield exactly the entries that stand in them.

A part of what benchmarks/parsers.py reads: every layout and every encoding, each with some of the
others; all items; every damage once.
"""

from collections.abc import Sequence

import pytest
from dialect_damage import DAMAGES, damaged
from dialect_items import FEED_URL, Told
from dialects import DRESSES, LAYOUTS, Document, documents

from aggregator.intake.parse import parse_feed

WHOLE = list(documents())
DRESSED = WHOLE[: len(LAYOUTS) * len(DRESSES)]
DAMAGED = list(damaged())


def misread(cases: Sequence[Document]) -> dict[str, tuple[Told, ...]]:
    found = {case.name: read(case) for case in cases}
    assert found
    return {case.name: found[case.name] for case in cases if found[case.name] != case.entries}


def read(case: Document) -> tuple[Told, ...]:
    feed = parse_feed(case.body, case.content_type, FEED_URL)
    return tuple(Told(one.title, one.link or "", one.guid or "") for one in feed.entries)


def test_every_layout_is_read_in_every_encoding() -> None:
    some = DRESSED[:: len(DRESSES)] + DRESSED[3::11]
    assert {case.name.split()[0] for case in some} == {*LAYOUTS}
    assert {case.name.split()[1] for case in some} == {*DRESSES}
    assert misread(some) == {}


@pytest.mark.parametrize("dialect", ["rss", "atom", "json"])
def test_entries_are_read_however_they_say_what_they_say(dialect: str) -> None:
    assert misread([case for case in WHOLE if case.name.startswith(f"{dialect} ")]) == {}


def test_of_a_damaged_document_all_is_read_that_can_be() -> None:
    some = [case for at, case in enumerate(DAMAGED) if at % len(DAMAGES) % 6 == at // len(DAMAGES)]
    assert {case.name.split()[2] for case in some} == {*DAMAGES}
    assert misread(some) == {}
