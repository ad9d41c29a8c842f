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


class Resolver:
    """Looks names up, so many at a time; a place is taken until the system has answered."""

    def __init__(self, at_a_time: int = AT_A_TIME) -> None:
        self._places = asyncio.Semaphore(at_a_time)

    async def look_up(self, host: str, port: int, family: int) -> list[Found]:
        """Return the addresses that the host's name stands for.

        Raises:
            OSError: the name does not resolve, or there is no thread to be had.
            UnicodeError: it is no name.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Found]] = loop.create_future()
        await self._places.acquire()

        def ask() -> None:
            try:
                settle = partial(_give, answer, _resolve(host, port, family))
            except Exception as error:  # noqa: BLE001 - it is the waiter's
                settle = partial(_fail, answer, error)
            # The loop may have ended in the meantime.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._places.release)
                loop.call_soon_threadsafe(settle)

        try:
            Thread(target=ask, name="look-up", daemon=True).start()
        except RuntimeError as error:
            self._places.release()
            message = "no thread to look the name up"
            raise OSError(message) from error
        return await answer


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
