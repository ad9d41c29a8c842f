"""The printer: writes the files of feeds, several at once, and knows how each looked after it."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from aggregator.errors import StoreError
from aggregator.output.files import settle, stamp_of, write_published

T = TypeVar("T")

# What a disk has to acknowledge together costs it little more than one file, and meanwhile the
# next feed is made. So many feeds are in memory at most.
WRITERS = 4
AHEAD = 4


@dataclass(frozen=True, slots=True)
class Printed:
    """What became of a feed's files: whether any differed, and of each its stamp and digest."""

    changed: bool
    stamps: Mapping[str, str]
    digests: Mapping[str, str]


class Printer:
    """Writes below one folder; remembers how each file looked when it was as it was written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, str] = {}

    @property
    def is_new(self) -> bool:
        """Return whether it has seen no file yet."""
        return not self._seen

    def saw(self, files: Iterable[str]) -> bool:
        """Return whether these files are as they were when they were looked at last."""
        folder = str(self._folder)  # a Path costs more than a look
        return all(
            file in self._seen and stamp_of(f"{folder}/{file}") == self._seen[file]
            for file in files
        )

    def has(self, files: Iterable[str]) -> bool:
        """Return whether each of these files is there, whatever it holds."""
        return all(stamp_of(self._folder / file) for file in files)

    def finds(self, files: Iterable[str], stamps: Mapping[str, str]) -> bool:
        """Return whether these files look as their stamps say."""
        stand = all(stamp_of(self._folder / file) == stamps.get(file) for file in files)
        if stand:
            self._seen.update(stamps)
        return stand

    def write(
        self, feeds: Iterable[tuple[T, Mapping[str, bytes]]]
    ) -> Iterator[tuple[T, Printed | StoreError]]:
        """Write the files of each feed that differ; yield what became of them, feed by feed.

        The next feeds are taken while the last ones are written. A feed whose
        files cannot be written, all or some, comes with the reason. In the end
        the names of all that was written outlast a power cut.

        What stands beside a folder of its name, as `nato.atom` beside `nato/`,
        is not written before what came for that folder earlier, and not at all
        where that failed: an archive takes what its live feed lets go.

        Raises:
            StoreError: the disk does not take the names.
        """
        folders: set[Path] = set()
        begun: deque[tuple[T, list[Future[_File]]]] = deque()
        inside: dict[str, list[Future[_File]]] = {}
        with ThreadPoolExecutor(WRITERS, thread_name_prefix="printer") as writers:
            for feed, files in feeds:
                written = []
                for name, body in files.items():
                    beside, is_inside, _ = name.rpartition("/")
                    # Those of now: what is added later waits behind whoever waits for them.
                    before = [] if is_inside else [*inside.get(name.partition(".")[0], ())]
                    written.append(writers.submit(self._put, name, body, before))
                    if is_inside:
                        inside.setdefault(beside, []).append(written[-1])
                begun.append((feed, written))
                if len(begun) > AHEAD:
                    yield self._taken(*begun.popleft(), folders)
            while begun:
                yield self._taken(*begun.popleft(), folders)
        for folder in folders:
            settle(folder)

    def _put(self, name: str, body: bytes, before: Iterable["Future[_File]"]) -> "_File":
        # They came earlier, so that they are done or being written: nobody waits for good.
        for folder in {each.result().folder for each in before if each.result().changed}:
            settle(folder)
        path = self._folder / name
        changed = write_published(path, body)
        return _File(name, path.parent, changed, stamp_of(path), digest_of(body))

    def _taken(
        self, feed: T, written: Collection["Future[_File]"], folders: set[Path]
    ) -> tuple[T, Printed | StoreError]:
        faults = [fault for each in written if isinstance(fault := each.exception(), StoreError)]
        files = [each.result() for each in written if each.exception() not in faults]
        folders |= {file.folder for file in files if file.changed}
        if faults:
            return feed, faults[0]
        stamps = {file.name: file.stamp for file in files if file.stamp}
        self._seen.update(stamps)
        digests = {file.name: file.digest for file in files}
        return feed, Printed(any(file.changed for file in files), stamps, digests)


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    folder: Path
    changed: bool
    stamp: str | None
    digest: str


def digest_of(body: bytes, size: int = 16) -> str:
    """Return what tells these bytes from others."""
    return blake2b(body, digest_size=size).hexdigest()
