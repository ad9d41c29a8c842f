"""Facts about the database itself, by name."""

from sqlalchemy.orm import Session

from aggregator.store.tables import MetaRow


def fact(session: Session, name: str) -> str | None:
    """Return the fact, None where it was never noted."""
    row = session.get(MetaRow, name)
    return row.value if row else None


def note(session: Session, name: str, value: str) -> None:
    """Note the fact, over what was noted before."""
    session.merge(MetaRow(name=name, value=value))


def note_once(session: Session, name: str, value: str) -> str:
    """Return the fact; it is `value` where nothing was noted before."""
    known = fact(session, name)
    if known is None:
        note(session, name, value)
        return value
    return known
