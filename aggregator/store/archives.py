"""What left the live feeds: in the archive of the month in which it left (RFC 5005).

Archives are opened one after the other, and the last one is open: it takes
what leaves, and none before it takes anything more. So an archive with a
successor holds all that it will ever hold, whatever the clock did; a walk from
the live feed meets every story once, and may stop at what it knows.

An archive is written anew whenever a story enters it: of a month in which more
than `MOST` leave there are several (`2026-11`, `2026-11.2`, `2026-11.3`).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aggregator.store.feed_tables import FeedRow, StoryCategoryRow
from aggregator.store.feeds import mark_stale
from aggregator.store.tables import StoryRow

MOST = 1000  # stories in an archive: some megabytes, less than a second to write


def archive_name(slug: str, month: str) -> str:
    """Return the name of the feed that archives what left another in this month (`2026-11`)."""
    return f"{slug}/{month}"


def archive_title(month: str) -> str:
    """Return what people call an archive.

    >>> archive_title("2026-11.2")
    '2026-11, part 2'
    """
    return month.replace(".", ", part ")


def months(opened: Iterable[tuple[str, int]]) -> dict[str, list[str]]:
    """Return the months of each feed's archives in the order in which they were opened.

    From the names of feeds, each with the number under which it was opened.
    """
    found: dict[str, list[str]] = {}
    for name, _ in sorted(opened, key=lambda each: each[1]):
        slug, slash, month = name.partition("/")
        if slash:
            found.setdefault(slug, []).append(month)
    return found


def crowded(session: Session, limit: int) -> list[str]:
    """Return the feeds in which more than `limit` stories stand live."""
    query = (
        select(StoryCategoryRow.slug)
        .where(StoryCategoryRow.archive.is_(None))
        .group_by(StoryCategoryRow.slug)
        .having(func.count() > limit)
        .order_by(StoryCategoryRow.slug)
    )
    return list(session.scalars(query))


def archive_overflow(session: Session, slugs: Iterable[str], limit: int, now: datetime) -> None:
    """Move from these live feeds what is beyond their `limit`, those that entered first.

    Whenever they appeared: subscribers of a feed have seen nothing of a story
    that enters it late. Of one round those that appeared first go first.
    """
    for slug in slugs:
        beyond = session.scalars(
            select(StoryCategoryRow)
            .join(StoryRow, StoryRow.id == StoryCategoryRow.story_id)
            .where(StoryCategoryRow.slug == slug, StoryCategoryRow.archive.is_(None))
            .order_by(
                StoryCategoryRow.turn.desc(),
                StoryRow.appeared_at.desc(),
                StoryRow.published_at.desc(),
                StoryRow.id.desc(),
            )
            .offset(limit)
        )
        archive(session, slug, beyond.all()[::-1], now)


def archive(session: Session, slug: str, rows: Iterable[StoryCategoryRow], now: datetime) -> None:
    """Move what stands in a live feed into its archives, in this order."""
    opened = turn_month(session, slug, now)
    mark_stale(session, [slug, archive_name(slug, opened)])
    held = select(func.count()).where(
        StoryCategoryRow.slug == slug, StoryCategoryRow.archive == opened
    )
    room = MOST - session.execute(held).scalar_one()
    for row in rows:
        if room <= 0:
            opened = _open(session, slug, _part_after(opened), now)
            room = MOST
        row.archive = opened
        room -= 1


def turn_month(session: Session, slug: str, now: datetime) -> str:
    """Open the feed's archive of this month where it has none yet; return the one that is open.

    No archive is opened again: who knew it would not look for what it took
    since. So what leaves while the clock is behind, or after it was ahead,
    stands in the last one until there is a month without any. The first has
    none before it, and would stand alone for a month: the W3C validator warns
    of an archive that leads to no other (ArchiveIncomplete). So the month
    before is opened with it, and holds what was archived then: nothing.
    """
    known, month = archived_months(session, slug), month_of(now)
    if not _opens(known, month):
        return known[-1]
    if not known:
        _open(session, slug, _month_before(month), now)
    return _open(session, slug, month, now)


def _open(session: Session, slug: str, month: str, now: datetime) -> str:
    """Open an archive; the one before is rendered for the last time, with a link to this."""
    known = archived_months(session, slug)
    changed = [slug]
    if known:
        last = session.get_one(FeedRow, archive_name(slug, known[-1]))
        last.closed_at = now
        changed.append(last.name)
    session.add(FeedRow(name=archive_name(slug, month), opened=len(known) + 1))
    mark_stale(session, changed)
    return month


def _part_after(opened: str) -> str:
    """Return the next part of a month.

    >>> _part_after("2026-11"), _part_after("2026-11.9")
    ('2026-11.2', '2026-11.10')
    """
    month, _, part = opened.partition(".")
    return f"{month}.{int(part or 1) + 1}"


def _opens(known: Sequence[str], month: str) -> bool:
    """Return whether a month opens an archive; before all others, the clock is behind."""
    return not known or (month not in known and month > min(known))


def to_turn(session: Session, month: str) -> list[str]:
    """Return the feeds with archives that have none of this month and are to."""
    return [slug for slug, known in _all_months(session).items() if _opens(known, month)]


def open_archives_of(session: Session, story_id: int) -> list[str]:
    """Return the names of the archives in which a story stands that are open."""
    query = select(StoryCategoryRow.slug, StoryCategoryRow.archive).where(
        StoryCategoryRow.story_id == story_id, StoryCategoryRow.archive.is_not(None)
    )
    return [
        archive_name(slug, month)
        for slug, month in session.execute(query)
        if month and closed_at(session, slug, month) is None
    ]


def archived_months(session: Session, slug: str) -> list[str]:
    """Return the months of a feed's archives in the order in which they were opened."""
    query = (
        select(FeedRow.name)
        .where(FeedRow.name.startswith(f"{slug}/", autoescape=True))
        .order_by(FeedRow.opened)
    )
    return [name.partition("/")[2] for name in session.scalars(query)]


def closed_at(session: Session, slug: str, month: str) -> datetime | None:
    """Return when the archive after this one was opened; None where it is open itself."""
    return session.get_one(FeedRow, archive_name(slug, month)).closed_at


def _month_before(month: str) -> str:
    return month_of(datetime.fromisoformat(f"{month}-01T00:00Z") - timedelta(days=1))


def month_of(moment: datetime) -> str:
    """Return the month of a moment, in UTC, as archives are called by it."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def _all_months(session: Session) -> dict[str, list[str]]:
    query = select(FeedRow.name, FeedRow.opened).where(FeedRow.name.contains("/"))
    return months((name, opened) for name, opened in session.execute(query))
