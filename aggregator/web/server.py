"""The public listener."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from aggregator.errors import RefusedError

# How long an answer under way may take to end when the daemon does.
_GRACE_S = 2.0


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve the application inside the block; yield its address, with the port it got.

    Raises:
        RefusedError: nobody can listen there.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = error.strerror or str(error)
            message = f"cannot listen on {host}:{port}: {reason}; set serve.host, serve.port"
            raise RefusedError(message) from error
        bound = runner.addresses[0]
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        yield f"http://{shown}:{bound[1]}"
    finally:
        await runner.cleanup()
