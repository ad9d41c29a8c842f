"""What a reader's plain GET of a feed asks for, read without the application."""

import re
from dataclasses import dataclass
from functools import lru_cache

from aggregator.web.conditions import HEEDED, Fields, choose_coding, is_browser

PREFIX = b"GET /feeds/"
# As many as Apache takes; aiohttp takes some more.
MOST_FIELDS = 100
_LONGEST_HEAD = 4096
_END = b"\r\n\r\n"
_VERSION = b" HTTP/1.1"
_FIELD_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# What changes how a connection or a request is to be dealt with.
_SPECIAL = frozenset({"connection", "content-length", "expect", "transfer-encoding", "upgrade"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plain request asks for."""

    name: str
    coding: str | None
    for_browser: bool
    fields: Fields


@lru_cache(maxsize=1024)
def read_plain(data: bytes) -> Asked | None:
    """Return what the bytes ask for; None where they are no single plain request.

    A reader asks with the same bytes again and again.
    """
    if len(data) > _LONGEST_HEAD or data.find(_END) != len(data) - len(_END):
        return None
    line, _, rest = data.partition(b"\r\n")
    fields = _fields(rest) if rest.count(b"\n") <= MOST_FIELDS else None
    if fields is None or not line.endswith(_VERSION):
        return None
    return Asked(
        line[len(PREFIX) : -len(_VERSION)].decode("latin-1"),
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
