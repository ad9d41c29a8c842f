"""What all tables have in common."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, MetaData, event, text
from sqlalchemy.orm import DeclarativeBase

from aggregator.store.moments import UtcDateTime

_CONDITIONS = "where"  # in what an index is said to know of itself


class Base(DeclarativeBase):
    """Common ground: UTC times, JSON lists, constraint names that migrations can name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        list[Any]: JSON,
        dict[str, Any]: JSON,
    }


def partial_index(name: str, *columns: str, where: str | Mapping[str, str]) -> Index:
    """Return an index of the rows to which `where` applies, where need be by dialect.

    The condition is given to SQLAlchemy by `complete` alone: it would load each
    dialect that is named, whichever is used.
    """
    dialects = ("sqlite", "postgresql")
    conditions = dict.fromkeys(dialects, where) if isinstance(where, str) else where
    return Index(name, *columns, info={_CONDITIONS: conditions})


def complete(metadata: MetaData, *_: object, **__: object) -> None:
    """Give the partial indexes their conditions, before the tables are made or compared."""
    for table in metadata.tables.values():
        for index in table.indexes:
            for dialect, condition in index.info.get(_CONDITIONS, {}).items():
                index.dialect_kwargs[f"{dialect}_where"] = text(condition)


event.listen(Base.metadata, "before_create", complete)
