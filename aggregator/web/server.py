"""The public listener."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from aggregator.errors import RefusedError
from aggregator.web.app import HARDENING, PUBLISHED
from aggregator.web.front import FrontDoor, front_doors

# How long an answer under way may take to end when the daemon does.
_GRACE_S = 2.0
_BACKLOG = 1024


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve the application inside the block; yield its address, with the port it got.

    Raises:
        RefusedError: nobody can listen there.
    """
    log = logging.getLogger("aiohttp.server")
    log.addFilter(_is_ours)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_S)
    await runner.setup()
    try:
        inner = cast("Callable[[], asyncio.Protocol]", runner.server)
        server = await _listen(front_doors(app[PUBLISHED], HARDENING, inner), host, port)
        try:
            bound = server.sockets[0].getsockname()
            shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
            yield f"http://{shown}:{bound[1]}"
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


def _is_ours(record: logging.LogRecord) -> bool:
    """Return whether an error is ours; that a stranger's request is no HTTP is answered by 400."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
