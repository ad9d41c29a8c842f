"""WebSub as a publisher and as a hub: what was told, subscriptions, calls to be made."""

import sqlalchemy as sa
from alembic import op

from aggregator.store.moments import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_topic",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_hub_topic"),
    )
    op.create_table(
        "hub_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hub_subscription"),
        sa.UniqueConstraint("callback", "topic", name="uq_hub_subscription_callback"),
    )
    op.create_index("ix_hub_subscription_topic", "hub_subscription", ["topic"])
    op.create_index("ix_hub_subscription_host", "hub_subscription", ["host"])
    op.create_table(
        "hub_errand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("subscribes", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("lease_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hub_errand"),
        sa.UniqueConstraint("kind", "url", "topic", name="uq_hub_errand_kind"),
    )
    op.create_index("ix_hub_errand_due_at", "hub_errand", ["due_at"])


def downgrade() -> None:
    op.drop_table("hub_errand")
    op.drop_table("hub_subscription")
    op.drop_table("hub_topic")
