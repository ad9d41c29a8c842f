"""What the pages ask for; whoever starts the server answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aggregator.model import Story


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A published feed as the index shows it; `newest` is its newest story's `published`."""

    slug: str
    title: str
    stories: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as everybody may see it: without its address, which may let someone in.

    `pushed`: a hub sends us what is new.
    """

    title: str
    outlet: str
    entries: int
    last_success_at: datetime | None
    failures: int
    enabled: bool
    pushed: bool = False


@dataclass(frozen=True, slots=True)
class StatusView:
    """The account of all that came in, as `aggregator ledger` draws it up."""

    version: str
    ready: bool
    sources: int
    failing: int
    stories: int
    entries: int
    copies: int
    retellings: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The story was merged into another, which answers to `key`."""

    key: str


@dataclass(frozen=True, slots=True)
class Pruned:
    """The story is past its time: only the archives still hold it."""


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story as its best telling tells it; the feeds keep the lead that it appeared with.

    `recycled` are the entries that told it again when it was news no longer.
    """

    story: Story
    lead_entry_id: int
    recycled: frozenset[int] = frozenset()


class View(Protocol):
    """The reading side of the store, as far as people see it."""

    async def categories(self) -> Sequence[CategoryView]:
        """Return every published feed, in the order of the index."""

    async def stories(self, slug: str, limit: int) -> Sequence[Story]:
        """Return the category's published stories, newest first."""

    async def story(self, key: str) -> StoryView | Moved | Pruned | None:
        """Return the published story of that key, what became of it, or None."""

    async def found(self, query: str, limit: int) -> Sequence[Story]:
        """Return the stories that hold what is sought, newest first.

        Raises:
            RuleError: the query holds nothing to look for.
        """

    async def search_feed(self, query: str) -> bytes:
        """Return the feed of a search, as Atom.

        Raises:
            RuleError: the query holds nothing to look for.
        """

    async def sources(self) -> Sequence[SourceView]:
        """Return the sources, in the order of their ids."""

    async def status(self) -> StatusView:
        """Return how things stand."""

    async def readiness(self) -> Mapping[str, object]:
        """Return `ready`, a bool, and the facts behind it, as JSON can hold them."""
