"""What polite polling remembers."""

import sqlalchemy as sa
from alembic import op

import aggregator.store.dialect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "host",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "held_until", aggregator.store.dialect.UtcDateTime(timezone=True), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("twin", sa.String(), nullable=True))
        batch_op.create_index("ix_entry_twin", ["source_id", "twin"], unique=False)

    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_url", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("moved_to", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("moves", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("etag_misses", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "whole_at", aggregator.store.dialect.UtcDateTime(timezone=True), nullable=True
            )
        )
        batch_op.add_column(sa.Column("lifetime_s", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ttl_s", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("skips", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("rhythm", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "rhythm_at", aggregator.store.dialect.UtcDateTime(timezone=True), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "observed_at", aggregator.store.dialect.UtcDateTime(timezone=True), nullable=True
            )
        )
        batch_op.add_column(sa.Column("pace_s", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "last_new_at", aggregator.store.dialect.UtcDateTime(timezone=True), nullable=True
            )
        )
        batch_op.add_column(sa.Column("items", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_column("items")
        batch_op.drop_column("last_new_at")
        batch_op.drop_column("pace_s")
        batch_op.drop_column("observed_at")
        batch_op.drop_column("rhythm_at")
        batch_op.drop_column("rhythm")
        batch_op.drop_column("skips")
        batch_op.drop_column("ttl_s")
        batch_op.drop_column("lifetime_s")
        batch_op.drop_column("whole_at")
        batch_op.drop_column("etag_misses")
        batch_op.drop_column("moves")
        batch_op.drop_column("moved_to")
        batch_op.drop_column("first_url")

    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index("ix_entry_twin")
        batch_op.drop_column("twin")
        batch_op.drop_column("held")

    op.drop_table("host")
