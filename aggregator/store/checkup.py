"""What a look at the database finds, without changing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from aggregator.errors import StoreError
from aggregator.store import feeds, ledger
from aggregator.store.dialect import database_file, integrity_faults, open_engine
from aggregator.store.editions import given_slugs
from aggregator.store.schema import newest_version, refuse_foreign, schema_version
from aggregator.store.tables import EntryRow, SourceRow


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database of the present schema holds, as far as its health goes.

    `newest` is the latest moment that was written of a poll; `files` are those
    that the feeds have, by their names, of which those of categories that are
    gone are no more; `given` are the categories given to sources.
    """

    ledger: Sequence[str]
    stale_leases: int
    newest: datetime | None
    files: Mapping[str, frozenset[str]]
    given: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checkup:
    """`version` is the schema's; `contents` are None where it is not the present one."""

    damage: Sequence[str]
    version: str | None
    newest_version: str
    contents: Contents | None


def check_up(url: str, now: datetime) -> Checkup:
    """Return what a look at the database at `url` finds.

    Raises:
        StoreError: it is missing, cannot be read, or is another program's.
    """
    path = database_file(url)
    if path is not None and not path.exists():
        message = f"{path}: no such file"
        raise StoreError(message)
    engine = open_engine(url, checkpoints=False)
    try:
        with engine.connect() as connection:
            damage = integrity_faults(connection)
        refuse_foreign(engine)
        version, newest = schema_version(engine), newest_version()
        contents = None
        if version == newest and not damage:
            with Session(engine) as session:
                contents = _contents(session, now)
        return Checkup(damage, version, newest, contents)
    except DBAPIError as error:
        message = f"{path or 'database'}: {str(error.orig).partition(chr(10))[0]}"
        raise StoreError(message) from error
    finally:
        engine.dispose()


def _contents(session: Session, now: datetime) -> Contents:
    stale = 0
    for row in (SourceRow, EntryRow):
        query = select(func.count()).select_from(row).where(row.lease_until < now)
        stale += session.scalar(query) or 0
    states = feeds.states(session)
    return Contents(
        ledger=ledger.draw_up(session).faults,
        stale_leases=stale,
        newest=session.scalar(select(func.max(SourceRow.last_polled_at))),
        files={name: frozenset(state.stamps) for name, state in states.items()},
        given=frozenset(given_slugs(session)),
    )
