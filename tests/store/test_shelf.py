"""Stories as people see them, by whatever name they call them."""

import pytest
from store.stock import HOUR, MINUTE, NOW, Stock, reading, sighting

from aggregator.errors import NoSuchError
from aggregator.model import Kind, Page, Telling
from aggregator.store import backlog, composed, readings, shelf, sources
from aggregator.store.readings import Read, Reading


def live(stock: Stock, slug: str = "all", limit: int = 9) -> list[int]:
    return [story.id for story in stock.get(shelf.live_stories, slug, limit)]


def test_the_feed_holds_the_last_to_appear_newest_first(stock: Stock) -> None:
    old, middle, new = stock.articles("old", "middle", "new")
    newest, middling = stock.story(new), stock.story(middle)
    stock.publish(NOW + HOUR)
    oldest = stock.story(old)
    assert live(stock) == [newest, middling]
    stock.publish(NOW + 2 * HOUR)
    assert live(stock) == [newest, middling, oldest]
    # It appeared last, so it is there, though it was published first.
    assert live(stock, limit=2) == [newest, oldest]
    assert live(stock, limit=1) == [oldest]
    assert live(stock, "navy") == []


def test_of_one_date_the_later_story_goes_first(stock: Stock) -> None:
    stock.poll(stock.source(), sighting("a"), sighting("b"))
    stories = []
    for task in stock.claim_readings():
        stock.do(readings.record_readings, [Read(task, reading(), NOW)])
        stories.append(stock.story(task.entry_id))
    stock.publish()
    assert live(stock) == stories[::-1]


def test_a_story_is_its_lead_and_all_its_tellings(stock: Stock) -> None:
    source = stock.source(title="The Outlet", categories=())
    said = sighting(
        "a",
        link="https://a.example/1",
        authors=("Feed's author",),
        tags=("ships",),
        lang="en",
        rights="© Outlet",
    )
    stock.poll(source, said, sighting("b", published=NOW - MINUTE))
    one, two = stock.claim_readings()
    page = Page(text="Text", html="<p>Text</p>", authors=("Ana",), image="https://a.example/1.jpg")
    stock.do(readings.record_readings, [Read(one, Reading(page, b"", frozenset()), NOW)])
    stock.do(readings.record_readings, [Read(two, reading(), NOW)])
    story = stock.story(one.entry_id, two.entry_id)
    stock.publish(NOW + HOUR, "navy", "baltic")
    (found,) = stock.get(composed.load_stories, [story, 999])
    assert (found.uri, found.key) == (
        stock.get(shelf.story_uri, story),
        stock.get(shelf.story_key, story),
    )
    assert (found.title, found.link, found.html) == (said.entry.title, said.entry.link, page.html)
    assert (found.authors, found.tags, found.lang) == (("Ana",), ("ships",), "en")
    assert (found.image, found.rights) == (page.image, "© Outlet")
    assert (found.source_title, found.source_url) == ("The Outlet", source.url)
    assert found.categories == ("baltic", "navy")
    assert found.lead == Telling(
        entry_id=one.entry_id,
        title=said.entry.title,
        url=said.entry.link,
        outlet="outlet.example",
        kind=Kind.ORIGINAL,
        score=0.9,
        published=NOW - HOUR,
        placed_at=NOW,
    )
    assert [telling.kind for telling in found.tellings] == [Kind.ORIGINAL, Kind.COPY]


def test_the_feed_names_the_authors_where_the_page_does_not(stock: Stock) -> None:
    stock.poll(stock.source(), sighting("a", authors=("Bo",), image="https://a.example/f.jpg"))
    (task,) = stock.claim_readings()
    stock.do(readings.record_readings, [Read(task, reading(), NOW)])
    story = stock.story(task.entry_id)
    stock.publish()
    (found,) = stock.get(composed.load_stories, [story])
    assert (found.authors, found.image) == (("Bo",), "https://a.example/f.jpg")


def test_the_unpublished_are_not_shown(stock: Stock) -> None:
    story = stock.story(*stock.articles("1"))
    assert stock.get(composed.load_stories, [story]) == []
    assert stock.get(composed.load_stories, []) == []
    assert stock.get(backlog.count_stories) == 1


def test_a_story_answers_to_all_its_names(stock: Stock) -> None:
    (one,) = stock.articles("1")
    story = stock.story(one)
    key = f"key{one}"
    for name in (
        f"tag:a.example,2026:story/{key}",
        key,
        f"https://news.example/stories/{key}",
        f"https://news.example/stories/{key}/",
    ):
        assert stock.get(shelf.story_id, name) == story


@pytest.mark.parametrize(
    "name", ["", "/", "unknown", "tag:b.example,2026:story/unknown", "%", "\0"]
)
def test_other_names_are_nobodys(stock: Stock, name: str) -> None:
    stock.story(*stock.articles("1"))
    with pytest.raises(NoSuchError, match="no such story"):
        stock.get(shelf.story_id, name)


def test_entries_answer_to_id_link_and_key(stock: Stock) -> None:
    link = "https://a.example/1"
    stock.poll(stock.source(), sighting("a", link=link), sighting("b", link=f"{link}?utm=x"))
    one, two = stock.claim_readings()
    for task in (one, two):
        stock.do(readings.record_readings, [Read(task, reading(keys=["link:1"]), NOW)])
    assert stock.get(shelf.entry_ids, f"{two.entry_id}", ["link:1"]) == [two.entry_id]
    assert stock.get(shelf.entry_ids, link, []) == [one.entry_id]
    assert stock.get(shelf.entry_ids, link, ["link:1"]) == [one.entry_id, two.entry_id]
    assert stock.get(shelf.entry_ids, "https://b.example/", ["link:2"]) == []


# Larger than either database's whole numbers; digits that Python alone takes for such.
@pytest.mark.parametrize("name", ["999", f"{2**31}", "9" * 30, "9" * 5_000, "²", "١٢", "-1", ""])
def test_no_number_is_too_strange_to_ask_for(stock: Stock, name: str) -> None:
    assert stock.get(shelf.entry_ids, name, []) == []
    with pytest.raises(NoSuchError):
        stock.get(sources.find_source, name)


def test_titles_and_members_are_listed(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    story = stock.story(one, two)
    assert stock.get(shelf.members, story) == [one, two]
    titles = stock.get(shelf.entry_titles, [one, 999])
    assert titles == {one: ("outlet.example", "Frigate joins the Baltic patrol")}


def test_categories_in_use_are_counted(stock: Stock) -> None:
    one, two = stock.articles("1", "2")
    stock.story(one)
    stock.publish(NOW + HOUR, "navy")
    stock.story(two)
    stock.publish(NOW + HOUR)
    assert stock.get(shelf.categories_in_use) == {
        "all": (2, NOW - HOUR + MINUTE),
        "navy": (1, NOW - HOUR),
    }
