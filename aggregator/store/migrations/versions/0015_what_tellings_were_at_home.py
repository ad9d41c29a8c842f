"""What tellings were at home, and when they were moved."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("telling", sa.Column("home_kind", sa.String(), nullable=True))
    op.add_column("telling", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("telling", "moved_at")
    op.drop_column("telling", "home_kind")
