"""The storefront: what people see on the pages, read from the store."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from aggregator import __version__
from aggregator.edition import best_telling
from aggregator.errors import AggregatorError, NoSuchError
from aggregator.model import Story
from aggregator.press import feed_titles, found_stories, open_press
from aggregator.settings import Settings
from aggregator.store import backlog, composed, drafts, ledger, pruning, shelf, sources
from aggregator.store.database import Session, Store
from aggregator.stories.urls import source_name
from aggregator.web.view import CategoryView, Moved, Pruned, SourceView, StatusView, StoryView

_SILENT = "the database does not answer; the log says why"


class StoreView:
    """What the pages show, read from the store."""

    def __init__(
        self,
        store: Store,
        settings: Callable[[], Settings],
        readiness: Callable[[], Mapping[str, object]],
    ) -> None:
        self._store = store
        self._settings = settings
        self._readiness = readiness

    async def categories(self) -> Sequence[CategoryView]:
        """Return every feed, `all` first, in the order of the configuration."""
        titles = await asyncio.to_thread(feed_titles, self._store, self._settings())
        used = await self._store.read(shelf.categories_in_use)
        views = []
        for slug, title in titles.items():
            count, newest = used.get(slug, (0, None))
            views.append(CategoryView(slug, title, count, newest))
        return views

    async def stories(self, slug: str, limit: int) -> Sequence[Story]:
        """Return the newest published stories of a feed."""
        return await self._store.read(partial(shelf.live_stories, slug=slug, limit=limit))

    async def story(self, key: str) -> StoryView | Moved | Pruned | None:
        """Return the story of that key or id as its best telling tells it, or where it went."""
        window = self._settings().match.window

        def find(session: Session) -> StoryView | Moved | Pruned | None:
            story_id = shelf.story_id(session, key)
            if shelf.story_key(session, story_id) != key:
                return Moved(shelf.story_key(session, story_id))
            if pruning.was_pruned(session, story_id):
                return Pruned()
            draft = drafts.draft_of(session, story_id)
            found = composed.load_stories(session, [story_id], best_telling(draft))
            if not found:
                return None
            (story,) = found
            first = min(telling.published for telling in story.tellings)
            again = (each for each in story.tellings if each.published - first > window)
            recycled = frozenset(telling.entry_id for telling in again)
            return StoryView(story, draft.lead_entry_id or story.lead_entry_id, recycled)

        with suppress(NoSuchError):
            return await self._store.read(find)
        return None

    async def found(self, query: str, limit: int) -> Sequence[Story]:
        """Return the stories that hold what is sought, newest first."""
        return await self._store.read(partial(found_stories, query=query, limit=limit))

    async def search_feed(self, query: str) -> bytes:
        """Return the feed of a search, as Atom."""
        now = datetime.now(UTC)
        press = await asyncio.to_thread(open_press, self._store, self._settings(), now)
        return await asyncio.to_thread(press.search, query)

    async def sources(self) -> Sequence[SourceView]:
        """Return the sources, in the order of their ids."""
        listed = await self._store.read(sources.list_sources)
        now = datetime.now(UTC)
        return [
            SourceView(
                title=source_name(source.title) or source.outlet,
                outlet=source.outlet,
                entries=source.entries,
                last_success_at=source.last_success_at,
                failures=source.failures,
                enabled=source.enabled,
                pushed=source.pushed_until is not None and source.pushed_until > now,
            )
            for source in listed
        ]

    async def status(self) -> StatusView:
        """Return how things stand."""
        listed = await self._store.read(sources.list_sources)
        drawn = await self._store.read(ledger.draw_up)
        return StatusView(
            version=__version__,
            ready=bool((await self.readiness())["ready"]),
            sources=len(listed),
            failing=sum(source.failures > 0 for source in listed),
            stories=await self._store.read(backlog.count_stories),
            entries=drawn.new,
            copies=drawn.copies,
            retellings=drawn.retellings,
            waiting=drawn.unplaced,
        )

    async def readiness(self) -> Mapping[str, object]:
        """Return whether the ticks go on and the database answers."""
        try:
            await self._store.read(drafts.count_held)
        except AggregatorError:
            # The log says why, each time that a tick fails: the public need not know.
            return {"ready": False, "reasons": [_SILENT], "database": "no answer"}
        return {**self._readiness(), "database": "ok"}
