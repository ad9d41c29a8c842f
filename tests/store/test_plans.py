"""What is asked every second or two looks at what waits, never at all that there is."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Connection, event
from store.stock import HOLD, HOUR, MANY, NOW, Stock, sighting

from aggregator.store import (
    archives,
    backlog,
    claims,
    drafts,
    editions,
    feeds,
    folded,
    fulltext,
    health,
    polls,
    prints,
    readings,
    rulings,
)
from aggregator.store.database import Session
from aggregator.store.kept import Kept
from aggregator.stories.slugs import ALL

TICKS: dict[str, Callable[[Session], object]] = {
    "polls": lambda session: polls.claim_due_polls(session, NOW + HOUR, HOUR, MANY),
    "readings": lambda session: readings.claim_due_readings(session, NOW + HOUR, HOUR, MANY),
    "unplaced": lambda session: prints.unplaced(session, 200),
    "sequence": prints.last_sequence,
    "placed": lambda session: prints.placed_since(session, 1),
    "rulings": rulings.pending_rulings,
    "drafts": lambda session: drafts.due(session, NOW + HOLD, 500),
    "feeds": feeds.listed,
    "stale feeds": lambda session: feeds.stale(session, ("look",)),
    "crowded": lambda session: archives.crowded(session, 100),
    "health": health.newest_turn,
    "beside others": lambda session: readings.claim_due_readings(
        session, NOW + HOUR, HOUR, replace(MANY, yields=True)
    ),
    "leases": claims.break_leases,
    "queues": lambda session: backlog.queues(session, NOW + HOUR),
    "search": fulltext.is_behind,
    "first round": editions.first_round_complete,
}
# Looked up one by one, or found by what holds nothing but what waits; that a story
# has appeared is seen at the first one.
FEW = (
    r"INTEGER PRIMARY KEY|COVERING INDEX ix_story_live"
    r"|(?:COVERING )?INDEX ix_"
    r"(?:article_unplaced|entry_page_due|entry_held|story_held|story_changed)"
)
ALL_THERE_IS = re.compile(
    rf"(?:SCAN telling|(?:SCAN|SEARCH) (?:article|fingerprint|story|entry))\b(?! USING (?:{FEW})\b)"
)


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.mark.parametrize("appeared", [False, True], ids=["first round", "later"])
@pytest.mark.parametrize("tick", TICKS)
def test_no_tick_looks_at_all_that_there_is(stock: Stock, tick: str, *, appeared: bool) -> None:
    placed, _waiting = stock.articles("1", "2")
    stock.story(placed)
    stock.poll(stock.source("https://b.example/"), sighting("unread"))
    (postponed,) = stock.claim_readings()
    stock.do(readings.postpone_reading, postponed, NOW + HOUR)
    if appeared:
        stock.publish(NOW + HOUR)
    steps = stock.do(plan_of, TICKS[tick])
    assert steps, "nothing was asked"
    assert [step for step in steps if ALL_THERE_IS.match(step)] == []


def test_due_sources_are_found_by_an_index(stock: Stock) -> None:
    steps = stock.do(plan_of, TICKS["polls"])
    looked_up = [step for step in steps if re.match(r"(?:SCAN|SEARCH) source\b", step)]
    assert looked_up
    assert [
        step for step in looked_up if "ix_source_due" not in step and "PRIMARY KEY" not in step
    ] == []


def test_what_was_folded_last_is_found_without_sorting_all_that_ever_was(stock: Stock) -> None:
    def work(session: Session) -> object:
        return folded.folded_entries(session, ALL, 100, Kept())

    assert [step for step in stock.do(plan_of, work) if "ORDER BY" in step] == []


def plan_of(session: Session, work: Callable[[Session], object]) -> list[str]:
    """Return how SQLite goes about each statement of `work`."""
    steps: list[str] = []

    def explain(
        connection: Connection,
        _cursor: object,
        statement: str,
        parameters: Sequence[object],
        *_: object,
    ) -> None:
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps.extend(text for _, _, _, text in cursor.fetchall())

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", explain)
    work(session)
    event.remove(connection, "before_cursor_execute", explain)
    return steps


def test_who_is_held_is_found_among_those_that_are_and_not_among_all_that_wait(
    stock: Stock,
) -> None:
    for tick in ("leases", "beside others"):
        steps = stock.do(plan_of, TICKS[tick])
        assert [step for step in steps if "ix_entry_held" in step], tick
