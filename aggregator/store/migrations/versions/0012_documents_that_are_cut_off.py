"""Documents that are cut off."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    cut_off = sa.Column("cut_off", sa.Integer(), server_default="0", nullable=False)
    op.add_column("source", cut_off)


def downgrade() -> None:
    op.drop_column("source", "cut_off")
