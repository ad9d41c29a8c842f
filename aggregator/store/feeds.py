"""What is remembered of the feeds: what each should show, and what its files show."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import String, cast, func, insert, select, update
from sqlalchemy.orm import Session

from aggregator.store.feed_tables import FeedRow


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed: its present revision, what its files show, and how they looked when written.

    `updated` is the newest that it ever stated, `stamps` are the marks of its
    files by name.
    """

    name: str
    revision: int = 0
    rendered_revision: int | None = None
    rendered_with: str = ""
    updated: datetime | None = None
    stamps: Mapping[str, str] = field(default_factory=dict)

    def shows(self, look: str) -> bool:
        """Return whether its files show what they should, in this look."""
        return self.rendered_revision == self.revision and self.rendered_with == look


def listed(session: Session) -> str:
    """Return all feeds that are remembered, a line each, in no order: name and `opened`.

    One text of some thousand names is read and compared faster than they are.
    """
    line = FeedRow.name + " " + cast(FeedRow.opened, String)
    return session.scalar(select(func.aggregate_strings(line, "\n"))) or ""


def stale(session: Session, looks: Collection[str]) -> set[str]:
    """Return the feeds whose files do not show what they should, or in none of these looks."""
    query = select(FeedRow.name).where(
        FeedRow.rendered_revision.is_distinct_from(FeedRow.revision)
        | FeedRow.rendered_with.not_in(looks)
    )
    return set(session.scalars(query))


def states(session: Session, names: Collection[str] | None = None) -> dict[str, FeedState]:
    """Return what is remembered of these feeds, by name; of all where none are named."""
    query = select(
        FeedRow.name,
        FeedRow.revision,
        FeedRow.rendered_revision,
        FeedRow.rendered_with,
        FeedRow.updated_at,
        FeedRow.stamps,
    )
    if names is not None:
        query = query.where(FeedRow.name.in_(names))
    return {row.name: FeedState(*row) for row in session.execute(query)}


def mark_stale(session: Session, names: Collection[str]) -> None:
    """Note that these feeds changed."""
    known = set(session.scalars(select(FeedRow.name).where(FeedRow.name.in_(names))))
    session.execute(
        update(FeedRow).where(FeedRow.name.in_(known)).values(revision=FeedRow.revision + 1)
    )
    session.add_all(FeedRow(name=name) for name in sorted(set(names) - known))
    session.flush()


def state_no_less(session: Session, newest: Mapping[str, datetime]) -> None:
    """Have these feeds state that they were updated then, or later, whatever becomes of it."""
    known = set()
    for row in session.scalars(select(FeedRow).where(FeedRow.name.in_(newest))):
        row.updated_at = max(newest[row.name], row.updated_at or newest[row.name])
        known.add(row.name)
    session.add_all(
        FeedRow(name=name, revision=0, updated_at=newest[name]) for name in newest.keys() - known
    )


def mark_rendered(session: Session, rendered: Iterable[FeedState]) -> None:
    """Note what the files of these feeds show; their `revision` is what was rendered."""
    shown = {feed.name: feed for feed in rendered}
    known = set(session.scalars(select(FeedRow.name).where(FeedRow.name.in_(shown))))
    new = [{"name": name, "revision": shown[name].revision} for name in shown if name not in known]
    if new:
        session.execute(insert(FeedRow), new)
    changes = [
        {
            "name": feed.name,
            "rendered_revision": feed.revision,
            "rendered_with": feed.rendered_with,
            "updated_at": feed.updated,
            "stamps": dict(feed.stamps),
        }
        for feed in shown.values()
    ]
    if changes:
        session.execute(update(FeedRow), changes)


def forget_renderings(session: Session) -> None:
    """Let every feed be rendered anew: the files may show what another database said."""
    session.execute(update(FeedRow).values(rendered_with=""))
