"""What readers know of a story stays as they know it, and stays where they look for it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from articles import DEPOT
from newsdesk import Press, Telling, changed, headlines, published_stories, tell
from rfc4287 import ATOM, parsed

from aggregator.model import Category, Story
from aggregator.place import Editor
from aggregator.press import open_press
from aggregator.publish import Publisher
from aggregator.rendering import Renderer
from aggregator.settings import Settings
from aggregator.store import rulings
from aggregator.store.setback import bring_back

QUAY, PIER = "https://quay.example/feed", "https://pier.example/feed"
PORTS, YARDS = Category("ports", "Ports", "harbour"), Category("yards", "Yards", "shipyard")
HOUR = timedelta(hours=1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"categories": (PORTS, YARDS)})


def told(word: str, when: datetime) -> Telling:
    return Telling(word, f"{word} reopens", f"{word} {word}1 {word}2 {word}3 " * 9, published=when)


def tell_of(press: Press, settings: Settings, *words: str) -> None:
    tell(press, settings, QUAY, *(told(word, press.clock() - HOUR) for word in words))


def rule(press: Press, settings: Settings, word: Callable[..., object]) -> None:
    press.store.write_now(partial(word, now=press.clock()))
    Editor(press.store, settings).rule(press.clock())


def merge(press: Press, settings: Settings) -> tuple[int, int]:
    """Merge the two stories; return the one that lives, and the lead of the other."""
    older, younger = sorted(published_stories(press.store), key=lambda story: story.id)
    one = partial(rulings.rule_merge, story_id=older.id, other_id=younger.id)
    rule(press, settings, one)
    return older.id, younger.lead_entry_id


def entries(feeds: Path, name: str = "all") -> Sequence[str]:
    """Return what readers compare of each entry but its body: id, address, date of change."""
    found = parsed((feeds / f"{name}.atom").read_bytes()).findall(f"{ATOM}entry")
    return [
        " ".join(
            [
                entry.findtext(f"{ATOM}id", ""),
                entry.findtext(f"{ATOM}updated", ""),
                *(
                    str(link.get("href"))
                    for link in entry.findall(f"{ATOM}link")
                    if link.get("rel") == "alternate"
                ),
            ]
        )
        for entry in found
    ]


def body(feeds: Path) -> str:
    return parsed((feeds / "all.atom").read_bytes()).findtext(f"{ATOM}entry/{ATOM}content", "")


def test_who_reads_the_category_of_a_merged_story_alone_loses_nothing(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell_of(press, settings, "harbour")
    publisher.publish(press.clock(), hold=False)
    tell_of(press, settings, "shipyard")
    publisher.publish(press.clock.advance(minutes=5), hold=False)
    assert headlines(feeds, "yards") == ["shipyard reopens"]
    survivor, other_lead = merge(press, settings)
    publisher.publish(press.clock.advance(minutes=5))
    assert headlines(feeds, "yards") == headlines(feeds, "ports") == ["harbour reopens"]
    split = partial(rulings.rule_split, story_id=survivor, entry_id=other_lead)
    rule(press, settings, split)
    publisher.publish(press.clock.advance(minutes=5))
    assert headlines(feeds, "yards") == ["shipyard reopens"]
    assert headlines(feeds, "ports") == ["harbour reopens"]


def publish_one_that_is_archived(press: Press, settings: Settings) -> Publisher:
    """Publish the harbour's story and two of yards, whose feed has room for the newer alone."""
    publisher = Publisher(press.store, changed(settings, publish={"entries": 1}))
    tell_of(press, settings, "harbour")
    publisher.publish(press.clock(), hold=False)
    for word in ("shipyard", "shipyard beam"):
        tell_of(press, settings, word)
        publisher.publish(press.clock.advance(hours=1), hold=False)
    return publisher


def test_a_merged_story_that_stays_in_a_past_archive_is_not_shown_again_beside_it(
    press: Press, settings: Settings, feeds: Path
) -> None:
    publisher = publish_one_that_is_archived(press, settings)
    (month,) = (
        path.stem for path in (feeds / "yards").iterdir() if headlines(feeds, f"yards/{path.stem}")
    )
    publisher.publish(press.clock.advance(days=33))
    survivor, other, _ = sorted(published_stories(press.store), key=lambda story: story.id)
    one = partial(rulings.rule_merge, story_id=survivor.id, other_id=other.id)
    rule(press, settings, one)
    publisher.publish(press.clock())
    assert headlines(feeds, f"yards/{month}") == ["shipyard reopens"]
    assert headlines(feeds, "yards") == ["shipyard beam reopens"]


def test_of_two_merged_stories_the_one_that_stands_in_a_past_archive_takes_no_news_from_the_other(
    press: Press, settings: Settings, feeds: Path
) -> None:
    publisher = publish_one_that_is_archived(press, settings)
    publisher.publish(press.clock.advance(days=33))
    survivor, *others = sorted(published_stories(press.store), key=lambda story: story.id)
    assert headlines(feeds, "yards") == ["shipyard beam reopens"]
    for other in others:
        one = partial(rulings.rule_merge, story_id=survivor.id, other_id=other.id)
        rule(press, settings, one)
        publisher.publish(press.clock.advance(minutes=5))
    assert headlines(feeds, "yards") == ["harbour reopens"]


def test_what_a_past_archive_tells_is_not_shown_again_by_whatever_it_is_merged_into_next(
    press: Press, settings: Settings, feeds: Path
) -> None:
    settings = changed(settings, publish={"entries": 2})
    publisher = Publisher(press.store, settings)
    for words in (("gate",), ("harbour",), ("shipyard",)):
        tell_of(press, settings, *words)
        publisher.publish(press.clock.advance(hours=1), hold=False)
    gate, harbour, shipyard = sorted(published_stories(press.store), key=lambda story: story.id)
    one = partial(rulings.rule_merge, story_id=harbour.id, other_id=shipyard.id)
    rule(press, settings, one)
    for number in range(3):
        publisher.publish(press.clock.advance(hours=1), hold=False)
        tell_of(press, settings, f"shipyard beam{number}")
    publisher.publish(press.clock.advance(hours=1), hold=False)
    publisher.publish(press.clock.advance(days=33), hold=False)
    known = headlines(feeds, "yards")
    assert "harbour reopens" in headlines(feeds, "yards/2026-04")
    rule(press, settings, partial(rulings.rule_merge, story_id=gate.id, other_id=harbour.id))
    publisher.publish(press.clock.advance(minutes=5))
    assert headlines(feeds, "yards") == known


def test_what_an_archive_that_was_past_by_then_does_not_tell_is_inherited(
    press: Press, settings: Settings, feeds: Path
) -> None:
    publisher = publish_one_that_is_archived(press, settings)
    publisher.publish(press.clock.advance(days=33), hold=False)
    harbour, past, live = sorted(published_stories(press.store), key=lambda story: story.id)
    for one, other in ((past, live), (harbour, past)):
        rule(press, settings, partial(rulings.rule_merge, story_id=one.id, other_id=other.id))
    publisher.publish(press.clock.advance(minutes=5))
    assert headlines(feeds, "yards") == ["harbour reopens"]


def test_a_category_given_to_a_source_is_inherited_as_one_by_a_rule_is(
    press: Press, settings: Settings, feeds: Path
) -> None:
    settings = changed(settings, publish={"entries": 1})
    publisher = Publisher(press.store, settings)
    tell_of(press, settings, "gate")
    for word in ("harbour", "shipyard", "beam"):
        publisher.publish(press.clock.advance(hours=1), hold=False)
        tell(press, settings, PIER, told(word, press.clock() - HOUR), categories=("nato",))
    publisher.publish(press.clock.advance(hours=1), hold=False)
    publisher.publish(press.clock.advance(days=33), hold=False)
    gate, past, _, live = sorted(published_stories(press.store), key=lambda story: story.id)
    rule(press, settings, partial(rulings.rule_merge, story_id=gate.id, other_id=past.id))
    publisher.publish(press.clock.advance(minutes=5))
    assert headlines(feeds, "nato") == ["beam reopens"]
    rule(press, settings, partial(rulings.rule_merge, story_id=gate.id, other_id=live.id))
    publisher.publish(press.clock.advance(minutes=5))
    assert headlines(feeds, "nato") == ["gate reopens"]


def tell_with_copies(press: Press, settings: Settings, word: str, *outlets: str) -> None:
    original = replace(told(word, press.clock() - HOUR), text=DEPOT)
    tell(press, settings, QUAY, original)
    for name in outlets:
        copy = replace(original, key=f"copy-{name}", link=f"https://{name}.example/1")
        tell(press, settings, f"https://{name}.example/feed", copy)


def split_out(press: Press, settings: Settings, story_id: int, outlet: str) -> None:
    """Split out of the story what the outlet tells there."""
    (found,) = (each for each in published_stories(press.store) if each.id == story_id)
    (telling,) = (each for each in found.tellings if f"{outlet}.example" in str(each.url))
    split = partial(rulings.rule_split, story_id=story_id, entry_id=telling.entry_id)
    rule(press, settings, split)


def shown(feeds: Path, story: Story) -> tuple[str, int]:
    """Return what readers compare of the story, and how many related links it has."""
    entries = parsed((feeds / "all.atom").read_bytes()).findall(f"{ATOM}entry")
    (entry,) = (each for each in entries if each.findtext(f"{ATOM}id") == story.uri)
    compared = " ".join(entry.findtext(f"{ATOM}{name}", "") for name in ("updated", "content"))
    return compared, len(entry.findall(f"{ATOM}link[@rel='related']"))


def test_a_body_changes_twice_however_many_an_operator_takes_out(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    outlets = ("pier", "mole", "slip", "dock", "lock")
    tell_with_copies(press, settings, "harbour", *outlets)
    publisher.publish(press.clock(), hold=False)
    (story,) = published_stories(press.store)
    seen = [shown(feeds, story)]
    for outlet in outlets:
        split_out(press, settings, story.id, outlet)
        publisher.publish(press.clock.advance(minutes=5), hold=False)
        seen.append(shown(feeds, story))
    bodies, related = zip(*seen, strict=True)
    assert related == (5, 4, 3, 2, 1, 0)
    assert len(set(bodies)) == 3
    assert bodies[2:] == (bodies[2],) * 4
    assert [name for name in outlets if f"{name}.example" in bodies[-1]] == ["slip", "dock", "lock"]
    assert sorted(headlines(feeds, "all")) == ["harbour reopens"] * 6
    publisher.publish(press.clock.advance(minutes=5), everything=True)
    assert shown(feeds, story) == seen[-1]


def test_a_merged_story_returns_with_the_body_that_may_change_no_more(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell_of(press, settings, "shipyard")
    publisher.publish(press.clock(), hold=False)
    (older,) = published_stories(press.store)
    press.clock.advance(minutes=5)
    tell_with_copies(press, settings, "harbour", "pier", "mole", "slip", "dock")
    publisher.publish(press.clock.advance(minutes=5), hold=False)
    _, story = sorted(published_stories(press.store), key=lambda story: story.id)
    for outlet in ("pier", "mole"):
        split_out(press, settings, story.id, outlet)
        publisher.publish(press.clock.advance(minutes=5), hold=False)
    body, related = shown(feeds, story)
    assert related == 2
    rule(press, settings, partial(rulings.rule_merge, story_id=story.id, other_id=older.id))
    publisher.publish(press.clock.advance(minutes=5))
    split_out(press, settings, older.id, "slip")
    publisher.publish(press.clock.advance(minutes=5), hold=False)
    returning = partial(rulings.rule_split, story_id=older.id, entry_id=story.lead_entry_id)
    rule(press, settings, returning)
    publisher.publish(press.clock.advance(minutes=5))
    assert shown(feeds, story) == (body, 1)


def change_amid_publishing(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Have something changed once, after the next round edited and before it writes."""
    write_due = Renderer.write_due

    def amid(
        renderer: Renderer, now: datetime, *, everything: bool, ended: Callable[[], bool]
    ) -> int:
        monkeypatch.undo()
        change()
        return write_due(renderer, now, everything=everything, ended=ended)

    monkeypatch.setattr(Renderer, "write_due", amid)


@pytest.mark.parametrize("verb", ["correct", "split"])
def test_a_body_changes_with_its_date_also_where_it_does_amid_publishing(
    press: Press,
    settings: Settings,
    feeds: Path,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
) -> None:
    publisher = Publisher(press.store, settings)
    tell_with_copies(press, settings, "harbour", "pier")
    said = replace(told("harbour", press.clock() - HOUR), text=DEPOT)
    publisher.publish(press.clock.advance(minutes=1), hold=False)
    (story,) = published_stories(press.store)
    seen = [shown(feeds, story)]

    def change() -> None:
        if verb == "split":
            split_out(press, settings, story.id, "pier")
        else:
            tell(press, settings, QUAY, replace(said, text=f"{DEPOT} The lamps were dimmed since."))

    tell_of(press, settings, "shipyard")
    change_amid_publishing(monkeypatch, change)
    for _ in range(2):
        publisher.publish(press.clock.advance(minutes=1), hold=False)
        seen.append(shown(feeds, story))
    (before, _), (after, _), (later, _) = seen
    assert before.split()[0] != after.split()[0]
    assert before.split()[1:] != after.split()[1:]
    assert after == later


def test_the_feed_of_a_search_shows_no_body_before_its_date(
    press: Press, publisher: Publisher, settings: Settings
) -> None:
    def found() -> list[tuple[str, str]]:
        feed = parsed(open_press(press.store, settings, press.clock()).search("harbour"))
        entries = feed.findall(f"{ATOM}entry")
        parts = (f"{ATOM}content", f"{ATOM}updated")
        return [(each.findtext(parts[0], ""), each.findtext(parts[1], "")) for each in entries]

    said = replace(told("harbour", press.clock() - HOUR), text=f"{DEPOT} In the harbour.")
    tell(press, settings, QUAY, said)
    publisher.publish(press.clock.advance(minutes=1), hold=False)
    (before,) = found()
    tell(press, settings, QUAY, replace(said, text=f"{said.text} The lamps were dimmed since."))
    assert not found()
    publisher.publish(press.clock.advance(minutes=1), hold=False)
    (after,) = found()
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_what_waits_for_an_edition_keeps_no_other_file_from_being_mended(
    press: Press, settings: Settings, feeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = changed(settings, publish={"entries": 1})
    said = replace(told("harbour", press.clock() - HOUR), text=DEPOT)
    for telling in (told("shipyard", said.published), said):
        tell(press, settings, QUAY, telling)
        Publisher(press.store, settings).publish(press.clock.advance(minutes=1), hold=False)
    files = sorted(feeds.rglob("*.*"))
    for path in files:
        path.unlink()
    corrected = replace(said, text=f"{DEPOT} The lamps were dimmed since.")
    change_amid_publishing(monkeypatch, lambda: tell(press, settings, QUAY, corrected))
    Publisher(press.store, settings).publish(press.clock.advance(minutes=1), hold=False)
    assert sorted(feeds.rglob("*.*")) == files


def test_a_body_that_may_change_no_more_is_not_corrected_while_its_story_is_merged(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell_of(press, settings, "harbour")
    publisher.publish(press.clock(), hold=False)
    said = told("shipyard", press.clock() - HOUR)

    def correct(number: int) -> None:
        press.clock.advance(minutes=5)
        more = " ".join(f"more{number}{word}" for word in ("ships", "beams", "gates", "cranes"))
        tell(press, settings, QUAY, replace(said, text=f"{said.text} {more}"))
        publisher.publish(press.clock.advance(minutes=5), hold=False)

    correct(0)
    _, story = sorted(published_stories(press.store), key=lambda story: story.id)
    for number in (1, 2):
        correct(number)
    known = shown(feeds, story)
    survivor, other_lead = merge(press, settings)
    correct(3)
    split = partial(rulings.rule_split, story_id=survivor, entry_id=other_lead)
    rule(press, settings, split)
    publisher.publish(press.clock.advance(minutes=5))
    assert "more2ships" in known[0]
    assert shown(feeds, story) == known


def test_a_site_that_moves_takes_no_address_from_readers(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    former = [
        replace(told(word, press.clock() - HOUR), link=f"https://old.example/{word}.html")
        for word in ("harbour", "shipyard", "ferry")
    ]
    tell(press, settings, QUAY, *former)
    publisher.publish(press.clock(), hold=False)
    copy = replace(former[0], key="copy", link=None)
    tell(press, settings, PIER, copy)
    before = sorted(entries(feeds))
    moved = [
        replace(each, key=f"new-{each.key}", link=str(each.link).replace("old.", "new."))
        for each in former
    ]
    press.clock.advance(hours=2)
    tell(press, settings, QUAY, *moved)
    Publisher(press.store, settings).publish(press.clock(), everything=True)
    assert len(published_stories(press.store)) == 3
    assert sorted(entries(feeds)) == before
    assert "https://old.example/" in before[0]


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=1), timedelta(hours=1)])
def test_a_body_names_nobody_who_came_after_it(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path, ahead: timedelta
) -> None:
    """Who publishes may be ahead: by a clock that is set, or of what was being placed."""
    tell_of(press, settings, "harbour")
    publisher.publish(press.clock() + ahead, hold=False)
    before = body(feeds), entries(feeds)
    for number in range(2):
        copy = replace(told("harbour", press.clock()), key=f"copy{number}")
        tell(press, settings, f"https://pier{number}.example/feed", copy)
        press.store.write_now(partial(bring_back, now=press.clock(), longest=2 * HOUR))
        publisher.publish(press.clock())
        assert (body(feeds), entries(feeds)) == before
        assert (feeds / "all.atom").read_text("utf-8").count('rel="related"') == number + 1
        press.clock.advance(seconds=1)


def test_what_is_merged_into_a_story_that_was_updated_since_is_named_later(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell_of(press, settings, "harbour")
    publisher.publish(press.clock() + HOUR, hold=False)
    before = body(feeds)
    tell_of(press, settings, "shipyard")
    publisher.publish(press.clock() + HOUR + timedelta(seconds=1), hold=False)
    survivor, other_lead = merge(press, settings)
    publisher.publish(press.clock() + HOUR)
    assert body(feeds) == before
    rule(press, settings, partial(rulings.rule_split, story_id=survivor, entry_id=other_lead))
    publisher.publish(press.clock() + HOUR)
    assert body(feeds).count("<p>") == before.count("<p>") == 1
    assert len(published_stories(press.store)) == 2
