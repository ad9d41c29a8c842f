"""Full text on both engines: the same question has the same answer."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.stock import HOUR, NOW, Stock, reading, sighting

from aggregator.store import fulltext, readings
from aggregator.store.readings import Read
from aggregator.stories.search import Search, Term, parse_search


@pytest.fixture
def told(stock: Stock) -> dict[str, int]:
    """Four stories, by a letter; the newest first, the last one not published yet."""
    texts = {
        "a": "The frigate joins the patrol of the Baltic Sea near Klaipėda.",
        "b": "Фрегата улази, Бар чека; Đukanović greets its crew's captain.",
        "c": "A drone crossed the border. The sea was calm, the Baltic cold.",
        "d": "The frigate leaves.",
    }
    source = stock.source()
    stories = {}
    for place, (key, text) in enumerate(texts.items()):
        published = NOW - (place + 1) * HOUR
        stock.poll(
            source, sighting(key, title=f"Report {key}", published=published, tags=("navy",))
        )
        (task,) = stock.claim_readings()
        stock.do(readings.record_readings, [Read(task, reading(text), NOW)])
        if key == "d":
            stock.publish(NOW + HOUR)
        stories[key] = stock.story(task.entry_id)
    assert stock.get(fulltext.is_behind)
    assert stock.do(fulltext.index_tellings, 3) == 3
    assert stock.do(fulltext.index_tellings, 3) == 1
    assert not stock.get(fulltext.is_behind)
    return stories


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("frigate", "a"),
        ("фрегата", "b"),
        ("fregata dukanovic", "b"),
        ("the baltic", "ac"),
        ('"baltic sea"', "a"),
        ('"sea baltic"', ""),
        ("dron*", "c"),
        ("dron", ""),
        ('"baltic se*"', ""),
        ("frigate OR drone", "ac"),
        ("baltic -drone", "a"),
        ('report -"baltic sea"', "bc"),
        ("navy outlet", "abc"),
        ("it's", ""),
        ("submarine", ""),
    ],
)
def test_what_is_found(stock: Stock, told: dict[str, int], query: str, found: str) -> None:
    ids = stock.get(fulltext.find_stories, parse_search(query), 9)
    assert ids == [told[key] for key in found]


def test_no_more_than_asked_for_and_none_that_was_merged(
    stock: Stock, told: dict[str, int]
) -> None:
    assert len(stock.get(fulltext.find_stories, parse_search("report"), 2)) == 2
    assert stock.get(fulltext.find_stories, parse_search("leaves"), 9) == []
    stock.publish(NOW + 2 * HOUR)
    assert stock.get(fulltext.find_stories, parse_search("leaves"), 9) == [told["d"]]


WORD = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=300)


@given(st.lists(WORD, min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_word_can_break_a_query(stock: Stock, found: list[str]) -> None:
    term = Term(tuple(found), prefix=True)
    assert stock.get(fulltext.find_stories, Search(((term, term),), (term,)), 9) == []


def test_a_text_without_end_is_indexed(stock: Stock) -> None:
    source = stock.source()
    stock.poll(source, sighting("a", title="Long"))
    (task,) = stock.claim_readings()
    endless = " ".join(f"word{n}" for n in range(40_000)) + " " + "x" * 5000
    stock.do(readings.record_readings, [Read(task, reading(endless), NOW)])
    story = stock.story(task.entry_id)
    stock.publish(NOW + HOUR)
    stock.do(fulltext.index_tellings, 9)
    assert stock.get(fulltext.find_stories, parse_search("word15000"), 9) == [story]
