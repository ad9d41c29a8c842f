"""The press: what stands in each file that we publish. A function of the database alone.

A feed is called by its category's slug (`nato`: Atom, RSS and JSON Feed), by
slug and kind (`nato.confirmed`, `nato.suppressed`), by slug and month
(`nato/2026-11`, an archive), or `health` and `outputs`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

from aggregator import __version__
from aggregator.model import Folded, Story
from aggregator.output.atom import render_atom
from aggregator.output.entry import out_entries
from aggregator.output.feed import OutEntry, OutFeed, OutLink, newest_update
from aggregator.output.jsonfeed import render_json
from aggregator.output.opml import feed_outlines, render_opml
from aggregator.output.remarks import folded_entries, health_entries
from aggregator.output.rss import render_rss
from aggregator.settings import Settings
from aggregator.settings.hubs import hub_addresses, topic_address
from aggregator.store import archives, composed, editions, facts, folded, fulltext, health, shelf
from aggregator.store.database import Session, Store
from aggregator.store.feeds import FeedState
from aggregator.store.kept import Kept
from aggregator.stories.identity import feed_uri, tagging_entity
from aggregator.stories.search import parse_search
from aggregator.stories.slugs import ALL, CONFIRMED, HEALTH, OUTPUTS, SUPPRESSED

# What is told of folded entries and of health: enough for who looks once a week.
REMARKS = 200
FOUND = 100  # stories in the feed of a search
STYLE = "static/feed.css"
# The facts that outlast every change of the settings: when we first published, who mints our ids.
SINCE, ENTITY = "publishing_since", "tagging_entity"


@dataclass(frozen=True, slots=True)
class Pressed:
    """The files of a feed by name, and the `updated` that they state."""

    files: Mapping[str, bytes]
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shelves:
    """What was read of the live feeds; of a feed that changes, little changes."""

    stories: Kept[Story] = field(default_factory=Kept)
    folded: Kept[Folded] = field(default_factory=Kept)


@dataclass(frozen=True, slots=True)
class Press:
    """Makes the files of feeds.

    `titles` are those of the categories by slug, `entity` is who mints our
    ids, `since` is when we first published. `months` are those of each feed's
    archives.
    """

    store: Store
    settings: Settings
    titles: Mapping[str, str]
    entity: str
    since: datetime
    months: Mapping[str, Sequence[str]]
    kept: Shelves = field(default_factory=Shelves)

    def names(self) -> list[str]:
        """Return the names of all feeds that there are to be."""
        names = [HEALTH, OUTPUTS]
        for slug in self.titles:
            names += [slug, f"{slug}.{CONFIRMED}", f"{slug}.{SUPPRESSED}"]
            names += [archives.archive_name(slug, month) for month in self.months.get(slug, ())]
        return names

    def files_of(self, name: str) -> tuple[str, ...]:
        """Return the names of a feed's files, in `publish.directory`."""
        if name == OUTPUTS:
            return (f"{name}.opml",)
        return (
            (f"{name}.atom", f"{name}.rss", f"{name}.json")
            if name in self.titles
            else (f"{name}.atom",)
        )

    def make(self, state: FeedState) -> Pressed | None:
        """Return the files of a feed as they should be now; None where a story's edition is due.

        Its body was changed since it was edited: `updated` is to move with it.
        """
        if state.name == OUTPUTS:
            outlines = feed_outlines(self.settings.publish.base_url, self.titles)
            return Pressed({f"{OUTPUTS}.opml": render_opml("Published feeds", outlines)})
        feed = replace(self.head(state.name), updated=state.updated or self.since)
        entries = self._entries(feed, state.name)
        if entries is None:
            return None
        files = {f"{state.name}.atom": render_atom(feed, entries)}
        if state.name in self.titles:
            rss, json = f"{state.name}.rss", f"{state.name}.json"
            files[rss] = render_rss(replace(feed, self_url=self._url(rss)), entries)
            files[json] = render_json(replace(feed, self_url=self._url(json)), entries)
        return Pressed(files, newest_update(feed, entries))

    def _entries(self, feed: OutFeed, name: str) -> Sequence[OutEntry] | None:
        slug, _, month = name.partition("/")
        slug, _, kind = slug.partition(".")
        if name == HEALTH:
            turns = self.store.read_now(partial(health.turns, limit=REMARKS))
            return health_entries(feed, self.entity, turns)
        if kind == SUPPRESSED:
            read = partial(folded.folded_entries, slug=slug, limit=REMARKS, kept=self.kept.folded)
            return folded_entries(feed, self.entity, self.store.read_now(read))
        stories = self._stories(slug, kind, month)
        if not all(story.settled for story in stories):
            return None
        closed_at = partial(archives.closed_at, slug=slug, month=month)
        if month and (closed := self.store.read_now(closed_at)):
            stories = [as_of(story, closed) for story in stories]
        return out_entries(feed, stories)

    def _stories(self, slug: str, kind: str, month: str) -> Sequence[Story]:
        kept = self.kept.stories
        if kind == CONFIRMED:
            limit = self.settings.publish.entries
            confirmed = partial(shelf.confirmed_stories, slug=slug, limit=limit, kept=kept)
            return self.store.read_now(confirmed)
        if month:
            return self.store.read_now(partial(shelf.archived_stories, slug=slug, archive=month))
        return self.store.read_now(partial(shelf.feed_stories, slug=slug, kept=kept))

    def is_past(self, name: str) -> bool:
        """Return whether a feed is an archive that takes nothing any more."""
        slug, _, month = name.partition("/")
        return bool(month) and month != self.months[slug][-1]

    def search(self, query: str) -> bytes:
        """Return the feed of a search: the newest stories that hold what is sought.

        But for those whose edition is due: the next round dates their bodies.

        Raises:
            RuleError: the query holds nothing to look for.
        """
        found = self.store.read_now(partial(found_stories, query=query, limit=FOUND))
        asked = quote(query, safe="")
        base_url = self.settings.publish.base_url
        feed = replace(
            self.head(ALL),
            uri=f"{self.entity}:search/{asked}",
            title=f"Search: {query}",
            self_url=f"{base_url}/search.atom?q={asked}",
            html_url=f"{base_url}/search?q={asked}",
            style_url=STYLE,
            archives=(),
            hubs=(),
        )
        return render_atom(feed, out_entries(feed, [story for story in found if story.settled]))

    def head(self, name: str) -> OutFeed:
        """Return what a feed says of itself."""
        slug, _, month = name.partition("/")
        slug, _, kind = slug.partition(".")
        base_url = self.settings.publish.base_url
        title, subtitle = self._titles(slug, kind)
        page = "sources" if name == HEALTH else f"categories/{slug}"
        return OutFeed(
            uri=feed_uri(self.entity, name.partition("/")[0]),
            title=f"{title}, {archives.archive_title(month)}" if month else title,
            subtitle=subtitle,
            self_url=self._url(f"{name}.atom"),
            html_url=f"{base_url}/{page}",
            base_url=base_url,
            style_url=f"{'../' * (1 + name.count('/'))}{STYLE}",
            updated=self.since,
            version=__version__,
            archive=bool(month),
            archives=() if kind else tuple(self._archive_links(slug, month)),
            category_titles=self.titles,
            hubs=() if month else hub_addresses(self.settings),
        )

    def _titles(self, slug: str, kind: str) -> tuple[str, str]:
        if slug == HEALTH:
            return "Health of the sources", "When a source begins to fail, and when it recovers"
        title, least = self.titles[slug], self.settings.publish.min_outlets
        titles = {
            CONFIRMED: (f"{title}, confirmed", f"Stories told by {least} independent outlets"),
            SUPPRESSED: (f"{title}, folded", "Which entries were folded into a story, and why"),
        }
        return titles.get(kind, (title, ""))

    def _archive_links(self, slug: str, month: str) -> Iterable[OutLink]:
        """Yield the way through the archives (RFC 5005 section 4): from live to the oldest."""
        months = list(self.months.get(slug, ()))
        place = months.index(month) if month else len(months)
        if month:
            yield OutLink("current", self._url(f"{slug}.atom"))
        if place > 0:
            yield OutLink("prev-archive", self._url(f"{slug}/{months[place - 1]}.atom"))
        if place + 1 < len(months):
            yield OutLink("next-archive", self._url(f"{slug}/{months[place + 1]}.atom"))

    def _url(self, file: str) -> str:
        return topic_address(self.settings, file)


def found_stories(session: Session, query: str, limit: int) -> Sequence[Story]:
    """Return the published stories that hold what is sought, newest first.

    Raises:
        RuleError: the query holds nothing to look for.
    """
    ids = fulltext.find_stories(session, parse_search(query), limit)
    found = {story.id: story for story in composed.load_stories(session, ids)}
    return [found[story_id] for story_id in ids if story_id in found]


def as_of(story: Story, closed: datetime) -> Story:
    """Return the story without what was placed after its archive was closed: it changes no more.

    But with whom its body names: a clock that was ahead may have dated them later.
    """
    kept = tuple(
        telling
        for telling in story.tellings
        if telling.placed_at < closed
        or telling.placed_at <= story.updated
        or telling.entry_id == story.lead_entry_id
    )
    return replace(story, tellings=kept)


def open_press(
    store: Store,
    settings: Settings,
    now: datetime,
    kept: Shelves | None = None,
) -> Press:
    """Return the press as the database stands; what must last is noted when it is first needed.

    It knows of no archive: whoever wants those made says of which months they
    are. What was `kept` is not read again.
    """
    given, known = store.read_now(_known)
    lacking = {
        SINCE: now.isoformat(timespec="seconds"),
        ENTITY: tagging_entity(settings.publish.base_url, now),
    }
    noted = {name: known[name] or lasting(store, name, value) for name, value in lacking.items()}
    return Press(
        store=store,
        settings=settings,
        titles=_titles_of(settings, given),
        entity=noted[ENTITY],
        since=datetime.fromisoformat(noted[SINCE]).astimezone(UTC),
        months={},
        kept=kept or Shelves(),
    )


def _known(session: Session) -> tuple[Sequence[str], Mapping[str, str | None]]:
    """Return the categories that are given to sources, and what was noted to last."""
    known = {name: facts.fact(session, name) for name in (SINCE, ENTITY)}
    return editions.given_slugs(session), known


def lasting(store: Store, name: str, value: str) -> str:
    """Return what was noted under this name when it was first needed: this value, if only now."""
    known = store.read_now(partial(facts.fact, name=name))
    return known or store.write_now(partial(facts.note_once, name=name, value=value))


def feed_titles(store: Store, settings: Settings) -> dict[str, str]:
    """Return the title of every feed there is: all, those with a rule, those given to sources."""
    return _titles_of(settings, store.read_now(editions.given_slugs))


def _titles_of(settings: Settings, given: Iterable[str]) -> dict[str, str]:
    named = {category.slug: category.title for category in settings.categories}
    return (
        {ALL: "All stories"}
        | named
        | {slug: slug.replace("-", " ").title() for slug in given if slug not in named}
    )
