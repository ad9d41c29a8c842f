"""The days to which articles date their own news."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from aggregator.store.tables import FingerprintRow
from aggregator.stories.stored import from_bytes


def dated_back_to(session: Session, entry: int) -> date | None:
    """Return the day long past to which an entry's text dates its news, None if it does not."""
    query = select(FingerprintRow.fingerprint).where(FingerprintRow.entry_id == entry)
    found = from_bytes(session.scalar(query) or b"")
    if found is None or found.told_day is None:
        return None
    return date.fromordinal(found.told_day)
