"""When tellings were placed at home."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    home_at = sa.Column("home_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("telling", home_at)


def downgrade() -> None:
    op.drop_column("telling", "home_at")
