"""Who is connected, and what any one of them may take of us: time, room and places."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from aggregator.metrics import CONNECTIONS


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of the public listener; times in seconds, sizes in bytes.

    Generous to a reader on a poor line, and finite for everybody else.
    """

    # A connection that asks for nothing. Longer than a proxy in front keeps it open (nginx: 60).
    idle: float = 75.0
    # From a request's first byte to the end of its head.
    head: float = 15.0
    longest_head: int = 32 * 1024
    # For a handler, reading what it is sent included: a hub's ping may come in for `fetch.timeout`.
    answer: float = 60.0
    # For what was sent to be taken: a megabyte at 4 kB/s.
    send: float = 250.0
    # Connections at a time: a quarter of the descriptors that a login gets, nearly all the rest of
    # which polls and the database may need at once. Readers' requests are over within milliseconds.
    connections: int = 512
    # Pages at a time that ask the database. It has four readers, which polls need as well.
    pages: int = 8
    # How often connections are looked after.
    round: float = 1.0


DEFAULT = Limits()


class Guest(Protocol):
    """A connection, as the lobby sees it."""

    @property
    def address(self) -> str:
        """Return where it comes from."""

    def tend(self, now: float) -> None:
        """End what takes longer than it may."""

    def is_idle(self, now: float) -> bool:
        """Return whether it may be ended where others want its place."""

    def leave(self) -> None:
        """End at once."""


class Lobby:
    """Everybody who is connected, whoever said nothing for the longest time first."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._guests: dict[Guest, None] = {}

    def __len__(self) -> int:
        """Return how many are connected."""
        return len(self._guests)

    def admit(self, guest: Guest, now: float) -> bool:
        """Let a connection in, if need be in another's place; False where there is none."""
        if len(self._guests) >= self.limits.connections:
            idle = next((each for each in self._guests if each.is_idle(now)), None)
            leaving = idle or self._one_too_many(guest)
            if leaving is None:
                return False
            self.forget(leaving)
            leaving.leave()
        self._guests[guest] = None
        CONNECTIONS.set(len(self._guests))
        return True

    def _one_too_many(self, guest: Guest) -> Guest | None:
        """Return the longest silent of those from an address that has most places, if one has.

        It gives way to others only: behind a proxy all come from one address.
        """
        held = Counter(each.address for each in self._guests)
        address, count = held.most_common(1)[0]
        if address == guest.address or count * 2 <= len(self._guests):
            return None
        return next(each for each in self._guests if each.address == address)

    def heard(self, guest: Guest) -> None:
        """Note that a connection asks for something."""
        self._guests.pop(guest, None)
        self._guests[guest] = None

    def forget(self, guest: Guest) -> None:
        """Let go of a connection that is no more."""
        self._guests.pop(guest, None)
        CONNECTIONS.set(len(self._guests))

    @asynccontextmanager
    async def tended(self) -> AsyncIterator[None]:
        """Look after everybody inside the block."""
        task = asyncio.create_task(self._tend())
        try:
            yield
        finally:
            task.cancel()

    async def _tend(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.limits.round)
            now = loop.time()
            for guest in list(self._guests):
                guest.tend(now)
