"""The table of what was pruned."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from aggregator.store.base import Base


class PrunedStoryRow(Base):
    """A story whose texts are gone, but for what the archives show of it."""

    __tablename__ = "pruned_story"

    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"), primary_key=True)
    pruned_at: Mapped[datetime]
