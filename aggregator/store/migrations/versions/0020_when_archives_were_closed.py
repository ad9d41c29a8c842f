"""When archives were closed: until now when their months ended."""

from datetime import UTC, datetime
from itertools import groupby, pairwise
from operator import itemgetter

import sqlalchemy as sa
from alembic import op

from aggregator.store.moments import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feed", sa.Column("closed_at", UtcDateTime()))
    feed = sa.table(
        "feed", sa.column("name"), sa.column("opened"), sa.column("closed_at", UtcDateTime())
    )
    connection = op.get_bind()
    query = sa.select(feed.c.name, feed.c.opened).where(feed.c.opened > 0)
    opened = [(name.partition("/")[0], number, name) for name, number in connection.execute(query)]
    for _, archives in groupby(sorted(opened), key=itemgetter(0)):
        for (*_, name), _ in pairwise(archives):
            closed = sa.update(feed).where(feed.c.name == name)
            connection.execute(closed.values(closed_at=_end_of_month(name[-7:])))


def _end_of_month(month: str) -> datetime:
    year, number = map(int, month.split("-"))
    if (year, number) == (9999, 12):  # a clock ahead opened it; nothing comes after
        return datetime.max.replace(tzinfo=UTC)
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def downgrade() -> None:
    op.drop_column("feed", "closed_at")
