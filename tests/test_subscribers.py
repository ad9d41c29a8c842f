"""Thirty days of the demo's newsroom, as six feed readers see them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
from newsdesk import NOON, Press, SteppedClock, Telling, changed
from rfc4287 import ATOM, faults, parsed
from sqlalchemy import func, select
from subscribers import Subscriber, items_of, subscribers, twice
from w3c import atom_warnings, rss_warnings

from aggregator.demo.newsroom import Newsroom, Piece
from aggregator.model import Category
from aggregator.place import Editor
from aggregator.prune import prune
from aggregator.publish import Published, Publisher
from aggregator.settings import Settings
from aggregator.store import ledger, rulings, shelf
from aggregator.store.corrections import MOST_BODIES
from aggregator.store.database import Session, Store
from aggregator.store.feed_tables import StoryCategoryRow
from aggregator.store.tables import StoryRow

DAYS, ENTRIES = 30, 12
KINDS = ("atom", "rss", "json")
CORRECTED = "corrected"
ADDED = (
    "The ministry has since said that the figures of the first report were those of last year.",
    "A second vessel was named on the following morning, against what had been said before.",
    "The harbour master declined to comment, and the tug that had been hired went home.",
)
MONTHLY = Category("balkans", "The Balkans", "montenegro OR serbia OR bosnia OR kosovo")
# The hour of the day from which on the publisher of that day has much to remember.
LATE = 12


@dataclass
class Month:
    """What is to happen, and those who watch."""

    press: Press
    settings: Settings
    news: list[tuple[datetime, Piece]]
    watching: list[Subscriber]
    stated: dict[str, list[str]] = field(default_factory=dict)
    merged: int = 0
    undone: list[str] = field(default_factory=list)
    pruned: int = 0
    compared: int = 0

    @property
    def feeds(self) -> Path:
        return self.settings.publish.directory

    def run(self) -> None:
        """Let an hour pass after the other; restart every day."""
        publisher = Publisher(self.press.store, self.settings)
        for hour in range(24 * DAYS):
            now = self.press.clock.advance(hours=1)
            if hour % 24 == 0:
                self.pruned += prune(self.press.store, self.settings, now).stories
                publisher = Publisher(self.press.store, self.settings)
            if self._happens(now, hour):
                publisher.publish(self.press.clock.advance(minutes=6))
                self._look()
                if hour % 24 > LATE and self.compared < hour // (24 * 8):
                    self._compare(publisher)

    def _compare(self, publisher: Publisher) -> None:
        """Let the database alone say what the files hold: what a publisher keeps adds nothing."""
        anew = Publisher(self.press.store, self.settings)
        shown = anew.publish(self.press.clock(), everything=True)
        assert shown == publisher.publish(self.press.clock()) == Published(0, 0)
        self.compared += 1

    def _happens(self, now: datetime, hour: int) -> bool:
        """Let this hour's news be told, and the operator have a word; return whether any was."""
        told = [piece for when, piece in self.news if now - timedelta(hours=1) < when <= now]
        if not told and hour % 24:
            return False
        for piece in told:
            self.press.says(f"https://{piece.outlet}.example/feed", _telling(piece, now))
        editor = Editor(self.press.store, self.settings)
        editor.place(now)
        if hour in {24 * 11, 24 * 19}:
            self._merge(editor, now)
        elif hour in {24 * 14, 24 * 22}:
            self._split(editor, now)
        elif hour == 24 * 20:
            self._undo(editor, now)
        elif hour == 24 * 25:
            # Retention: the live feeds become shorter, what is older goes into the archives.
            self.settings = changed(self.settings, publish={"entries": ENTRIES // 2})
            Publisher(self.press.store, self.settings).publish(now)
        return True

    def _stories(self) -> list[int]:
        found = self.press.store.read_now(partial(shelf.live_stories, slug="all", limit=99))
        return [story.id for story in found]

    def _merge(self, editor: Editor, now: datetime) -> None:
        one, two = self._stories()[1:3]
        self.press.store.write_now(partial(rulings.rule_merge, story_id=one, other_id=two, now=now))
        editor.rule(now)
        self.merged += 1

    def _split(self, editor: Editor, now: datetime) -> None:
        for story_id in self._stories():
            members = self.press.store.read_now(partial(shelf.members, story=story_id))
            if len(members) > 1:
                split = partial(rulings.rule_split, story_id=story_id, entry_id=members[-1])
                self.press.store.write_now(partial(split, now=now))
                editor.rule(now)
                return

    def _undo(self, editor: Editor, now: datetime) -> None:
        """Take out the lead of the story that was merged last: it returns under its own id."""
        row = self.press.store.read_now(last_merged)
        assert row.merged_into_id is not None
        assert row.lead_entry_id is not None
        split = partial(rulings.rule_split, entry_id=row.lead_entry_id, now=now)
        self.press.store.write_now(partial(split, story_id=row.merged_into_id))
        editor.rule(now)
        self.undone.append(row.uri)

    def _look(self) -> None:
        for subscriber in self.watching:
            subscriber.fetch((self.feeds / subscriber.feed).read_bytes())
        for path in self.feeds.glob("*.atom"):
            updated = parsed(path.read_bytes()).findtext(f"{ATOM}updated", "")
            self.stated.setdefault(path.name, []).append(updated)


def _telling(piece: Piece, now: datetime) -> Telling:
    return Telling(
        piece.id,
        piece.title,
        piece.text,
        published=now - timedelta(minutes=7),
        tags=piece.tags,
        captions=(piece.caption,) if piece.caption else (),
    )


def timetable(newsroom: Newsroom) -> Iterator[tuple[datetime, Piece]]:
    """Yield when each piece is told: originals all month long, some copies late, some early.

    A copy that comes before its original makes that a late original.
    """
    chance = Random(30)
    began: dict[str, datetime] = {}
    for piece in sorted(newsroom.pieces, key=lambda piece: (piece.id != piece.story, piece.id)):
        if piece.id == piece.story:
            began[piece.id] = NOON + timedelta(hours=chance.uniform(24, 24 * (DAYS - 6)))
            yield began[piece.id], piece
        else:
            yield began[piece.story] + timedelta(hours=chance.uniform(-8, 24 * 4)), piece


def corrections(
    news: Sequence[tuple[datetime, Piece]],
) -> Iterator[tuple[datetime, Piece]]:
    """Yield the pieces that are corrected later: their titles, their texts, thrice or both."""
    for place, (when, piece) in enumerate(news):
        title = f"{piece.title} ({CORRECTED})"
        longer = [
            replace(piece, paragraphs=(*piece.paragraphs, *ADDED[: count + 1]))
            for count in range(len(ADDED))
        ]
        if place % 4 == 0:
            yield when + timedelta(hours=9), replace(piece, title=title)
        elif place % 4 == 1:
            for day, corrected in enumerate(longer, 1):
                yield when + timedelta(days=day), corrected
        elif place % 4 == 2:
            yield when + timedelta(days=1), replace(longer[0], title=title)


@pytest.fixture
def month(store: Store, settings: Settings, newsroom: Newsroom) -> Month:
    window = settings.match.window
    short = changed(settings, publish={"entries": ENTRIES}, retention={"stories": window})
    settings = short.model_copy(update={"categories": (MONTHLY,)})
    clock = SteppedClock(NOON.replace(day=15))
    shift = clock.now - NOON
    news = [(when + shift, piece) for when, piece in timetable(newsroom)]
    news += list(corrections(news))
    feeds = [f"{slug}.{kind}" for slug in ("all", MONTHLY.slug) for kind in KINDS]
    return Month(Press(store, clock), settings, news, subscribers(feeds))


def published(session: Session, slug: str) -> set[str]:
    """Return the ids of all stories that ever appeared in a feed, merged ones included."""
    query = select(StoryRow.uri).where(StoryRow.appeared_at.is_not(None))
    if slug != "all":
        stands = select(StoryCategoryRow.story_id).where(StoryCategoryRow.slug == slug)
        query = query.where(StoryRow.id.in_(stands), StoryRow.merged_into_id.is_(None))
    return set(session.scalars(query))


@pytest.mark.timeout(600)
@pytest.mark.no_cover  # traced, it takes twice as long
def test_a_month_as_six_readers_see_it(month: Month) -> None:
    month.run()
    store = month.press.store
    assert store.read_now(ledger.draw_up).faults == ()
    ever = {slug: store.read_now(partial(published, slug=slug)) for slug in ("all", MONTHLY.slug)}
    assert len(ever["all"]) > 2 * ENTRIES, "enough news for archives"
    for subscriber in month.watching:
        assert_nothing_is_lost_or_shown_twice(subscriber, ever[subscriber.feed.partition(".")[0]])
    for stated in month.stated.values():
        assert stated == sorted(stated), "a feed grew older"
    still = month.merged - len(month.undone)
    assert store.read_now(count_merged) == still == 1, "no other story had two ids"
    assert set(month.undone) < store.read_now(alive)
    assert month.pruned > ENTRIES, "retention had something to do"
    assert month.compared > 1
    assert_who_comes_late_finds_everything(month)
    assert_the_w3c_validator_is_silent(month)
    assert any(max(reader.bodies.values()) == MOST_BODIES for reader in month.watching)
    for reader in month.watching:
        assert reader.retitled
        assert any(CORRECTED in item.title for item in reader.known.values()), "titles follow"


def assert_the_w3c_validator_is_silent(month: Month) -> None:
    warnings = {".atom": atom_warnings, ".rss": rss_warnings}
    found = [path for path in month.feeds.rglob("*.*") if path.suffix in warnings]
    assert any(path.parent != month.feeds for path in found), "archives are among them"
    for path in found:
        file = path.relative_to(month.feeds).as_posix()
        address = f"{month.settings.publish.base_url}/feeds/{file}"
        assert warnings[path.suffix](path.read_bytes(), address) == [], file
        if path.suffix == ".atom":
            assert faults(path.read_bytes()) == [], file


def assert_nothing_is_lost_or_shown_twice(subscriber: Subscriber, ever: set[str]) -> None:
    assert list(twice(subscriber.shown)) == [], subscriber.name
    assert ever - set(subscriber.shown) == set(), f"lost to {subscriber.name}"
    assert subscriber.moved == [], "a link or a date that was published has changed"
    explained = subscriber.bodies.total() + len(subscriber.retitled)
    assert len(subscriber.unread_again) <= explained
    assert max(subscriber.bodies.values(), default=0) <= MOST_BODIES


def count_merged(session: Session) -> int:
    """Return how many stories were merged into others after they had appeared."""
    merged = StoryRow.merged_into_id.is_not(None) & StoryRow.appeared_at.is_not(None)
    return session.scalar(select(func.count()).select_from(StoryRow).where(merged)) or 0


def last_merged(session: Session) -> StoryRow:
    """Return the published story that was merged last."""
    merged = StoryRow.merged_into_id.is_not(None) & StoryRow.appeared_at.is_not(None)
    newest = select(StoryRow).where(merged).order_by(StoryRow.appeared_at.desc()).limit(1)
    return session.scalars(newest).one()


def assert_who_comes_late_finds_everything(month: Month) -> None:
    documents = [path.read_bytes() for path in (month.feeds / "all").iterdir()]
    assert len(documents) > 1
    documents.append((month.feeds / "all.atom").read_bytes())
    entries = [item.id for document in documents for item in items_of(document)]
    assert list(twice(entries)) == [], "each story stands in one document"
    assert month.press.store.read_now(alive) <= set(entries)


def alive(session: Session) -> set[str]:
    """Return the ids of the stories that appeared and were not merged since."""
    query = select(StoryRow.uri).where(StoryRow.appeared_at.is_not(None))
    return set(session.scalars(query.where(StoryRow.merged_into_id.is_(None))))
