"""Turns in which stories entered the feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    turn = sa.Column("turn", sa.Integer(), server_default="0", nullable=False)
    op.add_column("story_category", turn)
    op.create_index("ix_story_category_turn", "story_category", ["turn"])


def downgrade() -> None:
    op.drop_index("ix_story_category_turn", "story_category")
    op.drop_column("story_category", "turn")
