"""Whether the schema is the newest; Alembic, which takes long to load, comes only to change it."""

from pathlib import Path

from sqlalchemy import Engine, String, column, inspect, select, table

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def bring_up_to_date(engine: Engine) -> None:
    """Bring the schema to the newest version; nothing happens where it is.

    Raises:
        StoreError: the database was written by a later version of the program.
    """
    if schema_version(engine) != newest_version():
        from aggregator.store.migrate import upgrade  # noqa: PLC0415 - see above

        upgrade(engine)


def schema_version(engine: Engine) -> str | None:
    """Return the version that Alembic noted in the database, None in an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        noted = select(column("version_num", String)).select_from(table("alembic_version"))
        return connection.scalar(noted)


def newest_version() -> str:
    """Return the version of the last migration: the files are numbered."""
    return max(path.stem.partition("_")[0] for path in VERSIONS.glob("*.py"))
