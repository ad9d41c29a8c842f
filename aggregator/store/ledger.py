"""The account of every entry: what came in stands somewhere, or the sums say that it does not."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from aggregator.model import Kind
from aggregator.store.tables import ArticleRow, EntryRow, SourceRow, StoryRow, TellingRow


@dataclass(frozen=True, slots=True)
class Ledger:
    """The sums. `seen` and `known` are counted at each poll, the rest from what is stored.

    `unread` and `waiting` divide `unplaced`: no article yet, and no story yet.
    """

    seen: int
    known: int
    new: int
    originals: int
    copies: int
    retellings: int
    unread: int
    waiting: int
    strays: int

    @property
    def unplaced(self) -> int:
        """Return how many new entries stand in no story yet."""
        return self.unread + self.waiting

    @property
    def faults(self) -> tuple[str, ...]:
        """Return what does not add up, a line each; none where all is well."""
        placed = self.originals + self.copies + self.retellings
        checks = (
            (self.seen == self.new + self.known, f"seen {self.seen} ≠ new + known"),
            (self.new == placed + self.unplaced, f"new {self.new} ≠ placed + unplaced"),
            (self.strays == 0, f"{self.strays} tellings stand in no living story"),
        )
        return tuple(fault for holds, fault in checks if not holds)


def draw_up(session: Session) -> Ledger:
    """Return the ledger of this moment."""
    seen, known = session.execute(
        select(func.sum(SourceRow.entries_seen), func.sum(SourceRow.entries_known))
    ).one()
    by_kind = select(TellingRow.kind, func.count()).group_by(TellingRow.kind)
    kinds = dict(session.execute(by_kind).all())
    return Ledger(
        seen=seen or 0,
        known=known or 0,
        new=_count(session, ~EntryRow.baseline),
        originals=kinds.get(Kind.ORIGINAL, 0),
        copies=kinds.get(Kind.COPY, 0),
        retellings=kinds.get(Kind.RETELLING, 0),
        unread=_count(
            session, ~EntryRow.baseline & EntryRow.id.not_in(select(ArticleRow.entry_id))
        ),
        waiting=session.scalar(
            select(func.count())
            .select_from(ArticleRow)
            .where(ArticleRow.entry_id.not_in(select(TellingRow.entry_id)))
        )
        or 0,
        strays=_strays(session),
    )


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(EntryRow).where(condition)) or 0


def _strays(session: Session) -> int:
    lost = (
        select(func.count())
        .select_from(TellingRow)
        .join(StoryRow, StoryRow.id == TellingRow.story_id)
        .where(StoryRow.merged_into_id.is_not(None))
    )
    return session.scalar(lost) or 0
