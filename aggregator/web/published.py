"""The published files, kept in memory as they go over the wire."""

import gzip
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

# No name that matches can leave the directory, or name a hidden or temporary file.
_NAME = re.compile(r"([a-z0-9-]+/)?[a-z0-9-]+(\.[a-z]+)+")
_KEPT = 1024  # files in memory; an archive of five years in forty categories fits twice

CONTENT_TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Representation:
    """The bytes of one encoding and their strong entity tag (RFC 9110 section 8.8.3)."""

    body: bytes
    etag: str
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it is served, plain and compressed; `modified` is None where nobody knows."""

    content_type: str
    modified: datetime | None
    plain: Representation
    gzipped: Representation


def document(body: bytes, content_type: str, modified: datetime | None = None) -> Document:
    """Return the bytes ready to be served; equal bytes get equal tags."""
    tag = blake2b(body, digest_size=16).hexdigest()
    packed = gzip.compress(body, mtime=0)
    return Document(
        content_type,
        modified,
        Representation(body, tag),
        Representation(packed, f"{tag}-gzip", "gzip"),
    )


class PublishedFiles:
    """Serves the files of a directory from memory, and notices when one was replaced."""

    def __init__(self, directory: Callable[[], Path]) -> None:
        self._directory = directory
        self._kept: dict[Path, tuple[tuple[int, int, int], Document]] = {}

    def get(self, name: str) -> Document | None:
        """Return the published file of that name as it stands now, None where there is none."""
        content_type = CONTENT_TYPES.get(Path(name).suffix)
        if content_type is None or not _NAME.fullmatch(name):
            return None
        path = self._directory() / name
        try:
            version = _version(path.lstat())
            kept = self._kept.get(path)
            if kept is None or kept[0] != version:
                kept = self._keep(path, content_type)
        except OSError:
            self._kept.pop(path, None)
            return None
        return kept[1]

    def _keep(self, path: Path, content_type: str) -> tuple[tuple[int, int, int], Document]:
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            modified = datetime.fromtimestamp(facts.st_mtime, UTC)
            read = _version(facts), document(file.read(), content_type, modified)
        self._kept.pop(path, None)
        if len(self._kept) >= _KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[path] = read
        return read


def _version(facts: os.stat_result) -> tuple[int, int, int]:
    if not stat.S_ISREG(facts.st_mode):
        raise FileNotFoundError
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
