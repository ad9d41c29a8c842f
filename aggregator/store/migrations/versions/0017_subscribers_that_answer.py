"""Subscribers that answer; those of before do until they no longer do."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "hub_subscription",
        sa.Column("answers", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute(sa.text("UPDATE hub_subscription SET answers = :yes").bindparams(yes=True))


def downgrade() -> None:
    op.drop_column("hub_subscription", "answers")
