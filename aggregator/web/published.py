"""The published files, kept in memory as they go over the wire."""

import gzip
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2b
from pathlib import Path

import brotli

from aggregator.media_types import CONTENT_TYPES
from aggregator.web.freshness import max_age

# No name that matches can leave the directory, or name a hidden or temporary file.
_NAME = re.compile(r"([a-z0-9-]+/)?[a-z0-9-]+(\.[a-z0-9]+)+")
_KEPT = 4096  # files in memory; archives of five years in forty categories fit
_BROTLI_QUALITY = 6  # a tenth larger than the densest, forty times as fast

# What a browser shows with a style sheet; it takes the types of feeds for plain text.
_SHOWN_AS = "application/xml; charset=utf-8"
_XML = (CONTENT_TYPES[".atom"], CONTENT_TYPES[".rss"])
_CODERS: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY),
}


@dataclass(frozen=True, slots=True)
class Representation:
    """The bytes in one coding, their strong entity tag (RFC 9110 section 8.8.3), and the headers.

    `head` are the header fields of a 200, `brief` those that a 304 repeats.
    """

    body: bytes
    etag: str
    head: dict[str, str]
    brief: dict[str, str]


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it is served; `modified` is None where nobody knows, `link` its Link header."""

    content_type: str
    modified: datetime | None
    body: bytes
    tag: str
    max_age: int
    link: str = ""
    _coded: dict[tuple[str | None, bool], Representation] = field(default_factory=dict)

    def coded(self, coding: str | None, *, for_browser: bool = False) -> Representation:
        """Return the document in a coding, made when it is first asked for."""
        key = (coding, for_browser and self.content_type in _XML)
        found = self._coded.get(key)
        if found is None:
            found = self._coded[key] = self._represent(*key)
        return found

    def _represent(self, coding: str | None, for_browser: bool) -> Representation:  # noqa: FBT001 - a key
        parts = [self.tag, *filter(None, [coding, "page" if for_browser else ""])]
        etag = "-".join(parts)
        negotiated = "Accept, Accept-Encoding" if self.content_type in _XML else "Accept-Encoding"
        brief = {
            "Cache-Control": f"public, max-age={self.max_age}"
            + ("" if self.max_age else ", must-revalidate"),
            "ETag": f'"{etag}"',
            "Vary": negotiated,
        }
        if self.modified:
            brief["Last-Modified"] = format_datetime(self.modified, usegmt=True)
        head = brief | {
            "Content-Type": _SHOWN_AS if for_browser else self.content_type,
            "Accept-Ranges": "none",  # a part of a feed is of no use to anybody
        }
        if self.link:
            head["Link"] = self.link
        if coding:
            head["Content-Encoding"] = coding
        return Representation(_CODERS[coding](self.body), etag, head, brief)


def document(
    body: bytes, content_type: str, modified: datetime | None = None, link: str = ""
) -> Document:
    """Return the bytes ready to be served; equal bytes get equal tags."""
    tag = blake2b(body, digest_size=16).hexdigest()
    return Document(content_type, modified, body, tag, max_age(body), link)


# What says in a Link header where a file is subscribed to; empty where it is not.
Links = Callable[[str], str]


def no_links(_name: str) -> str:
    """Say nothing: no hub knows the files."""
    return ""


class PublishedFiles:
    """Serves the files of a directory from memory, and notices when one was replaced."""

    def __init__(self, directory: Callable[[], Path], links: Links = no_links) -> None:
        self._directory = directory
        self._links = links
        self._kept: dict[str, _Kept] = {}

    def get(self, name: str) -> Document | None:
        """Return the published file of that name as it stands now, None where there is none."""
        kept = self._kept.get(name)
        folder = self._directory()
        try:
            if kept is not None and kept.folder is folder:
                facts = os.lstat(kept.path)
                if (facts.st_mtime_ns, facts.st_size, facts.st_ino) == kept.version:
                    return kept.document
            return self._keep(folder, name)
        except OSError:
            self._kept.pop(name, None)
            return None

    def _keep(self, folder: Path, name: str) -> Document | None:
        content_type = CONTENT_TYPES.get(name[name.rfind(".") :])
        if content_type is None or not _NAME.fullmatch(name):
            return None
        path = folder / name
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            modified = datetime.fromtimestamp(facts.st_mtime, UTC)
            read = document(file.read(), content_type, modified, self._links(name))
        version = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
        self._kept.pop(name, None)
        if len(self._kept) >= _KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[name] = _Kept(folder, str(path), version, read)
        return read


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file as it was read: of which folder, where, in which version."""

    folder: Path
    path: str
    version: tuple[int, int, int]
    document: Document
