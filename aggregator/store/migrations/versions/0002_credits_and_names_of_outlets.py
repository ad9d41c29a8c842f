"""What pages credit, and the names of outlets."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outlet_name",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_outlet_name")),
    )
    # Articles that were read before credit nobody.
    op.add_column("article", sa.Column("credits", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("article", "credits")
    op.drop_table("outlet_name")
