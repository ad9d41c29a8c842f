"""Room for documents: how many bytes of them are held at a time, from the wire to the parser.

Two hundred sources that each send all they may would come to gigabytes, and a
parser takes seconds for what comes in within one. So a body takes room as it
comes in, and gives it back once it has been read; where none is left, its
connection waits, and its server with it. A room that is full of beginnings
would never be left: as many as are read at a time go beyond it, to their end.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aggregator.errors import ShortageError
from aggregator.memory import give_all_back

# In bytes, and how many come to their end at a time whatever there is: of sources that have said
# something fit to be read before; of all others, and of pages. As many children read them.
KNOWN = 16 << 20, 3
STRANGE = 32 << 20, 2
# Nobody waits for the first bytes of a document. Most feeds end within them.
FREE = 128 << 10
# So many are taken at a time: most that need any take once, and are not stopped half-way.
STEP = 512 << 10
# For longer than this most servers hold no connection that takes nothing (nginx: send_timeout;
# Apache: TimeOut).
PATIENCE_S = 60.0


class Room:
    """So many bytes, shared by those whose documents are under way.

    Who wants more waits behind who wanted some before, and who has none yet
    behind all of those. As many as are `whole` go beyond `size` where they would
    have to wait half-way, and never wait again: so all come to their end.
    """

    def __init__(self, size: int, whole: int) -> None:
        self._left = size
        self._whole = whole
        self._holders: set[Share] = set()
        self._beyond: set[Share] = set()
        self._within: list[_Waiting] = []
        self._outside: list[_Waiting] = []
        self._crowded = False

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """Yield what takes room for one document; all of it is given back at the end."""
        share = Share(self)
        try:
            yield share
        finally:
            share.leave()

    def take_back(self, share: "Share", size: int) -> None:
        """Give so much of what a share holds to those who wait."""
        self._left += size
        share.held -= size
        if not share.held:
            self._holders.discard(share)
            self._beyond.discard(share)
        self._move_up()
        if self._crowded and not self._holders:
            self._crowded = False
            give_all_back()  # all those beginnings lay between what stays

    def takes_in(self, share: "Share", size: int) -> bool:
        """Give a share so many bytes more, unless it has to wait for them."""
        waiting = self._within or (not share.held and self._outside)
        return self._gives(share, size, in_turn=not waiting)

    async def wait(self, share: "Share", size: int) -> None:
        """Give a share so many bytes more when its turn has come.

        Raises:
            ShortageError: there was no room for too long.
        """
        turn = asyncio.get_running_loop().create_future()
        waiting = _Waiting(share, size, turn)
        queue = self._within if share.held else self._outside
        queue.append(waiting)
        self._crowded = True
        try:
            async with asyncio.timeout(PATIENCE_S):
                await turn
        except TimeoutError as error:
            message = f"no room for the document within {PATIENCE_S:g} s: too many large ones"
            raise ShortageError(message) from error
        finally:
            if waiting in queue:
                queue.remove(waiting)
                self._move_up()

    def _gives(self, share: "Share", size: int, *, in_turn: bool) -> bool:
        """Give a share so many bytes where it may have them; return whether it may."""
        if share not in self._beyond and not (in_turn and self._left >= size):
            half_way = share.held or not self._holders
            if not (in_turn and half_way and len(self._beyond) < self._whole):
                return False
            self._beyond.add(share)
        self._left -= size
        share.held += size
        self._holders.add(share)
        return True

    def _move_up(self) -> None:
        """Give room to those who wait, in their order."""
        for queue in (self._within, self._outside):
            while queue:
                first = queue[0]
                if not first.turn.done():  # or it has given up, and is about to leave the queue
                    if not self._gives(first.share, first.size, in_turn=True):
                        return
                    first.turn.set_result(None)
                queue.pop(0)


class Share:
    """What one document takes of a room; `held` is in bytes, those that are free left out."""

    def __init__(self, room: Room) -> None:
        self.held = 0
        self._room = room
        self._size = 0

    def takes(self, size: int) -> int:
        """Take room for so many bytes; return how many have to be waited for, these or more."""
        self._size += size
        lacking = self._size - FREE - self.held
        if lacking <= 0:
            return 0
        wanted = max(lacking, STEP)
        return 0 if self._room.takes_in(self, wanted) else wanted

    async def wait(self, size: int) -> None:
        """Take room for so many bytes once there is some.

        Raises:
            ShortageError: there was none for too long.
        """
        await self._room.wait(self, size)

    def settle(self) -> None:
        """Give back what the document, which has come to its end, did not need."""
        self._room.take_back(self, self.held - max(self._size - FREE, 0))

    def leave(self) -> None:
        """Give all of it back."""
        self._room.take_back(self, self.held)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A share in the queue, and what it wants."""

    share: Share
    size: int
    turn: asyncio.Future[None]
