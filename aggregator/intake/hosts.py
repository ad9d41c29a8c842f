"""Politeness: how many requests run at a time, to one host and in all."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

MOST_GAPS = 2_000  # hosts whose own pauses are remembered


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
        self._gaps: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        """Return the number of hosts that are not forgotten yet."""
        return len(self._hosts)

    def slow_down(self, host: str, gap: timedelta) -> None:
        """Leave at least this pause behind each request to the host."""
        name = _name(host)
        self._gaps[name] = gap.total_seconds()
        self._gaps.move_to_end(name)
        if len(self._gaps) > MOST_GAPS:
            self._gaps.popitem(last=False)

    @asynccontextmanager
    async def passing(self, host: str, *, rests: bool = True) -> AsyncIterator[None]:
        """Wait for a place at the host, then for one in all, and hold both.

        In that order, so that who waits for a host keeps nobody else out. A host
        that need not rest has no pause after it.
        """
        name = _name(host)
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
            gap = max(self._gap, self._gaps.get(name, 0.0)) if rests else 0.0
            asyncio.get_running_loop().call_later(gap, self._give_back, name)

    def _give_back(self, name: str) -> None:
        self._hosts[name].places.release()
        self._forget_unused(name)

    def _forget_unused(self, name: str) -> None:
        known = self._hosts[name]
        known.users -= 1
        if not known.users:
            del self._hosts[name]


def _name(host: str) -> str:
    return host.rstrip(".").casefold()
