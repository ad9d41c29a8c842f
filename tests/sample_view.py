"""A view for the pages to show, without a store behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request
from sample_stories import FEED as OUT
from sample_stories import NOW, rendered_atom, story, told_by_four

from aggregator.model import Story
from aggregator.stories.search import parse_search
from aggregator.web.view import CategoryView, Moved, Pruned, SourceView, StatusView, StoryView

FEED = b"<feed>" + b"<entry/>" * 500 + b"</feed>\n"
Client = TestClient[Request, Application]


@dataclass
class Newsroom:
    """A view over two stories, one of them merged into the other."""

    shown: tuple[CategoryView, ...] = (
        CategoryView("nato", "NATO & allies", 2, NOW),
        CategoryView("arctic", "The Arctic", 0, None),
    )
    told: dict[str, Story | Moved | Pruned] = field(
        default_factory=lambda: {"0001": told_by_four(), "0002": Moved("0001"), "0003": story(3)}
    )
    polled: tuple[SourceView, ...] = (
        SourceView("The Quay <News>", "quay.example", 1, NOW, 0, enabled=True, pushed=True),
        SourceView("The Pier", "pier.example", 7, None, 2, enabled=True),
        SourceView("The Mole", "mole.example", 0, None, 0, enabled=True),
        SourceView("The Dock", "dock.example", 0, NOW, 0, enabled=False),
    )
    leads: int | None = None
    recycled: frozenset[int] = frozenset()
    ready: bool = True
    failing: int = 1
    failure: Exception | None = None

    async def categories(self) -> Sequence[CategoryView]:
        if self.failure:
            raise self.failure
        return self.shown

    async def stories(self, slug: str, limit: int) -> Sequence[Story]:
        found = [told for told in self.told.values() if isinstance(told, Story)]
        return [told for told in found if slug in told.categories][:limit]

    async def story(self, key: str) -> StoryView | Moved | Pruned | None:
        found = self.told.get(key)
        if not isinstance(found, Story):
            return found
        return StoryView(found, self.leads or found.lead_entry_id, self.recycled)

    async def found(self, query: str, limit: int) -> Sequence[Story]:
        parse_search(query)
        found = [told for told in self.told.values() if isinstance(told, Story)]
        return [told for told in found if query.lower() in told.title.lower()][:limit]

    async def search_feed(self, query: str) -> bytes:
        return rendered_atom(OUT, await self.found(query, 99))

    async def sources(self) -> Sequence[SourceView]:
        return self.polled

    async def status(self) -> StatusView:
        return StatusView("1.0", self.ready, 2, self.failing, 3, 9, 4, 1, 1)

    async def readiness(self) -> Mapping[str, object]:
        return {"ready": self.ready, "database": "ok" if self.ready else "locked"}
