"""What left the live feeds: in the archive of the month in which it left (RFC 5005).

So the archive of a month that is past holds all that it will ever hold, and a
walk from the live feed meets every story once.
"""

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aggregator.store.feed_tables import FeedRow, StoryCategoryRow
from aggregator.store.feeds import mark_stale
from aggregator.store.tables import StoryRow

LEAP = 24  # months


def archive_name(slug: str, month: str) -> str:
    """Return the name of the feed that archives what left another in this month (`2026-11`)."""
    return f"{slug}/{month}"


def chains(names: Iterable[str], month: str) -> dict[str, list[str]]:
    """Return the months of each feed's archives as a walk meets them in this one, the last first.

    From the names of all feeds. Those of later months than the one that is open
    come behind all others but the first, with which a walk ends: who walks stops
    at what he knows, and they change no more until it is their time.
    """
    return {slug: _chain(known, month) for slug, known in months(names).items()}


def _chain(known: Sequence[str], month: str) -> list[str]:
    later = bisect(known, _open_one(known, month) or month)
    first = min(later - 1, 1)
    return [*known[:first], *known[later:], *known[first:later]]


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
    """Move from these live feeds what is beyond their `limit`, those that entered first.

    Whenever they appeared: subscribers of a feed have seen nothing of a story
    that enters it late. Of one round those that appeared first go first.
    """
    for slug in slugs:
        opened = turn_month(session, slug, month)
        rows = session.scalars(
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
        for row in rows:
            row.archive = opened
        mark_stale(session, [slug, archive_name(slug, opened)])


def turn_month(session: Session, slug: str, month: str) -> str:
    """Open the feed's archive of this month; return the one that is open.

    The one before is rendered for the last time: with a link to the next. The
    first has none, and stands alone for a month: the W3C validator warns of an
    archive that leads to no other (ArchiveIncomplete). So the month before is
    opened with it, and holds what was archived then: nothing.
    """
    known = archived_months(session, slug)
    likely = _open_one(known, month)
    if likely is not None and likely >= month:
        return likely
    place = bisect(known, month)
    beside = (*known[:place][-1:], *known[place:][:1]) if known else (_month_before(month),)
    mark_stale(session, [slug, *(archive_name(slug, each) for each in (month, *beside))])
    return month


def _open_one(known: Sequence[str], month: str) -> str | None:
    """Return which of a feed's archives, in order, is open in this month by the clock.

    The newest up to now, and on from it for as long as one month follows the
    other: a clock that goes back opens none again. One that was ahead opened
    the archive of a distant month, which is to take nothing of the time
    before. Where all are of later months, the clock is behind; of what
    follows upon years without any, another was ahead.
    """
    counted = [int(each[:4]) * 12 + int(each[5:]) for each in known]
    place, leap = bisect(known, month), 1
    if place == 0:
        place, leap = 1, LEAP
    while place < len(known) and counted[place] - counted[place - 1] <= leap:
        place += 1
    return known[place - 1] if known else None


def rejoin(session: Session, slugs: Iterable[str], month: str) -> None:
    """Have these feeds rendered that say where the archives of later months than this one stand."""
    for slug in slugs:
        known = archived_months(session, slug)
        ends = {*known[:2], _chain(known, month)[-1], *(each for each in known if each > month)}
        mark_stale(session, [slug, *(archive_name(slug, each) for each in sorted(ends))])


def ahead(session: Session, month: str) -> list[str]:
    """Return the feeds that have archives of later months than this one."""
    query = select(FeedRow.name).where(FeedRow.name.contains("/"))
    return [slug for slug, known in months(session.scalars(query)).items() if known[-1] > month]


def open_archives_of(session: Session, story_id: int, month: str) -> list[str]:
    """Return the names of the archives in which a story stands that are open in this month."""
    open_ones = {archive_name(slug, each) for slug, each in open_archives(session, month).items()}
    return [name for name in archives_of(session, story_id) if name in open_ones]


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


def open_archive(session: Session, slug: str, month: str) -> str | None:
    """Return the archive of a feed that is open in this month; None where it has none."""
    return _open_one(archived_months(session, slug), month)


def open_archives(session: Session, month: str) -> Mapping[str, str]:
    """Return the archive of each feed that is open in this month."""
    query = select(FeedRow.name).where(FeedRow.name.contains("/"))
    found = months(session.scalars(query)).items()
    return {slug: each for slug, known in found if (each := _open_one(known, month))}


def _month_before(month: str) -> str:
    return month_of(datetime.fromisoformat(f"{month}-01T00:00Z") - timedelta(days=1))


def month_of(moment: datetime) -> str:
    """Return the month of a moment, in UTC, as archives are called by it."""
    return f"{moment.astimezone(UTC):%Y-%m}"
