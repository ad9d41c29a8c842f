"""A connection of the application: aiohttp's, that says when it is at work and how it refuses."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from aggregator.metrics import REFUSALS
from aggregator.web.hardening import HARDENING

# In bytes: a line may have 8,000 at least (RFC 9112 3). By the limit we know which it was.
LONGEST_LINE = 8_000
LONGEST_FIELD = 8_192
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Conversation(web.RequestHandler):
    """One connection; `at_work` is how many of its requests are being answered."""

    __slots__ = ("at_work",)

    def __init__(self, server: web.Server, *, keepalive_timeout: float) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type] # it takes none, and means none
            keepalive_timeout=keepalive_timeout,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_FIELD,
        )
        self.at_work = 0

    @property
    def is_over(self) -> bool:
        """Return whether nothing is asked that was not answered, or is between two answers."""
        return not self.at_work and not self._messages

    def expect_no_more(self) -> None:
        """Let nobody wait for the rest of a body: it will not come, and its request is none."""
        asked = self._current_request
        body = self._messages[-1][1] if self._messages else asked.content if asked else None
        if body is not None and not body.is_eof():
            body.set_exception(web.HTTPBadRequest())
            body.feed_eof()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to what is no request, and to a bug: aiohttp's own tells its version.

        Raises:
            ConnectionError: an answer has begun already.
        """
        super().handle_error(request, status, exc, message)
        if isinstance(exc, LineTooLong):
            status = _too_long(exc)
            REFUSALS.labels(status).inc()
        answer = web.Response(
            status=status, text=f"{HTTPStatus(status).phrase}\n", headers=HARDENING
        )
        answer.force_close()
        return answer


def _too_long(error: LineTooLong) -> int:
    """Return the status that says what is too long: a field (RFC 6585 5), or what is asked for."""
    _, limit, _ = error.args
    is_field = limit == LONGEST_FIELD
    return (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if is_field else HTTPStatus.REQUEST_URI_TOO_LONG
    )


@web.middleware
async def counted(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Have the connection know that it is at work."""
    talk = request.protocol
    if not isinstance(talk, Conversation):
        return await handler(request)
    talk.at_work += 1
    try:
        return await handler(request)
    finally:
        talk.at_work -= 1
