"""Locks that a process holds as long as it lives, though its connection may not live as long."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aggregator.store.dialect import locked


class Hold:
    """A lock among all processes; `renew` takes it again where it was lost."""

    def __init__(self, engine: Engine, name: str, *, shared: bool) -> None:
        self._engine, self._name, self._shared = engine, name, shared
        self._held = ExitStack()
        self._is_held: Callable[[], bool] = lambda: False

    def renew(self, *, wait: bool = False) -> bool:
        """Take the lock unless it is held; return whether it had to be taken.

        Raises:
            RefusedError: another process holds it, and we are not to `wait`.
        """
        if self._is_held():
            return False
        self.let_go()
        lock = locked(self._engine, self._name, wait=wait, shared=self._shared)
        self._is_held = self._held.enter_context(lock)
        return True

    def let_go(self) -> None:
        """Give the lock back; one that was lost with its connection is free already."""
        self._is_held = lambda: False
        with suppress(SQLAlchemyError):
            self._held.close()


@contextmanager
def hold(engine: Engine, name: str, *, shared: bool) -> Iterator[Hold]:
    """Hold the lock `name` inside the block; a `shared` one is waited for.

    Raises:
        RefusedError: it is not shared, and another process holds it.
    """
    held = Hold(engine, name, shared=shared)
    held.renew(wait=shared)
    try:
        yield held
    finally:
        held.let_go()
