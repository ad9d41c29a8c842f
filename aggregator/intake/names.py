"""Name look-ups that hold up nobody.

The system's resolver blocks, for half a minute where the name servers are
dead. Each look-up has a thread that the process does not wait for, so that
dead names keep the daemon neither from its other work nor from ending.
"""

import asyncio
import socket
from contextlib import suppress
from functools import partial
from threading import Thread

# What getaddrinfo says of an address: family, protocol and where to connect.
Found = tuple[socket.AddressFamily, int, tuple[str, int]]

# Threads are finite: a service manager may allow a few hundred to all of us.
AT_A_TIME = 64
SLOW = 128
# Name servers that work answer within a fraction of this.
MOMENT_S = 0.5


class Resolver:
    """Looks names up, so many at a time; a place is taken until the system has answered.

    What is not answered within a moment moves on to one of the places for
    slow look-ups: names that nobody answers keep the others waiting no longer.
    """

    def __init__(self, at_a_time: int = AT_A_TIME, slow: int = SLOW) -> None:
        self._places = asyncio.Semaphore(at_a_time)
        self._free_for_slow = slow
        self._quick: set[asyncio.Future[list[Found]]] = set()

    async def look_up(self, host: str, port: int, family: int) -> list[Found]:
        """Return the addresses that the host's name stands for.

        Raises:
            OSError: the name does not resolve, or there is no thread to be had.
            UnicodeError: it is no name.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Found]] = loop.create_future()
        await self._places.acquire()
        self._quick.add(answer)

        def ask() -> None:
            try:
                settle = partial(_give, answer, _resolve(host, port, family))
            except Exception as error:  # noqa: BLE001 - it is the waiter's
                settle = partial(_fail, answer, error)
            # The loop may have ended in the meantime.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._leave, answer)
                loop.call_soon_threadsafe(settle)

        try:
            Thread(target=ask, name="look-up", daemon=True).start()
        except RuntimeError as error:
            self._leave(answer)
            message = "no thread to look the name up"
            raise OSError(message) from error
        loop.call_later(MOMENT_S, self._move, answer)
        return await answer

    def _leave(self, answer: asyncio.Future[list[Found]]) -> None:
        """Free the place of a look-up that has ended."""
        if answer in self._quick:
            self._quick.remove(answer)
            self._places.release()
        else:
            self._free_for_slow += 1

    def _move(self, answer: asyncio.Future[list[Found]]) -> None:
        """Free the quick place of a look-up that is slow, once there is another one for it."""
        if answer not in self._quick:
            return
        if self._free_for_slow:
            self._free_for_slow -= 1
            self._quick.remove(answer)
            self._places.release()
        else:
            asyncio.get_running_loop().call_later(MOMENT_S, self._move, answer)


def _resolve(host: str, port: int, family: int) -> list[Found]:
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
    return [
        (kind, protocol, (str(address[0]), int(address[1])))
        for kind, _, protocol, _, address in found
    ]


def _give(answer: asyncio.Future[list[Found]], found: list[Found]) -> None:
    if not answer.done():
        answer.set_result(found)


def _fail(answer: asyncio.Future[list[Found]], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
