"""The operator's own listener: metrics and readiness, at a loopback port or a socket."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from aggregator.errors import RefusedError
from aggregator.web.lobby import DEFAULT

_GRACE_S = 1.0

Metrics = Callable[[], Awaitable[bytes]]
Readiness = Callable[[], Awaitable[Mapping[str, object]]]


def admin_application(metrics: Metrics, content_type: str, readiness: Readiness) -> web.Application:
    """Return the application of the operator's side."""

    async def measured(_request: web.Request) -> web.Response:
        return web.Response(body=await metrics(), headers={"Content-Type": content_type})

    async def ready(_request: web.Request) -> web.Response:
        facts = await readiness()
        return web.json_response(dict(facts), status=200 if facts["ready"] else 503)

    app = web.Application()
    app.add_routes([web.get("/metrics", measured), web.get("/readyz", ready)])
    return app


@asynccontextmanager
async def administering(app: web.Application, place: str) -> AsyncIterator[str]:
    """Serve the application at `place` inside the block; yield where that is.

    Raises:
        RefusedError: nobody can listen there.
    """
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=_GRACE_S, keepalive_timeout=DEFAULT.idle
    )
    await runner.setup()
    try:
        host, _, port = place.rpartition(":")
        site: web.BaseSite
        if place.startswith("/"):
            site = web.UnixSite(runner, place)
        else:
            site = web.TCPSite(runner, host.strip("[]"), int(port), reuse_address=True)
        try:
            await site.start()
        except OSError as error:
            message = f"cannot listen on {place}: {error.strerror or error}; set serve.admin"
            raise RefusedError(message) from error
        bound = runner.addresses[0]
        yield f"unix:{bound}" if isinstance(bound, str) else f"http://{host}:{bound[1]}"
    finally:
        await runner.cleanup()
