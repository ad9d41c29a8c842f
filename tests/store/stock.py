"""Short words for stocking a store: a source that said this, an article placed there."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Concatenate, ParamSpec, TypedDict, TypeVar, Unpack

from newsdesk import stories_of

from aggregator.model import Entry, Kind, Origin, Page, Role, Source, SourceKind, Verdict
from aggregator.store import drafts, editions, placings, polls, readings, sources
from aggregator.store.answers import Answer, Answered, record_answers
from aggregator.store.claims import Appetite
from aggregator.store.database import Session, Store
from aggregator.store.editions import Edition
from aggregator.store.placings import Placing
from aggregator.store.polls import PollTask
from aggregator.store.readings import Read, Reading, ReadTask
from aggregator.store.sightings import Sighting
from aggregator.store.tally import Tally

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
HOLD = 5 * MINUTE
MANY = Appetite(limit=10_000, per_host=10_000)

P = ParamSpec("P")
T = TypeVar("T")


class SourceFacts(TypedDict, total=False):
    title: str
    outlet: str
    role: Role
    kind: SourceKind | None
    site_url: str | None
    categories: tuple[str, ...]
    interval: timedelta | None
    full_text: bool | None
    only_new: bool
    next_poll_at: datetime | None
    enabled: bool


class EntryFacts(TypedDict, total=False):
    guid: str | None
    link: str | None
    authors: tuple[str, ...]
    summary: str
    content: str
    tags: tuple[str, ...]
    lang: str | None
    image: str | None
    origin: Origin | None
    rights: str | None


def source_at(url: str, **facts: Unpack[SourceFacts]) -> Source:
    plain: SourceFacts = {"title": "", "outlet": "outlet.example", "role": Role.PRESS}
    return Source(id=0, url=url, **(plain | facts))


def sighting(
    key: str,
    *,
    title: str = "Frigate joins the Baltic patrol",
    host: str = "",
    published: datetime = NOW - HOUR,
    **facts: Unpack[EntryFacts],
) -> Sighting:
    return Sighting(
        entry=Entry(key=key, title=title, **facts),
        outlet="outlet.example",
        published_at=published,
        host=host,
        fetch_page=bool(host),
    )


def answer(**changes: str | datetime | None) -> Answer:
    next_poll_at = changes.get("next_poll_at", NOW + HOUR)
    assert isinstance(next_poll_at, datetime)
    texts = {name: str(value) for name, value in changes.items() if name != "next_poll_at"}
    return Answer(
        etag=texts.get("etag"),
        last_modified=texts.get("last_modified"),
        body_hash=texts.get("body_hash"),
        next_poll_at=next_poll_at,
        kind=SourceKind.RSS,
        title="The Outlet",
        site_url="https://outlet.example/",
    )


def reading(text: str = "The frigate sailed.", *, keys: Sequence[str] = ()) -> Reading:
    page = Page(text=text, html=f"<p>{text}</p>")
    return Reading(page=page, fingerprint=text.encode(), keys=frozenset(keys))


class Stock:
    """A store, with what the tests do to it again and again."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def do(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return self.store.write_now(lambda session: work(session, *args, **kwargs))

    def get(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return self.store.read_now(lambda session: work(session, *args, **kwargs))

    def source(self, url: str = "https://a.example/feed", **facts: Unpack[SourceFacts]) -> Source:
        added = self.do(sources.add_source, source_at(url, **facts), NOW)
        assert added is not None
        return added

    def claim_poll(self, source: Source, now: datetime = NOW) -> PollTask:
        only = Appetite(limit=1, only=[source.id])
        (task,) = self.do(polls.claim_due_polls, now, HOUR, only)
        return task

    def poll(self, source: Source, *sightings: Sighting, now: datetime = NOW) -> Tally | None:
        self.do(polls.make_due, now, [source.id])
        task = self.claim_poll(source, now)
        return self.record(task, answer(), sightings, now)

    def record(
        self,
        task: PollTask,
        answer: Answer,
        sightings: Iterable[Sighting] = (),
        now: datetime = NOW,
    ) -> Tally | None:
        (tally,) = self.do(record_answers, [Answered(task, answer, now, sightings)])
        return tally

    def claim_readings(self, now: datetime = NOW) -> Sequence[ReadTask]:
        return self.do(readings.claim_due_readings, now, HOUR, MANY)

    def articles(self, *keys: str, source: Source | None = None) -> list[int]:
        """Return the entries of new articles, the first one published first."""
        source = source or self.source()
        found = [
            sighting(key, published=NOW - HOUR + n * MINUTE, link=f"https://a.example/{key}")
            for n, key in enumerate(keys)
        ]
        self.poll(source, *found)
        tasks = self.claim_readings()
        for task in tasks:
            self.do(readings.record_readings, [Read(task, reading(f"Text {task.entry_id}"), NOW)])
        return [task.entry_id for task in tasks]

    def place(
        self,
        entry_id: int,
        story_id: int | None = None,
        *,
        kind: Kind = Kind.COPY,
        now: datetime = NOW,
    ) -> int:
        """Place an article; return the story."""
        kind = Kind.ORIGINAL if story_id is None else kind
        verdict = Verdict(story_id=story_id, kind=kind, score=0.9, threshold=0.5)
        placing = Placing(
            entry_id, verdict, f"tag:a.example,2026:story/key{entry_id}", f"key{entry_id}"
        )
        self.do(placings.record_placings, [placing], now, HOLD)
        return self.get(stories_of, [entry_id])[entry_id]

    def story(self, *entry_ids: int, now: datetime = NOW) -> int:
        """Return a story that the first of these articles began and the others joined."""
        first, *others = entry_ids
        story_id = self.place(first, now=now)
        for other in others:
            self.place(other, story_id, now=now)
        return story_id

    def publish(self, now: datetime = NOW + HOUR, *categories: str, hold: bool = True) -> int:
        """Publish what is due, each story led by its lead or its first telling."""
        changed = self.get(drafts.due, now, 1000, hold=hold)
        made = [
            Edition(
                draft.story_id,
                draft.revision,
                draft.lead_entry_id or (draft.tellings[0].entry_id if draft.tellings else None),
                draft.tellings[0].published if draft.tellings else None,
                frozenset(categories) if draft.tellings else frozenset(),
            )
            for draft in changed
        ]
        return self.do(editions.record_editions, made, now)
