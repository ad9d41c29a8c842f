"""Outlets that go by a name here and by a host there: learned where an entry gives both."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from aggregator.model import Origin
from aggregator.store.host_tables import OutletNameRow
from aggregator.stories.provenance import plain_name
from aggregator.stories.urls import has_name, outlet_of, related

# What two outlets call themselves names neither.
AMBIGUOUS = ""
# In bytes: a name is not so long, and an index takes no longer one.
_LONGEST_NAME = 1_000


def learn(session: Session, origins: Iterable[Origin]) -> None:
    """Remember which host goes with the name of each outlet that is given with its address."""
    told: dict[str, str] = {}
    for origin in origins:
        name = plain_name(origin.title)
        if 0 < len(name.encode()) <= _LONGEST_NAME and origin.url and has_name(origin.url):
            told[name] = _agreed(told.get(name), outlet_of(origin.url))
    if not told:
        return
    rows = {row.name: row for row in _rows(session, told)}
    for name, host in sorted(told.items()):
        if name not in rows:
            session.add(OutletNameRow(name=name, host=host))
        else:
            rows[name].host = _agreed(rows[name].host, host)
    session.flush()


def hosts_of(session: Session, names: Collection[str]) -> dict[str, str]:
    """Return the hosts of those of the outlets that are known by these names, by name."""
    plain = {name: plain_name(name) for name in names}
    hosts = {row.name: row.host for row in _rows(session, set(plain.values()))}
    found = {name: hosts.get(key, AMBIGUOUS) for name, key in plain.items()}
    return {name: host for name, host in found.items() if host != AMBIGUOUS}


def _rows(session: Session, names: Collection[str]) -> Collection[OutletNameRow]:
    if not names:
        return ()
    return session.scalars(select(OutletNameRow).where(OutletNameRow.name.in_(names))).all()


def _agreed(known: str | None, host: str) -> str:
    if known is None:
        return host
    return known if related(known, host) else AMBIGUOUS
