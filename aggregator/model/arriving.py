"""What comes in: sources, what they say, the articles that it becomes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """What an outlet is to the news it carries; decides who leads a story."""

    PRIMARY = "primary"
    PRESS = "press"
    SYNDICATOR = "syndicator"


class SourceKind(StrEnum):
    """The dialect a source speaks."""

    RSS = "rss"
    RDF = "rdf"
    ATOM = "atom"
    JSON = "json"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True)
class Hints:
    """What a source asks of those who poll it.

    `lifetime` is how long its answer stays fresh (RFC 9111 section 4.2.1),
    `ttl` what the document says of itself (RSS 2.0 `ttl`, the syndication
    module's `sy:updatePeriod`). In the hours (0 to 23) and on the days (0 is
    Monday) to skip it is not to be asked, in UTC.
    """

    lifetime: timedelta | None = None
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Source:
    """A source as an operator sees it.

    `kind` is None until it was first read; `interval` is None where the
    operator left it to us, `pace` is how often we ask then, None until we
    did. `entries` counts what it has said so far. `first_url` is the address
    given, where the source has moved since; `last_new_at` is when it last
    said something new, `observed_at` when it first answered. Until
    `pushed_until` a hub sends us what is new. `cut_off`: its last document
    had no end.
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
    pace: timedelta | None = None
    first_url: str | None = None
    last_new_at: datetime | None = None
    observed_at: datetime | None = None
    pushed_until: datetime | None = None
    cut_off: bool = False


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
    HTML, empty where the feed gives none. `cut_off`: its document ends within
    it, and there may be more of it. `twin` is what it still goes by where its
    site moved and calls all its entries by new names.
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
    cut_off: bool = False
    twin: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A source's document, read: its own facts, its entries in document order.

    `skipped` counts the entries that could not be read. `damaged`: the
    document is not well-formed, or in no encoding; `cut_off`: its
    end is missing, and more may stand there. `hubs` are the WebSub hubs that it
    names, `self_url` is the address that it gives as its own.
    """

    kind: SourceKind
    title: str
    entries: tuple[Entry, ...]
    site_url: str | None = None
    lang: str | None = None
    skipped: int = 0
    damaged: bool = False
    cut_off: bool = False
    hints: Hints = NO_HINTS
    hubs: tuple[str, ...] = ()
    self_url: str | None = None


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
