"""What is past its time loses its texts, and is known for ever."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from articles import BRIDGE
from newsdesk import (
    Press,
    Telling,
    changed,
    entries_in,
    headlines,
    published_stories,
    take_on,
    tell,
)
from sqlalchemy import select

from aggregator.errors import RefusedError
from aggregator.model import Category
from aggregator.press import found_stories
from aggregator.prune import prune
from aggregator.publish import Publisher
from aggregator.settings import Settings
from aggregator.store import backlog, ledger, rulings, shelf
from aggregator.store.database import Session
from aggregator.store.pruning import Retention
from aggregator.store.tables import ArticleRow, EntryRow, TellingRow
from aggregator.storefront import StoreView
from aggregator.web.view import Pruned

URL, OTHER = "https://quay.example/feed", "https://pier.example/feed"
TEXT = "The frigate left the harbour at dawn and joined the patrol in the strait. " * 4
FRIGATE = Telling("frigate", "Frigate joins the Baltic patrol", TEXT, "https://quay.example/f")
DAY = timedelta(days=1)
HARBOUR = Category("harbour", "Harbour", "frigate", keep=90 * DAY)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    settings = changed(settings, retention={"stories": 30 * DAY})
    return settings.model_copy(update={"categories": (replace(HARBOUR, keep=None),)})


@pytest.fixture
def told(press: Press, settings: Settings, publisher: Publisher) -> list[int]:
    """Return the entries of a published story, lead and copy."""
    said = tell(press, settings, URL, FRIGATE)
    copy = replace(FRIGATE, key="copy", link="https://pier.example/f")
    said += tell(press, settings, OTHER, copy)
    publisher.publish(press.clock.advance(minutes=10))
    (story,) = published_stories(press.store)
    assert [telling.entry_id for telling in story.tellings] == said
    return said


def texts(session: Session, entry_id: int) -> tuple[str, str, str, str]:
    article = session.get_one(ArticleRow, entry_id)
    entry = session.get_one(EntryRow, entry_id)
    return article.text, article.html, entry.summary, entry.content


def test_texts_go_and_the_lead_keeps_what_archives_show(
    press: Press, settings: Settings, publisher: Publisher, feeds: Path, told: list[int]
) -> None:
    lead, copy = told
    later = press.clock.advance(days=31)
    assert prune(press.store, settings, later).stories == 1
    assert press.store.read_now(partial(texts, entry_id=lead)) == ("", f"<p>{TEXT}</p>", "", "")
    assert press.store.read_now(partial(texts, entry_id=copy)) == ("", "", "", "")
    publisher.publish(later)
    assert headlines(feeds, "all") == headlines(feeds, "harbour") == []
    archives = [feeds / slug / "2026-05.atom" for slug in ("all", "harbour")]
    before = [archive.read_bytes() for archive in archives]
    assert all(TEXT.strip() in archive.decode() for archive in before)
    publisher.publish(press.clock.advance(hours=1), everything=True)
    assert [archive.read_bytes() for archive in archives] == before
    assert prune(press.store, settings, press.clock()).stories == 0
    assert press.store.read_now(ledger.draw_up).faults == ()


def test_nothing_is_pruned_before_its_time(
    press: Press, settings: Settings, told: list[int]
) -> None:
    assert prune(press.store, settings, press.clock.advance(days=29)).stories == 0
    late = replace(FRIGATE, key="late", link="https://buoy.example/f")
    tell(press, settings, "https://buoy.example/feed", late)
    Publisher(press.store, settings).publish(press.clock())
    # Its time counts from the last telling.
    assert prune(press.store, settings, press.clock.advance(days=2)).stories == 0
    assert press.store.read_now(partial(texts, entry_id=told[0]))[0] == TEXT


def test_a_story_that_waits_for_its_edition_is_left(
    press: Press, settings: Settings, told: list[int]
) -> None:
    assert told
    (story,) = published_stories(press.store)
    split = partial(rulings.rule_split, story_id=story.id, entry_id=told[1], now=press.clock())
    press.store.write_now(split)
    later = press.clock.advance(days=31)
    tell(press, settings, URL)
    assert prune(press.store, settings, later).stories == 0


def again(key: str, link: str, title: str = FRIGATE.title) -> Telling:
    return replace(FRIGATE, key=key, link=link, title=title, published=FRIGATE.published + 33 * DAY)


@pytest.mark.parametrize(
    ("url", "telling"),
    [
        pytest.param(URL, FRIGATE, id="as it was"),
        pytest.param(URL, again("frigate", "https://quay.example/new"), id="by guid"),
        pytest.param(URL, again("other", "https://quay.example/f"), id="by link"),
        pytest.param(OTHER, again("other", "https://quay.example/f"), id="elsewhere"),
    ],
)
def test_what_was_pruned_never_comes_back_as_new(
    press: Press, settings: Settings, told: list[int], url: str, telling: Telling
) -> None:
    assert told
    publisher = Publisher(press.store, settings)
    prune(press.store, settings, press.clock.advance(days=33))
    publisher.publish(press.clock())
    tell(press, settings, url, telling)
    assert publisher.publish(press.clock.advance(hours=1)).appeared == 0
    assert published_stories(press.store) == []
    assert press.store.read_now(backlog.count_stories) == 1
    assert press.store.read_now(ledger.draw_up).faults == ()
    # What is open of the archives still shows it, whatever rules say of a story without text.
    stands = partial(shelf.archived_stories, slug="harbour", archive="2026-05")
    assert len(press.store.read_now(stands)) == 1


def test_what_was_pruned_is_not_corrected_any_more(
    press: Press, settings: Settings, publisher: Publisher, feeds: Path, told: list[int]
) -> None:
    prune(press.store, settings, press.clock.advance(days=31))
    publisher.publish(press.clock())
    before = [(feeds / slug / "2026-05.atom").read_bytes() for slug in ("all", "harbour")]
    again = replace(FRIGATE, title="Frigate joins the patrol", text=f"Corrected. {TEXT}")
    assert press.says(URL, again) == []
    publisher.publish(press.clock.advance(hours=1), everything=True)
    assert [(feeds / slug / "2026-05.atom").read_bytes() for slug in ("all", "harbour")] == before
    assert press.store.read_now(partial(texts, entry_id=told[0]))[2:] == ("", "")


async def test_its_page_is_gone_and_no_list_leads_there(
    press: Press, settings: Settings, told: list[int]
) -> None:
    view = StoreView(press.store, lambda: settings, dict)
    (story,) = await view.stories("all", 10)
    sought = partial(found_stories, query="frigate", limit=9)
    assert len(press.store.read_now(sought)) == 1
    prune(press.store, settings, press.clock.advance(days=31))
    assert await view.story(story.key) == Pruned()
    assert await view.stories("all", 10) == []
    assert press.store.read_now(sought) == []
    for rule in (
        partial(rulings.rule_split, story_id=story.id, entry_id=told[1]),
        partial(rulings.rule_merge, story_id=story.id, other_id=story.id + 1),
    ):
        with pytest.raises(RefusedError, match="was pruned"):
            press.store.write_now(partial(rule, now=press.clock()))


def test_why_an_entry_stands_there_is_still_told(
    press: Press, settings: Settings, told: list[int]
) -> None:
    prune(press.store, settings, press.clock.advance(days=31))

    def scores(session: Session) -> list[float]:
        row = session.scalars(select(TellingRow).where(TellingRow.entry_id == told[1])).one()
        assert [seen["score"] for seen in row.evidence] == [row.score]
        return [row.score]

    assert press.store.read_now(scores)[0] > 0.5


def test_a_category_may_keep_longer(press: Press, settings: Settings, told: list[int]) -> None:
    assert told
    longer = settings.model_copy(update={"categories": (HARBOUR,)})
    assert prune(press.store, longer, press.clock.advance(days=89)).stories == 0
    assert prune(press.store, longer, press.clock.advance(days=2)).stories == 1


def test_the_longest_of_the_categories_counts() -> None:
    retention = Retention(30 * DAY, {"short": 20 * DAY, "long": 90 * DAY})
    assert retention.shortest == 20 * DAY
    assert retention.of(["all", "short"]) == 20 * DAY
    assert retention.of(["all", "short", "other"]) == 30 * DAY
    assert retention.of(["all", "short", "long"]) == 90 * DAY
    assert retention.of(["all"]) == 30 * DAY


def test_it_goes_in_short_steps_and_ends_when_told(
    press: Press, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.prune.STORIES", 2)
    words = ("alpha", "bravo", "carrot", "delta", "easel")
    for word in words:
        tell(press, settings, URL, Telling(word, f"{word} {word}s", f"{word} " * 50))
    Publisher(press.store, settings).publish(press.clock.advance(hours=1))
    later = press.clock.advance(days=31)
    asked = iter([False, True, True])
    assert prune(press.store, settings, later, ended=lambda: next(asked)).stories == 2
    assert prune(press.store, settings, later).stories == len(words) - 2
    done = prune(press.store, settings, later)
    assert done.stories == 0
    assert done.reusable is not None
    assert done.reusable % 512 == 0


def test_entries_known_from_the_beginning_lose_their_texts_and_stay_known(
    press: Press, settings: Settings
) -> None:
    take_on(press.store, press.clock(), URL, only_new=True)
    press.says(URL, FRIGATE)

    def fill(session: Session) -> None:
        session.scalars(select(EntryRow)).one().summary = "a summary"

    press.store.write_now(fill)
    prune(press.store, settings, press.clock.advance(days=29))
    assert [entry.summary for entry in entries_in(press.store)] == ["a summary"]
    prune(press.store, settings, press.clock.advance(days=2))
    assert [entry.summary for entry in entries_in(press.store)] == [""]
    assert press.says(URL, FRIGATE) == []
    assert len(entries_in(press.store)) == 1


def test_what_shows_it_to_be_one_with_a_story_of_today_takes_that_nowhere(
    press: Press, settings: Settings, told: list[int]
) -> None:
    """What became part of a pruned story would be shown nowhere, and split off by nobody."""
    assert told
    publisher = Publisher(press.store, settings)
    prune(press.store, settings, press.clock.advance(days=33))
    bridge = Telling("bridge", "Pontoon bridge near Loznica holds a convoy", BRIDGE)
    today = replace(bridge, published=press.clock())
    tell(press, settings, "https://pier.example/rss", today)
    assert publisher.publish(press.clock.advance(hours=1)).appeared == 1
    tell(press, settings, "https://ferry.example/rss", replace(today, canonical_url=FRIGATE.link))
    publisher.publish(press.clock.advance(hours=1))
    assert [story.title for story in published_stories(press.store)] == [bridge.title]
