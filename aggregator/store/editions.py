"""The publish verb's transactions: what a draft became, and which files it concerns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, defer

from aggregator.store.archives import archive_name, closed_at
from aggregator.store.corrections import bodies_of, show_body
from aggregator.store.facts import fact
from aggregator.store.feed_tables import StoryCategoryRow
from aggregator.store.feeds import mark_stale
from aggregator.store.pruning import was_pruned
from aggregator.store.tables import (
    ArticleRow,
    EntryRow,
    MoveRow,
    SourceCategoryRow,
    SourceRow,
    StoryRow,
    TellingRow,
)
from aggregator.stories.slugs import ALL, CONFIRMED, SUPPRESSED

_A_LITTLE = timedelta(milliseconds=1)
FIRST_ROUND = "first_round"  # the fact under which it stands when that was published


@dataclass(frozen=True, slots=True)
class Edition:
    """What a draft became; `published` holds only where the story appears for the first time.

    A story that was merged into another has no lead, no date and no categories.
    `folds`: it has tellings beside its lead. `confirmed`: enough independent
    outlets tell it. `bodies` is the lead's. `heritage` are the categories of
    stories that were merged into it alone, each with the telling that brings it.
    """

    story_id: int
    revision: int
    lead_entry_id: int | None
    published: datetime | None
    categories: frozenset[str]
    folds: bool = False
    confirmed: bool = False
    bodies: int = 0
    heritage: frozenset[tuple[str, int]] = frozenset()


def record_editions(
    session: Session, editions: Sequence[Edition], now: datetime, *, edited: int = 0
) -> int:
    """Write the editions and mark the feeds that they concern; return how many appeared.

    `edited` counts the editions that were written before in the same round.
    `updated` moves with the body: another lead has another, or its source
    corrected it. No two stories
    share it, since the W3C validator takes such entries for one. What was made
    of an older revision is left: its lead may stand elsewhere by now, and the
    story is still due.
    """
    appeared = 0
    concerned: set[str] = set()
    turn = (session.scalar(select(func.max(StoryCategoryRow.turn))) or 0) + (not edited)
    ids = [edition.story_id for edition in editions]
    known = select(StoryRow).where(StoryRow.id.in_(ids)).order_by(StoryRow.id).with_for_update()
    stories = {story.id: story for story in session.scalars(known)}
    bodies = bodies_of(session, ids)
    standing = _standing(session, ids)
    for place, edition in enumerate(editions, start=edited):
        moment = now - timedelta(microseconds=place)
        story = stories[edition.story_id]
        if story.revision != edition.revision:
            continue
        beside = _feeds_beside(story, edition)
        if story.merged_into_id is None:
            after = edition.categories | _inherited(session, edition) | {ALL}
            if show_body(bodies, story, edition.lead_entry_id, edition.bodies):
                story.lead_entry_id = edition.lead_entry_id
                story.updated_at = _onward(story, moment)
            if story.appeared_at is None:
                story.appeared_at = now
                story.published_at = edition.published
                appeared += 1
            story.confirmed_at = (story.confirmed_at or moment) if edition.confirmed else None
        else:
            after = frozenset()  # should the merge be undone, it was confirmed when it was
        story.edited_revision = edition.revision
        rows = standing.get(story.id, {})
        slugs = _set_categories(session, story.id, rows, after, concerned, turn)
        concerned |= {f"{slug}.{kind}" for slug in slugs for kind in beside}
    session.add_all(bodies.values())
    mark_stale(session, concerned)
    return appeared


def _inherited(session: Session, edition: Edition) -> frozenset[str]:
    """Return the categories that a story brings which was merged into this one.

    But where a past archive tells of it, by that story or by another in which it was on its way:
    what stays there for good is not lost, and would stand twice.
    """
    if not edition.heritage:
        return frozenset()
    query = (
        select(TellingRow, MoveRow, StoryCategoryRow)
        .join(MoveRow, MoveRow.telling_id == TellingRow.id)
        .join(StoryCategoryRow, StoryCategoryRow.story_id == MoveRow.story_id)
        .options(defer(TellingRow.evidence))
        .where(TellingRow.entry_id.in_({entry_id for _, entry_id in edition.heritage}))
        .where(StoryCategoryRow.archive.is_not(None))
    )
    stay = {
        (row.slug, telling.entry_id)
        for telling, stood, row in session.execute(query)
        if row.archive and (closed := closed_at(session, row.slug, row.archive))
        # Of what was merged into it later it does not tell.
        if stood.story_id == telling.home_id or stood.placed_at < closed
    }
    return frozenset(slug for slug, _ in edition.heritage - stay)


def _onward(story: StoryRow, moment: datetime) -> datetime:
    """Return the moment, or one that is later than what readers know, whatever the clock says."""
    known = [each for each in (story.updated_at, story.published_at) if each is not None]
    return max([moment, *(each + _A_LITTLE for each in known if each > moment)])


def _feeds_beside(story: StoryRow, edition: Edition) -> list[str]:
    """Return which of the feeds beside the news hold the story, or did."""
    folds = edition.folds or story.appeared_at is not None
    confirmed = edition.confirmed or story.confirmed_at is not None
    return [kind for kind, holds in ((SUPPRESSED, folds), (CONFIRMED, confirmed)) if holds]


def _standing(session: Session, ids: Collection[int]) -> dict[int, dict[str, StoryCategoryRow]]:
    """Return where each of these stories stands, by its id and the slug."""
    found: dict[int, dict[str, StoryCategoryRow]] = {}
    query = select(StoryCategoryRow).where(StoryCategoryRow.story_id.in_(ids))
    for row in session.scalars(query):
        found.setdefault(row.story_id, {})[row.slug] = row
    return found


def _set_categories(
    session: Session,
    story_id: int,
    rows: Mapping[str, StoryCategoryRow],
    after: frozenset[str],
    concerned: set[str],
    turn: int,
) -> frozenset[str]:
    """Set where the story stands, add the feeds that show it; return its slugs, old and new.

    What stands in an archive that is closed stands there for good,
    and so does what was pruned: no rule would find a text in it again.
    """
    for slug, row in rows.items():
        if row.archive is not None:
            is_open = closed_at(session, slug, row.archive) is None
            if not is_open or was_pruned(session, story_id):
                continue
        else:
            concerned.add(slug)
        if slug not in after:
            # Late tellings of what is archived wait until the archive changes anyway.
            concerned.add(slug if row.archive is None else archive_name(slug, row.archive))
            session.delete(row)
    added = after - rows.keys()
    session.add_all(
        StoryCategoryRow(story_id=story_id, slug=slug, turn=turn) for slug in sorted(added)
    )
    concerned |= added
    return after | rows.keys()


def reconsider(session: Session, since: datetime) -> None:
    """Let every story that appeared since then be edited anew: the rules have changed."""
    session.execute(
        update(StoryRow).where(StoryRow.appeared_at >= since).values(revision=StoryRow.revision + 1)
    )


def first_round_complete(session: Session) -> bool:
    """Return whether the first round is complete and was not published yet.

    That is: nothing has appeared, there are sources, each of them was asked
    once, and every entry has its place but those whose page is asked for
    again later and those of a flood.
    """
    asked = SourceRow.last_polled_at.is_not(None)
    unread = EntryRow.page_due_at.is_not(None) & (EntryRow.page_tries == 0) & ~EntryRow.held
    if fact(session, FIRST_ROUND) is not None:
        return False
    against = (
        select(StoryRow.id).where(StoryRow.appeared_at.is_not(None)),
        select(SourceRow.id).where(SourceRow.enabled, ~asked),
        select(EntryRow.id).where(unread),
        select(ArticleRow.entry_id).where(~ArticleRow.placed),
    )
    if any(session.scalar(query.limit(1)) is not None for query in against):
        return False
    return session.scalar(select(SourceRow.id).where(asked).limit(1)) is not None


def given_slugs(session: Session) -> Sequence[str]:
    """Return the categories that operators gave to sources, whether they have a rule or not."""
    query = select(SourceCategoryRow.slug).distinct().order_by(SourceCategoryRow.slug)
    return session.scalars(query).all()
