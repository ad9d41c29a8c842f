"""What the doctor examines, and what is to be done about what is found. Nothing is changed."""

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

from aggregator.errors import StoreError
from aggregator.settings import Settings
from aggregator.settings.address import astray
from aggregator.store.checkup import Checkup, Contents, check_up
from aggregator.store.dialect import database_file
from aggregator.stories.slugs import ALL, HEALTH, OUTPUTS

# Before it, two connections that checkpoint at once may lose the log (sqlite.org/wal.html).
SOUND_SQLITE = (3, 51, 3)
LOCK = Path(__file__).parents[1] / "requirements" / "run.txt"
LITTLE, TOO_LITTLE = 1_000_000_000, 100_000_000  # bytes free
SLIP = timedelta(minutes=1)
PUBLISHED = {".atom", ".rss", ".json", ".opml", ".tmp"}


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was examined, what was found, and what to do, "" where it is well."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""


def examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield what is found of each thing that is examined, in the order of their weight."""
    published = False
    try:
        checkup = check_up(settings.database.url, now)
    except StoreError as error:
        advice = (
            "check database.url, permissions, the server; `add-source` begins a new one, "
            "`restore` brings a backup back"
        )
        yield Finding("database", Verdict.ERROR, str(error), advice)
    else:
        yield from _database(checkup)
        if checkup.contents is not None:
            yield from _contents(checkup.contents, settings, now)
            published = bool(checkup.contents.files)
    yield from _versions()
    yield from _folders(settings, published=published)
    yield _clock_of_files(settings, now)
    yield _address(settings)


def _database(checkup: Checkup) -> Iterator[Finding]:
    if checkup.damage:
        advice = "stop the daemon, and `restore` the last backup"
        yield Finding("database", Verdict.ERROR, f"damaged: {checkup.damage[0]}", advice)
    else:
        yield Finding("database", Verdict.OK, "whole")
    found, newest = checkup.version, checkup.newest_version
    if found == newest:
        yield Finding("schema", Verdict.OK, f"{found}, the newest")
    elif found is not None and found > newest:
        yield Finding("schema", Verdict.ERROR, f"{found}, of a later version", "update the program")
    else:
        advice = "the next start of the daemon brings it up to date; take a `backup` before"
        yield Finding("schema", Verdict.WARNING, f"{found}; the newest is {newest}", advice)


def _contents(contents: Contents, settings: Settings, now: datetime) -> Iterator[Finding]:
    if contents.ledger:
        advice = "`aggregator ledger` shows the sums; keep a `backup` and report it"
        yield Finding("ledger", Verdict.ERROR, contents.ledger[0], advice)
    else:
        yield Finding("ledger", Verdict.OK, "the sums agree")
    if contents.stale_leases:
        advice = "none, if a daemon runs: they are taken over; else the next one ends them"
        found = f"{contents.stale_leases} ran out"
        yield Finding("leases", Verdict.WARNING, found, advice)
    else:
        yield Finding("leases", Verdict.OK, "none ran out")
    if contents.newest is not None and contents.newest > now + SLIP:
        advice = "set the clock (timedatectl); a daemon goes by what it says"
        found = f"behind what was stored at {contents.newest:%Y-%m-%dT%H:%M:%SZ}"
        yield Finding("clock", Verdict.ERROR, found, advice)
    else:
        yield Finding("clock", Verdict.OK, "not behind what was stored")
    orphans = sorted(_published(settings.publish.directory) - _written(contents, settings))
    if orphans:
        advice = "no feed of ours writes them: remove them, readers may still see them"
        found = f"{len(orphans)} orphaned, as {orphans[0]}"
        yield Finding("files", Verdict.WARNING, found, advice)
    else:
        yield Finding("files", Verdict.OK, "none orphaned")


def _written(contents: Contents, settings: Settings) -> set[str]:
    """Return the files that are kept in step: those of a category that is gone stay as they are."""
    slugs = {ALL, HEALTH, OUTPUTS, *contents.given, *(each.slug for each in settings.categories)}
    return {
        file
        for name, files in contents.files.items()
        if name.partition("/")[0].partition(".")[0] in slugs
        for file in files
    }


def _published(folder: Path) -> set[str]:
    found = (path for pattern in ("*", "*/*") for path in folder.glob(pattern))
    return {str(path.relative_to(folder)) for path in found if path.suffix in PUBLISHED}


def _versions() -> Iterator[Finding]:
    if sqlite3.sqlite_version_info < SOUND_SQLITE:
        wanted = ".".join(map(str, SOUND_SQLITE))
        advice = f"no haste: commands do not checkpoint while they work; {wanted} is sound"
        found = f"{sqlite3.sqlite_version} may lose its log if two connections checkpoint at once"
        yield Finding("sqlite", Verdict.WARNING, found, advice)
    else:
        yield Finding("sqlite", Verdict.OK, sqlite3.sqlite_version)
    yield Finding("python", Verdict.OK, python_version())
    others = list(_others_than_locked())
    if others:
        advice = "install what requirements/run.txt pins: that was tested"
        yield Finding("libraries", Verdict.WARNING, ", ".join(others), advice)
    else:
        yield Finding("libraries", Verdict.OK, "as locked" if LOCK.exists() else "no lock to go by")


def _others_than_locked() -> Iterator[str]:
    pins = LOCK.read_text(encoding="utf-8") if LOCK.exists() else ""
    for name, pinned in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+) *\\$", pins, re.MULTILINE):
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "missing"
        if installed != pinned:
            yield f"{name} {installed} instead of {pinned}"


def _folders(settings: Settings, *, published: bool) -> Iterator[Finding]:
    database = database_file(settings.database.url)
    folders = {"feeds": settings.publish.directory}
    if database is not None:
        folders["state"] = database.parent
    for name, folder in folders.items():
        yield _room(name, folder)
        if os.access(folder, os.W_OK | os.X_OK):
            yield Finding(f"{name}-permissions", Verdict.OK, f"{folder} can be written")
        elif not published and not folder.exists() and _can_be_made(folder):
            found = f"{folder} is not there yet: the first round makes it"
            yield Finding(f"{name}-permissions", Verdict.OK, found)
        else:
            advice = "make it and give it to the user that the daemon runs as"
            found = f"{folder} is missing or cannot be written by us"
            yield Finding(f"{name}-permissions", Verdict.ERROR, found, advice)
    if database is not None and database.exists():
        yield _privacy(database)


def _can_be_made(folder: Path) -> bool:
    standing = _nearest_standing(folder)
    return standing.is_dir() and os.access(standing, os.W_OK | os.X_OK)


def _nearest_standing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _room(name: str, folder: Path) -> Finding:
    standing = _nearest_standing(folder)
    free = shutil.disk_usage(standing).free
    found = f"{free // 1_000_000} MB free at {standing}"
    if free >= LITTLE:
        return Finding(f"{name}-disk", Verdict.OK, found)
    verdict = Verdict.WARNING if free >= TOO_LITTLE else Verdict.ERROR
    return Finding(f"{name}-disk", verdict, found, "make room, or shorten retention.stories")


def _privacy(database: Path) -> Finding:
    """Return who may read or write it, its log included: feed addresses may hold keys."""
    files = [database, *(Path(f"{database}{suffix}") for suffix in ("-wal", "-shm"))]
    modes = {file: file.stat().st_mode & 0o777 for file in files if file.exists()}
    closed = [file for file in (database, *modes) if not os.access(file, os.R_OK | os.W_OK)]
    if closed:
        found = f"{closed[0]} cannot be written by us"
        advice = "run as the daemon's user, or give it the file"
        return Finding("database-permissions", Verdict.ERROR, found, advice)
    for bit, done, verdict in (
        (0o002, "written", Verdict.ERROR),
        (0o004, "read", Verdict.WARNING),
    ):
        if opened := [file for file, mode in modes.items() if mode & bit]:
            found = f"{opened[0]} may be {done} by everybody ({modes[opened[0]]:03o})"
            advice = f"chmod o-rwx {' '.join(map(str, opened))}"
            return Finding("database-permissions", verdict, found, advice)
    return Finding("database-permissions", Verdict.OK, f"{modes[database]:03o}")


def _address(settings: Settings) -> Finding:
    if found := astray(settings):
        advice = "set publish.base_url to the address that readers use"
        return Finding("address", Verdict.WARNING, found, advice)
    return Finding("address", Verdict.OK, settings.publish.base_url)


def _clock_of_files(settings: Settings, now: datetime) -> Finding:
    database = database_file(settings.database.url)
    if database is not None and database.exists():
        written = datetime.fromtimestamp(database.stat().st_mtime, UTC)
        if written > now + SLIP:
            found = f"{database} was written at {written:%Y-%m-%dT%H:%M:%SZ}, which is to come"
            return Finding("file-times", Verdict.WARNING, found, "set the clock (timedatectl)")
    return Finding("file-times", Verdict.OK, "not ahead of the clock")
