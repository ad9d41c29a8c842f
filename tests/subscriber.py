"""A WebSub subscriber on loopback: confirms what it is asked, and keeps what it is brought."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass(frozen=True)
class Delivery:
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Subscriber:
    """What came to its callbacks; `echo` is what it confirms with, None the challenge itself."""

    url: str = ""
    echo: str | None = None
    status: int = 200
    asked: list[Mapping[str, str]] = field(default_factory=list)
    brought: list[Delivery] = field(default_factory=list)

    def callback(self, path: str = "/callback") -> str:
        return f"{self.url}{path}"

    async def confirm(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        text = request.query["hub.challenge"] if self.echo is None else self.echo
        return web.Response(text=text, status=self.status)

    async def take(self, request: web.Request) -> web.Response:
        self.brought.append(Delivery(request.path, request.headers, await request.read()))
        return web.Response(status=self.status, headers={"Retry-After": "30"})


@asynccontextmanager
async def subscriber() -> AsyncIterator[Subscriber]:
    """Yield a subscriber that listens."""
    ours = Subscriber()
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", ours.confirm), web.post("/{path:.*}", ours.take)])
    async with TestServer(app, host="127.0.0.1") as server:
        ours.url = str(server.make_url("")).rstrip("/")
        yield ours
