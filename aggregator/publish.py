"""Publish: let stories appear, choose what represents them, write the feeds that changed.

Every file is a pure function of the database and the settings, so publishing
may be late, repeated, interrupted or done by another process.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path

from aggregator import __version__
from aggregator.errors import StoreError
from aggregator.logs import get_logger
from aggregator.output.atom import render_atom
from aggregator.output.feed import OutFeed
from aggregator.output.files import write_published
from aggregator.settings import Settings
from aggregator.store import editions, facts, shelf
from aggregator.store.database import Session, Store
from aggregator.store.editions import Draft, DraftTelling, Edition, StaleFeed
from aggregator.stories.identity import feed_uri, tagging_entity
from aggregator.stories.lead import LeadCandidate, choose_lead
from aggregator.stories.provenance import attributed
from aggregator.stories.query import Document, Query, compile_query
from aggregator.stories.slugs import ALL
from aggregator.stories.text import tokens
from aggregator.stories.urls import canonical_url

logger = get_logger(__name__)

DRAFTS = 500
LAYOUT = "1"  # raised when the same stories are to be rendered otherwise


@dataclass(frozen=True, slots=True)
class Published:
    """What a round of publishing did: stories that appeared, files that changed."""

    appeared: int
    written: int


class Publisher:
    """Writes the feeds as the settings say; keeps the compiled rules and nothing else."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._rules = {
            category.slug: compile_query(category.query) for category in settings.categories
        }

    def publish(self, now: datetime, *, hold: bool = True, everything: bool = False) -> Published:
        """Publish what changed; blocks while another process publishes.

        `hold` False: stories whose hold is not over appear as well.
        `everything`: feeds that did not change are rendered, too.

        Raises:
            StoreError: a file cannot be written; it is still due, the others stand.
        """
        with self._store.lock("publisher"):
            self._note_rules(now)
            hold = hold and not self._store.read_now(editions.first_round_complete)
            appeared = self._edit(now, hold=hold)
            written = self._render(now, everything=everything)
        if appeared or written:
            logger.info("feeds.published", appeared=appeared, written=written)
        return Published(appeared, written)

    def _note_rules(self, now: datetime) -> None:
        """Reconsider the categories of the window's stories where the rules have changed."""
        rules = _digest(*(f"{c.slug} {c.query}" for c in self._settings.categories))
        since = now - self._settings.match.window

        def work(session: Session) -> None:
            if facts.fact(session, "rules") != rules:
                editions.reconsider(session, since)
                facts.note(session, "rules", rules)

        if self._store.read_now(partial(facts.fact, name="rules")) != rules:
            self._store.write_now(work)

    def _edit(self, now: datetime, *, hold: bool) -> int:
        appeared = edited = 0
        query = partial(editions.drafts, now=now, limit=DRAFTS, hold=hold)
        while drafts := self._store.read_now(query):
            made = [edition_of(draft, self._rules) for draft in drafts]
            # No two stories of any batch share a moment.
            moment = now - timedelta(microseconds=edited)
            record = partial(editions.record_editions, editions=made, now=moment)
            appeared += self._store.write_now(record)
            edited += len(made)
        return appeared

    def _render(self, now: datetime, *, everything: bool) -> int:
        titles = feed_titles(self._store, self._settings)
        publish = self._settings.publish
        titled = (f"{slug} {title}" for slug, title in sorted(titles.items()))
        look = _digest(LAYOUT, __version__, publish.base_url, str(publish.entries), *titled)
        slugs = tuple(titles)
        known = self._store.read_now(partial(editions.feed_revisions, slugs=slugs))
        stale = self._store.read_now(partial(editions.stale_feeds, slugs=slugs, rendered_with=look))
        due = [
            feed
            for feed in known
            if everything or feed in stale or not self._path(feed.slug).exists()
        ]
        written: dict[StaleFeed, bool] = {}
        faults: list[StoreError] = []
        for feed in due:
            try:
                written[feed] = self._render_one(feed, titles, now)
            except StoreError as error:
                faults.append(error)
        if written:
            mark = partial(editions.mark_rendered, feeds=tuple(written), rendered_with=look)
            self._store.write_now(mark)
        if faults:
            raise faults[0]
        return sum(written.values())

    def _render_one(self, stale: StaleFeed, titles: dict[str, str], now: datetime) -> bool:
        limit = self._settings.publish.entries
        stories = self._store.read_now(partial(shelf.live_stories, slug=stale.slug, limit=limit))
        feed = self._feed(stale.slug, titles, now)
        return write_published(self._path(stale.slug), render_atom(feed, stories))

    def _path(self, slug: str) -> Path:
        return self._settings.publish.directory / f"{slug}.atom"

    def _feed(self, slug: str, titles: dict[str, str], now: datetime) -> OutFeed:
        base_url = self._settings.publish.base_url
        entity = self._lasting("tagging_entity", tagging_entity(base_url, now))
        since = self._lasting("publishing_since", now.isoformat(timespec="seconds"))
        return OutFeed(
            uri=feed_uri(entity, slug),
            title=titles[slug],
            self_url=f"{base_url}/feeds/{slug}.atom",
            html_url=f"{base_url}/categories/{slug}",
            base_url=base_url,
            updated=datetime.fromisoformat(since).astimezone(UTC),
            version=__version__,
            category_titles=titles,
        )

    def _lasting(self, name: str, value: str) -> str:
        """Return what was noted under this name when it was first needed."""
        known = self._store.read_now(partial(facts.fact, name=name))
        return known or self._store.write_now(partial(facts.note_once, name=name, value=value))


def feed_titles(store: Store, settings: Settings) -> dict[str, str]:
    """Return the title of every feed there is: all, those with a rule, those given to sources."""
    named = {category.slug: category.title for category in settings.categories}
    given = store.read_now(editions.given_slugs)
    return (
        {ALL: "All stories"}
        | named
        | {slug: slug.replace("-", " ").title() for slug in given if slug not in named}
    )


def edition_of(draft: Draft, rules: Mapping[str, Query]) -> Edition:
    """Return what a draft is published as: its lead, its date, its categories.

    The categories are those that the operator gave to any of its sources, and
    those whose rule selects the lead.
    """
    if not draft.tellings:
        return Edition(draft.story_id, draft.revision, None, None, frozenset())
    tellings = {telling.entry_id: telling for telling in draft.tellings}
    # A split may have taken the lead away just before it was written down.
    known = draft.lead_entry_id if draft.lead_entry_id in tellings else None
    lead = tellings[known or choose_lead(_candidates(draft.tellings))]
    given = {slug for telling in draft.tellings for slug in telling.given}
    document = _document(lead)
    ruled = {slug for slug, rule in rules.items() if rule.matches(document)}
    return Edition(
        draft.story_id, draft.revision, lead.entry_id, lead.published, frozenset(given | ruled)
    )


def _candidates(tellings: Sequence[DraftTelling]) -> Iterator[LeadCandidate]:
    for telling in tellings:
        others = (other for other in tellings if other.entry_id != telling.entry_id)
        yield LeadCandidate(
            entry_id=telling.entry_id,
            role=telling.role,
            words=len(telling.text.split()),
            published=telling.published,
            named_as_original=any(_names(other, telling) for other in others),
        )


def _names(telling: DraftTelling, other: DraftTelling) -> bool:
    """Return whether a telling points at another as its original: by link or by headline."""
    page = canonical_url(telling.canonical_url or "")
    if (
        page
        and page != canonical_url(telling.link or "")
        and page == canonical_url(other.link or "")
    ):
        return True
    headline = tokens(other.title)
    found = (attributed(caption) for caption in telling.captions)
    return any(pair is not None and tokens(pair[0]) == headline for pair in found)


def _document(lead: DraftTelling) -> Document:
    return Document(
        title=lead.title,
        text=lead.text,
        outlet=lead.outlet,
        source=lead.source,
        lang=lead.lang or "",
        tags=lead.tags,
    )


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
