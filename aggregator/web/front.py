"""The quick way to the published files: whole answers, without the application.

Most requests are a reader's plain GET of a feed. They are answered from
memory as soon as their bytes are there; everything else, and all that is out
of the ordinary, goes the application's way, and gets the same answer.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import cast

from aggregator.web.conditions import HEEDED, Fields, Verdict, choose_coding, is_browser, judge
from aggregator.web.published import Document, PublishedFiles

_LONGEST_HEAD = 4096
_END = b"\r\n\r\n"
_PREFIX = b"GET /feeds/"
_VERSION = b" HTTP/1.1"
_FIELD_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_READY = 64  # answers kept of a document: one for each way in which it is asked for
# A connection that says nothing for so long is closed.
_IDLE_S = 75.0
# What changes how a connection or a request is to be dealt with.
_SPECIAL = frozenset({"connection", "content-length", "expect", "transfer-encoding", "upgrade"})


class FrontDoor(asyncio.Protocol):
    """A connection: answers what it can at once, and hands over to the application for good."""

    def __init__(
        self, files: PublishedFiles, hardening: Mapping[str, str], inner: asyncio.Protocol
    ) -> None:
        self._files = files
        self._hardening = hardening
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._handed_over = False
        self._idle: asyncio.TimerHandle | None = None
        self._served = self._seen = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, and let the application know."""
        self._transport = cast("asyncio.Transport", transport)
        self._inner.connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """End, and let the application know."""
        if self._idle:
            self._idle.cancel()
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer a plain request for a published file; hand everything else over."""
        if not self._handed_over and self._transport and not self._transport.is_closing():
            # Who does not take what was sent is slowed down by the application.
            if not self._transport.get_write_buffer_size() and (answer := self._answer(data)):
                self._served += 1
                self._transport.write(answer)
                return
            self._handed_over = True
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Hand the end of what is sent over."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Let the application wait until what was sent has gone out."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Let the application go on."""
        self._inner.resume_writing()

    def _watch(self) -> None:
        """Close a connection that was silent; the application watches those that it was given."""
        if self._transport is None or self._handed_over:
            return
        if self._idle is not None and self._served == self._seen:
            self._transport.close()
            return
        self._seen = self._served
        self._idle = asyncio.get_running_loop().call_later(_IDLE_S, self._watch)

    def _answer(self, data: bytes) -> bytes | None:
        """Return the answer, None where the application has to think."""
        if not data.startswith(_PREFIX):
            return None
        asked = _read(data)
        found = self._files.get(asked.name) if asked else None
        if asked is None or found is None:
            return None
        second = int(time())
        ready = found.ready.get(data)
        if ready is None or ready[0] != second:
            if len(found.ready) >= _READY:
                found.ready.clear()
            ready = found.ready[data] = second, _whole(asked, found, self._hardening, second)
        return ready[1]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a plain request asks for."""

    name: str
    coding: str | None
    for_browser: bool
    fields: Fields


@lru_cache(maxsize=1024)
def _read(data: bytes) -> _Asked | None:
    """Return what the bytes ask for; None where they are no single plain request.

    A reader asks with the same bytes again and again.
    """
    if len(data) > _LONGEST_HEAD or data.find(_END) != len(data) - len(_END):
        return None
    line, _, rest = data.partition(b"\r\n")
    fields = _fields(rest)
    if fields is None or not line.endswith(_VERSION):
        return None
    return _Asked(
        line[len(_PREFIX) : -len(_VERSION)].decode("latin-1"),
        choose_coding(fields.get("accept-encoding", ())),
        is_browser(fields.get("accept", ())),
        fields,
    )


def _fields(block: bytes) -> Fields | None:
    """Return the header fields that we heed; None where one needs the application."""
    found: dict[str, list[str]] = {}
    hosts = 0
    for line in filter(None, block.split(b"\r\n")):
        name, colon, value = line.decode("latin-1").partition(":")
        lowered = name.lower()
        if not colon or not _FIELD_NAME.fullmatch(name) or lowered in _SPECIAL:
            return None
        if not value.isprintable():
            return None
        hosts += lowered == "host"
        if lowered in HEEDED:
            found.setdefault(lowered, []).append(value.strip())
    return found if hosts == 1 else None


def _whole(asked: _Asked, found: Document, hardening: Mapping[str, str], second: int) -> bytes:
    """Return head and body of the answer, dated with this second."""
    chosen = found.coded(asked.coding, for_browser=asked.for_browser)
    verdict = judge(asked.fields, chosen.etag, found.modified)
    stated = chosen.head if verdict is Verdict.SEND else chosen.brief
    body = chosen.body if verdict is Verdict.SEND else b""
    stated = {**stated, **hardening, "Date": formatdate(second, usegmt=True)}
    if verdict is not Verdict.NOT_MODIFIED:
        stated["Content-Length"] = str(len(body))
    lines = [f"HTTP/1.1 {verdict.value} {HTTPStatus(verdict).phrase}"]
    lines += [f"{name}: {value}" for name, value in stated.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def front_doors(
    files: PublishedFiles, hardening: Mapping[str, str], inner: Callable[[], asyncio.Protocol]
) -> Callable[[], FrontDoor]:
    """Return what makes the protocol of each new connection."""
    return lambda: FrontDoor(files, hardening, inner())
