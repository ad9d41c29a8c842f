"""Articles: written once, seen by matching as the entry and its page together say."""

from store.stock import HOUR, MINUTE, NOW, Stock, reading, sighting

from aggregator.model import Article, Origin, Page
from aggregator.store import readings
from aggregator.store.claims import Appetite
from aggregator.store.readings import Read, Reading


def test_nothing_is_due_before_anything_came_in(stock: Stock) -> None:
    assert stock.get(readings.count_due) == 0
    assert stock.claim_readings() == []


def test_an_article_is_what_entry_and_page_say(stock: Stock) -> None:
    origin = Origin("The Navy", "https://navy.example/")
    said = sighting("a", guid="g", link="https://a.example/1", lang="en", origin=origin)
    stock.poll(stock.source(), said)
    (task,) = stock.claim_readings()
    page = Page(
        text="Žuti 🚢 brod",
        html="<p>Žuti 🚢 brod</p>",
        authors=("Ana",),
        lang="sr",
        image="https://a.example/1.jpg",
        canonical_url="https://navy.example/1",
        captions=("Frigate | The Navy",),
    )
    read = Reading(page=page, fingerprint=bytes(range(256)), keys=frozenset({"link:1", "text:2"}))
    assert stock.do(readings.record_readings, [Read(task, read, NOW)]) == [True]
    assert stock.get(readings.load_article, task.entry_id) == Article(
        entry_id=task.entry_id,
        title=said.entry.title,
        text="Žuti 🚢 brod",
        outlet="outlet.example",
        published=NOW - HOUR,
        guid="g",
        link="https://a.example/1",
        canonical_url="https://navy.example/1",
        lang="sr",
        captions=("Frigate | The Navy",),
        origin=origin,
    )


def test_the_entry_says_the_language_where_the_page_does_not(stock: Stock) -> None:
    stock.poll(stock.source(), sighting("a", lang="en"))
    (task,) = stock.claim_readings()
    feed_only = Reading(Page(text="", html=""), b"", frozenset(), page_error="404 Not Found")
    assert stock.do(readings.record_readings, [Read(task, feed_only, NOW)]) == [True]
    assert stock.get(readings.load_article, task.entry_id).lang == "en"
    assert stock.get(readings.count_due) == 0
    assert stock.claim_readings(NOW + 2 * HOUR) == []


def test_many_are_written_together_each_as_it_stands(stock: Stock) -> None:
    source = stock.source()
    stock.poll(source, *(sighting(key, title=f"About {key}") for key in "abc"))
    corrected, stale, _ = stock.claim_readings()
    stock.do(readings.record_readings, [Read(corrected, reading("First."), NOW)])
    stock.poll(source, sighting("a", title="About a, corrected"))
    again, *others = stock.claim_readings(NOW + 2 * HOUR)
    assert again.entry_id == corrected.entry_id
    told = [
        Read(stale, reading("Stale."), NOW),
        Read(again, reading("Corrected."), NOW),
        *(Read(task, reading(f"Text {task.entry_id}"), NOW) for task in others),
    ]
    assert stock.do(readings.record_readings, told) == [False, True, True, True]
    texts = [stock.get(readings.load_article, each.entry_id).text for each in (again, *others)]
    assert texts == ["Corrected.", *(f"Text {task.entry_id}" for task in others)]
    assert stock.get(readings.count_due) == 0
    assert stock.claim_readings(NOW + 9 * HOUR) == []
    assert stock.do(readings.record_readings, []) == []


def test_a_postponed_entry_is_due_again_when_its_time_has_come(stock: Stock) -> None:
    stock.poll(stock.source(), sighting("a"))
    (task,) = stock.claim_readings()
    stock.do(readings.postpone_reading, task, NOW + MINUTE)
    assert stock.claim_readings(NOW) == []
    assert stock.get(readings.count_due) == 1
    (again,) = stock.claim_readings(NOW + MINUTE)
    assert (task.tries, again.tries) == (0, 1)


def test_who_was_overtaken_postpones_nothing(stock: Stock) -> None:
    stock.poll(stock.source(), sighting("a"))
    (stale,) = stock.claim_readings()
    (fresh,) = stock.claim_readings(NOW + HOUR)
    stock.do(readings.postpone_reading, stale, NOW + 9 * HOUR)
    assert stock.do(readings.record_readings, [Read(fresh, reading(), NOW)]) == [True]


def test_what_was_postponed_can_be_made_due(stock: Stock) -> None:
    stock.poll(stock.source(), sighting("a"))
    (task,) = stock.claim_readings()
    stock.do(readings.record_readings, [Read(task, reading(), NOW)])
    stock.poll(stock.source("https://b.example/"), sighting("b"))
    (task,) = stock.claim_readings()
    stock.do(readings.postpone_reading, task, NOW + HOUR)
    stock.do(readings.make_due, NOW + MINUTE, 1, NOW)
    assert [due.entry_id for due in stock.claim_readings(NOW + MINUTE)] == [task.entry_id]


def test_a_flood_from_one_source_keeps_no_other_waiting(stock: Stock) -> None:
    flood, good = stock.source("https://flood.example/"), stock.source("https://good.example/")
    stock.poll(
        flood,
        *(sighting(str(n), link=f"https://h{n}.example/", host=f"h{n}.example") for n in range(50)),
    )
    stock.poll(good, sighting("news", link="https://good.example/1", host="good.example"))
    tasks = stock.do(readings.claim_due_readings, NOW, HOUR, Appetite(limit=2))
    assert "https://good.example/1" in {task.link for task in tasks}


def test_what_asks_no_host_takes_its_turn_by_source(stock: Stock) -> None:
    flood, good = stock.source("https://flood.example/"), stock.source("https://good.example/")
    stock.poll(flood, *(sighting(str(n)) for n in range(50)))
    stock.poll(good, sighting("news"))
    tasks = stock.do(readings.claim_due_readings, NOW, HOUR, Appetite(limit=50, per_host=4))
    assert len(tasks) == 5
    busy = frozenset(task.host for task in tasks)
    assert stock.do(readings.claim_due_readings, NOW, HOUR, Appetite(limit=50, busy=busy)) == []
