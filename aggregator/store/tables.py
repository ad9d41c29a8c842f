"""The tables. Rows never leave `store/`; what leaves are the values of `model`."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from aggregator.store.base import Base, partial_index


class MetaRow(Base):
    """Facts about the database itself, by name."""

    __tablename__ = "meta"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class SourceRow(Base):
    """A source, when it is next due, who holds it, and its account.

    `epoch` fences: only the claim that carries it may write. Removed sources stay:
    their entries keep a home. `first_url` is the address before a lasting redirect,
    `moved_to` where the last `moves` polls went for good. `etag_misses` counts whole
    answers in spite of the ETag, `whole_at` is when one last came, `cut_off` how often
    (up to 2) it came without its end. What the source asked for: `lifetime_s`, `ttl_s`,
    `skips`. Its `rhythm` is as of `rhythm_at`, watched since `observed_at`; `pace_s`
    follows from it. Until `pushed_until` a hub sends what is new.
    """

    __tablename__ = "source"
    __table_args__ = (Index("ix_source_due", "enabled", "next_poll_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(unique=True)
    host: Mapped[str]
    title: Mapped[str]
    outlet: Mapped[str]
    role: Mapped[str]
    kind: Mapped[str | None]
    site_url: Mapped[str | None]
    interval_s: Mapped[int | None]
    full_text: Mapped[bool | None]
    only_new: Mapped[bool]
    enabled: Mapped[bool]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    next_poll_at: Mapped[datetime]
    epoch: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_hash: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    last_polled_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    entries_seen: Mapped[int] = mapped_column(default=0)
    entries_known: Mapped[int] = mapped_column(default=0)
    first_url: Mapped[str | None]
    moved_to: Mapped[str | None]
    moves: Mapped[int] = mapped_column(default=0, server_default="0")
    etag_misses: Mapped[int] = mapped_column(default=0, server_default="0")
    whole_at: Mapped[datetime | None]
    lifetime_s: Mapped[int | None]
    ttl_s: Mapped[int | None]
    skips: Mapped[list[Any] | None]
    rhythm: Mapped[list[Any] | None]
    rhythm_at: Mapped[datetime | None]
    observed_at: Mapped[datetime | None]
    pace_s: Mapped[int | None]
    last_new_at: Mapped[datetime | None]
    items: Mapped[bytes | None]
    pushed_until: Mapped[datetime | None]
    cut_off: Mapped[int] = mapped_column(default=0, server_default="0")


class SourceCategoryRow(Base):
    """A category that the operator gave to a source."""

    __tablename__ = "source_category"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)


class EntryRow(Base):
    """What a source said once. `baseline`: known from before the source was added.

    `page_due_at` is None once the article stands, and for baseline entries.
    `page_tries` counts how often the page was postponed; `held` is one of a
    flood that waits for a later round. `twin` is what it would still go by if
    its site moved (stories/keys.py).
    """

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("source_id", "key"),
        partial_index("ix_entry_page_due", "page_due_at", where="page_due_at IS NOT NULL"),
        partial_index("ix_entry_held", "lease_until", where="lease_until IS NOT NULL"),
        Index("ix_entry_twin", "source_id", "twin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key: Mapped[str]
    guid: Mapped[str | None]
    link: Mapped[str | None]
    host: Mapped[str]
    title: Mapped[str]
    authors: Mapped[list[Any]]
    published_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    summary: Mapped[str]
    content: Mapped[str]
    tags: Mapped[list[Any]]
    lang: Mapped[str | None]
    image: Mapped[str | None]
    outlet: Mapped[str]
    origin_title: Mapped[str | None]
    origin_url: Mapped[str | None]
    rights: Mapped[str | None]
    baseline: Mapped[bool]
    fetch_page: Mapped[bool]
    page_due_at: Mapped[datetime | None]
    page_tries: Mapped[int] = mapped_column(default=0)
    held: Mapped[bool] = mapped_column(default=False, server_default=false())
    twin: Mapped[str | None]
    epoch: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]


class ArticleRow(Base):
    """An entry with its full text. `page_error` says why the text is the feed's.

    The index is used only where a query states its condition in the very same
    words: as SQLAlchemy renders `~placed` for the one and the other dialect.
    """

    __tablename__ = "article"
    __table_args__ = (
        partial_index(
            "ix_article_unplaced",
            "entry_id",
            where={"sqlite": "placed = 0", "postgresql": "NOT placed"},
        ),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    text: Mapped[str]
    html: Mapped[str]
    authors: Mapped[list[Any]]
    lang: Mapped[str | None]
    image: Mapped[str | None]
    canonical_url: Mapped[str | None]
    captions: Mapped[list[Any]]
    credits: Mapped[list[Any]] = mapped_column(server_default="[]")
    read_at: Mapped[datetime]
    page_error: Mapped[str | None]
    placed: Mapped[bool] = mapped_column(default=False)


class FingerprintRow(Base):
    """What matching needs of an article: apart from its text, as a whole window is read at a start.

    `published_at` is the entry's.
    """

    __tablename__ = "fingerprint"

    entry_id: Mapped[int] = mapped_column(ForeignKey("article.entry_id"), primary_key=True)
    published_at: Mapped[datetime] = mapped_column(index=True)
    fingerprint: Mapped[bytes]


class ExactKeyRow(Base):
    """A key under which an article is found again, however old it is."""

    __tablename__ = "exact_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("article.entry_id"), primary_key=True)


class StoryRow(Base):
    """What articles tell. `uri` and `key` are minted once.

    `published_at`, `updated_at` and `lead_entry_id` are set when the story
    first appears, `confirmed_at` when enough independent outlets tell it.
    `revision` counts changes; the newest edition was made of `edited_revision`.
    """

    __tablename__ = "story"
    __table_args__ = (
        partial_index(
            "ix_story_held",
            "appear_at",
            "id",
            where="appeared_at IS NULL AND merged_into_id IS NULL",
        ),
        partial_index(
            "ix_story_changed",
            "appeared_at",
            "id",
            where="appeared_at IS NOT NULL AND revision <> edited_revision",
        ),
        # These leave out what has no value: SQLite would take them to find just that.
        partial_index(
            "ix_story_live",
            "appeared_at",
            "published_at",
            where="appeared_at IS NOT NULL",
        ),
        partial_index("ix_story_confirmed", "confirmed_at", where="confirmed_at IS NOT NULL"),
        partial_index("ix_story_merged", "merged_into_id", where="merged_into_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uri: Mapped[str] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    appear_at: Mapped[datetime]
    appeared_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    lead_entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("story.id"))
    confirmed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    edited_revision: Mapped[int] = mapped_column(default=0)


class TellingRow(Base):
    """An article's place in a story, and the evidence that put it there.

    Ids rise in the order of placing: the editor reads on from the last it knows.
    `home_id` is where it was placed, if merges took it elsewhere; `moved_at` is when a merge or a
    split last moved it.
    """

    __tablename__ = "telling"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("article.entry_id"), unique=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), index=True)
    home_id: Mapped[int | None] = mapped_column(ForeignKey("story.id"))
    moved_at: Mapped[datetime | None]
    kind: Mapped[str]
    score: Mapped[float]
    threshold: Mapped[float]
    evidence: Mapped[list[Any]]
    placed_at: Mapped[datetime]


class MoveRow(Base):
    """A merge took a telling out of the story, in which it stood since `placed_at`, as `kind`.

    Merges can be undone, one after the other: what a telling was in each story on its way.
    """

    __tablename__ = "move"

    id: Mapped[int] = mapped_column(primary_key=True)
    telling_id: Mapped[int] = mapped_column(ForeignKey("telling.id"), index=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"))
    placed_at: Mapped[datetime]
    kind: Mapped[str]


class RulingRow(Base):
    """An operator's word on who belongs together; it holds against the editor."""

    __tablename__ = "ruling"

    id: Mapped[int] = mapped_column(primary_key=True)
    verb: Mapped[str]
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"))
    other_story_id: Mapped[int | None] = mapped_column(ForeignKey("story.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    made_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
