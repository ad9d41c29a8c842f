"""The tables of what was said otherwise later: few entries and stories have rows here."""

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from aggregator.store.base import Base


class CorrectionRow(Base):
    """An entry that its source corrected.

    `times` counts how often, `bodies` how often that gave its article another
    body. `first_title` is what it was called before.
    """

    __tablename__ = "correction"

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True
    )
    times: Mapped[int] = mapped_column(default=0)
    bodies: Mapped[int] = mapped_column(default=0)
    first_title: Mapped[str]


class StoryBodyRow(Base):
    """A published story whose body changed, or whose lead's did before it appeared.

    `changes` counts how often readers saw another; `shown` is which of its
    lead's bodies they see. `named` are the entries beside the lead that it goes
    on naming, where it may change no more although one of them was taken out.
    """

    __tablename__ = "story_body"

    story_id: Mapped[int] = mapped_column(
        ForeignKey("story.id", ondelete="CASCADE"), primary_key=True
    )
    changes: Mapped[int] = mapped_column(default=0)
    shown: Mapped[int] = mapped_column(default=0)
    named: Mapped[list[int] | None] = mapped_column(JSON)
