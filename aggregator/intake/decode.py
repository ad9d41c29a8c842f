"""Content decoding (RFC 9110 8.4) in bounded memory: a bomb costs no more than its cap."""

import zlib
from collections.abc import Callable, Iterator

from aggregator.errors import FetchError, TooLargeError

ACCEPT_ENCODING = "gzip, deflate"

_GZIP, _ZLIB, _BARE = 31, 15, -15  # zlib's names for the wrappings of deflate
_MAGIC = b"\x1f\x8b"
_TELLING = 2  # bytes at the start that tell the wrappings apart
_MOST_CODINGS = 2
_MOST_MEMBERS = 100
_PIECE = 16_384  # bytes; zlib copies what of a piece lies behind a member's end
_STRIDE = 131_072  # bytes; a piece may hold a thousand times its length
_MOST_PIECES = 16  # one within the other may hold next to nothing, for long


class Decoder:
    """Collects a body as it arrives and undoes its content codings.

    Gzip that no header announces is undone, too, but once only. Neither what
    arrives nor what any coding holds may be longer than `limit` bytes.
    """

    def __init__(self, content_encoding: str, limit: int) -> None:
        self._limit = limit
        self._received = 0
        self._body = bytearray()
        self._coming: Iterator[bytes] = iter(())
        # Codings are listed in the order in which they were applied.
        wrappings = [*reversed(_announced(content_encoding)), _unannounced]
        self._steps = [_Step(each, limit) for each in wrappings]

    def __len__(self) -> int:
        """Return how long the body is so far."""
        return len(self._body)

    def feed(self, chunk: bytes) -> bool:
        """Take in the next bytes of the body; return whether there is more in them (`go_on`).

        It takes no longer than a millisecond or two, whatever they hold, nor does `go_on`.

        Raises:
            TooLargeError: There are more bytes than the cap allows.
            FetchError: The bytes are not in the coding announced.
        """
        self._received += len(chunk)
        if self._received > self._limit:
            raise too_large(self._limit)
        self._coming = iter((chunk,))
        for step in self._steps:
            self._coming = step.feed(self._coming)
        return self.go_on()

    def go_on(self) -> bool:
        """Decode some more of what was taken in; return whether that is still not all.

        Raises:
            FetchError: As for `feed`.
        """
        end = len(self._body) + _STRIDE
        for number, piece in enumerate(self._coming, 1):
            self._body += piece
            if len(self._body) >= end or number == _MOST_PIECES:
                return True
        return False

    def finish(self) -> bytes:
        """Return the whole body, decoded.

        Raises:
            FetchError: The body ends before its coding does.
        """
        rest = b""
        for step in self._steps:
            rest = b"".join(step.feed(iter((rest,)))) + step.finish()
        self._body += rest
        return bytes(self._body)

    def clear(self) -> None:
        """Let go of the body."""
        self._body = bytearray()
        self._coming = iter(())


def too_large(limit: int) -> TooLargeError:
    """Return the error for a body that is longer than `limit` bytes."""
    return TooLargeError(f"the body is larger than {limit:,} bytes")


Wrapping = Callable[[bytes], int | None]


class _Step:
    """Undoes one coding, or passes all through where the first bytes show that there is none."""

    def __init__(self, wrapping: Wrapping, limit: int) -> None:
        self._wrapping = wrapping
        self._room = limit
        self._start: bytes | None = b""  # held back until it tells the wrapping
        self._inflate: _Inflate | None = None

    def feed(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            known = self._begin(chunk) if self._start is not None else chunk
            if self._inflate is None:
                yield known
            else:
                yield from self._inflate.feed(known)

    def _begin(self, chunk: bytes) -> bytes:
        """Return what has come so far, nothing before it tells the wrapping."""
        start = (self._start or b"") + chunk
        if len(start) < _TELLING:
            self._start = start
            return b""
        self._start = None
        wrapping = self._wrapping(start[:_TELLING])
        self._inflate = None if wrapping is None else _Inflate(wrapping, self._room)
        return start

    def finish(self) -> bytes:
        if self._inflate is not None:
            self._inflate.finish()
        return self._start or b""


class _Inflate:
    """Inflates a stream, and what gzip lets follow it (RFC 1952 2.2: members)."""

    def __init__(self, wrapping: int, limit: int) -> None:
        self._wrapping = wrapping
        self._limit = self._room = limit
        self._stream = zlib.decompressobj(wrapping)
        self._members = 1
        self._padded = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        rest = memoryview(chunk)
        while rest and self._goes_on(rest):
            piece: bytes | memoryview = rest[:_PIECE]
            made = self._made(piece)
            while len(made) == _STRIDE:
                yield made
                made = self._made(self._stream.unconsumed_tail)
            yield made
            rest = rest[len(piece) - len(self._stream.unused_data) :]

    def _made(self, piece: bytes | memoryview) -> bytes:
        try:
            # One byte more than there is room for: its coming is the proof of too many.
            made = self._stream.decompress(piece, min(self._room + 1, _STRIDE))
        except zlib.error as error:
            message = f"the body is not compressed as announced ({error})"
            raise FetchError(message) from error
        self._room -= len(made)
        if self._room < 0:
            raise too_large(self._limit)
        return made

    def finish(self) -> None:
        if not self._stream.eof:
            message = "the body breaks off in the middle of its compression"
            raise FetchError(message)

    def _goes_on(self, rest: memoryview) -> bool:
        """Return whether the bytes belong to a stream; what pads the last one does not."""
        if self._stream.eof and not self._padded:
            self._padded = self._wrapping != _GZIP or rest[0] != _MAGIC[0]
            if not self._padded:
                self._begin_member()
        return not self._padded

    def _begin_member(self) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            message = f"more than {_MOST_MEMBERS} gzip members"
            raise FetchError(message)
        self._stream = zlib.decompressobj(self._wrapping)


def _announced(content_encoding: str) -> list[Wrapping]:
    names = [each.strip().lower().removeprefix("x-") for each in content_encoding.split(",")]
    codings = [each for each in names if each not in {"", "identity"}]
    for each in codings:
        if each not in _WRAPPINGS:
            message = f"unknown content encoding {each[:40]!r}: we asked for {ACCEPT_ENCODING}"
            raise FetchError(message)
    if len(codings) > _MOST_CODINGS:
        message = f"{len(codings)} content encodings, one in the other"
        raise FetchError(message)
    return [_WRAPPINGS[each] for each in codings]


def _gzip(_: bytes) -> int:
    return _GZIP


def _deflate(start: bytes) -> int:
    """Return zlib's wrapping, which is the standard's, or none, which some servers send."""
    is_zlib = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start, "big") % 31 == 0
    return _ZLIB if is_zlib else _BARE


def _unannounced(start: bytes) -> int | None:
    return _GZIP if start == _MAGIC else None


_WRAPPINGS: dict[str, Wrapping] = {"gzip": _gzip, "deflate": _deflate}
