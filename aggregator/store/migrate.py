"""The schema's versions, by Alembic."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from aggregator.errors import StoreError
from aggregator.store.dialect import locked
from aggregator.store.schema import VERSIONS, refuse_foreign, schema_version


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; nothing happens where it is.

    Raises:
        StoreError: the database is of a later version of the program, or another program's.
    """
    scripts = ScriptDirectory.from_config(_config())
    with locked(engine, "schema"):
        refuse_foreign(engine)
        current = schema_version(engine)
        known = {revision.revision for revision in scripts.walk_revisions()}
        if current is not None and current not in known:
            message = f"the database is of a later version ({current}); update the program"
            raise StoreError(message)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def write_revision(engine: Engine, message: str) -> None:
    """Write the next revision: what the tables have that the database has not."""
    count = len(list(ScriptDirectory.from_config(_config()).walk_revisions()))
    with engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=f"{count + 1:04}")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    return config
