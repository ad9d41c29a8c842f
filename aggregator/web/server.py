"""The public listener."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from aggregator.errors import RefusedError
from aggregator.web.app import LIMITS, PUBLISHED
from aggregator.web.conversation import Conversation
from aggregator.web.front import FrontDoor, Ready
from aggregator.web.lobby import Lobby

# How long an answer under way may take to end when the daemon does.
_GRACE_S = 2.0
_BACKLOG = 1024
# What is no HTTP is answered by 400.
_THEIRS = (HttpProcessingError, ConnectionError)


@asynccontextmanager
async def serving(
    app: web.Application, host: str, port: int, handed: socket.socket | None = None
) -> AsyncIterator[str]:
    """Serve the application inside the block; yield its address, with the port it got.

    `handed`: a socket that listens already, in the place of `host` and `port`.

    Raises:
        RefusedError: nobody can listen there.
    """
    log = logging.getLogger("aiohttp.server")
    log.addFilter(_is_ours)
    limits = app[LIMITS]
    runner = web.AppRunner(app, shutdown_timeout=_GRACE_S)
    await runner.setup()
    lobby, ready = Lobby(limits), Ready()

    def door() -> FrontDoor:
        assert runner.server is not None  # noqa: S101 - it was set up
        inner = Conversation(runner.server, keepalive_timeout=limits.idle)
        return FrontDoor(app[PUBLISHED], ready, lobby, inner)

    try:
        server = await (_take_over(door, handed) if handed else _listen(door, host, port))
        try:
            async with lobby.tended():
                yield _address(server.sockets[0].getsockname())
        finally:
            server.close()
    finally:
        await runner.cleanup()


async def _listen(door: Callable[[], FrontDoor], host: str, port: int) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(door, host, port, reuse_address=True, backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"cannot listen on {host}:{port}: {reason}; set serve.host, serve.port"
        raise RefusedError(message) from error


async def _take_over(door: Callable[[], FrontDoor], handed: socket.socket) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    if handed.family == socket.AF_UNIX:
        return await loop.create_unix_server(door, sock=handed, backlog=_BACKLOG)
    return await loop.create_server(door, sock=handed, backlog=_BACKLOG)


def _address(bound: str | tuple[str, int]) -> str:
    """Return where a socket listens, as an address that people can open where it is one."""
    if isinstance(bound, str):
        return f"unix:{bound}"
    host, port = bound[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_ours(record: logging.LogRecord) -> bool:
    """Return whether an error is ours, not that a stranger speaks no HTTP, or leaves amid it."""
    return not (record.exc_info and isinstance(record.exc_info[1], _THEIRS))
