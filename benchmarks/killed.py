"""Thousands of publishes, killed at any moment while readers ask: every answer is whole.

    python benchmarks/killed.py [--publishes 10000] [--kills 1000] [--folder DIR]

A publisher changes a story, publishes, and changes the next; `kill -9` ends it at any moment, and
another goes on. A server that lives on answers readers who ask for any file, plain and compressed,
with and without validators. Every answer must parse, hold each entry once and show nothing older
than the one before it; in the end the files must be what a new publisher makes of the database.
Exits with 1 where something was wrong.
"""

import argparse
import asyncio
import gzip
import json
import multiprocessing
import os
import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import brotli
from publish import NOW, TELLINGS, add_story
from sqlalchemy import insert, text, update

from aggregator.logs import configure_logs
from aggregator.model import Category
from aggregator.output.files import sweep
from aggregator.publish import Published, Publisher
from aggregator.settings import Settings
from aggregator.store import facts
from aggregator.store.database import Session, Store
from aggregator.store.merging import touch
from aggregator.store.tables import EntryRow, SourceRow
from aggregator.web.app import application
from aggregator.web.server import serving

SLUG = "patrol"
STORIES, READERS = 20, 3
GLANCE_S, PAUSE_S = 0.005, 0.005
COUNTER = "publishes"  # the fact under which their number stands
FILES = tuple(f"{slug}.{kind}" for slug in ("all", SLUG) for kind in ("atom", "rss", "json"))
CODINGS = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
PRELOADED = ["aggregator.publish", "aggregator.store.migrate", "aggregator.web.server"]
_NUMBERED = re.compile(r"Report (\d+) of the frigate")


@dataclass
class Witness:
    """What the readers saw, and what was wrong with it."""

    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Kill, read and account for it; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publishes", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    configure_logs("error", "plain")
    with TemporaryDirectory(dir=options.folder) as folder:
        begun = time.monotonic()
        published, killed, witness = endure(Path(folder), options.publishes, options.kills)
    answers = ", ".join(f"{count:,} of {status}" for status, count in witness.answers.items())
    print(
        f"{published:,} publishes, {killed:,} kills, answers: {answers}; "
        f"faults: {len(witness.faults)}; {time.monotonic() - begun:.0f} s"
    )
    for fault in witness.faults[:20]:
        print(fault)
    return 1 if witness.faults else 0


def endure(folder: Path, publishes: int, kills: int) -> tuple[int, int, Witness]:
    """Publish so often, killed about so often; return how often it was, and what readers saw."""
    settings = settings_in(folder)
    with Store.open(database_in(settings), checkpoints=False) as store:
        store.write_now(stock)
        Publisher(store, settings).publish(NOW)
        witness = Witness()
        with running_server(settings) as address, readers(address, witness):
            killed = kill_again_and_again(store, settings, publishes, kills)
        published = count(store)
        witness.faults += left_behind(store, settings, published)
    return published, killed, witness


def settings_in(folder: Path) -> Settings:
    """Return settings of one category, with database and feeds in the folder."""
    plain = Settings(state=folder)
    publish = plain.publish.model_copy(update={"directory": folder / "feeds"})
    categories = (Category(SLUG, "Patrol", "frigate"),)
    return plain.model_copy(update={"publish": publish, "categories": categories})


def database_in(settings: Settings) -> str:
    """Return the address of the database."""
    return f"sqlite:///{settings.state}/aggregator.db"


def stock(session: Session) -> None:
    """Fill the category."""
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    source = {
        "id": 1, "url": "https://a.example/feed", "host": "a.example", "title": "A",
        "outlet": "a.example", "role": "press", "only_new": False, "enabled": True,
        "added_at": NOW, "next_poll_at": NOW, "last_polled_at": NOW,
    }  # fmt: skip
    session.execute(insert(SourceRow), [source])
    for number in range(1, STORIES + 1):
        add_story(session, number, SLUG, None)


def count(store: Store) -> int:
    """Return how many stories were changed so far: each was published, or is about to be."""
    return int(store.read_now(partial(facts.fact, name=COUNTER)) or 0)


def nursery() -> ForkServerContext:
    """Return where processes come from that have imported already what takes long."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(PRELOADED)
    return processes


def kill_again_and_again(store: Store, settings: Settings, publishes: int, kills: int) -> int:
    """Let publishers publish until it was enough, killing each after a while; return the kills."""
    processes = nursery()
    chance = random.Random(publishes)
    killed = done = shown = 0
    while done < publishes:
        process = processes.Process(target=publish_on_and_on, args=(settings,), daemon=True)
        process.start()
        until = done + chance.uniform(0, 2 * publishes / kills)
        while (now := count(store)) < until and process.is_alive():
            time.sleep(GLANCE_S)
        time.sleep(chance.uniform(0, 0.02))
        if not process.is_alive():
            sys.exit(f"the publisher ended by itself: {process.exitcode}")
        process.kill()
        process.join()
        killed, done = killed + 1, now
        if done // 1000 > shown:
            shown = done // 1000
            print(f"{done:,} publishes, {killed:,} kills", file=sys.stderr)
    return killed


def publish_on_and_on(settings: Settings) -> None:
    """Change one story after the other, and publish each, as the daemon does."""
    parent = multiprocessing.parent_process()
    configure_logs("error", "plain")
    with Store.open(database_in(settings), checkpoints=False) as store:
        sweep(settings.publish.directory)
        publisher = Publisher(store, settings)
        while parent and parent.is_alive():
            number = store.write_now(report)
            publisher.publish(NOW + timedelta(seconds=number))


def report(session: Session) -> int:
    """Let the next story have another title; return the number in it."""
    number = int(facts.fact(session, COUNTER) or 0) + 1
    story = number % STORIES + 1
    title = f"Report {number} of the frigate"
    session.execute(update(EntryRow).where(EntryRow.id == story * TELLINGS).values(title=title))
    touch(session, story)
    facts.note(session, COUNTER, str(number))
    return number


def left_behind(store: Store, settings: Settings, number: int) -> Iterator[str]:
    """Yield what is wrong once the next publisher was at work."""
    feeds = settings.publish.directory
    sweep(feeds)
    now = NOW + timedelta(seconds=number + 1)
    Publisher(store, settings).publish(now)
    for name in FILES:
        if newest_report(name, (feeds / name).read_bytes()) != number:
            yield f"{name}: the last change is missing"
    again = Publisher(store, settings).publish(now, everything=True)
    if again != Published(0, 0):
        yield f"the files were not what the database says: {again}"
    yield from (f"{path.name}: left behind" for path in feeds.rglob(".*"))


@contextmanager
def running_server(settings: Settings) -> Iterator[str]:
    """Serve the files inside the block, in a process of its own; yield the address."""
    processes = nursery()
    ours, theirs = processes.Pipe()
    target = (settings.publish.directory, theirs)
    process = processes.Process(target=serve, args=target, daemon=True)
    process.start()
    try:
        with ours, theirs:
            yield ours.recv()
    finally:
        process.kill()
        process.join()


def serve(folder: Path, told: Connection) -> None:
    """Serve the folder until killed."""

    async def run() -> None:
        app = application(None, lambda: folder)  # type: ignore[arg-type]  # no page is asked for
        async with serving(app, "127.0.0.1", 0) as address:
            told.send(address)
            await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def readers(address: str, witness: Witness) -> Iterator[None]:
    """Have readers ask for files, as fast as they are answered, inside the block."""
    enough = threading.Event()
    threads = [
        threading.Thread(target=read, args=(address, witness, enough, seed))
        for seed in range(READERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        enough.set()
        for thread in threads:
            thread.join()


def read(address: str, witness: Witness, enough: threading.Event, seed: int) -> None:
    """Ask for one file after the other, and note what is wrong with the answers."""
    host = urlsplit(address)
    with closing(HTTPConnection(str(host.hostname), host.port, timeout=30)) as connection:
        read_on(connection, witness, enough, random.Random(seed))


def read_on(
    connection: HTTPConnection, witness: Witness, enough: threading.Event, chance: random.Random
) -> None:
    """Ask until it is enough."""
    newest: dict[str, int] = {}
    tags: dict[tuple[str, str], str] = {}
    # As many as leave the publisher its share of the processor.
    while not enough.wait(PAUSE_S):
        name, coding = chance.choice(FILES), chance.choice([*CODINGS])
        headers = {"Accept-Encoding": coding}
        if chance.randrange(2) and (name, coding) in tags:
            headers["If-None-Match"] = tags[name, coding]
        try:
            answer = ask(connection, f"/feeds/{name}", headers)
            body = answer.read()
            witness.answers[answer.status] += 1
            if answer.status == 304 and "If-None-Match" in headers:  # noqa: PLR2004 - a status
                continue
            said = answer.getheader("Content-Encoding", "identity")
            shown = newest_report(name, CODINGS[said](body))
        except (OSError, HTTPException, ET.ParseError, ValueError, brotli.error) as error:
            witness.faults.append(f"{name}, {coding}: {type(error).__name__}: {error}")
            connection.close()
            continue
        if shown < newest.get(name, 0):
            witness.faults.append(f"{name}: shows report {shown} after {newest[name]}")
        newest[name] = shown
        tags[name, coding] = answer.getheader("ETag", "")


def ask(connection: HTTPConnection, path: str, headers: dict[str, str]) -> HTTPResponse:
    """Return the answer; asked again where the server had ended a kept connection.

    It may do so at any time (RFC 9112 section 9.3.1), and does where a reader was starved.
    """
    kept = connection.sock is not None
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse()
    except ConnectionError:
        if not kept:
            raise
        connection.close()
        return ask(connection, path, headers)


def newest_report(name: str, body: bytes) -> int:
    """Return the number of the newest report that a feed shows, 0 where it shows none.

    Raises:
        ValueError, ET.ParseError: the feed is not whole.
    """
    if name.endswith(".json"):
        items = json.loads(body)["items"]
        titles, ids = [item["title"] for item in items], [item["id"] for item in items]
    else:
        root = ET.fromstring(body)  # noqa: S314 - our own output
        found = [(e.tag.rpartition("}")[2], e.text or "") for e in root.iter()]
        titles = [words for tag, words in found if tag == "title"]
        # The feed has an id of its own.
        ids = [words for tag, words in found if tag in {"id", "guid"} and "story/" in words]
    if len(ids) != STORIES or len(set(ids)) != STORIES:
        message = f"{len(ids)} entries, {len(set(ids))} different"
        raise ValueError(message)
    return max((int(found[1]) for found in map(_NUMBERED.search, titles) if found), default=0)


if __name__ == "__main__":
    # What is run as a script is another module to the processes that it starts.
    sys.path.insert(0, os.fspath(Path(__file__).parent))
    from killed import main as run

    sys.exit(run())
