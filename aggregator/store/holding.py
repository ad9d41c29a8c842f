"""Locks that a process holds as long as it lives, though its connection may not live as long."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aggregator.store.dialect import exclusive


class Hold:
    """A lock among all processes; `renew` takes it again where it was lost."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self._name = engine, name
        self._held = ExitStack()
        self._is_held: Callable[[], bool] = lambda: False

    def renew(self) -> bool:
        """Take the lock unless it is held; return whether it had to be taken.

        Raises:
            RefusedError: another process holds it.
        """
        if self._is_held():
            return False
        self.let_go()
        self._is_held = self._held.enter_context(exclusive(self._engine, self._name, wait=False))
        return True

    def let_go(self) -> None:
        """Give the lock back; one that was lost with its connection is free already."""
        self._is_held = lambda: False
        with suppress(SQLAlchemyError):
            self._held.close()


@contextmanager
def hold(engine: Engine, name: str) -> Iterator[Hold]:
    """Hold the lock `name` inside the block.

    Raises:
        RefusedError: another process holds it.
    """
    held = Hold(engine, name)
    held.renew()
    try:
        yield held
    finally:
        held.let_go()
