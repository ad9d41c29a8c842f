"""An entry that its source corrected: the entry, its article, its telling follow in place.

Readers see another title at once. They see another body at most twice, since
each makes the story count as updated.
"""

from collections.abc import Collection, Mapping
from dataclasses import astuple
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aggregator.model import Page
from aggregator.store import fulltext, prints
from aggregator.store.correction_tables import CorrectionRow, StoryBodyRow
from aggregator.store.merging import touch
from aggregator.store.prints import Renewal
from aggregator.store.sightings import Sighting
from aggregator.store.tables import ArticleRow, EntryRow, MoveRow, StoryRow, TellingRow
from aggregator.stories.keys import twin_key

# How often readers may see another body.
MOST_BODIES = 2
# How often a correction has the page asked for again; some feeds count comments in their texts.
MOST_PAGES = 4
# What is shown of a lead's bodies where it is none of them.
_NONE = -1


def correct(session: Session, corrected: Mapping[int, Sighting], now: datetime) -> list[EntryRow]:
    """Write what a source says now over what it said, by entry; return those due to be read again.

    Its identity, link, date and outlet stay. A reading that is under way is of
    what was said before: it may not be written any more.
    """
    again = []
    for entry_id, sighting in corrected.items():
        entry, row = sighting.entry, session.get_one(EntryRow, entry_id, with_for_update=True)
        _account(session, row).times += 1
        row.title = entry.title or row.title
        row.summary, row.content = entry.summary or row.summary, entry.content or row.content
        row.authors = list(entry.authors) or row.authors
        row.tags = list(entry.tags) or row.tags
        row.image = entry.image or row.image
        row.twin = twin_key(row.link, row.title)
        row.epoch, row.lease_until = row.epoch + 1, None
        if session.scalar(select(ArticleRow.entry_id).where(ArticleRow.entry_id == entry_id)):
            row.page_due_at, row.page_tries = now, 0
            again.append(row)
        story_id = _story_of(session, entry_id)
        if story_id is not None:
            touch(session, story_id)
    return again


def times_corrected(session: Session, entry_ids: Collection[int]) -> Mapping[int, int]:
    """Return how often the source corrected the entries, those that it did."""
    corrected = CorrectionRow.entry_id.in_(entry_ids)
    told = select(CorrectionRow.entry_id, CorrectionRow.times).where(corrected)
    return {row.entry_id: row.times for row in session.execute(told)}


def take_over(
    session: Session, row: ArticleRow, page: Page, renewal: Renewal, now: datetime
) -> None:
    """Write an article read again over the one that stands; the search finds it by its new words.

    The body that readers see stays once they have seen two others.
    """
    story_id = _story_of(session, row.entry_id)
    if row.text.split() != page.text.split() and _may_change(session, row.entry_id):
        row.html = page.html
        _account(session, session.get_one(EntryRow, row.entry_id)).bodies += 1
    row.text, row.lang, row.canonical_url = page.text, page.lang, page.canonical_url
    row.authors, row.image = list(page.authors), page.image
    row.captions = list(page.captions)
    row.credits = [list(astuple(credit)) for credit in page.credits]
    row.read_at = now
    prints.renew(session, [renewal])
    if story_id is not None:
        touch(session, story_id)
        session.flush()
        fulltext.index_again(session, row.entry_id)


def let_go(session: Session, story_id: int, stood: type[TellingRow | MoveRow]) -> None:
    """Let the story's body count as changed: it names a telling that is about to be taken out.

    Once readers have seen two others it goes on naming whom it names. `stood` is
    where the tellings are known by this story: in another since a merge, or still.
    """
    row = session.get(StoryBodyRow, story_id)
    if row is None:
        row = StoryBodyRow(story_id=story_id, changes=0)
        session.add(row)
    if row.changes < MOST_BODIES:
        row.shown = _NONE
    elif row.named is None:
        story = session.get_one(StoryRow, story_id)
        query = (
            select(TellingRow.entry_id)
            .where(stood.story_id == story_id, stood.placed_at <= story.updated_at)
            .where(TellingRow.entry_id != story.lead_entry_id)
            .order_by(TellingRow.id)
        )
        if stood is MoveRow:
            query = query.join(MoveRow, MoveRow.telling_id == TellingRow.id)
        row.named = list(session.scalars(query))


def bodies_of(session: Session, story_ids: Collection[int]) -> dict[int, StoryBodyRow]:
    """Return what is counted of these stories' bodies, by story; of most there is nothing."""
    query = select(StoryBodyRow).where(StoryBodyRow.story_id.in_(story_ids))
    return {row.story_id: row for row in session.scalars(query)}


def show_body(
    known: dict[int, StoryBodyRow], story: StoryRow, lead_entry_id: int | None, bodies: int
) -> bool:
    """Return whether readers are to see another body, and count it, with what is `known` so far.

    `bodies` is how often that of the lead has changed so far.
    """
    led_otherwise = story.lead_entry_id != lead_entry_id
    appeared = story.appeared_at is not None
    row = known.get(story.id)
    if row is None:
        if not bodies and not (appeared and led_otherwise):
            return led_otherwise
        row = known[story.id] = StoryBodyRow(story_id=story.id, changes=0, shown=0)
    moved = led_otherwise or row.shown != bodies
    row.shown = bodies
    row.changes += moved and appeared
    return moved


def _may_change(session: Session, entry_id: int) -> bool:
    """Return whether readers may see another body of the entry: it leads nothing, or few times.

    Also what it led before a merge counts: that may be undone.
    """
    telling = select(TellingRow.id).where(TellingRow.entry_id == entry_id).scalar_subquery()
    stands = select(TellingRow.story_id).where(TellingRow.entry_id == entry_id)
    stood = select(MoveRow.story_id).where(MoveRow.telling_id == telling)
    led = (
        select(StoryRow.id)
        .where(StoryRow.id.in_(stands.union(stood)), StoryRow.appeared_at.is_not(None))
        .where(StoryRow.lead_entry_id == entry_id)
        .order_by(StoryRow.id)
        .with_for_update()
    )
    rows = (session.get(StoryBodyRow, story_id) for story_id in session.scalars(led).all())
    return all(row is None or row.changes < MOST_BODIES for row in rows)


def _account(session: Session, entry: EntryRow) -> CorrectionRow:
    row = session.get(CorrectionRow, entry.id)
    if row is None:
        row = CorrectionRow(entry_id=entry.id, times=0, bodies=0, first_title=entry.title)
        session.add(row)
    return row


def _story_of(session: Session, entry_id: int) -> int | None:
    return session.scalar(select(TellingRow.story_id).where(TellingRow.entry_id == entry_id))
