"""Publish: let stories appear, choose what represents them, write the feeds that changed.

Every file is a pure function of the database and the settings, so publishing
may be late, repeated, interrupted or done by another process.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path

from aggregator import __version__
from aggregator.edition import edition_of
from aggregator.errors import StoreError
from aggregator.logs import get_logger
from aggregator.output.atom import render_atom
from aggregator.output.feed import OutFeed
from aggregator.output.files import write_published
from aggregator.settings import Settings
from aggregator.store import editions, facts, shelf
from aggregator.store.database import Session, Store
from aggregator.store.editions import FIRST_ROUND, StaleFeed
from aggregator.stories.identity import feed_uri, tagging_entity
from aggregator.stories.query import compile_query
from aggregator.stories.slugs import ALL

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

    def publish(
        self, now: datetime, *, hold: bool = True, everything: bool = False, wait: bool = True
    ) -> Published:
        """Publish what changed; blocks while another process publishes.

        `hold` False: stories whose hold is not over appear as well.
        `everything`: feeds that did not change are rendered, too.

        Raises:
            RefusedError: another publishes, and we are not to `wait`.
            StoreError: a file cannot be written; it is still due, the others stand.
        """
        with self._store.lock("publisher", wait=wait):
            self._note_rules(now)
            first = self._store.read_now(editions.first_round_complete)
            appeared = self._edit(now, hold=hold and not first)
            if first:
                self._lasting(FIRST_ROUND, now.isoformat(timespec="seconds"))
            written = self._render(now, everything=everything)
        if appeared or written:
            logger.info("feeds.published", appeared=appeared, written=written)
        return Published(appeared, written)

    def write_feeds(self, now: datetime) -> int:
        """Write the feeds that are missing or stale, as the database stands; return how many.

        Raises:
            RefusedError: another process publishes.
            StoreError: a file cannot be written.
        """
        with self._store.lock("publisher", wait=False):
            return self._render(now, everything=False)

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
            record = partial(editions.record_editions, editions=made, now=now, edited=edited)
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
            if everything or feed in stale or _is_missing(self._path(feed.slug))
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


def _is_missing(path: Path) -> bool:
    """Return whether there is no such file to be seen; writing it will say why not."""
    try:
        return not path.exists()
    except OSError:
        return True


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
