"""The read verb's transactions: claim entries whose article is due, write the articles."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from aggregator.model import Article, Credit, Origin, Page
from aggregator.store.claims import Appetite, Hold, claim, due_ids, hold_host, release
from aggregator.store.corrections import MOST_PAGES, take_over, times_corrected
from aggregator.store.prints import Renewal
from aggregator.store.tables import ArticleRow, EntryRow, ExactKeyRow, FingerprintRow

_ARTICLES, _FINGERPRINTS = insert(ArticleRow), insert(FingerprintRow)
_KEYS = insert(ExactKeyRow)


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A claimed entry, with what reading it needs. `fetch` False: the feed's text must do.

    `tries` counts how often its page was postponed. `standing`: what its page
    gave before its source corrected the entry.
    """

    entry_id: int
    epoch: int
    fetch: bool
    tries: int
    link: str | None
    host: str
    guid: str | None
    title: str
    authors: tuple[str, ...]
    summary: str
    content: str
    lang: str | None
    image: str | None
    outlet: str
    origin: Origin | None
    published: datetime
    dated: bool
    standing: Page | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as it is to be stored, with what matching computed of it once.

    `page_error` says why the text is the feed's and not the page's, if it is.
    """

    page: Page
    fingerprint: bytes
    keys: frozenset[str]
    page_error: str | None = None


def claim_due_readings(
    session: Session, now: datetime, length: timedelta, appetite: Appetite
) -> Sequence[ReadTask]:
    """Claim the entries whose article is due."""
    due = EntryRow.page_due_at <= now
    ids = due_ids(EntryRow, due, EntryRow.page_due_at.expression, now, appetite)
    claimed = claim(session, EntryRow, ids, now, length, EntryRow)
    times = times_corrected(session, [row.id for row in claimed])
    return [_task(session, row.EntryRow, times.get(row.id, 0)) for row in claimed]


def make_due(session: Session, now: datetime, flood: int, begun: datetime) -> None:
    """Make the entries whose page was postponed due at once.

    Of the floods that came before this round begun, the next `flood` entries of each source.
    """
    later = EntryRow.page_due_at > now
    turn = func.row_number().over(
        partition_by=EntryRow.source_id, order_by=(EntryRow.page_due_at, EntryRow.id)
    )
    held = select(EntryRow.id, turn.label("turn")).where(
        later, EntryRow.held, EntryRow.seen_at < begun
    )
    waiting = held.subquery()
    next_ones = select(waiting.c.id).where(waiting.c.turn <= flood)
    session.execute(
        update(EntryRow)
        .where(later, or_(~EntryRow.held, EntryRow.id.in_(next_ones)))
        .values(page_due_at=now)
        .execution_options(synchronize_session=False)
    )


def _task(session: Session, row: EntryRow, times: int) -> ReadTask:
    return ReadTask(
        entry_id=row.id,
        epoch=row.epoch,
        fetch=row.fetch_page and times <= MOST_PAGES,
        tries=row.page_tries,
        link=row.link,
        host=row.host,
        guid=row.guid,
        title=row.title,
        authors=tuple(row.authors),
        summary=row.summary,
        content=row.content,
        lang=row.lang,
        image=row.image,
        outlet=row.outlet,
        origin=_origin(row),
        published=row.published_at,
        dated=_is_dated(row),
        standing=_standing(session, row) if times else None,
    )


def _standing(session: Session, row: EntryRow) -> Page | None:
    """Return what the entry's page gave when it was read last."""
    article = session.get(ArticleRow, row.id)
    if article is None or article.page_error or not row.fetch_page:
        return None
    return Page(
        text=article.text,
        html=article.html,
        authors=tuple(article.authors),
        lang=article.lang,
        image=article.image,
        canonical_url=article.canonical_url,
        captions=tuple(article.captions),
        credits=tuple(Credit(*credit) for credit in article.credits),
    )


def _is_dated(row: EntryRow) -> bool:
    """Return whether the source said when: who says nothing counts as published when seen."""
    return row.published_at != row.seen_at


def _origin(row: EntryRow) -> Origin | None:
    named = row.origin_title or row.origin_url
    return Origin(row.origin_title or "", row.origin_url) if named else None


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What came of a claimed reading, and when."""

    task: ReadTask
    reading: Reading
    now: datetime


def record_readings(session: Session, read: Sequence[Read]) -> Sequence[bool]:
    """Store the articles; of each whether it was: not where a later claim has taken over."""
    epochs = _locked(session, [each.task.entry_id for each in read])
    held = [each for each in read if epochs.get(each.task.entry_id) == each.task.epoch]
    ids = [each.task.entry_id for each in held]
    session.execute(
        update(EntryRow)
        .where(EntryRow.id.in_(ids))
        .values(lease_until=None, page_due_at=None)
        .execution_options(synchronize_session=False)
    )
    known = session.scalars(select(ArticleRow).where(ArticleRow.entry_id.in_(ids)))
    standing = {row.entry_id: row for row in known}
    _add(session, [each for each in held if each.task.entry_id not in standing])
    for each in held:
        row = standing.get(each.task.entry_id)
        if row is not None:
            told = each.reading
            renewal = Renewal(each.task.entry_id, told.fingerprint, told.keys)
            row.page_error = told.page_error
            take_over(session, row, told.page, renewal, each.now)
    return [each in held for each in read]


def _locked(session: Session, ids: Collection[int]) -> Mapping[int, int]:
    """Return the epochs of entries; until we have written nobody else claims them."""
    named = select(EntryRow.id, EntryRow.epoch).where(EntryRow.id.in_(ids)).order_by(EntryRow.id)
    return {row.id: row.epoch for row in session.execute(named.with_for_update())}


def _add(session: Session, read: Sequence[Read]) -> None:
    """Store new articles, past the session: nobody looks at their rows again."""
    keys = [
        {"key": key, "entry_id": each.task.entry_id}
        for each in read
        for key in sorted(each.reading.keys)
    ]
    for statement, rows in (
        (_ARTICLES, [_article_values(each) for each in read]),
        (_FINGERPRINTS, [_fingerprint_values(each) for each in read]),
        (_KEYS, keys),
    ):
        if rows:
            session.connection().execute(statement, rows)


def _article_values(read: Read) -> dict[str, object]:
    page = read.reading.page
    return {
        "entry_id": read.task.entry_id,
        "text": page.text,
        "html": page.html,
        "authors": list(page.authors),
        "lang": page.lang,
        "image": page.image,
        "canonical_url": page.canonical_url,
        "captions": list(page.captions),
        "credits": [list(astuple(credit)) for credit in page.credits],
        "read_at": read.now,
        "page_error": read.reading.page_error,
    }


def _fingerprint_values(read: Read) -> dict[str, object]:
    return {
        "entry_id": read.task.entry_id,
        "published_at": read.task.published,
        "fingerprint": read.reading.fingerprint,
    }


def postpone_reading(
    session: Session, task: ReadTask, until: datetime, hold: Hold | None = None
) -> None:
    """Leave the entry unread until then, unless a later claim has taken over."""
    if hold is not None:
        hold_host(session, hold)
    if release(session, EntryRow, task.entry_id, task.epoch):
        row = session.get_one(EntryRow, task.entry_id)
        row.page_due_at, row.page_tries = until, row.page_tries + 1


def load_article(session: Session, entry_id: int) -> Article:
    """Return the article of an entry that has been read, as matching sees it."""
    row = session.get_one(ArticleRow, entry_id)
    entry = session.get_one(EntryRow, entry_id)
    return Article(
        entry_id=entry_id,
        title=entry.title,
        text=row.text,
        outlet=entry.outlet,
        published=entry.published_at,
        guid=entry.guid,
        link=entry.link,
        canonical_url=row.canonical_url,
        lang=row.lang or entry.lang,
        captions=tuple(row.captions),
        credits=tuple(Credit(*credit) for credit in row.credits),
        origin=_origin(entry),
        dated=_is_dated(entry),
    )


def count_due(session: Session) -> int:
    """Return how many entries wait for their article, but for those held for later rounds."""
    ready = EntryRow.page_due_at.is_not(None) & ~EntryRow.held
    waiting = select(func.count()).select_from(EntryRow).where(ready)
    return session.scalar(waiting) or 0
