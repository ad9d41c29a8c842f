"""Room for documents: how many bytes of them are held at a time, from the wire to the parser.

Two hundred sources that each send all they may would come to gigabytes, and a
parser takes seconds for what comes in within one. So a body takes room as it
comes in, and gives it back once it has been read; where none is left, its
connection waits, and its server with it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aggregator.errors import FetchError

# In bytes: of sources that have said something fit to be read before; of all others, and of pages.
KNOWN = 16 << 20
STRANGE = 32 << 20
# Nobody waits for the first bytes of a document. Most feeds end within them.
FREE = 128 << 10
# For longer than this no server holds a connection that takes nothing.
PATIENCE_S = 120.0


class Room:
    """So many bytes, shared by those whose documents are under way.

    Who wants more waits behind who wanted some before. The share that has
    held some for the longest time never waits, so it comes to its end and
    makes room for the others; `size` is exceeded by that one alone.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self._holders: dict[Share, None] = {}  # the earliest first
        self._queue: list[_Waiting] = []

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """Yield what takes room for one document; all of it is given back at the end."""
        share = Share(self)
        try:
            yield share
        finally:
            share.leave()

    def take_back(self, share: "Share") -> None:
        """Give what a share holds to those who wait."""
        self._left += share.held
        share.held = 0
        self._holders.pop(share, None)
        self._move_up()

    def takes_in(self, share: "Share", size: int) -> bool:
        """Give a share so many bytes more, unless it has to wait for them."""
        if not self._is_first(share) and (self._queue or self._left < size):
            return False
        self._give(share, size)
        return True

    async def wait(self, share: "Share", size: int) -> None:
        """Give a share so many bytes more when its turn has come.

        Raises:
            FetchError: there was no room for too long.
        """
        turn = asyncio.get_running_loop().create_future()
        waiting = _Waiting(share, size, turn)
        self._queue.append(waiting)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await turn
        except TimeoutError as error:
            message = f"no room for the document within {PATIENCE_S:g} s: too many large ones"
            raise FetchError(message) from error
        finally:
            if waiting in self._queue:
                self._queue.remove(waiting)
                self._move_up()

    def _is_first(self, share: "Share") -> bool:
        return next(iter(self._holders), share) is share

    def _give(self, share: "Share", size: int) -> None:
        self._left -= size
        share.held += size
        self._holders[share] = None

    def _move_up(self) -> None:
        """Give room to those who wait, in their order; the first holder is never held up."""
        held_up = False
        for each in tuple(self._queue):
            if each.turn.done():  # given up, and about to leave the queue
                continue
            if self._is_first(each.share) or (not held_up and self._left >= each.size):
                self._queue.remove(each)
                self._give(each.share, each.size)
                each.turn.set_result(None)
            else:
                held_up = True


class Share:
    """What one document takes of a room; `held` is in bytes, those that are free left out."""

    def __init__(self, room: Room) -> None:
        self.held = 0
        self._room = room
        self._free = FREE

    def takes(self, size: int) -> int:
        """Take room for so many bytes; return how many of them have to be waited for."""
        beyond = max(size - self._free, 0)
        self._free -= size - beyond
        return 0 if not beyond or self._room.takes_in(self, beyond) else beyond

    async def wait(self, size: int) -> None:
        """Take room for so many bytes once there is some.

        Raises:
            FetchError: there was none for too long.
        """
        await self._room.wait(self, size)

    def leave(self) -> None:
        """Give all of it back."""
        self._room.take_back(self)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A share in the queue, and what it wants."""

    share: Share
    size: int
    turn: asyncio.Future[None]
