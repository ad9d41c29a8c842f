"""What feeds show: archives, confirmed stories, files as written; health; full text.

The index for full text is each engine's own, so it is no table of the model.
"""

import sqlalchemy as sa
from alembic import op

from aggregator.store.moments import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CONFIRMED = sa.text("confirmed_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "health",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("failing", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_health_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_health"),
    )
    op.create_index("ix_health_source_id", "health", ["source_id"])
    op.add_column("story", sa.Column("confirmed_at", UtcDateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_story_confirmed",
        "story",
        ["confirmed_at"],
        sqlite_where=CONFIRMED,
        postgresql_where=CONFIRMED,
    )
    op.add_column("story_category", sa.Column("archive", sa.String(), nullable=True))
    op.create_index("ix_story_category_archive", "story_category", ["slug", "archive"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search USING fts5 (words, tokenize = 'unicode61')")
    else:
        op.execute("CREATE TABLE search (entry_id bigint PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_search_words ON search USING gin (words)")
    # What the files show is found out anew: whoever shows the same is not written again.
    op.drop_table("feed")
    op.create_table(
        "feed",
        sa.Column("name", sa.String(), nullable=False),
        *_shown(),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("stamps", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_feed"),
    )


def downgrade() -> None:
    op.drop_table("search")
    op.execute("DELETE FROM meta WHERE name = 'search_indexed'")
    op.drop_table("feed")
    op.create_table(
        "feed",
        sa.Column("slug", sa.String(), nullable=False),
        *_shown(),
        sa.PrimaryKeyConstraint("slug", name="pk_feed"),
    )
    op.drop_index("ix_story_category_archive", "story_category")
    op.drop_column("story_category", "archive")
    op.drop_index("ix_story_confirmed", "story")
    op.drop_column("story", "confirmed_at")
    op.drop_table("health")


def _shown() -> tuple[sa.Column[int], sa.Column[int], sa.Column[str]]:
    return (
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rendered_revision", sa.Integer(), nullable=False),
        sa.Column("rendered_with", sa.String(), nullable=False),
    )
