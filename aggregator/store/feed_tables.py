"""The tables of what we tell the world: our feeds, and how the sources do."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from aggregator.store.base import Base


class FeedRow(Base):
    """A feed of ours. Its files show `rendered_revision`, made as `rendered_with` says.

    `updated_at` is the newest `updated` that it ever stated. `stamps` are the
    marks of its files as they were written, by name. `opened` numbers the
    archives of a feed in the order in which they were opened, from 1; 0 is
    what all other feeds have. `closed_at` is when the next one was opened: an
    archive takes nothing any more, and tells of nothing that was placed later.
    """

    __tablename__ = "feed"

    name: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)
    rendered_revision: Mapped[int] = mapped_column(default=0)
    rendered_with: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime | None]
    stamps: Mapped[dict[str, Any]] = mapped_column(default=dict)
    opened: Mapped[int] = mapped_column(default=0, server_default="0")
    closed_at: Mapped[datetime | None]


class StoryCategoryRow(Base):
    """A category in whose feed a story stands.

    `archive` is the archive in which the story stands, called by the month in
    which it left the live feed; None as long as it stands there. `turn` is the
    round in which it entered, numbered on and on; 0 before they were.
    """

    __tablename__ = "story_category"
    __table_args__ = (Index("ix_story_category_archive", "slug", "archive"),)

    slug: Mapped[str] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), primary_key=True, index=True)
    archive: Mapped[str | None]
    turn: Mapped[int] = mapped_column(default=0, server_default="0", index=True)


class HealthRow(Base):
    """A turn in a source's health: it began to fail, or it recovered. `reason` says why."""

    __tablename__ = "health"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    failing: Mapped[bool]
    reason: Mapped[str]
    at: Mapped[datetime]
