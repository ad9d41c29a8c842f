"""Whether the schema is the newest; Alembic, which takes long to load, comes only to change it."""

from pathlib import Path

from sqlalchemy import Engine, String, column, inspect, select, table

from aggregator.errors import StoreError
from aggregator.store.dialect import keeps_a_file

# Alembic's table, of the schema's version.
VERSION = "alembic_version"
VERSIONS = Path(__file__).parent / "migrations" / "versions"


def bring_up_to_date(engine: Engine) -> None:
    """Bring the schema to the newest version; nothing happens where it is.

    Raises:
        StoreError: the database is of a later version of the program, or another program's.
    """
    if schema_version(engine) != newest_version():
        from aggregator.store.migrate import upgrade  # noqa: PLC0415 - see above

        upgrade(engine)


def schema_version(engine: Engine) -> str | None:
    """Return the version that Alembic noted in the database, None in an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(VERSION):
            return None
        noted = select(column("version_num", String)).select_from(table(VERSION))
        return connection.scalar(noted)


def refuse_foreign(engine: Engine) -> None:
    """Leave alone what another program keeps in the database.

    A file is one program's. A server's database may hold what others put
    there, extensions among them, as long as it goes by other names.

    Raises:
        StoreError: there are tables, and none that says which version of ours they are.
    """
    version = schema_version(engine)
    if version is not None and version.isdecimal():  # our migrations are numbered
        return
    found = set(inspect(engine).get_table_names()) - {VERSION}
    if not keeps_a_file(engine):
        from aggregator.store.all_tables import METADATA  # noqa: PLC0415 - few look at all of them

        found &= set(METADATA.tables)
    if names := sorted(found):
        kept = f"{names[0]} and {len(names) - 1} more tables" if names[1:] else f"table {names[0]}"
        message = f"{engine.url.database} is another program's database ({kept}); "
        message += "set database.url to one of its own"
        raise StoreError(message)


def newest_version() -> str:
    """Return the version of the last migration: the files are numbered."""
    return max(path.stem.partition("_")[0] for path in VERSIONS.glob("*.py"))
