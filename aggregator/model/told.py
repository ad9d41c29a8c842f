"""What goes out: where an article belongs and why, and the stories that are published."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from aggregator.model.arriving import Provenance


class Kind(StrEnum):
    """An article's place in its story."""

    ORIGINAL = "original"
    COPY = "copy"
    RETELLING = "retelling"


class Signal(NamedTuple):
    """One reason for or against: its value and the weight it had in the score."""

    name: str
    value: float
    weight: float


class Candidate(NamedTuple):
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
    `provenance` is what it reveals of an original that it was made from,
    `first_title` what it was called before its source corrected it.
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
    first_title: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A named rule: what matches `query` (Lucene syntax) stands in its feed.

    `keep` is how long its stories are kept, None as long as all others.
    """

    slug: str
    title: str
    query: str
    keep: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A story as it is published: its permanent id, its lead, all its tellings.

    `uri` is the permanent id (RFC 4151), `key` its last part, used in page
    addresses. `title`, `link`, `html`, `authors`, `tags`, `lang`, `image`,
    `rights` and the `source_*` fields are the lead's. `published` never
    changes; `updated` moves only with the body. Tellings stand in order of
    their placing; those placed after `updated` are not named in the body.
    `named` is whom that goes on naming all the same, where it may change no more
    although one of them left; None where nobody did. `settled`: no other body
    waits for the edition with which `updated` moves.
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
    named: tuple[Telling, ...] | None = None
    settled: bool = True

    def __hash__(self) -> int:
        """Return what is quickly computed: stories are the keys of what was made of them."""
        return hash((self.id, self.updated))

    @property
    def lead(self) -> Telling:
        """Return the telling that represents the story."""
        return next(telling for telling in self.tellings if telling.entry_id == self.lead_entry_id)

    @property
    def outlets(self) -> tuple[str, ...]:
        """Return the outlets that tell the story, in order, each once."""
        return tuple(dict.fromkeys(telling.outlet for telling in self.tellings))


@dataclass(frozen=True, slots=True)
class Folded:
    """An entry that was folded into a story which another telling leads, and why.

    `signals` are those of the comparison that decided; none where there was none. `joined`:
    whether it came with another story, that an operator or an article showed to be this one,
    or was split from one by an operator. `changed_at` is when it came to stand as it does.
    """

    telling: Telling
    threshold: float
    signals: tuple[Signal, ...]
    story_key: str
    story_title: str
    story_outlet: str
    changed_at: datetime
    joined: Literal["", "operator", "article", "split"] = ""

    def __hash__(self) -> int:
        """Return what is quickly computed, as for stories."""
        return hash((self.telling.entry_id, self.changed_at))


@dataclass(frozen=True, slots=True)
class HealthTurn:
    """A source began to fail, or recovered."""

    id: int
    source_title: str
    outlet: str
    site_url: str | None
    failing: bool
    reason: str
    at: datetime
