"""Six feed readers, as far as it matters what they show: when is an entry new to them?

The rules are those of the readers' code. In all of them only another identity
shows an entry again; what else changes is taken over in silence. FreshRSS can
be told to mark an entry unread when what it compares has changed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Any

import feedparser


@dataclass(frozen=True)
class Item:
    """An entry as a reader's parser hands it on."""

    id: str
    link: str
    title: str
    authors: tuple[str, ...]
    content: str
    tags: tuple[str, ...]
    published: str
    updated: str


@lru_cache(maxsize=64)
def items_of(document: bytes) -> list[Item]:
    """Return the entries of a document of ours, whichever of the three formats it has."""
    if document.startswith(b"{"):
        return [_item_of_json(item) for item in json.loads(document)["items"]]
    # As it stands: what we publish is sanitised, and every address in it is whole.
    feed = feedparser.parse(BytesIO(document), sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo
    return [_item_of_xml(entry) for entry in feed.entries]


def _item_of_xml(entry: Any) -> Item:  # noqa: ANN401 - feedparser names no types
    return Item(
        id=entry.id,
        link=entry.link,
        title=entry.title,
        authors=tuple(author.get("name", "") for author in entry.get("authors", ())),
        content=entry.content[0].value if "content" in entry else entry.get("summary", ""),
        tags=tuple(tag.term for tag in entry.get("tags", ())),
        published=entry.published,
        updated=entry.updated if "updated" in entry else entry.published,
    )


def _item_of_json(item: Mapping[str, Any]) -> Item:
    return Item(
        id=item["id"],
        link=item["url"],
        title=item["title"],
        authors=tuple(author["name"] for author in item["authors"]),
        content=item["content_html"],
        tags=tuple(item.get("tags", ())),
        published=item["date_published"],
        updated=item["date_modified"],
    )


def _sha(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


# What makes an entry another one, from the entry and the address of its feed.
IDENTITIES: Mapping[str, Callable[[Item, str], str]] = {
    "miniflux": lambda item, _feed: _sha(item.id or item.link),
    "FreshRSS": lambda item, _feed: item.id or _sha(item.link, item.title),
    "newsboat": lambda item, _feed: item.id or item.link or item.title,
    "NetNewsWire": lambda item, feed: _sha(feed, item.id or item.link or item.title),
    "reader": lambda item, _feed: item.id,
    "feedbin": lambda item, feed: _sha(feed, item.id or item.link + item.published + item.title),
}


def compared_by_freshrss(item: Item) -> str:
    """Return what FreshRSS hashes to see whether an entry that it knows has changed."""
    return _sha(item.link, item.title, ";".join(item.authors), item.content, *sorted(item.tags))


@dataclass
class Subscriber:
    """A reader that subscribed to a feed: what it has shown, and what it saw change."""

    name: str
    feed: str
    shown: list[str] = field(default_factory=list)
    known: dict[str, Item] = field(default_factory=dict)
    unread_again: list[str] = field(default_factory=list)
    bodies: Counter[str] = field(default_factory=Counter)
    moved: list[str] = field(default_factory=list)
    retitled: list[str] = field(default_factory=list)

    def fetch(self, document: bytes) -> None:
        """Take in a document, oldest entry first."""
        for item in reversed(items_of(document)):
            self._take(item)

    def _take(self, item: Item) -> None:
        key = IDENTITIES[self.name](item, self.feed)
        before = self.known.get(key)
        self.known[key] = item
        if before is None:
            self.shown.append(item.id)
            return
        if compared_by_freshrss(before) != compared_by_freshrss(item):
            self.unread_again.append(item.id)
        if before.title != item.title:
            self.retitled.append(item.id)
        if before.content != item.content:
            self.bodies[item.id] += 1
            if self.feed.endswith("rss"):  # which states no date of a change
                return
            assert item.updated > before.updated, "a body changed under the same date"
        if (before.link, before.published) != (item.link, item.published):
            self.moved.append(item.id)


def subscribers(feeds: Iterable[str]) -> list[Subscriber]:
    """Return a subscriber of each kind to each of the feeds."""
    return [Subscriber(name, feed) for feed in feeds for name in IDENTITIES]


def twice(shown: Sequence[str]) -> Iterator[str]:
    """Yield what was shown more than once."""
    return (uri for uri, count in Counter(shown).items() if count > 1)
