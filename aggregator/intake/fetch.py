"""Fetches what sources and pages say, politely: redirects, conditions, one deadline."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Self
from urllib.parse import urlencode

from yarl import URL

from aggregator.errors import EmptyBodyError, FetchError
from aggregator.intake.answers import (
    NO_VALIDATORS,
    Fetched,
    NotModified,
    Validators,
    conditions,
    renewed,
    status_error,
    validators_in,
)
from aggregator.intake.hosts import HostGate
from aggregator.intake.room import KNOWN, STRANGE, Room, Share
from aggregator.intake.wire import Answer, Growth, Sent, Wire, unbounded
from aggregator.metrics import FETCHED_BYTES
from aggregator.settings import FetchSettings

__all__ = ["FEEDS", "Fetched", "Fetcher", "NotModified", "Validators"]

FEEDS = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9,"
    " application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
)
MOST_REDIRECTS = 10
# Whoever wants to be told of changes answers by then; who does not keeps others waiting.
LONGEST_CALL_S = 10.0
# A large file takes longer: bytes a second, and as long as a claim to the call holds.
_SLOWEST, _LONGEST_FILE_S = 500_000, 90.0

_PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
_REDIRECTS = _PERMANENT | {
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_SAME_REQUEST = {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}


class Fetcher:
    """Fetches over HTTP, as an async context manager; one serves the whole daemon."""

    def __init__(self, settings: FetchSettings) -> None:
        self._timeout = settings.timeout.total_seconds()
        self._gate = HostGate(settings.per_host, settings.host_gap, settings.concurrency)
        self._wire = Wire(settings)
        self._rooms = {True: Room(*KNOWN), False: Room(*STRANGE)}

    async def __aenter__(self) -> Self:
        """Return self, ready to fetch."""
        await self._wire.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self._wire.__aexit__()

    def share(self, *, known: bool) -> AbstractContextManager[Share]:
        """Yield a share of the room for documents, of which `known` sources have some apart."""
        return self._rooms[known].share()

    def slow_down(self, host: str, gap: timedelta) -> None:
        """Leave at least this pause between two requests to a host."""
        self._gate.slow_down(host, gap)

    async def get(
        self,
        url: str,
        *,
        limit: int,
        accept: str = FEEDS,
        validators: Validators = NO_VALIDATORS,
        share: Share | None = None,
    ) -> Fetched | NotModified:
        """Return what stands at the URL, or that it is as it was; `limit` is in bytes, decoded.

        The body takes of a `share`, where it is given one, as much as it is long.
        The time that we keep ourselves waiting, so as not to press a host or
        for room, does not count against the deadline.

        Raises:
            RefusedAddressError: A host on the way is at an address that we do not talk to.
            GoneError: HTTP 410.
            StatusError: Any other status than 200 and 304.
            TooLargeError: The body is longer than the limit.
            FetchError: No usable answer came back in time.
            ShortageError: There was no room for the body for too long.
        """
        road = _Road(url)
        deadline = _Deadline(self._timeout)
        headers = {"Accept": accept, **conditions(validators)}
        while True:
            async with self._gate.passing(road.host), deadline.running():
                grown = deadline.heeding(share) if share else unbounded
                answer = await self._wire.ask(str(road.at), headers, limit, grown=grown)
            if share:
                share.settle()
            if answer.status not in _REDIRECTS:
                return _outcome(answer, road, validators)
            road.follow(answer)

    async def call(
        self, url: str, headers: Mapping[str, str], *, sent: Sent | None = None, limit: int = 0
    ) -> Answer:
        """Return the answer to one request, whatever its status; redirects are not followed.

        Whoever asked to be called has nothing against the next call at once.

        A GET, with the body of a 2xx up to `limit` bytes; a POST where something is `sent`.

        Raises:
            FetchError: As for `get`, apart from those that a status leads to.
        """
        road = _Road(url)
        deadline = _Deadline(min(self._timeout, LONGEST_CALL_S) + _time_to_take(sent))
        async with self._gate.passing(road.host, rests=False), deadline.running():
            return await self._wire.ask(str(road.at), headers, limit, sent)

    async def post(self, url: str, form: Mapping[str, str]) -> None:
        """Send a form; any 2xx will do, and what it says is not read.

        Only 307 and 308 are followed: the others would make a GET of it
        (RFC 9110 15.4), and WebSub 5.1 names these two alone.

        Raises:
            FetchError: As for `get`; StatusError for any other status.
        """
        road, sent = _Road(url), urlencode(form).encode()
        deadline = _Deadline(self._timeout)
        while True:
            async with self._gate.passing(road.host), deadline.running():
                answer = await self._wire.ask(str(road.at), _FORM, 0, sent)
            if answer.status not in _SAME_REQUEST:
                break
            road.follow(answer)
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise status_error(answer.status, answer.headers, road.host)


def _time_to_take(sent: Sent | None) -> float:
    """Return the seconds in which a slow line takes a file."""
    size = 0 if sent is None or isinstance(sent, bytes) else os.fstat(sent.fileno()).st_size
    return min(size / _SLOWEST, _LONGEST_FILE_S)


class _Road:
    """Where a request has come to, by which redirects."""

    def __init__(self, url: str) -> None:
        self.at = _address(url)
        self._seen = [self.at]
        self._lasting = True

    @property
    def host(self) -> str:
        return self.at.raw_host or ""

    @property
    def moved_to(self) -> str | None:
        return str(self.at) if self._lasting and len(self._seen) > 1 else None

    def follow(self, answer: Answer) -> None:
        """Go where the redirect points (RFC 9110 15.4).

        Credentials are kept within the origin that they were given for, and
        never taken from a redirect.
        """
        location = answer.headers.get("location")
        if not location:
            message = f"HTTP {answer.status} says to go elsewhere, but not where (no Location)"
            raise FetchError(message)
        target = _address(location, self.at).with_user(None)
        if _origin(target) == _origin(self.at):
            target = target.with_user(self.at.user).with_password(self.at.password)
        if target in self._seen:
            message = "the redirects lead round in a circle"
            raise FetchError(message)
        if len(self._seen) > MOST_REDIRECTS:
            message = f"more than {MOST_REDIRECTS} redirects"
            raise FetchError(message)
        self.at = target
        self._seen.append(target)
        self._lasting = self._lasting and answer.status in _PERMANENT


class _Deadline:
    """A time limit in seconds that runs only while there is something to wait for."""

    def __init__(self, seconds: float) -> None:
        self._seconds = self._left = seconds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._left) as self._limit:
                yield
                self._left = self._remaining()
        except TimeoutError as error:
            message = f"no answer within {self._seconds:g} s"
            raise FetchError(message) from error

    def heeding(self, share: Share) -> Growth:
        """Return what has a body take its share; no time runs while there is no room for it."""

        async def grown(size: int) -> None:
            if not (beyond := share.takes(size)):
                return
            left = self._remaining()
            self._limit.reschedule(None)
            await share.wait(beyond)
            self._limit.reschedule(asyncio.get_running_loop().time() + left)

        return grown

    def _remaining(self) -> float:
        return (self._limit.when() or 0.0) - asyncio.get_running_loop().time()


def _outcome(answer: Answer, road: _Road, sent: Validators) -> Fetched | NotModified:
    url, headers = str(road.at.with_user(None)), answer.headers
    if answer.status == HTTPStatus.NOT_MODIFIED and conditions(sent):
        return NotModified(url, renewed(sent, headers), road.moved_to, headers)
    if answer.status != HTTPStatus.OK:
        raise status_error(answer.status, headers, road.host)
    FETCHED_BYTES.inc(len(answer.body))
    if not answer.body:
        message = "empty body"
        raise EmptyBodyError(message)
    return Fetched(
        url=url,
        body=answer.body,
        content_type=headers.get("content-type", ""),
        validators=validators_in(headers),
        moved_to=road.moved_to,
        headers=headers,
    )


def _address(text: str, base: URL | None = None) -> URL:
    """Return the absolute address without its fragment; one that we do not fetch is an error."""
    try:
        url = URL(text) if base is None else base.join(URL(text))
        url = url.with_fragment(None)
    except ValueError as error:
        message = "redirect to an unusable address" if base else "unusable address"
        raise FetchError(message) from error
    if url.scheme not in {"http", "https"} or not url.raw_host:
        message = f"{'redirect to an' if base else 'an'} address that is not http or https"
        raise FetchError(message)
    return url


def _origin(url: URL) -> tuple[str, str | None, int | None]:
    return url.scheme, url.raw_host, url.port
