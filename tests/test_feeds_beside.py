"""The feeds beside the news: what was folded and why, what is confirmed, how the sources do."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from articles import BRIDGE, DEPOT
from newsdesk import NOON, Press, Telling, changed, claim_polls, headlines, take_on, tell
from rfc4287 import ATOM, faults, parsed

from aggregator.model import Category
from aggregator.output.opml import render_opml
from aggregator.place import Editor
from aggregator.publish import Publisher
from aggregator.settings import Settings
from aggregator.store import polls, rulings, shelf, sources
from aggregator.store.answers import Answer, Answered, record_answers
from aggregator.storefront import StoreView

QUAY, PIER, MOLE = (f"https://{name}.example/feed" for name in ("quay", "pier", "mole"))
PORTS = Category("ports", "Ports & harbours", "depot OR harbour")
ORIGINAL = Telling("depot", "Fuel depot opens in Bar", DEPOT)
COPY = Telling("copy", ORIGINAL.title, DEPOT, published=NOON)
OTHER = Telling("bridge", "Pontoon bridge near Loznica holds", BRIDGE)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"categories": (PORTS,)})


def text_of(feeds: Path, name: str) -> str:
    document = (feeds / f"{name}.atom").read_bytes()
    assert faults(document) == []
    return document.decode()


def test_what_was_folded_is_told_with_its_link_its_story_and_the_reason(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, ORIGINAL, OTHER)
    tell(press, settings, PIER, COPY)
    publisher.publish(press.clock())
    told = text_of(feeds, "ports.suppressed")
    (entry,) = parsed(told.encode()).iter(f"{ATOM}entry")
    links = {link.get("rel"): link.get("href") for link in entry.iterfind(f"{ATOM}link")}
    (story,) = press.store.read_now(partial(shelf.live_stories, slug="ports", limit=9))
    assert links == {
        "alternate": "https://pier.example/copy",
        "related": f"https://news.example/stories/{story.key}",
    }
    assert entry.findtext(f"{ATOM}title") == f"pier.example: {ORIGINAL.title}"
    body = entry.findtext(f"{ATOM}content", "")
    assert "quay.example: Fuel depot opens in Bar</a> as copy." in body
    assert "Score 1.000, threshold 0." in body
    assert "same_text 1.00" in body
    assert headlines(feeds, "all.suppressed") == headlines(feeds, "ports.suppressed")


def apply(press: Press, settings: Settings, ruling: Callable[..., object]) -> None:
    """Let an operator have a word, and the editor apply it."""
    press.store.write_now(partial(ruling, now=press.clock()))
    Editor(press.store, settings).rule(press.clock())


def test_what_is_split_out_is_folded_no_more(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, ORIGINAL)
    (copy,) = tell(press, settings, PIER, COPY)
    publisher.publish(press.clock())
    assert len(headlines(feeds, "all.suppressed")) == 1
    (story,) = press.store.read_now(partial(shelf.live_stories, slug="all", limit=9))
    apply(press, settings, partial(rulings.rule_split, story_id=story.id, entry_id=copy))
    publisher.publish(press.clock.advance(seconds=1))
    assert headlines(feeds, "all.suppressed") == []


def test_what_an_operator_merged_is_said_to_be_joined(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, ORIGINAL, OTHER)
    publisher.publish(press.clock())
    one, two = press.store.read_now(partial(shelf.live_stories, slug="all", limit=9))
    apply(press, settings, partial(rulings.rule_merge, story_id=one.id, other_id=two.id))
    publisher.publish(press.clock.advance(seconds=1))
    told = text_of(feeds, "all.suppressed")
    assert "It stood in another story; an operator said that both are one." in told
    assert "in other words" not in told


def test_what_returns_from_a_merge_is_folded_for_the_old_reason_and_later_than_readers_know(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    """Readers look again at what was updated, and only at that."""
    tell(press, settings, QUAY, OTHER)
    tell(press, settings, QUAY, ORIGINAL)
    tell(press, settings, PIER, COPY)
    publisher.publish(press.clock())
    before, first = folded_depot(feeds)
    depot, bridge = press.store.read_now(partial(shelf.live_stories, slug="all", limit=9))
    assert (bridge.title, depot.title) == (OTHER.title, ORIGINAL.title)
    press.clock.advance(milliseconds=10)
    apply(press, settings, partial(rulings.rule_merge, story_id=bridge.id, other_id=depot.id))
    publisher.publish(press.clock())
    merged, moved = folded_depot(feeds)
    (one,) = press.store.read_now(partial(shelf.live_stories, slug="all", limit=9))
    lead = depot.lead_entry_id
    press.clock.advance(milliseconds=10)
    apply(press, settings, partial(rulings.rule_split, story_id=one.id, entry_id=lead))
    publisher.publish(press.clock())
    after, last = folded_depot(feeds)
    assert after == before != merged
    assert first < moved < last


def folded_depot(feeds: Path) -> tuple[str, str]:
    """Return what is said of the copy, and when it was updated."""
    document = text_of(feeds, "all.suppressed").encode()
    (entry,) = (
        entry
        for entry in parsed(document).iter(f"{ATOM}entry")
        if entry.findtext(f"{ATOM}title") == f"pier.example: {COPY.title}"
    )
    return entry.findtext(f"{ATOM}content", ""), entry.findtext(f"{ATOM}updated", "")


def test_what_an_operator_split_off_is_not_said_to_be_alike(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    (lead,) = tell(press, settings, QUAY, ORIGINAL)
    tell(press, settings, PIER, COPY)
    tell(press, settings, "https://ferry.example/feed", COPY)
    publisher.publish(press.clock())
    assert text_of(feeds, "all.suppressed").count("up to light edits") == 2
    (story,) = press.store.read_now(partial(shelf.live_stories, slug="all", limit=9))
    apply(press, settings, partial(rulings.rule_split, story_id=story.id, entry_id=lead))
    publisher.publish(press.clock.advance(seconds=1))
    assert len(headlines(feeds, "all.suppressed")) == 1
    told = text_of(feeds, "all.suppressed")
    assert "an operator took it out of that one" in told
    assert "up to light edits" not in told


def test_a_story_is_confirmed_when_another_house_tells_it_too(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, ORIGINAL, OTHER)
    publisher.publish(press.clock())
    assert headlines(feeds, "all.confirmed") == []
    before = (feeds / "all.atom").read_bytes()
    tell(press, settings, PIER, COPY)
    publisher.publish(press.clock.advance(hours=1))
    assert headlines(feeds, "ports.confirmed") == [ORIGINAL.title]
    entry = parsed((feeds / "ports.confirmed.atom").read_bytes()).findtext(
        f"{ATOM}entry/{ATOM}id", "?"
    )
    assert entry in before.decode(), "the same story has the same id in each feed"
    assert text_of(feeds, "ports.confirmed").count("<title>Ports &amp; harbours, confirmed<") == 1


def test_outlets_of_one_house_confirm_nothing(
    press: Press, settings: Settings, feeds: Path
) -> None:
    houses = (("quay.example", "pier.example"),)
    tell(press, settings, QUAY, ORIGINAL)
    tell(press, settings, PIER, COPY)
    related = Publisher(press.store, changed(settings, outlets={"families": houses}))
    related.publish(press.clock())
    assert headlines(feeds, "all.confirmed") == []
    Publisher(press.store, settings).publish(press.clock())
    assert headlines(feeds, "all.confirmed") == [ORIGINAL.title]
    tell(press, settings, MOLE, Telling("third", ORIGINAL.title, DEPOT, published=NOON))
    three = changed(settings, publish={"min_outlets": 3}, outlets={"families": houses})
    Publisher(press.store, three).publish(press.clock())
    assert headlines(feeds, "all.confirmed") == []


def test_health_tells_when_a_source_begins_to_fail_and_when_it_recovers(
    press: Press, publisher: Publisher, feeds: Path
) -> None:
    address = "https://reader:s3cret@pier.example/feed?token=s3cret"
    source = take_on(press.store, press.clock(), address, title="The <Pier>")
    for reason in (f"{address}: 500 <b>Internal</b> Server Error", "still"):
        (task,) = claim_polls(press.store, press.clock(), [source.id])
        later = press.clock.advance(minutes=15)
        failed = partial(polls.record_failure, next_poll_at=later, now=press.clock())
        press.store.write_now(partial(failed, task=task, reason=reason))
    publisher.publish(press.clock())
    assert headlines(feeds, "health") == ["The <Pier> fails"]
    told = text_of(feeds, "health")
    assert "s3cret" not in told
    assert "500 &amp;lt;b&amp;gt;Internal" in told
    (task,) = claim_polls(press.store, press.clock(), [source.id])
    answer = Answer(None, None, None, press.clock() + timedelta(minutes=15))
    recovered = [Answered(task, answer, press.clock())]
    press.store.write_now(partial(record_answers, answered=recovered))
    publisher.publish(press.clock())
    assert headlines(feeds, "health") == ["The <Pier> has recovered", "The <Pier> fails"]
    assert publisher.publish(press.clock()).written == 0


def all_files(feeds: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in feeds.rglob("*.*")}


async def test_what_lets_us_in_at_a_source_is_nowhere_told_where_that_has_no_title(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    """A sitemap has none: it is called by its address, also when it has moved since."""
    address = "https://reader:s3cret@pier.example/feed?token=s3cret"
    tell(press, settings, address, ORIGINAL, title="https://reader:s3cret@old.example/s3cret")
    tell(press, settings, QUAY, COPY)
    source = press.store.read_now(partial(sources.find_source, name=address))
    press.store.write_now(partial(polls.make_due, now=press.clock(), only=[source.id]))
    (task,) = claim_polls(press.store, press.clock(), [source.id])
    later = press.clock.advance(minutes=15)
    failed = partial(polls.record_failure, next_poll_at=later, now=press.clock())
    press.store.write_now(partial(failed, task=task, reason="refused"))
    publisher.publish(press.clock(), hold=False)
    said = all_files(feeds)
    assert "old.example" in said["all.atom"]
    assert headlines(feeds, "health") == ["old.example fails"]
    assert [name for name, text in said.items() if "s3cret" in text] == []
    view = StoreView(press.store, lambda: settings, dict)
    assert [source.title for source in await view.sources()] == ["old.example", "quay.example"]


@pytest.mark.parametrize("lead", ["ours", "folded"])
def test_an_outlet_that_is_called_by_an_address_is_no_author_by_it(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path, lead: str
) -> None:
    """The W3C validator warns of addresses of electronic mail: they are harvested."""
    first, second = (PIER, QUAY) if lead == "ours" else (QUAY, PIER)
    for url, telling in ((first, ORIGINAL), (second, COPY)):
        tell(press, settings, url, telling, outlet="desk@a.example" if url == PIER else "a.example")
    publisher.publish(press.clock(), hold=False)
    for name in ("ports", "ports.suppressed"):
        document = (feeds / f"{name}.atom").read_bytes()
        authors = [each.text for each in parsed(document).iter(f"{ATOM}name")]
        assert authors == ["(untitled)" if (lead == "ours") == (name == "ports") else "a.example"]


def test_outputs_lists_every_category(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, OTHER, categories=("black-sea",))
    publisher.publish(press.clock())
    outlines = parsed((feeds / "outputs.opml").read_bytes()).findall("body/outline")
    assert [(each.get("title"), each.get("xmlUrl")) for each in outlines] == [
        ("All stories", "https://news.example/feeds/all.atom"),
        ("Ports & harbours", "https://news.example/feeds/ports.atom"),
        ("Black Sea", "https://news.example/feeds/black-sea.atom"),
    ]
    assert render_opml("x", ()) != (feeds / "outputs.opml").read_bytes()
