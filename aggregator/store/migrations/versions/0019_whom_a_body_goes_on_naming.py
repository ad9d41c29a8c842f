"""Whom a body goes on naming that may change no more."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("story_body", sa.Column("named", sa.JSON()))


def downgrade() -> None:
    op.drop_column("story_body", "named")
