"""Alembic's entry: runs revisions on the connection that `migrate` hands over."""

from alembic import context

from aggregator.store.all_tables import METADATA
from aggregator.store.base import complete


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    """Return whether a table is of the model: each engine keeps full text in its own way."""
    return kind != "table" or name is None or name.partition("_")[0] != "search"


complete(METADATA)
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_name=_is_ours,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
