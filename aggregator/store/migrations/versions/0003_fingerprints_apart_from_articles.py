"""Fingerprints apart from articles."""

import sqlalchemy as sa
from alembic import op

import aggregator.store.moments

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fingerprint",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column(
            "published_at", aggregator.store.moments.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["article.entry_id"], name=op.f("fk_fingerprint_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_fingerprint")),
    )
    op.create_index(op.f("ix_fingerprint_published_at"), "fingerprint", ["published_at"])
    op.execute(
        "INSERT INTO fingerprint (entry_id, published_at, fingerprint) "
        "SELECT article.entry_id, entry.published_at, article.fingerprint "
        "FROM article JOIN entry ON entry.id = article.entry_id"
    )
    # Not in a batch: that would drop the table, and with it what refers to it.
    op.drop_column("article", "fingerprint")


def downgrade() -> None:
    # None of these is legible to the program of then, which computes them anew.
    op.add_column(
        "article",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False, server_default=sa.text("''")),
    )
    op.drop_index(op.f("ix_fingerprint_published_at"), table_name="fingerprint")
    op.drop_table("fingerprint")
