"""What travels between the floors: frozen values that know no library.

All datetimes are aware and in UTC. HTML in any field is already sanitised.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What an outlet is to the news it carries; decides who leads a story."""

    PRIMARY = "primary"
    PRESS = "press"
    SYNDICATOR = "syndicator"


class Kind(StrEnum):
    """An article's place in its story."""

    ORIGINAL = "original"
    COPY = "copy"
    RETELLING = "retelling"


class SourceKind(StrEnum):
    """The dialect a source speaks."""

    RSS = "rss"
    RDF = "rdf"
    ATOM = "atom"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Source:
    """A source as an operator sees it.

    `kind` is None until it was first read; `interval` is None where the
    setting's holds; `entries` counts what it has said so far.
    """

    id: int
    url: str
    title: str
    outlet: str
    role: Role
    kind: SourceKind | None = None
    site_url: str | None = None
    categories: tuple[str, ...] = ()
    interval: timedelta | None = None
    full_text: bool | None = None
    only_new: bool = False
    next_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    entries: int = 0
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom an entry names as its original publisher (RSS 2.0 `<source>`, Atom `source`)."""

    title: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Credit:
    """A line of a page that says where its article was published first.

    `outlet` is the name as written there, `host` that of its site, `url` the
    address of the original; each empty or None where the line does not tell.
    `firm` is False where it may name an office as well: "Source: Ministry".
    `shown_by` is "line", or "canonical" where the page's head says it by a link.
    """

    outlet: str
    host: str = ""
    headline: str = ""
    url: str | None = None
    firm: bool = True
    shown_by: str = "line"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a telling reveals of the original that it was made from.

    `url` is its address, None where none is known; `headline` may be empty.
    `shown_by` is "canonical", "line", "caption" or "title".
    """

    outlet: str
    headline: str
    url: str | None
    shown_by: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What one source said once.

    `key` is its identity within the source: the guid, else the link, else a
    hash of title and content. `published` and `updated` are as stated, None
    where nothing readable is stated. `summary` and `content` are sanitised
    HTML, empty where the feed gives none.
    """

    key: str
    title: str
    guid: str | None = None
    link: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    summary: str = ""
    content: str = ""
    tags: tuple[str, ...] = ()
    lang: str | None = None
    image: str | None = None
    origin: Origin | None = None
    rights: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A source's document, read: its own facts, its entries in document order.

    `skipped` counts the entries that could not be read.
    """

    kind: SourceKind
    title: str
    entries: tuple[Entry, ...]
    site_url: str | None = None
    lang: str | None = None
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """What an entry's page yields: the article, without the chrome around it.

    `text` is plain, paragraphs separated by blank lines; `html` the same,
    sanitised. `captions` are the texts under and behind its pictures, which
    on rewritten pages often still name the original. `credits` are its lines
    that name where the article was published first. `canonical_url` is what
    the page says of itself.
    """

    text: str
    html: str
    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    lang: str | None = None
    image: str | None = None
    canonical_url: str | None = None
    captions: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """What matching sees of an entry with its text.

    `text` is plain; `link` and `canonical_url` are as found. `guid` is the
    one the source gave, which may mean nothing beyond it. `dated` is False
    where `published` is a guess that says nothing.
    """

    entry_id: int
    title: str
    text: str
    outlet: str
    published: datetime
    guid: str | None = None
    link: str | None = None
    canonical_url: str | None = None
    lang: str | None = None
    captions: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    origin: Origin | None = None
    dated: bool = True


class Signal(NamedTuple):
    """One reason for or against: its value and the weight it had in the score."""

    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A placed entry that an article was compared with, and what came of it."""

    entry_id: int
    story_id: int
    score: float
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where an article belongs, and why.

    `story_id` is None where it starts a story of its own. `score` is that of
    the candidate it was placed by, or of the best one that fell short.
    `joins` are further stories that the article shows to be the same one: it
    may be the original that two copies had in common.
    """

    story_id: int | None
    kind: Kind
    score: float
    threshold: float
    candidates: tuple[Candidate, ...] = field(default=())
    joins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """An article's place in a story, as shown to people.

    `placed_at` is when the story got it; `score` is 1.0 for the original.
    `provenance` is what it reveals of an original that it was made from.
    """

    entry_id: int
    title: str
    url: str | None
    outlet: str
    kind: Kind
    score: float
    published: datetime
    placed_at: datetime
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A named rule: what matches `query` (Lucene syntax) stands in its feed."""

    slug: str
    title: str
    query: str


@dataclass(frozen=True, slots=True)
class Story:
    """A story as it is published: its permanent id, its lead, all its tellings.

    `uri` is the permanent id (RFC 4151), `key` its last part, used in page
    addresses. `title`, `link`, `html`, `authors`, `tags`, `lang`, `image`,
    `rights` and the `source_*` fields are the lead's. `published` never
    changes; `updated` moves only with the body. Tellings stand in order of
    their placing; those placed after `updated` are not named in the body.
    """

    id: int
    uri: str
    key: str
    title: str
    link: str | None
    html: str
    published: datetime
    updated: datetime
    lead_entry_id: int
    tellings: tuple[Telling, ...]
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lang: str | None = None
    image: str | None = None
    rights: str | None = None
    source_title: str = ""
    source_url: str | None = None

    @property
    def lead(self) -> Telling:
        """Return the telling that represents the story."""
        return next(telling for telling in self.tellings if telling.entry_id == self.lead_entry_id)

    @property
    def outlets(self) -> tuple[str, ...]:
        """Return the outlets that tell the story, in order, each once."""
        return tuple(dict.fromkeys(telling.outlet for telling in self.tellings))
