"""What the tests of the verbs share: a clock that stands, a press that speaks, short looks."""

import io
import json
import logging
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import structlog
from rfc4287 import ATOM, parsed
from sqlalchemy import select

from aggregator import logs
from aggregator.logs import configure_logs
from aggregator.model import (
    Article,
    Credit,
    Entry,
    Origin,
    Page,
    ParsedFeed,
    Role,
    Source,
    SourceKind,
    Story,
)
from aggregator.place import Editor
from aggregator.poll import sightings_of
from aggregator.settings import Settings
from aggregator.store import polls, prints, readings, shelf, sources
from aggregator.store.answers import Answer, Answered, record_answers
from aggregator.store.claims import Appetite
from aggregator.store.database import Session, Store
from aggregator.store.polls import PollTask
from aggregator.store.readings import Read, Reading, ReadTask
from aggregator.store.tables import EntryRow, SourceRow
from aggregator.stories.fingerprint import fingerprint
from aggregator.stories.keys import twin_key
from aggregator.stories.stored import to_bytes
from aggregator.stories.urls import outlet_of

NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)
LEASE = timedelta(minutes=10)


@dataclass
class SteppedClock:
    """A clock that stands still until it is told to go on."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> datetime:
        self.now += timedelta(**parts)
        return self.now


def changed(settings: Settings, **sections: dict[str, object]) -> Settings:
    """Return the settings with other values in these sections."""
    update = {
        name: getattr(settings, name).model_copy(update=new) for name, new in sections.items()
    }
    return settings.model_copy(update=update)


class SourceFacts(TypedDict, total=False):
    """What a test may say of a source."""

    title: str
    outlet: str
    role: Role
    categories: tuple[str, ...]
    interval: timedelta
    full_text: bool
    only_new: bool


def take_on(store: Store, now: datetime, url: str, **facts: Unpack[SourceFacts]) -> Source:
    """Add a source that was not asked yet; it is due at once."""
    plain: SourceFacts = {"title": "", "outlet": outlet_of(url), "role": Role.PRESS}
    source = Source(id=0, url=url, **plain | facts)
    added = store.write_now(partial(sources.add_source, source=source, now=now))
    assert added is not None
    return added


def account_of(store: Store, source: Source) -> SourceRow:
    """Return all that is remembered of a source."""

    def look(session: Session) -> SourceRow:
        row = session.get_one(SourceRow, source.id)
        session.expunge(row)
        return row

    return store.read_now(look)


def entries_in(store: Store) -> Sequence[EntryRow]:
    """Return all that is remembered of the entries, in the order in which they came."""

    def look(session: Session) -> Sequence[EntryRow]:
        rows = session.scalars(select(EntryRow).order_by(EntryRow.id)).all()
        session.expunge_all()
        return rows

    return store.read_now(look)


def stories_of(session: Session, entry_ids: Collection[int]) -> dict[int, int]:
    """Return the story of each of these entries that has one."""
    return {each.entry_id: each.story_id for each in prints.placed_among(session, tuple(entry_ids))}


def claim_polls(
    store: Store, now: datetime, only: Collection[int] | None = None
) -> Sequence[PollTask]:
    appetite = Appetite(100, per_host=100, only=only)
    claim = partial(polls.claim_due_polls, now=now, length=LEASE, appetite=appetite)
    return store.write_now(claim)


def claim_readings(store: Store, now: datetime) -> Sequence[ReadTask]:
    appetite = Appetite(1000, per_host=1000)
    claim = partial(readings.claim_due_readings, now=now, length=LEASE, appetite=appetite)
    return store.write_now(claim)


@dataclass(frozen=True)
class Telling:
    """An entry and its article, as a test thinks of them."""

    key: str
    title: str
    text: str = ""
    link: str | None = None
    published: datetime = NOON - timedelta(hours=1)
    tags: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    canonical_url: str | None = None
    credits: tuple[Credit, ...] = ()
    origin: Origin | None = None
    lang: str | None = None


@dataclass(frozen=True)
class Press:
    """Sources that say what a test has them say, straight into the store: no network, no parser."""

    store: Store
    clock: SteppedClock

    def says(self, url: str, *tellings: Telling, **facts: Unpack[SourceFacts]) -> list[int]:
        """Store what the source at `url` says as polled and read; return the ids."""
        now = self.clock()
        if url not in self.store.read_now(sources.known_urls):
            take_on(self.store, now, url, **facts)
        source = self.store.read_now(partial(sources.find_source, name=url))
        self.store.write_now(partial(polls.make_due, now=now, only=[source.id]))
        (task,) = claim_polls(self.store, now, [source.id])
        answer = Answer(None, None, None, now + timedelta(minutes=15), SourceKind.RSS, "", None)
        feed = ParsedFeed(SourceKind.RSS, "", tuple(_entry(url, telling) for telling in tellings))
        said = sightings_of(feed, source.outlet, now, full_text=False)
        self.store.write_now(partial(record_answers, answered=[Answered(task, answer, now, said)]))
        by_key = {_entry(url, telling).guid: telling for telling in tellings}
        return [self._read(due, by_key[due.guid]) for due in claim_readings(self.store, now)]

    def _read(self, task: ReadTask, telling: Telling) -> int:
        page = Page(
            text=telling.text,
            html=f"<p>{telling.text}</p>",
            captions=telling.captions,
            canonical_url=telling.canonical_url,
            credits=telling.credits,
            lang=telling.lang,
        )
        found = fingerprint(_article(task, page))
        reading = Reading(page, to_bytes(found), found.exact_keys)
        self.store.write_now(
            partial(readings.record_readings, read=[Read(task, reading, self.clock())])
        )
        return task.entry_id


def _entry(url: str, telling: Telling) -> Entry:
    host = urlsplit(url).hostname
    link = telling.link or f"https://{host}/{telling.key}"
    return Entry(
        key=telling.key,
        guid=f"{host}/{telling.key}",
        title=telling.title,
        link=link,
        twin=twin_key(link, telling.title),
        published=telling.published,
        content=f"<p>{telling.text}</p>" if telling.text else "",
        tags=telling.tags,
        origin=telling.origin,
    )


def _article(task: ReadTask, page: Page) -> Article:
    return Article(
        entry_id=task.entry_id,
        title=task.title,
        text=page.text,
        outlet=task.outlet,
        published=task.published,
        guid=task.guid,
        link=task.link,
        canonical_url=page.canonical_url,
        captions=page.captions,
        credits=page.credits,
        origin=task.origin,
        lang=page.lang,
    )


def published_stories(store: Store, slug: str = "all") -> Sequence[Story]:
    """Return the stories in a feed, the newest first."""
    return store.read_now(partial(shelf.live_stories, slug=slug, limit=1000))


def tell(
    press: Press,
    settings: Settings,
    url: str,
    *tellings: Telling,
    **facts: Unpack[SourceFacts],
) -> list[int]:
    """Have a source say something, and give it its place."""
    said = press.says(url, *tellings, **facts)
    Editor(press.store, settings).place(press.clock())
    return said


def headlines(feeds: Path, name: str) -> list[str]:
    """Return the headlines of a published feed, in order."""
    return titles_in((feeds / f"{name}.atom").read_bytes())


def titles_in(document: bytes) -> list[str]:
    """Return the headlines of a feed of ours, in order, as readers show them."""
    titles = [entry.find(f"{ATOM}title") for entry in parsed(document).iter(f"{ATOM}entry")]
    return [_shown(title) for title in titles if title is not None]


def _shown(title: ET.Element) -> str:
    text = title.text or ""
    return unescape(text) if title.get("type") == "html" else text


@contextmanager
def listening() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Yield what returns the events logged so far; leave logging as it was."""
    root = logging.getLogger()
    handlers, level, written = root.handlers[:], root.level, io.StringIO()
    stderr, sys.stderr = sys.stderr, written
    configure_logs("info", "json")
    try:
        yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    finally:
        sys.stderr = stderr
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()
        logs._waiting.configure = None
