"""Sources: added, found, listed, paused, removed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from aggregator.errors import NoSuchError
from aggregator.model import Role, Source, SourceKind
from aggregator.store.tables import EntryRow, SourceCategoryRow, SourceRow
from aggregator.stories.urls import host_of

LARGEST_ID = 2**31 - 1


def add_source(session: Session, source: Source, now: datetime) -> Source | None:
    """Return the source as stored, or None where its URL is already there.

    A source that was removed comes back, with what it had said. The id given
    is ignored; `next_poll_at` defaults to now.
    """
    row = session.scalar(select(SourceRow).where(SourceRow.url == source.url))
    if row is not None and row.removed_at is None:
        return None
    if row is None:
        row = _row(source, now)
        session.add(row)
    else:
        from aggregator.store import websub  # noqa: PLC0415 - polls and lists need nothing of it

        _fill(row, source, now)
        websub.resume(session, row.id, now)
    session.flush()
    _set_categories(session, row.id, source.categories)
    return find_source(session, str(row.id))


def add_sources(session: Session, sources: Iterable[Source], now: datetime) -> int:
    """Add many sources that were not looked at yet; return how many were not there before."""
    known = known_urls(session)
    removed = set(session.scalars(select(SourceRow.url).where(SourceRow.removed_at.is_not(None))))
    wanted = {source.url: source for source in sources if source.url not in known}
    for url in wanted.keys() & removed:
        add_source(session, wanted[url], now)
    fresh = [source for url, source in wanted.items() if url not in removed]
    rows = [_row(source, now) for source in fresh]
    session.add_all(rows)
    session.flush()
    session.add_all(
        SourceCategoryRow(source_id=row.id, slug=slug)
        for row, source in zip(rows, fresh, strict=True)
        for slug in dict.fromkeys(source.categories)
    )
    return len(wanted)


def _row(source: Source, now: datetime) -> SourceRow:
    row = SourceRow(url=source.url, host=host_of(source.url), added_at=now)
    _fill(row, source, now)
    return row


def _fill(row: SourceRow, source: Source, now: datetime) -> None:
    row.title, row.outlet, row.role = source.title, source.outlet, source.role
    row.kind, row.site_url = source.kind, source.site_url
    row.interval_s = int(source.interval.total_seconds()) if source.interval else None
    row.full_text, row.only_new = source.full_text, source.only_new
    row.enabled, row.removed_at = source.enabled, None
    row.next_poll_at = source.next_poll_at or now


def _set_categories(session: Session, source_id: int, slugs: Iterable[str]) -> None:
    session.execute(delete(SourceCategoryRow).where(SourceCategoryRow.source_id == source_id))
    session.add_all(
        SourceCategoryRow(source_id=source_id, slug=slug) for slug in dict.fromkeys(slugs)
    )
    session.flush()


def find_source(session: Session, name: str) -> Source:
    """Return the source whose id or URL is `name`.

    Raises:
        NoSuchError: there is none, or it was removed.
    """
    number = id_in(name)
    query = _present().where(_named(name) if number is None else SourceRow.id == number)
    found = _values(session, query)
    if not found:
        message = f"no such source: {name}; `aggregator list-sources` shows what there is"
        raise NoSuchError(message)
    return found[0]


def find_removed(session: Session, name: str) -> Source | None:
    """Return the removed source whose id or URL is `name`, None where there is none."""
    number = id_in(name)
    named = _named(name) if number is None else SourceRow.id == number
    removed = select(SourceRow).where(named, SourceRow.removed_at.is_not(None))
    return next(iter(_values(session, removed)), None)


def _named(url: str) -> ColumnElement[bool]:
    """Return whether a source's address is this one, or was before it moved."""
    return or_(SourceRow.url == url, SourceRow.first_url == url)


def id_in(name: str) -> int | None:
    """Return the id that `name` is; None where it is none, or larger than any."""
    is_id = name.isascii() and name.isdigit() and len(name) <= len(str(LARGEST_ID))
    return int(name) if is_id and int(name) <= LARGEST_ID else None


def known_urls(session: Session) -> set[str]:
    """Return the URLs of all sources that were not removed, and those from before they moved."""
    rows = session.execute(
        select(SourceRow.url, SourceRow.first_url).where(SourceRow.removed_at.is_(None))
    )
    return {url for row in rows for url in row if url is not None}


def list_sources(session: Session) -> Sequence[Source]:
    """Return the sources in order of their ids."""
    return _values(session, _present().order_by(SourceRow.id))


def remove_source(session: Session, source: Source, now: datetime) -> None:
    """Stop polling the source for good; what it has said stays in its stories."""
    from aggregator.store import websub  # noqa: PLC0415 - as above

    row = session.get_one(SourceRow, source.id)
    row.enabled, row.removed_at = False, now
    websub.leave(session, row.id, now)


def enable_source(session: Session, source: Source, now: datetime, *, enabled: bool) -> bool:
    """Pause or resume the source; False where it already stood so. Resumed, it is due at once.

    One that failed has recovered when it answers, and not before.
    """
    from aggregator.store import websub  # noqa: PLC0415 - as above

    row = session.get_one(SourceRow, source.id)
    if row.enabled == enabled:
        return False
    row.enabled = enabled
    if enabled:
        row.next_poll_at = now
        websub.resume(session, row.id, now)
    else:
        websub.leave(session, row.id, now)
    return True


def _present() -> Select[SourceRow]:
    return select(SourceRow).where(SourceRow.removed_at.is_(None))


def _values(session: Session, query: Select[SourceRow]) -> list[Source]:
    rows = session.scalars(query).all()
    only = rows[0].id if len(rows) == 1 else None
    slugs: dict[int, list[str]] = {}
    categories = select(SourceCategoryRow).order_by(SourceCategoryRow.slug)
    counts = select(EntryRow.source_id, func.count()).group_by(EntryRow.source_id)
    if only is not None:
        categories = categories.where(SourceCategoryRow.source_id == only)
        counts = counts.where(EntryRow.source_id == only)
    for category in session.scalars(categories):
        slugs.setdefault(category.source_id, []).append(category.slug)
    entries = dict(session.execute(counts).all())
    return [_value(row, tuple(slugs.get(row.id, ())), entries.get(row.id, 0)) for row in rows]


def _value(row: SourceRow, categories: tuple[str, ...], entries: int) -> Source:
    return Source(
        id=row.id,
        url=row.url,
        title=row.title,
        outlet=row.outlet,
        role=Role(row.role),
        kind=SourceKind(row.kind) if row.kind else None,
        site_url=row.site_url,
        categories=categories,
        interval=timedelta(seconds=row.interval_s) if row.interval_s else None,
        full_text=row.full_text,
        only_new=row.only_new,
        next_poll_at=row.next_poll_at,
        last_success_at=row.last_success_at,
        failures=row.failures,
        last_error=row.last_error,
        entries=entries,
        enabled=row.enabled,
        pace=timedelta(seconds=row.pace_s) if row.pace_s else None,
        first_url=row.first_url,
        last_new_at=row.last_new_at,
        observed_at=row.observed_at,
        pushed_until=row.pushed_until,
        cut_off=bool(row.cut_off),
    )
