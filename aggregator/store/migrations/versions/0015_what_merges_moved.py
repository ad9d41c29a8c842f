"""What merges moved: from where, since when it stood there and as what."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "move",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("telling_id", sa.Integer(), sa.ForeignKey("telling.id"), nullable=False),
        sa.Column("story_id", sa.Integer(), sa.ForeignKey("story.id"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
    )
    op.create_index("ix_move_telling_id", "move", ["telling_id"])
    # Where a telling began is all that was known of its way.
    op.execute(
        "INSERT INTO move (telling_id, story_id, placed_at, kind)"
        " SELECT id, home_id, coalesce(home_at, placed_at), kind FROM telling"
        " WHERE home_id IS NOT NULL ORDER BY id"
    )
    op.drop_column("telling", "home_at")
    op.add_column("telling", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("telling", "moved_at")
    op.add_column("telling", sa.Column("home_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE telling SET home_at = (SELECT placed_at FROM move"
        " WHERE telling_id = telling.id ORDER BY move.id LIMIT 1)"
    )
    op.drop_index("ix_move_telling_id", "move")
    op.drop_table("move")
