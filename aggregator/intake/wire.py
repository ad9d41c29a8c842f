"""One request, one answer: the only intake module that knows aiohttp.

Redirects, politeness and deadlines are the caller's. Whatever goes wrong
here comes out as a FetchError of one line.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from io import BufferedReader
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from aggregator.errors import FetchError
from aggregator.intake.decode import ACCEPT_ENCODING, Decoder, too_large
from aggregator.intake.guard import Guard
from aggregator.intake.names import Resolver
from aggregator.intake.trust import trusting, trusting_nobody
from aggregator.settings import FetchSettings

with trusting_nobody():
    import aiohttp
    from aiohttp.abc import AbstractResolver, ResolveResult
    from aiohttp.client_proto import ResponseHandler

_LONGEST_LINE = 65_536  # bytes; content security policies outgrow aiohttp's 8,190
# Bytes. A connection that waits for room keeps what is on its way to the decoder, beyond the room:
# the loop reads up to 256,000 at a time, and reads again when fewer than these are left of them.
_CHUNK = 32_768
_MOST_INTERIM = 20
_SUCCESS = HTTPStatus.OK // 100
_DEFAULT_PORTS = {"http": 80, "https": 443}

# What a request carries: a file is read as it goes, piece by piece.
Sent = bytes | BufferedReader
# Told how many bytes a body has grown by; what comes next is read when it returns.
Growth = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; header names in lower case, `body` decoded and only that of a 2xx."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def unbounded(_grown: int) -> None:
    """Let a body grow as it comes."""


class Wire:
    """Speaks HTTP, as an async context manager that holds the connections."""

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._guard = Guard(settings.allow_networks)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Return self, ready to ask."""
        names = _Names()
        guarded = aiohttp.TCPConnector(
            limit=0, resolver=names, socket_factory=self._guard.make_socket
        )
        # It has no better way to say what hears the answers.
        heard = partial(_Ear, loop=asyncio.get_running_loop())
        guarded._factory = heard  # type: ignore[assignment] # noqa: SLF001
        self._direct = await self._open.enter_async_context(self._session(guarded))
        # Connects to the proxy alone, which the operator has named: no guard.
        to_proxy = aiohttp.TCPConnector(limit=0, resolver=names)
        self._proxied = await self._open.enter_async_context(self._session(to_proxy))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self._open.aclose()

    async def ask(
        self,
        url: str,
        headers: Mapping[str, str],
        limit: int,
        sent: Sent | None = None,
        grown: Growth = unbounded,
    ) -> Answer:
        """Return the answer to one GET; `limit` is the body's cap in bytes.

        Where something is `sent`, it is a POST, and nothing is read of the answer's body.

        Raises:
            RefusedAddressError: The host is at an address that we do not talk to.
            TooLargeError: The body is longer than the cap, announced, sent or decoded.
            FetchError: No whole answer came back.
        """
        try:
            async with self._answered(url, headers, sent) as response:
                said = _headers(response)
                is_wanted = sent is None and response.status // 100 == _SUCCESS
                body = await _body(response, said, limit, grown) if is_wanted else b""
                return Answer(response.status, said, body)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FetchError(_fault(error)) from error

    @asynccontextmanager
    async def _answered(
        self, url: str, headers: Mapping[str, str], sent: Sent | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield an answer whose body is still to come."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        self._guard.check_host(host, parts.port or _DEFAULT_PORTS[parts.scheme])
        proxy = self._proxy(parts)
        session = self._proxied if proxy else self._direct
        with self._guard.watching(host):
            response = await session.request(
                "GET" if sent is None else "POST",
                url,
                data=sent,
                headers=headers,
                proxy=proxy,
                ssl=trusting() if _over_tls(url, proxy) else True,
                allow_redirects=False,
            )
        async with response:
            yield response

    def _session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        name, contact = self._settings.user_agent, self._settings.contact
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
            read_bufsize=_CHUNK,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
            headers={
                "User-Agent": f"{name} (+{contact})" if contact else name,
                "Accept-Encoding": ACCEPT_ENCODING,
            },
        )

    def _proxy(self, parts: SplitResult) -> str | None:
        """Return the proxy to ask; aiohttp's own reading of the environment would take in netrc."""
        if self._settings.proxy or not self._settings.trust_env:
            return self._settings.proxy
        return None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)


def _over_tls(*urls: str | None) -> bool:
    return any(urlsplit(url).scheme == "https" for url in urls if url)


class _Ear(ResponseHandler):
    """Hears answers; a flood of interim ones (RFC 9110 15.2) would hold up the loop for seconds."""

    _interim = 0

    def feed_data(self, data: Any, size: int = 0) -> None:  # noqa: ANN401 - aiohttp's own
        """Take in one answer's head."""
        is_interim = data[0].code // 100 == 1
        self._interim = self._interim + 1 if is_interim else 0
        if self._interim <= _MOST_INTERIM:
            super().feed_data(data, size)
        elif self.transport is not None:
            self.transport.abort()
            self.set_exception(aiohttp.ClientPayloadError("interim answers without end"))


class _Names(AbstractResolver):
    """Look-ups as aiohttp wants them."""

    def __init__(self) -> None:
        self._resolver = Resolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(
                hostname=host, host=at[0], port=at[1], family=kind, proto=protocol, flags=numeric
            )
            for kind, protocol, at in await self._resolver.look_up(host, port, family)
        ]

    async def close(self) -> None:
        """Leave look-ups under way to themselves."""


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Return the headers as text without lone surrogates; repeated ones are joined (RFC 9110 5.2).

    Bytes that are not UTF-8 become replacement characters.
    """
    headers: dict[str, list[str]] = {}
    for raw_name, raw_value in response.raw_headers:
        name, value = (
            raw_name.decode("ascii", "replace").lower(),
            raw_value.decode(errors="replace"),
        )
        headers.setdefault(name, []).append(value)
    return {name: ", ".join(values) for name, values in headers.items()}


async def _body(
    response: aiohttp.ClientResponse, said: Mapping[str, str], limit: int, grown: Growth
) -> bytes:
    if (response.content_length or 0) > limit:
        raise too_large(limit)
    decoder = Decoder(said.get("content-encoding", ""), limit)
    try:
        async for chunk in response.content.iter_chunked(_CHUNK):
            length = len(decoder)
            more = decoder.feed(chunk)  # for most it is all, and takes less than a thread's turn
            await grown(len(decoder) - length)
            while more:
                # A few bytes may take seconds to inflate; zlib lets other threads go on meanwhile.
                length = len(decoder)
                more = await asyncio.to_thread(decoder.go_on)
                await grown(len(decoder) - length)
        return decoder.finish()
    finally:
        decoder.clear()  # the connection may keep an error, and the error this place


def _fault(error: Exception) -> str:
    """Return one line for what went wrong. Says nothing of the URL, which may hold a password."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            fault = f"name does not resolve: {error.host}"
        case aiohttp.ClientProxyConnectionError():
            fault = f"proxy: {_system_fault(error.os_error)}"
        case aiohttp.ClientConnectorCertificateError():
            fault = _system_fault(error.certificate_error)
        case aiohttp.ClientConnectorError():
            fault = _system_fault(error.os_error)
        case aiohttp.ClientHttpProxyError():
            fault = f"proxy: HTTP {error.status}"
        case aiohttp.ClientResponseError():
            fault = f"the answer is not HTTP: {_one_line(error.message)}"
        case aiohttp.ServerDisconnectedError():
            fault = "the server hung up without an answer"
        case aiohttp.ClientPayloadError():
            fault = "the body broke off"
        case aiohttp.InvalidURL() | UnicodeError():
            fault = "unusable address"
        case _:
            fault = _system_fault(error)
    return fault


def _system_fault(error: Exception) -> str:
    match error:
        case ssl.SSLError():
            # Only errors that come from OpenSSL itself have these.
            told = getattr(error, "verify_message", "") or getattr(error, "reason", "")
            fault = f"TLS: {(told or 'handshake failed').lower().replace('_', ' ')}"
        case OSError() if error.errno:
            fault = os.strerror(error.errno).lower()
        case _:
            fault = _one_line(str(error)) or type(error).__name__
    return fault


def _one_line(text: str) -> str:
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:100]
