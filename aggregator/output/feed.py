"""The feed out and its entry, before any format: frozen, complete, legal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutFeed:
    """What a feed says of itself.

    `uri` is its permanent id. `html_url` is the page for people, `base_url`
    (without a closing slash) what our pages stand under. `updated` is used
    where the feed has no entry. `category_titles` names categories by slug.
    """

    uri: str
    title: str
    self_url: str
    html_url: str
    base_url: str
    updated: datetime
    version: str
    hub: str | None = None
    category_titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutLink:
    """Where an entry points; `rel` as RFC 4287 section 4.2.7.2 names it."""

    rel: str
    href: str
    title: str = ""


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
