"""The account: it holds after everything we do, and says so where a row was lost."""

import pytest
from sqlalchemy import text
from store.stock import NOW, Stock, reading, sighting

from aggregator.model import Kind
from aggregator.store import ledger, readings
from aggregator.store.database import Session
from aggregator.store.ledger import Ledger
from aggregator.store.readings import Read


def tamper(session: Session, statement: str) -> None:
    session.execute(text(statement))


@pytest.fixture
def stocked(stock: Stock) -> Stock:
    """One original, one copy, one retelling, one article that waits, one entry not yet read."""
    source = stock.source()
    one, two, three, _ = stock.articles("1", "2", "3", "4", source=source)
    story = stock.story(one, two)
    stock.place(three, story, kind=Kind.RETELLING)
    stock.poll(source, sighting("1"), sighting("5"))
    stock.poll(stock.source("https://b.example/", only_new=True), sighting("old"))
    return stock


def test_an_empty_store_adds_up(stock: Stock) -> None:
    drawn = stock.get(ledger.draw_up)
    assert drawn == Ledger(0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert (drawn.unplaced, drawn.faults) == (0, ())


def test_every_entry_stands_somewhere(stocked: Stock) -> None:
    drawn = stocked.get(ledger.draw_up)
    assert drawn == Ledger(
        seen=7,
        known=2,
        new=5,
        originals=1,
        copies=1,
        retellings=1,
        unread=1,
        waiting=1,
        strays=0,
    )
    assert (drawn.unplaced, drawn.faults) == (2, ())
    (task,) = stocked.claim_readings()
    stocked.do(readings.record_readings, [Read(task, reading(), NOW)])
    after = stocked.get(ledger.draw_up)
    assert (after.unread, after.waiting, after.faults) == (0, 2, ())


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM entry WHERE key = '5'", "seen 7 ≠ new + known"),
        ("UPDATE source SET entries_known = entries_known + 1", "seen 7 ≠ new + known"),
        ("UPDATE telling SET kind = 'lost' WHERE kind = 'copy'", "new 5 ≠ placed + unplaced"),
        (
            "UPDATE story SET merged_into_id = id",
            "3 tellings stand in no living story",
        ),
    ],
)
def test_what_is_lost_shows(stocked: Stock, statement: str, fault: str) -> None:
    stocked.do(tamper, statement)
    assert fault in stocked.get(ledger.draw_up).faults
