"""The tables of what we know of hosts: which hold us back, and what outlets they are."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from aggregator.store.base import Base


class HostRow(Base):
    """A host that asked us to stay away, all of its sources and pages, until then."""

    __tablename__ = "host"

    name: Mapped[str] = mapped_column(primary_key=True)
    held_until: Mapped[datetime]


class OutletNameRow(Base):
    """The host of an outlet that goes by a name, too; empty where the name is that of several."""

    __tablename__ = "outlet_name"

    name: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
