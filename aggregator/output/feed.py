"""The feed out and its entry, before any format: frozen, complete, legal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutLink:
    """Where a feed or an entry points; `rel` as RFC 4287 section 4.2.7.2 names it."""

    rel: str
    href: str
    title: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class OutFeed:
    """What a feed says of itself.

    `uri` is its permanent id. `html_url` is the page for people, `base_url`
    (without a closing slash) what our pages stand under, `style_url` the way
    to the style sheet for who opens the XML itself. `updated` is the least
    that it may state: a feed never grows older. `archive` says that it is one
    (RFC 5005), `archives` are the links between it and its neighbours.
    `category_titles` names categories by slug, `hubs` are where one subscribes
    by WebSub.
    """

    uri: str
    title: str
    self_url: str
    html_url: str
    base_url: str
    updated: datetime
    version: str
    subtitle: str = ""
    hubs: tuple[str, ...] = ()
    style_url: str = ""
    archive: bool = False
    archives: tuple[OutLink, ...] = ()
    category_titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutCategory:
    """A term; one of ours where it has a scheme, else a tag of the lead's."""

    term: str
    scheme: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class OutSource:
    """The source that the lead came from, as it stood then."""

    uri: str
    title: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class OutEntry:
    """One story, ready to be written in any format.

    Every string can stand in XML as it is, every address is absolute, titles
    and authors are never empty. `links` holds exactly one alternate, first.
    `html` is what the lead says, `coda` the HTML that we add to it. `page` is
    ours of the story, where it has one.
    """

    uri: str
    title: str
    html: str
    published: datetime
    updated: datetime
    authors: tuple[str, ...]
    links: tuple[OutLink, ...]
    categories: tuple[OutCategory, ...] = ()
    source: OutSource | None = None
    rights: str = ""
    lang: str = ""
    image: str = ""
    coda: str = ""
    page: str = ""

    def __hash__(self) -> int:
        """Return what is quickly computed: entries are the keys of how they are written."""
        return hash((self.uri, self.updated))

    @property
    def content(self) -> str:
        """Return the whole body, as HTML."""
        return self.html + self.coda

    @property
    def alternate(self) -> str:
        """Return the address of what the entry tells."""
        return self.links[0].href


def newest_update(feed: OutFeed, entries: Sequence[OutEntry]) -> datetime:
    """Return when the feed last changed: with its newest entry, and never before it said so."""
    return max([feed.updated, *(entry.updated for entry in entries)])
