"""Subscriptions at the hubs of other publishers, and until when they send us what is new."""

import sqlalchemy as sa
from alembic import op

from aggregator.store.moments import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "websub_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("hub", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("last_ping_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_websub_subscription_source_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_websub_subscription"),
    )
    op.create_index("ix_websub_subscription_source_id", "websub_subscription", ["source_id"])
    op.create_index(
        "ix_websub_subscription_due",
        "websub_subscription",
        ["due_at"],
        sqlite_where=DUE,
        postgresql_where=DUE,
    )
    op.add_column("source", sa.Column("pushed_until", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("source", "pushed_until")
    op.drop_table("websub_subscription")
