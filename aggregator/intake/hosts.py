"""Politeness: how many requests run at a time, to one host and in all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True)
class _Host:
    """One host's places, and for how many requests they are wanted or still warm."""

    places: asyncio.Semaphore
    users: int = 0


class HostGate:
    """Lets `per_host` requests at a time through to a host, and `concurrency` in all.

    A place is free again only when `gap` has passed since its last request
    ended. A host that nobody wants is forgotten.
    """

    def __init__(self, per_host: int, gap: timedelta, concurrency: int) -> None:
        self._per_host = per_host
        self._gap = gap.total_seconds()
        self._all = asyncio.Semaphore(concurrency)
        self._hosts: dict[str, _Host] = {}

    def __len__(self) -> int:
        """Return the number of hosts that are not forgotten yet."""
        return len(self._hosts)

    @asynccontextmanager
    async def passing(self, host: str) -> AsyncIterator[None]:
        """Wait for a place at the host, then for one in all, and hold both.

        In that order, so that who waits for a host keeps nobody else out.
        """
        name = host.rstrip(".").casefold()
        known = self._hosts.setdefault(name, _Host(asyncio.Semaphore(self._per_host)))
        known.users += 1
        try:
            await known.places.acquire()
        except asyncio.CancelledError:
            self._forget_unused(name)
            raise
        try:
            async with self._all:
                yield
        finally:
            asyncio.get_running_loop().call_later(self._gap, self._give_back, name)

    def _give_back(self, name: str) -> None:
        self._hosts[name].places.release()
        self._forget_unused(name)

    def _forget_unused(self, name: str) -> None:
        known = self._hosts[name]
        known.users -= 1
        if not known.users:
            del self._hosts[name]
