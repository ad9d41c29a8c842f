"""The quick way to the published files: whole answers, without the application.

Most requests are a reader's plain GET of a feed. They are answered from
memory as soon as their bytes are there; everything else, and all that is out
of the ordinary, goes the application's way, and gets the same answer.
"""

import asyncio
import re
from collections.abc import Mapping
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from time import time
from typing import cast

from aggregator.metrics import REFUSALS
from aggregator.web.asked import MOST_FIELDS, PREFIX, Asked, read_plain
from aggregator.web.conditions import Verdict, judge
from aggregator.web.conversation import Conversation
from aggregator.web.hardening import HARDENING
from aggregator.web.lobby import Lobby
from aggregator.web.published import Document, PublishedFiles

_READY = 64  # answers kept: one for each way in which a crowd asks at the same time
_LONGEST_READY = 128 * 1024  # a longer one takes no time to be put together, beside being sent
# The end of a head, also as those end lines who type them by hand (RFC 9112, section 2.2), and what
# a request begins with: a method, or an empty line. What is no request at all is answered at once.
_ENDED = re.compile(rb"\n\r?\n")
_BEGINNINGS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n")
_RETRY_AFTER = "30"
_FAREWELL_S = 0.1  # how often we look whether who sends no more has all his answers


class Ready:
    """Whole answers by the bytes that asked for them, for the second that they are dated with.

    Of all files together and no longer: what many ask for in many ways would fill the memory.
    """

    def __init__(self) -> None:
        self._second = 0
        self._kept: dict[bytes, tuple[Document, bytes]] = {}

    def answer(self, data: bytes, asked: Asked, found: Document) -> bytes:
        """Return the answer to these bytes, which ask for that document."""
        second = int(time())
        if second != self._second:
            self._second, self._kept = second, {}
        kept = self._kept.get(data)
        if kept is not None and kept[0] is found:
            return kept[1]
        answer = _whole(asked, found, second)
        if len(self._kept) < _READY and len(answer) <= _LONGEST_READY:
            self._kept[data] = found, answer
        return answer


class FrontDoor(asyncio.Protocol):
    """A connection: answers what it can at once, and hands over to the application for good.

    The application is given whole heads only. What it does with them has its
    own limits; whoever never gets so far is shown out by `tend`.
    """

    def __init__(
        self,
        files: PublishedFiles,
        ready: Ready,
        lobby: Lobby,
        inner: Conversation,
    ) -> None:
        self._files = files
        self._ready = ready
        self._lobby = lobby
        self._limits = lobby.limits
        self._inner = inner
        self._clock = asyncio.get_running_loop().time
        self._transport: asyncio.Transport | None = None
        self._admitted = self._handed_over = False
        self._begun = bytearray()  # a head of which the end is missing
        self._since = self._clock()  # it was opened, or its last request began
        self._unsent_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, and let the application know; turn away whom there is no place for."""
        self._transport = cast("asyncio.Transport", transport)
        self._admitted = self._lobby.admit(self, self._since)
        if not self._admitted:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, and let the application know."""
        self._lobby.forget(self)
        if self._admitted:
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer a plain request for a published file; hand everything else over."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._begun:
            self._begun += data
            self._consider(self._begun, len(self._begun) - len(data))
            return
        self._since = self._clock()
        self._lobby.heard(self)
        if self._handed_over:
            self._inner.data_received(data)
        elif not self._answered(data):
            self._consider(data, 0)

    def _consider(self, data: bytes | bytearray, known: int) -> None:
        """Decide who answers, once the head is whole; `known` bytes of it were looked at before."""
        whole = _ENDED.search(data, max(0, known - 2))
        if whole is None and data[0] in _BEGINNINGS and len(data) <= self._limits.longest_head:
            self._begun = self._begun or bytearray(data)
            return
        end = whole.start() if whole else len(data)
        if end > self._limits.longest_head or data.count(b"\n", 0, end) > MOST_FIELDS:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        asked = bytes(data)
        self._begun.clear()
        if not self._answered(asked):
            self._hand_over(asked)

    def _hand_over(self, data: bytes) -> None:
        self._handed_over = True
        self._inner.data_received(data)

    def eof_received(self) -> bool:
        """Hand over what there is of a head; return whether what was asked is still answered."""
        if self._begun:
            self._hand_over(bytes(self._begun))
            self._begun.clear()
        self._inner.eof_received()
        if self._handed_over:
            self._part()
        return self._handed_over

    def _part(self, *, over: bool = False) -> None:
        """End once all is answered: nothing more will be asked.

        That it seems so may be just before the last answer begins; twice it is `over`.
        """
        if over and self._inner.is_over and self._transport is not None:
            self._transport.close()
        elif self._transport is not None and not self._transport.is_closing():
            self._inner.expect_no_more()
            again = partial(self._part, over=self._inner.is_over)
            asyncio.get_running_loop().call_later(_FAREWELL_S, again)

    def pause_writing(self) -> None:
        """Let the application wait until what was sent has gone out."""
        self._unsent_since = self._clock()
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Let the application go on."""
        self._unsent_since = None
        self._inner.resume_writing()

    def tend(self, now: float) -> None:
        """End what takes longer than it may; the application ends what it was given itself."""
        if self._transport is None:
            return
        if self._transport.is_closing() or self._unsent_since is not None:
            # What is closed stays until all is taken, or for ever.
            if self._unsent_since is None:
                self._unsent_since = now
            if now - self._unsent_since > self._limits.send:
                self._transport.abort()
        elif self._handed_over:
            return
        elif self._begun and now - self._since > self._limits.head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif now - self._since > self._limits.idle:
            self._transport.close()

    def is_idle(self, now: float) -> bool:
        """Return whether nothing is under way that deserves its place when others want it."""
        unsent = self._transport is not None and self._transport.get_write_buffer_size()
        if self._inner.at_work or unsent:
            return now - self._since > self._limits.answer
        return True

    @property
    def address(self) -> str:
        """Return the network that the client speaks from: a whole /64 is one subscriber's."""
        place = self._transport.get_extra_info("peername") if self._transport else None
        host = place[0] if isinstance(place, tuple) else ""
        return ":".join(host.split(":")[:4]) if ":" in host else host

    def leave(self) -> None:
        """End at once."""
        if self._transport is not None:
            self._transport.abort()

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why, and end."""
        if self._transport is None:
            return
        REFUSALS.labels(status.value).inc()
        body = f"{status.phrase}\n".encode()
        stated = {"Connection": "close", "Content-Type": "text/plain; charset=utf-8"}
        stated |= {"Retry-After": _RETRY_AFTER} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
        stated |= {**HARDENING, "Content-Length": str(len(body))}
        self._transport.write(_head(status, stated, int(time())) + body)
        self._transport.close()

    def _answered(self, data: bytes) -> bool:
        """Return whether these bytes are a plain request, and are answered now."""
        # Who does not take what was sent is slowed down by the application.
        if self._transport is None or self._transport.get_write_buffer_size():
            return False
        answer = self._answer(data)
        if answer is not None:
            self._transport.write(answer)
        return answer is not None

    def _answer(self, data: bytes) -> bytes | None:
        """Return the answer, None where the application has to think."""
        asked = read_plain(data) if data.startswith(PREFIX) else None
        found = self._files.get(asked.name) if asked else None
        if asked is None or found is None:
            return None
        return self._ready.answer(data, asked, found)


def _whole(asked: Asked, found: Document, second: int) -> bytes:
    """Return head and body of the answer, dated with this second."""
    chosen = found.coded(asked.coding, for_browser=asked.for_browser)
    verdict = judge(asked.fields, chosen.etag, found.modified)
    stated = chosen.head if verdict is Verdict.SEND else chosen.brief
    body = chosen.body if verdict is Verdict.SEND else b""
    stated = {**stated, **HARDENING}
    if verdict is not Verdict.NOT_MODIFIED:
        stated["Content-Length"] = str(len(body))
    return _head(HTTPStatus(verdict), stated, second) + body


def _head(status: HTTPStatus, stated: Mapping[str, str], second: int) -> bytes:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in stated.items()]
    lines += [f"Date: {formatdate(second, usegmt=True)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
