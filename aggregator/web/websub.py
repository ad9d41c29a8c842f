"""The callbacks that hubs call: they verify what we asked for, and send what is new (WebSub 5, 7).

Only the path says whose callback it is, so a wrong one learns nothing. What a
hub sends is read within bounds of size, time and number.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from aiohttp import web

# Pings that are read at a time, in all and of one subscription; each may be as large as a feed.
MOST_AT_ONCE, MOST_OF_ONE = 16, 2
_LARGEST_ID = 2**31 - 1
_RETRY_AFTER_S = 30
_Subscription = TypeVar("_Subscription")


class Busy(Exception):  # noqa: N818 - a state, no fault
    """Too much is being read at the moment."""


class Inbox(Protocol[_Subscription]):
    """What stands behind the callbacks."""

    @property
    def limit(self) -> int:
        """Return the most bytes that a ping may have."""

    @property
    def patience(self) -> timedelta:
        """Return how long a ping may take to come in."""

    async def find(self, subscription_id: int, token: str) -> _Subscription | None:
        """Return the subscription whose callback that is."""

    async def verify(self, subscription: _Subscription, said: Mapping[str, str]) -> str | None:
        """Return what to echo, None where we asked for no such thing."""

    def reading(self, subscription: _Subscription) -> AbstractContextManager[None]:
        """Take a place among those that are read.

        Raises:
            Busy: there is none.
        """

    async def take(
        self, subscription: _Subscription, body: bytes, content_type: str, signature: str
    ) -> None:
        """Store what a hub sent."""


class Callbacks(Generic[_Subscription]):
    """The routes; `inbox` returns None while the daemon has nobody to take anything in."""

    def __init__(self, inbox: Callable[[], Inbox[_Subscription] | None]) -> None:
        self._inbox = inbox

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the callbacks."""
        path = r"/websub/{id:\d{1,10}}/{token:[\w-]+}"
        return [web.get(path, self._verify, allow_head=False), web.post(path, self._ping)]

    async def _verify(self, request: web.Request) -> web.Response:
        inbox, subscription = await self._found(request)
        echo = await inbox.verify(subscription, request.query)
        if echo is None:
            raise web.HTTPNotFound
        # As plain text: what a stranger sent us must never be a page of ours.
        return web.Response(text=echo, content_type="text/plain")

    async def _ping(self, request: web.Request) -> web.Response:
        inbox, subscription = await self._found(request)
        if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise web.HTTPUnsupportedMediaType  # the signature is that of the bytes as sent
        try:
            with inbox.reading(subscription):
                body = await _body(request, inbox.limit, inbox.patience)
                signature = request.headers.get("X-Hub-Signature", "")
                stated = request.headers.get("Content-Type", "")
                await inbox.take(subscription, body, stated, signature)
        except Busy:
            return _later()
        return web.Response(status=202)

    async def _found(self, request: web.Request) -> tuple[Inbox[_Subscription], _Subscription]:
        inbox = self._inbox()
        if inbox is None:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": str(_RETRY_AFTER_S)})
        number = int(request.match_info["id"])
        found = None
        if number <= _LARGEST_ID:
            found = await inbox.find(number, request.match_info["token"])
        if found is None:
            raise web.HTTPNotFound
        return inbox, found


def _later() -> web.Response:
    return web.Response(status=503, headers={"Retry-After": str(_RETRY_AFTER_S)})


async def _body(request: web.Request, limit: int, patience: timedelta) -> bytes:
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)
    body = bytearray()
    try:
        async with asyncio.timeout(patience.total_seconds()):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit:
                    raise web.HTTPRequestEntityTooLarge(limit, len(body))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(body)
