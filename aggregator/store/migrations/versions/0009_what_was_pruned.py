"""What was pruned."""

import sqlalchemy as sa
from alembic import op

from aggregator.store.moments import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pruned_story",
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("pruned_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name="fk_pruned_story_story_id"),
        sa.PrimaryKeyConstraint("story_id", name="pk_pruned_story"),
    )


def downgrade() -> None:
    op.drop_table("pruned_story")
