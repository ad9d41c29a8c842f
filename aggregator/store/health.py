"""How the sources do: when one began to fail, when it recovered."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aggregator.model import HealthTurn
from aggregator.store.feed_tables import HealthRow
from aggregator.store.tables import SourceRow
from aggregator.stories.urls import source_name

_ADDRESS = re.compile(r"\bhttps?://[^\s'\")>]+")


def note_turn(
    session: Session, source: SourceRow, now: datetime, *, failing: bool, reason: str = ""
) -> None:
    """Note that a source began to fail, or recovered.

    Its address stays out of the reason: it may let someone in.
    """
    told = _ADDRESS.sub("its address", reason)
    session.add(HealthRow(source_id=source.id, failing=failing, reason=told, at=now))


def newest_turn(session: Session) -> int:
    """Return the number of the newest turn, 0 where there was none."""
    return session.scalar(select(func.max(HealthRow.id))) or 0


def turns(session: Session, limit: int) -> Sequence[HealthTurn]:
    """Return the last turns in the sources' health, newest first."""
    rows = session.execute(
        select(HealthRow, SourceRow)
        .join(SourceRow, SourceRow.id == HealthRow.source_id)
        .order_by(HealthRow.id.desc())
        .limit(limit)
    )
    return [
        HealthTurn(
            id=row.id,
            source_title=source_name(source.title),
            outlet=source.outlet,
            site_url=source.site_url,
            failing=row.failing,
            reason=row.reason,
            at=row.at,
        )
        for row, source in rows
    ]
