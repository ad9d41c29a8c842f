"""Publishing: what appears, when, in which files, and that files are functions of the database."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from articles import BRIDGE, DEPOT
from newsdesk import (
    NOON,
    Press,
    Telling,
    changed,
    claim_polls,
    headlines,
    listening,
    published_stories,
    stories_of,
    take_on,
    tell,
)
from rfc4287 import ATOM, faults, parsed
from sqlalchemy import Connection, Engine, event, update

from aggregator.errors import StoreError
from aggregator.model import Category, Credit, Kind, Role
from aggregator.place import Editor
from aggregator.press import feed_titles
from aggregator.publish import Published, Publisher
from aggregator.settings import Settings
from aggregator.store import feeds as feed_states
from aggregator.store import polls, rulings
from aggregator.store.database import Session
from aggregator.store.feeds import FeedState
from aggregator.store.tables import StoryRow

QUAY, PIER, FERRY = (f"https://{name}.example/feed" for name in ("quay", "pier", "ferry"))
PORTS = Category("ports", "Ports", "depot OR harbour")
DEPOT_ENTRY = Telling("depot", "Fuel depot opens in Bar", DEPOT)
BRIDGE_ENTRY = Telling("bridge", "Pontoon bridge near Loznica holds", BRIDGE, tags=("exercise",))
FARM = Telling("farm", DEPOT_ENTRY.title, DEPOT * 2, published=NOON.replace(hour=1))
CATEGORIES = ("all", "ports")
BESIDE = [f"{slug}.{kind}" for slug in CATEGORIES for kind in ("confirmed", "suppressed")]
FEEDS = (*CATEGORIES, *BESIDE, "health", "outputs")
NOTHING = Published(appeared=0, written=0)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"categories": (PORTS,)})


def everything_in(feeds: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the time of each file."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in feeds.iterdir()}


def test_the_first_round_appears_when_it_is_complete(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    press.says(QUAY, DEPOT_ENTRY, BRIDGE_ENTRY)
    everything = len(FEEDS)
    assert publisher.publish(press.clock()) == Published(appeared=0, written=everything)
    assert headlines(feeds, "all") == []
    Editor(press.store, settings).place(press.clock())
    assert publisher.publish(press.clock()) == Published(appeared=2, written=2)
    assert set(headlines(feeds, "all")) == {DEPOT_ENTRY.title, BRIDGE_ENTRY.title}
    assert headlines(feeds, "ports") == [DEPOT_ENTRY.title]
    assert [faults((feeds / f"{slug}.atom").read_bytes()) for slug in ("all", "ports")] == [[], []]


def test_later_stories_appear_when_their_hold_is_over(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    tell(press, settings, PIER, BRIDGE_ENTRY)
    assert publisher.publish(press.clock.advance(minutes=4, seconds=59)) == NOTHING
    assert publisher.publish(press.clock.advance(seconds=1)) == Published(appeared=1, written=1)
    assert len(headlines(feeds, "all")) == 2


def test_the_hold_applies_after_a_first_round_of_empty_feeds(
    press: Press, publisher: Publisher, settings: Settings
) -> None:
    press.says(QUAY)
    assert publisher.publish(press.clock()).appeared == 0
    press.clock.advance(days=3)
    tell(press, settings, QUAY, DEPOT_ENTRY)
    assert publisher.publish(press.clock()).appeared == 0
    assert publisher.publish(press.clock.advance(minutes=5)).appeared == 1


def test_no_round_ends_before_there_is_a_source(
    press: Press, publisher: Publisher, settings: Settings
) -> None:
    assert publisher.publish(press.clock()).appeared == 0
    tell(press, settings, QUAY, DEPOT_ENTRY)
    assert publisher.publish(press.clock.advance(days=3)).appeared == 1


def test_a_first_round_that_somebody_waited_for_was_the_first(
    press: Press, publisher: Publisher, settings: Settings
) -> None:
    press.says(QUAY)
    publisher.publish(press.clock(), hold=False)
    tell(press, settings, QUAY, DEPOT_ENTRY)
    assert publisher.publish(press.clock()).appeared == 0


def test_who_waits_for_it_is_not_held_up(
    press: Press, publisher: Publisher, settings: Settings
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    tell(press, settings, PIER, BRIDGE_ENTRY)
    assert publisher.publish(press.clock(), hold=False).appeared == 1


def test_a_copy_that_comes_during_the_hold_may_lead(
    press: Press, publisher: Publisher, settings: Settings
) -> None:
    tell(press, settings, FERRY, BRIDGE_ENTRY)
    publisher.publish(press.clock())
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock.advance(minutes=2))
    release = Telling("release", DEPOT_ENTRY.title, DEPOT, published=NOON)
    (official,) = tell(press, settings, PIER, release, role=Role.PRIMARY)
    publisher.publish(press.clock.advance(minutes=3))
    story = published_stories(press.store)[0]
    assert (story.lead_entry_id, story.outlets) == (official, ("quay.example", "pier.example"))


def test_nothing_new_changes_no_byte_and_writes_nothing(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    before = everything_in(feeds)
    assert publisher.publish(press.clock.advance(days=1)) == NOTHING
    assert Publisher(press.store, settings).publish(press.clock(), everything=True) == NOTHING
    assert everything_in(feeds) == before


def test_a_round_in_which_nothing_changed_asks_little(
    press: Press, publisher: Publisher, settings: Settings
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    publisher.publish(press.clock())
    asked: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert publisher.publish(press.clock()) == NOTHING
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    verbs = Counter(statement.partition(" ")[0] for statement in asked)
    assert set(verbs) == {"BEGIN", "SELECT"}
    assert verbs["BEGIN"] <= 6
    assert verbs["SELECT"] <= 16


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def altered_in_secret(path: Path) -> None:
    """Alter the file by hand, leaving its size and its date as they were."""
    facts = path.stat()
    path.write_bytes(path.read_bytes().replace(b"Fuel", b"Fool"))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


@pytest.mark.parametrize("file", ["ports.atom", "ports.rss", "ports.json"])
@pytest.mark.parametrize("damage", [Path.unlink, cut_off, altered_in_secret])
def test_a_damaged_file_is_restored_to_the_byte(
    press: Press,
    publisher: Publisher,
    settings: Settings,
    feeds: Path,
    damage: Callable[[Path], None],
    file: str,
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    before = everything_in(feeds)
    damage(feeds / file)
    assert publisher.publish(press.clock.advance(days=1)).written == 1
    assert (feeds / file).read_bytes() == before[file][0]
    untouched = {name: facts for name, facts in everything_in(feeds).items() if name != file}
    assert untouched == {name: facts for name, facts in before.items() if name != file}
    assert publisher.publish(press.clock()) == NOTHING


def test_at_a_start_only_what_is_missing_is_written_and_the_rest_is_served_as_it_is(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    before = everything_in(feeds)
    elsewhere = changed(settings, publish={"base_url": "https://elsewhere.example"})
    assert Publisher(press.store, elsewhere).write_missing(press.clock()) == 0
    (feeds / "ports.rss").unlink()
    assert Publisher(press.store, elsewhere).write_missing(press.clock()) == 1
    after = everything_in(feeds)
    written = {name for name in before if before[name] != after[name]}
    assert written == {"ports.atom", "ports.rss", "ports.json"}
    assert Publisher(press.store, elsewhere).publish(press.clock()).written > 1


def test_who_is_ended_leaves_the_other_feeds_due(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    assert publisher.publish(press.clock(), ended=lambda: True) == Published(1, 0)
    assert not list(feeds.rglob("*.atom"))
    assert Publisher(press.store, settings).publish(press.clock()).written > 1
    assert headlines(feeds, "ports") == [DEPOT_ENTRY.title]


def test_only_the_feeds_that_hold_the_story_are_written(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    before = everything_in(feeds)
    tell(press, settings, PIER, BRIDGE_ENTRY)
    publisher.publish(press.clock.advance(minutes=5))
    changed_files = {name for name, facts in everything_in(feeds).items() if facts != before[name]}
    assert changed_files == {"all.atom", "all.rss", "all.json"}


def test_changed_rules_move_what_has_appeared(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY, BRIDGE_ENTRY)
    publisher.publish(press.clock())
    ids = {story.uri for story in published_stories(press.store)}
    bridges = (Category("ports", "Ports", "ferry"), Category("bridges", "Bridges", "tag:exercise"))
    reloaded = settings.model_copy(update={"categories": bridges})
    assert Publisher(press.store, reloaded).publish(press.clock()).appeared == 0
    assert headlines(feeds, "ports") == []
    assert headlines(feeds, "bridges") == [BRIDGE_ENTRY.title]
    assert {story.uri for story in published_stories(press.store)} == ids
    assert Publisher(press.store, reloaded).publish(press.clock()) == NOTHING


def test_feeds_without_a_category_are_told_of_once_and_stay(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    before = (feeds / "ports.atom").read_bytes()
    without = Publisher(press.store, settings.model_copy(update={"categories": ()}))
    with listening() as events:
        without.publish(press.clock())
        without.publish(press.clock())
    told = [event for event in events() if event["event"] == "feed.no_category"]
    assert [event["slug"] for event in told] == ["ports"]
    assert (feeds / "ports.atom").read_bytes() == before
    with listening() as events:
        publisher.publish(press.clock())
    assert [event for event in events() if event["event"] == "feed.no_category"] == []


def test_a_category_given_to_a_source_needs_no_rule(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, BRIDGE_ENTRY, categories=("black-sea",))
    publisher.publish(press.clock())
    assert headlines(feeds, "black-sea") == [BRIDGE_ENTRY.title]
    titles = feed_titles(press.store, settings)
    assert titles == {"all": "All stories", "ports": "Ports", "black-sea": "Black Sea"}


def test_a_file_that_cannot_be_written_stays_due_and_stops_no_other(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    in_the_way = feeds / "all.atom"
    in_the_way.mkdir(parents=True)
    with pytest.raises(StoreError, match=r"all\.atom: cannot be published"):
        publisher.publish(press.clock())
    assert headlines(feeds, "ports") == [DEPOT_ENTRY.title]
    in_the_way.rmdir()
    assert publisher.publish(press.clock()) == Published(appeared=0, written=1)
    assert headlines(feeds, "all") == [DEPOT_ENTRY.title]


def test_what_was_rendered_is_noted_before_all_is(
    press: Press,
    publisher: Publisher,
    settings: Settings,
    feeds: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To render thousands of feeds takes a while: who is ended meanwhile goes on from there."""
    monkeypatch.setattr("aggregator.rendering.NOTED_AT_ONCE", 2)
    noted: list[int] = []
    mark = feed_states.mark_rendered

    def mark_until_gone(session: Session, rendered: Sequence[FeedState]) -> None:
        noted.append(len(rendered))
        if len(noted) == 3:
            message = "gone"
            raise StoreError(message)
        mark(session, rendered)

    tell(press, settings, QUAY, DEPOT_ENTRY)
    monkeypatch.setattr(feed_states, "mark_rendered", mark_until_gone)
    with pytest.raises(StoreError, match="gone"):
        publisher.publish(press.clock())
    assert noted == [2, 2, 2]
    states = press.store.read_now(feed_states.states).values()
    assert sum(bool(state.rendered_with) for state in states) == 4
    assert (feeds / "outputs.opml").exists()


def test_no_feed_goes_back_though_what_it_showed_was_never_noted(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    (older,) = tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    (newer,) = tell(press, settings, PIER, BRIDGE_ENTRY)
    later = press.clock.advance(hours=1)
    stated = updated_of_all(feeds, publisher, later)
    stories = press.store.read_now(partial(stories_of, entry_ids=[older, newer]))
    ruling = partial(rulings.rule_merge, story_id=stories[older], other_id=stories[newer])
    press.store.write_now(partial(ruling, now=later))
    Editor(press.store, settings).rule(later)
    Publisher(press.store, settings).publish(press.clock.advance(hours=1))
    assert headlines(feeds, "all") == [DEPOT_ENTRY.title]
    assert updated(feeds, "all") >= stated["all"]


def test_nor_does_a_feed_of_what_was_folded(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    (original,) = tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    press.clock.advance(hours=1)
    (copy,) = tell(press, settings, PIER, DEPOT_ENTRY)
    stated = updated_of_all(feeds, publisher, press.clock())
    story = press.store.read_now(partial(stories_of, entry_ids=[original]))[original]
    ruling = partial(rulings.rule_split, story_id=story, entry_id=copy, now=press.clock())
    press.store.write_now(ruling)
    Editor(press.store, settings).rule(press.clock())
    Publisher(press.store, settings).publish(press.clock.advance(hours=1), hold=False)
    assert headlines(feeds, "all.suppressed") == []
    for name, moment in stated.items():
        assert updated(feeds, name) >= moment
    assert updated(feeds, "all.suppressed") == stated["all.suppressed"]


def updated_of_all(feeds: Path, publisher: Publisher, now: datetime) -> dict[str, str]:
    """Return what the feeds state that a publisher wrote and noted nothing of."""

    def refuse(_session: Session, _rendered: Sequence[FeedState]) -> None:
        message = "gone"
        raise StoreError(message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed_states, "mark_rendered", refuse)
        with pytest.raises(StoreError, match="gone"):
            publisher.publish(now)
    return {path.stem: updated(feeds, path.stem) for path in feeds.glob("*.atom")}


def updated(feeds: Path, name: str) -> str:
    return parsed((feeds / f"{name}.atom").read_bytes()).findtext(f"{ATOM}updated", "")


def test_leftovers_go_with_the_first_round_and_what_stays_is_told_of(
    press: Press,
    publisher: Publisher,
    settings: Settings,
    feeds: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feeds.mkdir()
    leftover = feeds / ".all.atom.x1.tmp"
    leftover.touch()
    publisher.publish(press.clock())
    assert not leftover.exists()

    def refuse(directory: Path) -> int:
        message = f"{directory}: no"
        raise StoreError(message)

    monkeypatch.setattr("aggregator.rendering.sweep", refuse)
    with listening() as events:
        Publisher(press.store, settings).publish(press.clock())
    assert "leftovers.kept" in {event["event"] for event in events()}


def test_a_disk_that_takes_nothing_loses_nothing(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    feeds.write_text("a file where the folder should be")
    for _ in range(2):
        with pytest.raises(StoreError, match=r"check publish\.directory"):
            publisher.publish(press.clock())
    feeds.unlink()
    assert publisher.publish(press.clock()) == Published(appeared=0, written=len(FEEDS))


def test_a_folder_that_cannot_be_looked_into_is_said_in_a_line(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    unheard_of = changed(settings, publish={"directory": feeds.with_name("x" * 300)})
    with pytest.raises(StoreError, match=r"check publish\.directory"):
        Publisher(press.store, unheard_of).publish(press.clock())


def test_a_number_that_another_story_has_since_a_restore_tells_that_one(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    """Where the database was restored under a daemon that goes on, as PostgreSQL's can be."""
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    (lost,) = published_stories(press.store)
    restored = update(StoryRow).values(uri=f"{lost.uri}-another")
    press.store.write_now(lambda session: session.execute(restored))
    tell(press, settings, PIER, BRIDGE_ENTRY)
    publisher.publish(press.clock.advance(minutes=5))
    shown = parsed((feeds / "all.atom").read_bytes()).findall(f"{ATOM}entry/{ATOM}id")
    assert {each.text for each in shown} == {story.uri for story in published_stories(press.store)}


def test_merged_stories_are_one_and_the_older_id_lives(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    tell(press, settings, PIER, BRIDGE_ENTRY)
    publisher.publish(press.clock.advance(minutes=5))
    younger, older = sorted(published_stories(press.store), key=lambda story: -story.id)
    press.store.write_now(
        partial(rulings.rule_merge, story_id=younger.id, other_id=older.id, now=press.clock())
    )
    Editor(press.store, settings).rule(press.clock())
    publisher.publish(press.clock())
    (left,) = published_stories(press.store)
    assert (left.uri, left.published, len(left.tellings)) == (older.uri, older.published, 2)
    assert headlines(feeds, "all") == [DEPOT_ENTRY.title]


def test_a_split_gives_a_new_id_and_the_published_one_keeps_its_link(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    tell(press, settings, PIER, Telling("copy", DEPOT_ENTRY.title, DEPOT, published=NOON))
    publisher.publish(press.clock())
    (story,) = published_stories(press.store)
    split_off(press, settings, story.id, story.lead_entry_id)
    publisher.publish(press.clock.advance(seconds=1))
    kept, new = sorted(published_stories(press.store), key=lambda story: story.id)
    assert (kept.uri, kept.published, kept.link) == (story.uri, story.published, story.link)
    assert kept.lead_entry_id == story.lead_entry_id != new.lead_entry_id
    assert [telling.kind for telling in (*kept.tellings, *new.tellings)] == [Kind.ORIGINAL] * 2
    assert len(headlines(feeds, "all")) == 2


def split_off(press: Press, settings: Settings, story_id: int, entry_id: int) -> None:
    press.store.write_now(
        partial(rulings.rule_split, story_id=story_id, entry_id=entry_id, now=press.clock())
    )
    Editor(press.store, settings).rule(press.clock())


@pytest.mark.parametrize(
    "farm",
    [
        replace(FARM, canonical_url="https://quay.example/depot"),
        replace(FARM, captions=(f"{DEPOT_ENTRY.title} \N{EN DASH} The Quay",)),
    ],
    ids=["canonical", "caption"],
)
def test_who_is_named_as_the_original_leads(
    press: Press, publisher: Publisher, settings: Settings, farm: Telling
) -> None:
    tell(press, settings, PIER, farm)
    (original,) = tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    (story,) = published_stories(press.store)
    assert story.lead_entry_id == original


def test_a_late_original_is_via_and_the_lead_that_readers_know_stays(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    link = "https://quay.example/2026/depot"
    credited = replace(FARM, credits=(Credit("The Quay", "quay.example", url=link),))
    (farm,) = tell(press, settings, PIER, credited)
    publisher.publish(press.clock())
    (before,) = published_stories(press.store)
    via = f'<link rel="via" href="{link}" title="%s"/>'
    assert via % "The Quay" in (feeds / "all.atom").read_text()
    late = replace(DEPOT_ENTRY, link=link, published=NOON)
    (original,) = tell(press, settings, QUAY, late, role=Role.PRIMARY)
    publisher.publish(press.clock.advance(minutes=1))
    (after,) = published_stories(press.store)
    assert (after.lead_entry_id, after.updated) == (farm, before.updated)
    kinds = {telling.entry_id: telling.kind for telling in after.tellings}
    assert kinds == {farm: Kind.COPY, original: Kind.ORIGINAL}
    written = (feeds / "all.atom").read_text()
    assert via % f"quay.example: {DEPOT_ENTRY.title}" in written
    assert written.count('rel="via"') == 1
    assert faults(written.encode()) == []


@pytest.fixture
def seven(press: Press, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[Telling]:
    """Seven stories, the newest first, that are published five at a time."""
    monkeypatch.setattr("aggregator.publish.DRAFTS", 5)
    told = [
        Telling(
            f"r{n}",
            f"alpha{n} beta{n}",
            f"gamma{n} delta{n} " * 9,
            published=NOON - timedelta(hours=n),
        )
        for n in range(1, 8)
    ]
    tell(press, settings, QUAY, *told)
    return told


def test_no_two_stories_share_the_moment_of_their_update(
    press: Press, publisher: Publisher, seven: list[Telling]
) -> None:
    assert publisher.publish(press.clock()).appeared == len(seven)
    assert len({story.updated for story in published_stories(press.store)}) == len(seven)


def test_what_appears_in_one_round_appears_at_once_and_the_newest_stand_in_the_feed(
    press: Press, settings: Settings, feeds: Path, seven: list[Telling]
) -> None:
    short = changed(settings, publish={"entries": 3})
    assert Publisher(press.store, short).publish(press.clock()).appeared == len(seven)
    assert headlines(feeds, "all") == [telling.title for telling in seven[:3]]


def test_ids_outlive_a_new_address(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    publisher.publish(press.clock())
    before = parsed((feeds / "all.atom").read_bytes()).findtext(f"{ATOM}id")
    moved = changed(settings, publish={"base_url": "https://other.example"})
    Publisher(press.store, moved).publish(press.clock.advance(days=3))
    document = (feeds / "all.atom").read_bytes()
    assert parsed(document).findtext(f"{ATOM}id") == before
    assert b"https://other.example/feeds/all.atom" in document


ELSEWHERE = """
import sys
from datetime import datetime
from pathlib import Path
from aggregator.model import Category
from aggregator.publish import Publisher
from aggregator.settings import Settings
from aggregator.store.database import Store

url, folder, base_url, now = sys.argv[1:]
plain = Settings()
publish = plain.publish.model_copy(update={"directory": Path(folder), "base_url": base_url})
ports = Category("ports", "Ports", "depot OR harbour")
settings = plain.model_copy(update={"publish": publish, "categories": (ports,)})
with Store.open(url) as store:
    Publisher(store, settings).publish(datetime.fromisoformat(now), everything=True)
"""


def test_another_process_writes_the_same_bytes(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path, tmp_path: Path
) -> None:
    entry = Telling("x", "Depot and bridge", DEPOT + BRIDGE, tags=("b", "a", "c", "a"))
    tell(press, settings, QUAY, DEPOT_ENTRY, BRIDGE_ENTRY, entry)
    tell(press, settings, PIER, Telling("copy", DEPOT_ENTRY.title, DEPOT, published=NOON))
    publisher.publish(press.clock())
    written = {name: body for name, (body, _) in everything_in(feeds).items()}
    there = tmp_path / "there"
    subprocess.run(  # noqa: S603 - ourselves
        [
            sys.executable,
            "-c",
            ELSEWHERE,
            settings.database.url,
            there,
            settings.publish.base_url,
            press.clock.advance(days=1).isoformat(),
        ],
        env={"PYTHONHASHSEED": "1"},
        check=True,
        timeout=60,
    )
    assert {name: body for name, (body, _) in everything_in(there).items()} == written


def test_first_round_waits_for_every_source(
    press: Press, publisher: Publisher, settings: Settings
) -> None:
    tell(press, settings, QUAY, DEPOT_ENTRY)
    take_on(press.store, press.clock(), PIER)
    assert publisher.publish(press.clock()).appeared == 0
    (task,) = claim_polls(press.store, press.clock(), [2])
    failed = partial(polls.record_failure, task=task, reason="no", next_poll_at=NOON, now=NOON)
    press.store.write_now(failed)
    assert publisher.publish(press.clock()).appeared == 1
