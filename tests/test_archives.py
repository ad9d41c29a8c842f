"""What leaves the live feed stands in an archive (RFC 5005), once, for good."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from newsdesk import Press, Telling, changed, headlines, published_stories, tell
from rfc4287 import ATOM, faults, parsed
from sqlalchemy import select
from w3c import atom_warnings

from aggregator.errors import StoreError
from aggregator.model import Category
from aggregator.output.files import write_published
from aggregator.place import Editor
from aggregator.prune import prune
from aggregator.publish import Publisher
from aggregator.rendering import TURNS
from aggregator.settings import Settings
from aggregator.store import rulings
from aggregator.store.database import Session
from aggregator.store.setback import bring_back
from aggregator.store.tables import StoryRow

URL = "https://quay.example/feed"
DAY = timedelta(days=1)
ENTRY = f"{ATOM}entry"
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"
PORTS = Category("ports", "Ports", "alpha0 alpha1 alpha2 alpha3")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    month = timedelta(days=60)
    short = changed(settings, publish={"entries": 2}, match={"window": month})
    return short.model_copy(update={"categories": (PORTS,)})


def story(number: int, when: datetime) -> Telling:
    text = f"gamma{number} delta{number} epsilon{number} " * 9
    return Telling(f"s{number}", f"alpha{number} beta{number}", text, published=when)


def publish_stories(press: Press, publisher: Publisher, settings: Settings, *numbers: int) -> None:
    """Publish these stories, an hour after one another, the last one an hour ago."""
    for number in numbers:
        now = press.clock.advance(hours=1)
        tell(press, settings, URL, story(number, now - timedelta(minutes=50)))
        publisher.publish(now, hold=False)


def links(document: Path) -> dict[str, str]:
    found = parsed(document.read_bytes()).findall(f"{ATOM}link")
    return {str(link.get("rel")): str(link.get("href")) for link in found}


def archived(feeds: Path) -> list[str]:
    return sorted(path.stem for path in (feeds / "all").iterdir())


def documents(feeds: Path, slug: str) -> Iterator[Path]:
    """Yield the documents from the live feed back to the oldest archive."""
    path: Path | None = feeds / f"{slug}.atom"
    while path is not None:
        yield path
        previous = links(path).get("prev-archive")
        path = feeds / previous.partition("/feeds/")[2] if previous else None


def ids(document: Path) -> list[str]:
    return [each.findtext(f"{ATOM}id", "") for each in parsed(document.read_bytes()).iter(ENTRY)]


def walk(feeds: Path, slug: str) -> Iterator[str]:
    """Yield the ids of all entries from the live feed back to the oldest archive."""
    for path in documents(feeds, slug):
        document = path.read_bytes()
        assert faults(document) == []
        assert (parsed(document).find(ARCHIVE) is not None) == (path.parent != feeds)
        yield from ids(path)


def assert_a_walk_meets_all(press: Press, feeds: Path, slug: str = "all") -> None:
    met = Counter(walk(feeds, slug))
    assert met == Counter(story.uri for story in published_stories(press.store, slug))


def test_what_is_too_much_for_the_live_feed_moves_to_the_archive_of_the_month(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1)
    assert not (feeds / "all").exists()
    publish_stories(press, publisher, settings, 2, 3, 4)
    assert headlines(feeds, "all") == ["alpha4 beta4", "alpha3 beta3"]
    assert headlines(feeds, "all/2026-04") == ["alpha2 beta2", "alpha1 beta1", "alpha0 beta0"]
    assert headlines(feeds, "ports/2026-04") == ["alpha1 beta1", "alpha0 beta0"]
    for slug in ("all", "ports"):
        assert_a_walk_meets_all(press, feeds, slug)


def test_between_two_files_nothing_is_in_neither(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    """Who is ended between the files has moved what leaves the live feed, and not yet let it go."""
    publish_stories(press, publisher, settings, 0, 1)
    now = press.clock.advance(hours=1)
    tell(press, settings, URL, story(2, now - timedelta(minutes=50)))
    turns = iter([False] * 4)
    assert publisher.publish(now, hold=False, ended=lambda: next(turns, True)).written == 4
    assert headlines(feeds, "all") == ["alpha1 beta1", "alpha0 beta0"]
    assert headlines(feeds, "all/2026-04") == headlines(feeds, "ports/2026-04") == ["alpha0 beta0"]
    publisher.publish(now, hold=False)
    assert_a_walk_meets_all(press, feeds)


def test_a_live_feed_waits_for_its_archive_and_stays_where_that_cannot_be_written(
    press: Press,
    publisher: Publisher,
    settings: Settings,
    feeds: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish_stories(press, publisher, settings, 0, 1)
    written: list[str] = []

    def slowly(path: Path, body: bytes) -> bool:
        if path.parent != feeds:
            time.sleep(0.05)  # a large file, a busy disk
        changed = write_published(path, body)
        written.append(str(path.relative_to(feeds)))
        return changed

    monkeypatch.setattr("aggregator.output.printer.write_published", slowly)
    publish_stories(press, publisher, settings, 2)
    order = {name: place for place, name in enumerate(written)}
    assert order["all/2026-04.atom"] < order["all.atom"]
    assert order["ports/2026-04.atom"] < order["ports.atom"]
    (feeds / "all").rename(feeds / "aside")
    (feeds / "all").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot be published"):
        publish_stories(press, publisher, settings, 3)
    assert headlines(feeds, "all") == ["alpha2 beta2", "alpha1 beta1"]
    assert headlines(feeds, "ports") == ["alpha3 beta3", "alpha2 beta2"]
    (feeds / "all").unlink()
    (feeds / "aside").rename(feeds / "all")
    publisher.publish(press.clock())
    assert headlines(feeds, "all") == ["alpha3 beta3", "alpha2 beta2"]
    assert_a_walk_meets_all(press, feeds)


@pytest.mark.parametrize("at_start", [False, True], ids=["round", "start"])
def test_what_moved_before_a_month_ended_stands_in_its_archive_before_it_leaves(
    press: Press,
    publisher: Publisher,
    settings: Settings,
    feeds: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    at_start: bool,
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2)
    now = press.clock.advance(hours=1)
    tell(press, settings, URL, story(3, now - timedelta(minutes=50)))
    publisher.publish(now, hold=False, ended=lambda: True)
    written: list[str] = []

    def noted(path: Path, body: bytes) -> bool:
        written.append(str(path.relative_to(feeds)))
        return write_published(path, body)

    monkeypatch.setattr("aggregator.output.printer.write_published", noted)
    later = press.clock.advance(days=31)
    if at_start:
        (feeds / "all.atom").unlink()
        Publisher(press.store, settings).write_missing(later)
    else:
        publisher.publish(later, hold=False)
    assert "alpha1 beta1" in headlines(feeds, "all/2026-04")
    assert written.index("all/2026-04.atom") < written.index("all.atom")
    publisher.publish(later, hold=False)
    assert_a_walk_meets_all(press, feeds)


def test_a_feed_that_is_missing_at_a_start_comes_with_what_it_let_go(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1)
    now = press.clock.advance(hours=1)
    tell(press, settings, URL, story(2, now - timedelta(minutes=50)))
    publisher.publish(now, hold=False, ended=lambda: True)
    (feeds / "all.rss").unlink()
    assert Publisher(press.store, settings).write_missing(now) > 0
    assert headlines(feeds, "all") == ["alpha2 beta2", "alpha1 beta1"]
    assert_a_walk_meets_all(press, feeds)


def test_a_damaged_archive_is_restored_when_its_turn_comes(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2, 3, 4)
    damaged = [feeds / slug / "2026-04.atom" for slug in ("all", "ports")]
    before = [file.read_bytes() for file in damaged]
    damaged[0].unlink()
    damaged[1].write_bytes(b"<feed/>")
    restored = [publisher.publish(press.clock()).written for _ in range(TURNS)]
    assert sum(restored) == len(damaged)
    assert [file.read_bytes() for file in damaged] == before


def test_an_archive_says_where_it_stands(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    for month in (4, 5, 6):
        press.clock.now = datetime(2026, month, 10, tzinfo=UTC)
        publish_stories(press, publisher, settings, *range(month * 3, month * 3 + 3))
    base = "https://news.example/feeds/all"
    middle = links(feeds / "all" / "2026-05.atom")
    assert middle["self"] == f"{base}/2026-05.atom"
    assert middle["current"] == f"{base}.atom"
    assert middle["prev-archive"] == f"{base}/2026-04.atom"
    assert middle["next-archive"] == f"{base}/2026-06.atom"
    assert "next-archive" not in links(feeds / "all" / "2026-06.atom")
    assert "prev-archive" not in links(feeds / "all" / "2026-03.atom")
    assert links(feeds / "all.atom")["prev-archive"] == f"{base}/2026-06.atom"
    assert {parsed(path.read_bytes()).findtext(f"{ATOM}id") for path in feeds.glob("all/*")} == {
        parsed((feeds / "all.atom").read_bytes()).findtext(f"{ATOM}id")
    }
    assert_a_walk_meets_all(press, feeds)


def test_a_month_in_which_much_leaves_has_several_archives(
    press: Press,
    publisher: Publisher,
    settings: Settings,
    feeds: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that is full is closed: neither what leaves after that nor a late telling changes it."""
    monkeypatch.setattr("aggregator.store.archives.MOST", 2)
    publish_stories(press, publisher, settings, 0, 1, 2, 3)
    assert archived(feeds) == ["2026-03", "2026-04"]
    full = feeds / "all" / "2026-04.atom"
    assert "next-archive" not in links(full)
    publish_stories(press, publisher, settings, 4)
    was = full.read_bytes()
    assert links(full)["next-archive"] == "https://news.example/feeds/all/2026-04.2.atom"
    assert b"2026-04, part 2</title>" in (feeds / "all" / "2026-04.2.atom").read_bytes()
    late = replace(story(0, press.clock()), key="late", canonical_url="https://quay.example/s0")
    tell(press, settings, "https://pier.example/feed", late)
    publish_stories(press, publisher, settings, 5, 6)
    assert [headlines(feeds, f"all/{part}") for part in archived(feeds)] == [
        [],
        ["alpha1 beta1", "alpha0 beta0"],
        ["alpha3 beta3", "alpha2 beta2"],
        ["alpha4 beta4"],
    ]
    assert len(published_stories(press.store)[-1].tellings) == 2
    full.unlink()
    Publisher(press.store, settings).publish(press.clock())
    assert full.read_bytes() == was
    press.clock.advance(days=31)
    publish_stories(press, publisher, settings, 7)
    assert [path.stem for path in documents(feeds, "all")] == [
        *("all", "2026-05", "2026-04.3", "2026-04.2", "2026-04", "2026-03")
    ]
    assert_a_walk_meets_all(press, feeds)


def test_what_leaves_at_once_fills_one_archive_after_the_other(
    press: Press,
    settings: Settings,
    feeds: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those that entered first stand in the first; also what is pruned out of the live feed."""
    monkeypatch.setattr("aggregator.store.archives.MOST", 2)
    settings = changed(settings, publish={"entries": 3})
    for number in range(9):
        now = press.clock.advance(hours=1)
        tell(press, settings, URL, story(number, now - timedelta(minutes=50)))
    publisher = Publisher(press.store, settings)
    publisher.publish(press.clock(), hold=False)
    later = press.clock.advance(days=90)
    assert prune(press.store, changed(settings, retention={"stories": DAY}), later).stories
    publisher.publish(later)
    assert headlines(feeds, "all") == []
    _, *opened = documents(feeds, "all")
    assert [(path.stem, headlines(path.parent, path.stem)) for path in opened] == [
        ("2026-07.2", ["alpha8 beta8"]),
        ("2026-07", ["alpha7 beta7", "alpha6 beta6"]),
        ("2026-04.3", ["alpha5 beta5", "alpha4 beta4"]),
        ("2026-04.2", ["alpha3 beta3", "alpha2 beta2"]),
        ("2026-04", ["alpha1 beta1", "alpha0 beta0"]),
        ("2026-03", []),
    ]
    assert list(Counter(walk(feeds, "all")).values()) == [1] * 9


def test_the_first_archive_leads_to_an_empty_one(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    """Or it would lead to none, of which the W3C validator warns."""
    press.clock.now = datetime(2026, 1, 10, tzinfo=UTC)
    publish_stories(press, publisher, settings, 0, 1, 2)
    assert archived(feeds) == ["2025-12", "2026-01"]
    assert [headlines(feeds, f"all/{month}") for month in archived(feeds)] == [[], ["alpha0 beta0"]]
    for path in (feeds / "all").iterdir():
        address = f"https://news.example/feeds/all/{path.name}"
        assert atom_warnings(path.read_bytes(), address) == []
    assert_a_walk_meets_all(press, feeds)
    press.clock.advance(days=31)
    publish_stories(press, publisher, settings, 3)
    assert archived(feeds) == ["2025-12", "2026-01", "2026-02"]


def test_a_month_that_is_past_changes_no_more(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2, 3)
    publisher.publish(press.clock.advance(days=31))
    past = feeds / "all" / "2026-04.atom"
    was = past.read_bytes(), past.stat().st_mtime_ns
    assert "next-archive" in links(past)
    archived = story(0, press.clock() - timedelta(days=31))
    late = replace(archived, key="late", canonical_url="https://quay.example/s0")
    tell(press, settings, "https://pier.example/feed", late)
    publisher.publish(press.clock.advance(hours=1), hold=False)
    assert len(published_stories(press.store)[-1].tellings) == 2
    publish_stories(press, publisher, settings, 5, 6, 7)
    assert (past.read_bytes(), past.stat().st_mtime_ns) == was
    past.unlink()
    Publisher(press.store, settings).publish(press.clock())
    assert past.read_bytes() == was[0]
    Publisher(press.store, settings).publish(press.clock(), everything=True)
    assert past.read_bytes() == was[0]
    assert_a_walk_meets_all(press, feeds)


def test_a_merge_and_its_undoing_change_no_month_that_is_past(
    press: Press,
    publisher: Publisher,
    settings: Settings,
    feeds: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rendered in between, for another look of the feeds, it holds what was merged.

    Who reads it then looks there no more: he would never meet a story that returns.
    """
    publish_stories(press, publisher, settings, 0, 1, 2, 3)
    publisher.publish(press.clock.advance(days=31))
    was = (feeds / "all" / "2026-04.atom").read_bytes()
    first, second = (story.id for story in published_stories(press.store)[:1:-1])
    editor = Editor(press.store, settings)
    merge = partial(rulings.rule_merge, story_id=first, other_id=second, now=press.clock())
    press.store.write_now(merge)
    editor.rule(press.clock())
    monkeypatch.setattr("aggregator.rendering.LAYOUT", "another")
    publisher.publish(press.clock.advance(hours=1))
    assert (feeds / "all" / "2026-04.atom").read_bytes() == was
    (lead,) = press.store.read_now(leads_of_merged)
    assert lead is not None
    split = partial(rulings.rule_split, story_id=first, entry_id=lead, now=press.clock())
    press.store.write_now(split)
    editor.rule(press.clock())
    publisher.publish(press.clock.advance(hours=1))
    assert (feeds / "all" / "2026-04.atom").read_bytes() == was
    assert_a_walk_meets_all(press, feeds)


def test_what_returns_from_a_merge_does_not_change_a_month_that_is_past(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    """Other stories there are called otherwise by now, and stand in other categories."""
    publish_stories(press, publisher, settings, 0, 1, 2, 3)
    said = story(0, press.clock() - timedelta(hours=4))
    publisher.publish(press.clock.advance(days=31))
    past = feeds / "all" / "2026-04.atom"
    was = past.read_bytes()
    tell(press, settings, URL, replace(said, title="alpha0 beta0 as it is called today"))
    first, second = (each for each in published_stories(press.store)[:1:-1])
    assert first.title != said.title
    editor = Editor(press.store, settings)
    merge = partial(rulings.rule_merge, story_id=first.id, other_id=second.id)
    press.store.write_now(partial(merge, now=press.clock()))
    editor.rule(press.clock())
    publisher.publish(press.clock.advance(hours=1))
    split = partial(rulings.rule_split, story_id=first.id, entry_id=second.lead_entry_id)
    press.store.write_now(partial(split, now=press.clock()))
    editor.rule(press.clock())
    publisher.publish(press.clock.advance(hours=1))
    assert past.read_bytes() == was
    assert_a_walk_meets_all(press, feeds)


def test_an_operators_word_shows_at_once_in_the_archive_of_this_month(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2, 3)
    newest, *_, oldest = (story.id for story in published_stories(press.store))
    archive, editor = feeds / "all" / "2026-04.atom", Editor(press.store, settings)
    before = archive.read_bytes()
    press.store.write_now(
        partial(rulings.rule_merge, story_id=oldest, other_id=newest, now=press.clock())
    )
    editor.rule(press.clock())
    publisher.publish(press.clock.advance(hours=1))
    assert archive.read_bytes().count(b'rel="related"') == before.count(b'rel="related"') + 1
    (lead,) = press.store.read_now(leads_of_merged)
    assert lead is not None
    press.store.write_now(
        partial(rulings.rule_split, story_id=oldest, entry_id=lead, now=press.clock())
    )
    editor.rule(press.clock())
    publisher.publish(press.clock.advance(hours=1))
    assert archive.read_bytes().count(b'rel="related"') == before.count(b'rel="related"')
    assert_a_walk_meets_all(press, feeds)


def leads_of_merged(session: Session) -> Sequence[int | None]:
    merged = StoryRow.merged_into_id.is_not(None)
    return session.scalars(select(StoryRow.lead_entry_id).where(merged)).all()


def test_other_rules_take_nothing_out_of_a_month_that_is_past(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2, 3)
    publisher.publish(press.clock.advance(days=29))
    was = (feeds / "ports" / "2026-04.atom").read_bytes()
    others = (Category("ports", "Ports", "alpha9"),)
    other = Publisher(press.store, settings.model_copy(update={"categories": others}))
    other.publish(press.clock())
    assert headlines(feeds, "ports") == []
    assert (feeds / "ports" / "2026-04.atom").read_bytes() == was
    other.publish(press.clock(), everything=True)
    assert (feeds / "ports" / "2026-04.atom").read_bytes() == was


def test_what_changes_later_does_not_change_a_month_that_is_past(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    """A story that is merged away, another title of the category, a command to render all."""
    publish_stories(press, publisher, settings, 0, 1, 2, 3)
    publisher.publish(press.clock.advance(days=31))
    files = [*feeds.glob("*/2026-0[34].atom")]
    was = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
    first, second = (story.id for story in published_stories(press.store)[:1:-1])
    merge = partial(rulings.rule_merge, story_id=first, other_id=second, now=press.clock())
    press.store.write_now(merge)
    Editor(press.store, settings).rule(press.clock())
    titled = settings.model_copy(update={"categories": (replace(PORTS, title="Havens"),)})
    for everything in (False, True):
        Publisher(press.store, titled).publish(press.clock(), everything=everything)
    assert "Havens" in (feeds / "ports.atom").read_text("utf-8")
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files} == was
    assert len(files) == 4


def test_the_archive_of_the_last_month_of_all_does_not_stop_the_others(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2)
    start = press.clock.now
    press.clock.now = datetime(9999, 12, 3, tzinfo=UTC)
    publish_stories(press, publisher, settings, 3)
    press.clock.now = start
    publish_stories(press, publisher, settings, 4)
    Publisher(press.store, settings).publish(press.clock(), everything=True)
    assert "alpha4 beta4" in headlines(feeds, "all")
    assert_a_walk_meets_all(press, feeds)


@pytest.mark.parametrize("visits", range(8), ids="{:03b}".format)
def test_who_stops_at_what_he_knows_meets_what_a_clock_ahead_put_away(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path, visits: int
) -> None:
    """A reader that keeps archives with a successor asks for none of them again, whenever it looks.

    The clock is ahead for a while, back, and comes to that month at last.
    """
    kept: set[Path] = set()
    met: set[str] = set()

    def visit() -> None:
        for document in documents(feeds, "all"):
            if document in kept:
                return
            met.update(ids(document))
            if "next-archive" in links(document):
                kept.add(document)

    times = [(4, True), (5, True), (9, visits & 1), (5, visits & 2), (6, visits & 4), (9, True)]
    for turn, (month, looks) in enumerate(times):
        press.clock.now = datetime(2026, month, 20, turn, tzinfo=UTC)
        press.store.write_now(partial(bring_back, now=press.clock.now, longest=timedelta(days=2)))
        publish_stories(press, publisher, settings, *range(turn * 3, turn * 3 + 3))
        if looks:
            visit()
    assert met == {story.uri for story in published_stories(press.store)}
    assert len(met) == 18
    assert_a_walk_meets_all(press, feeds)


def test_a_clock_that_goes_back_opens_no_month_again(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2)
    press.clock.advance(days=-40)
    publish_stories(press, publisher, settings, 3, 4)
    assert archived(feeds) == ["2026-03", "2026-04"]
    assert_a_walk_meets_all(press, feeds)


def test_a_clock_that_is_months_behind_adds_to_no_month_that_is_past(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    for month in (1, 2, 3, 4, 5, 6):
        press.clock.now = datetime(2026, month, 20, tzinfo=UTC)
        publish_stories(press, publisher, settings, *range(month * 3, month * 3 + 3))
    past = sorted((feeds / "all").iterdir())[:-1]
    before = [path.read_bytes() for path in past]
    for year, month in ((2026, 2), (1970, 1)):
        press.clock.now = datetime(year, month, 20, tzinfo=UTC)
        press.store.write_now(partial(bring_back, now=press.clock.now, longest=timedelta(days=2)))
        publish_stories(press, publisher, settings, *range(100 + month * 3, 103 + month * 3))
        assert_a_walk_meets_all(press, feeds)
    assert sorted((feeds / "all").iterdir())[:-1] == past
    assert [path.read_bytes() for path in past] == before


def test_a_clock_that_was_ten_years_ahead_leaves_every_later_month_its_archive(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2)
    press.clock.advance(days=3650)
    publish_stories(press, publisher, settings, 3)
    press.clock.advance(days=-3650)
    for month in (4, 5, 6):
        press.clock.now = datetime(2026, month, 20, tzinfo=UTC)
        publish_stories(press, publisher, settings, *range(month * 3, month * 3 + 3))
        assert_a_walk_meets_all(press, feeds)
        assert_a_walk_meets_all(press, feeds, "ports")
    assert archived(feeds) == ["2026-03", "2026-04", "2026-05", "2026-06", "2036-03"]
    assert headlines(feeds, "all/2026-05")
    assert links(feeds / "all" / "2036-03.atom")["next-archive"].endswith("all/2026-05.atom")
    assert links(feeds / "all" / "2026-05.atom")["next-archive"].endswith("all/2026-06.atom")


def test_what_was_archived_stays_there_when_feeds_may_be_longer(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2)
    longer = Publisher(press.store, changed(settings, publish={"entries": 9}))
    publish_stories(press, longer, settings, 3)
    assert headlines(feeds, "all") == ["alpha3 beta3", "alpha2 beta2", "alpha1 beta1"]
    assert headlines(feeds, "all/2026-04") == ["alpha0 beta0"]
    shorter = Publisher(press.store, changed(settings, publish={"entries": 1}))
    shorter.publish(press.clock())
    assert headlines(feeds, "all") == ["alpha3 beta3"]
    assert_a_walk_meets_all(press, feeds)


def test_a_feed_never_grows_older(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1)
    newest = parsed((feeds / "all.atom").read_bytes()).findtext(f"{ATOM}updated")
    younger, older = published_stories(press.store)
    press.store.write_now(
        partial(rulings.rule_merge, story_id=younger.id, other_id=older.id, now=press.clock())
    )
    Editor(press.store, settings).rule(press.clock())
    publisher.publish(press.clock())
    assert len(headlines(feeds, "all")) == 1
    assert parsed((feeds / "all.atom").read_bytes()).findtext(f"{ATOM}updated") == newest


def test_a_story_that_enters_a_category_late_stands_in_its_live_feed(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 4, 0, 1, 2, 3)
    assert headlines(feeds, "ports") == ["alpha3 beta3", "alpha2 beta2"]
    rules = (Category("ports", "Ports", f"{PORTS.query} alpha4"),)
    other = Publisher(press.store, settings.model_copy(update={"categories": rules}))
    other.publish(press.clock.advance(hours=1))
    assert headlines(feeds, "ports") == ["alpha3 beta3", "alpha4 beta4"]
    assert headlines(feeds, "ports/2026-04")[0] == "alpha2 beta2"
    for slug in ("all", "ports"):
        assert_a_walk_meets_all(press, feeds, slug)


def test_what_appears_after_the_clock_was_set_back_stands_in_the_live_feed(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2)
    press.clock.advance(days=-4)
    publish_stories(press, publisher, settings, 3)
    assert set(headlines(feeds, "all")) == {"alpha3 beta3", "alpha2 beta2"}
    assert_a_walk_meets_all(press, feeds)


@pytest.mark.parametrize("ahead", [8, 27])
def test_months_that_close_in_on_a_distant_one_keep_their_archives(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path, ahead: int
) -> None:
    publish_stories(press, publisher, settings, 0, 1, 2)
    start = press.clock.now
    press.clock.now = datetime(2026 + (3 + ahead) // 12, (3 + ahead) % 12 + 1, 5, tzinfo=UTC)
    distant = f"{press.clock.now:%Y-%m}"
    publish_stories(press, publisher, settings, 3)
    press.clock.now = start
    for month in (5, 6, 7):
        press.clock.now = datetime(2026, month, 20, tzinfo=UTC)
        press.store.write_now(partial(bring_back, now=press.clock.now, longest=timedelta(days=2)))
        publish_stories(press, publisher, settings, month * 2, month * 2 + 1)
    assert archived(feeds) == [f"2026-0{month}" for month in (3, 4, 5, 6, 7)] + [distant]
    assert_a_walk_meets_all(press, feeds)
    assert links(feeds / "all.atom")["prev-archive"].endswith("/all/2026-07.atom")
    assert "next-archive" not in links(feeds / "all" / "2026-07.atom")


def test_an_archive_that_takes_another_months_news_keeps_whom_a_body_names(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path
) -> None:
    """June had been opened ahead of its time, so what leaves in June stands in May."""
    publish_stories(press, publisher, settings, 0, 1, 2)
    for number, month in ((3, 6), (4, 5)):
        press.clock.now = datetime(2026, month, 20, tzinfo=UTC)
        publish_stories(press, publisher, settings, number)
    press.clock.now = datetime(2026, 6, 20, tzinfo=UTC)
    press.store.write_now(partial(bring_back, now=press.clock.now, longest=timedelta(days=2)))
    told = story(6, press.clock() - timedelta(minutes=9))
    tell(press, settings, URL, told)
    tell(press, settings, "https://pier.example/feed", replace(told, key="copy"))
    publisher.publish(press.clock(), hold=False)
    publish_stories(press, publisher, settings, 7, 8)
    may = feeds / "all" / "2026-05.atom"
    assert "Also reported by" in may.read_text("utf-8")
    press.clock.now = datetime(2026, 7, 20, tzinfo=UTC)
    publish_stories(press, publisher, settings, 9)
    assert "next-archive" in links(may)
    assert "Also reported by" in may.read_text("utf-8")
    assert_a_walk_meets_all(press, feeds)


@pytest.mark.parametrize("restarted", [False, True], ids=["on", "restarted"])
def test_no_archive_takes_anything_that_has_a_successor(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path, *, restarted: bool
) -> None:
    """What leaves after the clock was ahead goes where the last went, until a month has none."""
    publish_stories(press, publisher, settings, 0, 1, 2)
    start = press.clock.now
    press.clock.advance(days=140)
    publish_stories(press, publisher, settings, 3)
    distant, april = max((feeds / "all").iterdir()), feeds / "all" / "2026-04.atom"
    was = april.read_bytes()
    press.clock.now = start
    if restarted:
        publisher = Publisher(press.store, settings)
    for number in (4, 5):
        publish_stories(press, publisher, settings, number)
        assert_a_walk_meets_all(press, feeds)
        assert links(feeds / "all.atom")["prev-archive"].endswith(f"/{distant.name}")
        assert links(distant)["prev-archive"].endswith("/all/2026-04.atom")
    for month in (5, 6, 7):
        press.clock.now = datetime(2026, month, 20, tzinfo=UTC)
        publish_stories(press, publisher, settings, month * 2, month * 2 + 1)
        assert_a_walk_meets_all(press, feeds)
    closed = distant.read_bytes()
    press.clock.now = datetime.fromisoformat(f"{distant.stem}-20T00:00Z")
    publish_stories(press, publisher, settings, 16, 17)
    assert links(feeds / "all.atom")["prev-archive"].endswith("/all/2026-07.atom")
    assert (distant.read_bytes(), april.read_bytes()) == (closed, was)
    assert_a_walk_meets_all(press, feeds)


@pytest.mark.parametrize("pruned", [False, True], ids=["kept", "pruned"])
def test_an_archive_that_is_rendered_anew_tells_what_nothing_else_in_its_feed_does(
    press: Press, publisher: Publisher, settings: Settings, feeds: Path, *, pruned: bool
) -> None:
    """The story that took it in stands in another category."""
    publish_stories(press, publisher, settings, 4)
    now = press.clock.advance(hours=1)
    for url, key in ((URL, "s0"), ("https://pier.example/feed", "copy")):
        tell(press, settings, url, replace(story(0, now - timedelta(minutes=50)), key=key))
    publisher.publish(now, hold=False)
    publish_stories(press, publisher, settings, 1, 2)
    press.clock.advance(days=31)
    publish_stories(press, publisher, settings, 3)
    april = feeds / "ports" / "2026-04.atom"
    assert "next-archive" in links(april)
    before = april.read_bytes()
    assert b"Also reported by" in before
    ruling = partial(rulings.rule_merge, story_id=1, other_id=2, now=press.clock())
    press.store.write_now(ruling)
    Editor(press.store, settings).rule(press.clock())
    publisher.publish(press.clock.advance(minutes=1))
    if pruned:
        later = press.clock.advance(days=90)
        publisher.publish(later)
        assert prune(press.store, changed(settings, retention={"stories": DAY}), later).stories
    april.write_bytes(b"damaged")
    Publisher(press.store, settings).publish(press.clock())
    assert april.read_bytes() == before
