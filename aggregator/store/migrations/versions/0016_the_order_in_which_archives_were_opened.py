"""The order in which archives were opened: until now that of their months."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    opened = sa.Column("opened", sa.Integer(), server_default="0", nullable=False)
    op.add_column("feed", opened)
    # Names of months sort by time: of one feed as many are up to this one.
    op.execute(
        "UPDATE feed SET opened = (SELECT count(*) FROM feed AS other"
        " WHERE substr(other.name, 1, length(other.name) - 7)"
        " = substr(feed.name, 1, length(feed.name) - 7)"
        " AND other.name LIKE '%/____-__' AND other.name <= feed.name)"
        " WHERE name LIKE '%/____-__'"
    )


def downgrade() -> None:
    op.drop_column("feed", "opened")
