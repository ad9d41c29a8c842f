"""The address at which our WebSub hub takes requests (W3C WebSub, section 5.1)."""

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qsl

from aiohttp import web

from aggregator.errors import HubFullError, RefusedError

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 50  # a request has five


class Hub(Protocol):
    """The hub behind the door."""

    @property
    def is_open(self) -> bool:
        """Return whether there is one at present."""

    async def receive(self, fields: Mapping[str, str]) -> None:
        """Take a request in.

        Raises:
            RefusedError: it cannot be granted.
        """


class HubDoor:
    """Answers subscribers in plain text, for whoever reads their log."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def post(self, request: web.Request) -> web.Response:
        """Return 202 for what will be confirmed, or say what is wrong."""
        if not self._hub.is_open:
            raise web.HTTPNotFound
        if request.content_type != _FORM:
            return web.Response(text=f"send a form: Content-Type: {_FORM}\n", status=415)
        form = (await request.read()).decode("latin-1")
        try:
            pairs = parse_qsl(form, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            return web.Response(text=f"at most {_MOST_FIELDS} fields\n", status=400)
        try:
            await self._hub.receive(dict(reversed(pairs)))
        except RefusedError as error:
            status = 429 if isinstance(error, HubFullError) else 400
            return web.Response(text=f"{error}\n", status=status)
        return web.Response(text="accepted; the callback is asked to confirm\n", status=202)
