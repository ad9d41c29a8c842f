"""Alembic's entry: runs revisions on the connection that `migrate` hands over."""

from alembic import context

from aggregator.store.tables import MetaRow

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=MetaRow.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
