"""Hubs that pages name; what was polled before hubs were looked for is read once more.

A source that answers 304 would never show the hub that its document names.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("websub_subscription") as batch:
        batch.add_column(
            sa.Column("by_page", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.execute(
        "UPDATE source SET etag = NULL, last_modified = NULL, body_hash = NULL"
        " WHERE id NOT IN (SELECT source_id FROM websub_subscription)"
    )


def downgrade() -> None:
    with op.batch_alter_table("websub_subscription") as batch:
        batch.drop_column("by_page")
