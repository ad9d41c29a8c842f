"""Where tellings were placed that merges took to another story, so that it can be undone.

Of what was merged before, it is known of the leads alone.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As it stands, both databases know it; a batch would copy all tellings in SQLite.
    op.execute(
        "ALTER TABLE telling ADD COLUMN home_id INTEGER"
        " CONSTRAINT fk_telling_home_id REFERENCES story (id)"
    )
    op.execute(
        "UPDATE telling SET home_id = (SELECT max(story.id) FROM story"
        " WHERE story.lead_entry_id = telling.entry_id AND story.merged_into_id IS NOT NULL)"
        " WHERE entry_id IN (SELECT lead_entry_id FROM story WHERE merged_into_id IS NOT NULL)"
    )


def downgrade() -> None:
    with op.batch_alter_table("telling") as batch:
        batch.drop_column("home_id")
