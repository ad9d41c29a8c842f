"""What left the live feeds: in the archive of the month in which it left (RFC 5005).

So the archive of a month that is past holds all that it will ever hold, and a
walk from the live feed meets every story once.
"""

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aggregator.store.feed_tables import FeedRow
from aggregator.store.feeds import mark_stale
from aggregator.store.tables import StoryCategoryRow, StoryRow

LEAP = 24  # months


def archive_name(slug: str, month: str) -> str:
    """Return the name of the feed that archives what left another in this month (`2026-11`)."""
    return f"{slug}/{month}"


def months(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the months of each feed's archives, in order, from the names of all feeds."""
    found: dict[str, list[str]] = {}
    for name in sorted(names):
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


def archive_overflow(session: Session, slugs: Iterable[str], limit: int, month: str) -> None:
    """Move from these live feeds what is beyond their `limit`, those that appeared first."""
    for slug in slugs:
        opened = turn_month(session, slug, month)
        rows = session.scalars(
            select(StoryCategoryRow)
            .join(StoryRow, StoryRow.id == StoryCategoryRow.story_id)
            .where(StoryCategoryRow.slug == slug, StoryCategoryRow.archive.is_(None))
            .order_by(StoryRow.appeared_at.desc(), StoryRow.published_at.desc(), StoryRow.id.desc())
            .offset(limit)
        )
        for row in rows:
            row.archive = opened
        mark_stale(session, [slug, archive_name(slug, opened)])


def turn_month(session: Session, slug: str, month: str) -> str:
    """Open the feed's archive of this month; return the one that is open.

    The one before is rendered for the last time: with a link to the next. A
    clock that goes back opens no month again. One that was far ahead opened
    the archive of a distant month, which would take what comes in all those
    before it: what follows upon years without any is left aside.
    """
    known = archived_months(session, slug)
    likely = _before_a_leap(known)
    if likely and likely[-1] >= month:
        return likely[-1]
    if month not in known:
        place = bisect(known, month)
        beside = (*known[:place][-1:], *known[place:][:1])
        mark_stale(session, [slug, *(archive_name(slug, each) for each in (month, *beside))])
    return month


def open_archives_of(session: Session, story_id: int) -> list[str]:
    """Return the names of the archives in which a story stands that are still open."""
    open_ones = {archive_name(slug, month) for slug, month in open_archives(session).items()}
    return [name for name in archives_of(session, story_id) if name in open_ones]


def _before_a_leap(months: Sequence[str]) -> Sequence[str]:
    """Return the months, in order, up to the first that follows upon years without any."""
    counted = [int(month[:4]) * 12 + int(month[5:]) for month in months]
    for place, (former, latter) in enumerate(pairwise(counted), start=1):
        if latter - former > LEAP:
            return months[:place]
    return months


def archives_of(session: Session, story_id: int) -> list[str]:
    """Return the names of the archives in which a story stands."""
    query = select(StoryCategoryRow.slug, StoryCategoryRow.archive).where(
        StoryCategoryRow.story_id == story_id, StoryCategoryRow.archive.is_not(None)
    )
    return [archive_name(slug, month) for slug, month in session.execute(query) if month]


def archived_months(session: Session, slug: str) -> list[str]:
    """Return the months of a feed's archives, in order."""
    query = select(FeedRow.name).where(FeedRow.name.startswith(f"{slug}/", autoescape=True))
    return months(session.scalars(query)).get(slug, [])


def open_archive(session: Session, slug: str) -> str | None:
    """Return the archive of a feed that is still open: its newest; None where it has none."""
    found = archived_months(session, slug)
    return found[-1] if found else None


def open_archives(session: Session) -> Mapping[str, str]:
    """Return the archive of each feed that is still open."""
    query = select(FeedRow.name).where(FeedRow.name.contains("/"))
    return {slug: found[-1] for slug, found in months(session.scalars(query)).items()}
