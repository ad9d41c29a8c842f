"""What polite polling remembers."""

import sqlalchemy as sa
from alembic import op

import aggregator.store.moments

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "host",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "held_until", aggregator.store.moments.UtcDateTime(timezone=True), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
    )
    # No batch: that would make the table anew and drop the old one while others refer to it.
    op.add_column(
        "entry", sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("entry", sa.Column("twin", sa.String(), nullable=True))
    op.create_index("ix_entry_twin", "entry", ["source_id", "twin"], unique=False)

    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_url", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("moved_to", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("moves", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("etag_misses", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "whole_at", aggregator.store.moments.UtcDateTime(timezone=True), nullable=True
            )
        )
        batch_op.add_column(sa.Column("lifetime_s", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ttl_s", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("skips", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("rhythm", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "rhythm_at", aggregator.store.moments.UtcDateTime(timezone=True), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "observed_at", aggregator.store.moments.UtcDateTime(timezone=True), nullable=True
            )
        )
        batch_op.add_column(sa.Column("pace_s", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "last_new_at", aggregator.store.moments.UtcDateTime(timezone=True), nullable=True
            )
        )
        batch_op.add_column(sa.Column("items", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    # Column by column, which SQLite can by now: a table made anew, as in a batch, would have to be
    # dropped while others refer to it.
    for name in (
        "items",
        "last_new_at",
        "pace_s",
        "observed_at",
        "rhythm_at",
        "rhythm",
        "skips",
        "ttl_s",
        "lifetime_s",
        "whole_at",
        "etag_misses",
        "moves",
        "moved_to",
        "first_url",
    ):
        op.drop_column("source", name)
    op.drop_index("ix_entry_twin", "entry")
    op.drop_column("entry", "twin")
    op.drop_column("entry", "held")
    op.drop_table("host")
