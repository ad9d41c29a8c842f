"""A farm of feeds that keeps score: what it served, and what its reader says that it has.

A feed shows an entry until a request comes with the ETag of a document that held it. By that the
reader says that the entry is safe with it, and the farm takes it away for good: what is lost from
then on cannot come back. Every second feed copies the one before it, word for word.

In a mood, a fifth of the feeds drip a byte a second or say what kills parsers, others each time.

It also looks at the files that the reader publishes, again and again, and counts those that do not
parse.
"""

import asyncio
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import escape
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import urlopen
from xml.etree import ElementTree as ET

from babble import babble

from aggregator.model import Article

LOOK_EVERY_S = 0.01
SLOWEST_S = 0.01  # an answer may take that long: a kill is to fall amid some
LANGUAGE = "en"
HOSTS = 250  # feeds beyond that many share theirs with others
WELL, DRIP, BOMB = "well", "drip", "bomb"
DRIP_S = 1.0
# What no parser gets to the end of within its limits.
DEADLY = "<rss version='2.0'><channel><item><description>" + "&lt;div&gt;" * 300_000


@dataclass
class Score:
    """The feeds of one season, and what became of their entries, by `feed-number`."""

    feeds: int
    port: int
    texts: Sequence[Article]
    chance: random.Random
    folder: Path = Path()
    allowance: int = 0
    shown: list[list[int]] = field(default_factory=list)
    grown: list[int] = field(default_factory=list)
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    served: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    asked: int = 0
    looks: int = 0
    torn: list[str] = field(default_factory=list)
    mood: str = WELL
    polled: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        """Begin each feed with one entry."""
        self.shown = [[0] for _ in range(self.feeds)]
        self.grown = [1] * self.feeds

    def url(self, feed: int) -> str:
        """Return where a feed stands: each is an outlet of its own."""
        return f"http://127.0.1.{feed % HOSTS + 1}:{self.port}/feed/{feed}"

    def mood_of(self, target: str) -> str:
        """Return what the feed asked for is up to, if it is one of those in a mood: each fifth."""
        kind, _, name = target.strip("/").partition("/")
        return self.mood if kind == "feed" and int(name) % 5 == self.asked % 5 else WELL

    def answer(self, target: str, etag: str) -> bytes:
        """Return the answer to a request."""
        self.asked += 1
        parts = urlsplit(target)
        kind, _, name = parts.path.strip("/").partition("/")
        if kind == "feed":
            self.polled[int(name)].append(time.monotonic())
            return self._feed(int(name), etag)
        if kind == "page":
            return _reply(self._page(name), "text/html")
        return _reply(b"", "text/plain", status="404 Not Found")

    def _feed(self, feed: int, sent: str) -> bytes:
        present = self._etag(feed)
        self.acknowledged.update(self.held.get(sent, ()))
        if sent == present and not self._grow(feed):
            return _reply(b"", "text/plain", status="304 Not Modified", etag=present)
        keys = tuple(f"{feed}-{number}" for number in self.shown[feed])
        self.served.update(keys)
        self.held[self._etag(feed)] = keys
        body = "".join(map(self._item, keys))
        document = (
            f"<rss version='2.0'><channel><title>Outlet {feed}</title><link>{self.url(feed)}</link>"
            f"<description/><language>{LANGUAGE}</language>{body}</channel></rss>"
        )
        return _reply(document.encode(), "application/rss+xml", etag=self._etag(feed))

    def _etag(self, feed: int) -> str:
        return f'"{feed}.{self.grown[feed]}"'

    def _grow(self, feed: int) -> bool:
        """Put what is new in place of what the reader has; False where there is nothing new."""
        first = self.grown[feed]
        new = min(self.chance.randint(1, 2), self.allowance, len(self.texts) // 2 - first)
        if new <= 0:
            return False
        self.allowance -= new
        self.shown[feed] = [*range(first, first + new)]
        self.grown[feed] += new
        return True

    def _article(self, key: str) -> Article:
        feed, _, number = key.partition("-")
        pair = int(feed) // 2
        return self.texts[(int(number) * (self.feeds // 2) + pair) % len(self.texts)]

    def _link(self, key: str) -> str:
        return self.url(int(key.partition("-")[0])).replace("/feed/", f"/page/{key}?")

    def _item(self, key: str) -> str:
        article = self._article(key)
        return (
            f"<item><title>{escape(article.title)}</title><link>{self._link(key)}</link>"
            f"<guid isPermaLink='false'>{key}</guid>"
            f"<description>{escape(article.text[:200])}</description></item>"
        )

    def _page(self, key: str) -> bytes:
        article = self._article(key)
        body = "".join(f"<p>{escape(line)}</p>" for line in article.text.split("\n\n"))
        return (
            f"<!doctype html><html lang='{LANGUAGE}'><head><title>{escape(article.title)}</title>"
            f"</head><body><article><h1>{escape(article.title)}</h1>{body}</article></body></html>"
        ).encode()

    def look(self, seen: dict[Path, tuple[int, int]]) -> None:
        """Read each published file that has changed since it was `seen`."""
        paths: list[Path] = []
        with suppress(FileNotFoundError):  # a folder may go while it is looked through
            paths += self.folder.glob("[!.]*.*")
            paths += self.folder.glob("*/[!.]*.atom")
        for path in paths:
            with suppress(FileNotFoundError):
                facts = path.stat()
                if seen.get(path) == (facts.st_mtime_ns, facts.st_ino):
                    continue
                seen[path] = (facts.st_mtime_ns, facts.st_ino)
                self.looks += 1
                if (fault := unreadable(path)) is not None:
                    self.torn.append(f"{path.name}: {fault}")


def unreadable(path: Path) -> str | None:
    """Return why a published file does not parse, None where it does."""
    body = path.read_bytes()
    try:
        json.loads(body) if path.suffix == ".json" else ET.fromstring(body)  # noqa: S314 - our own
    except (ValueError, ET.ParseError) as error:
        return str(error)
    return None


def _reply(body: bytes, kind: str, *, status: str = "200 OK", etag: str = "") -> bytes:
    said = f"ETag: {etag}\r\n" if etag else ""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{said}Content-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


class Keeper:
    """Serves one season after another, told what to do by requests to `/control`."""

    def __init__(self, feeds: int) -> None:
        self._feeds = feeds
        self._port = 0
        self._score = Score(feeds, 0, [], random.Random())

    async def serve(self, said: Connection) -> None:
        """Serve until killed; say on which port."""
        first = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self._port = first.sockets[0].getsockname()[1]
        for host in range(min(self._feeds, HOSTS)):
            await asyncio.start_server(self._talk, f"127.0.1.{host + 1}", self._port)
        said.send(self._port)
        seen: dict[Path, tuple[int, int]] = {}
        while True:
            if self._score.folder.name:
                await asyncio.to_thread(self._score.look, seen)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                target = head.split(" ", 2)[1]
                lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
                etag = next((v for k, v in lines.items() if k.lower() == "if-none-match"), "")
                if target.startswith("/control"):
                    answer = _reply(self._control(target), "application/json")
                elif (mood := self._score.mood_of(target)) != WELL:
                    await self._spoil(self._score, target, mood, writer)
                    break
                else:
                    answer = self._score.answer(target, etag)
                    await asyncio.sleep(self._score.chance.uniform(0, SLOWEST_S))
                writer.write(answer)
                await writer.drain()
        writer.close()

    async def _spoil(
        self, score: Score, target: str, mood: str, writer: asyncio.StreamWriter
    ) -> None:
        """Answer so that nothing comes of it."""
        score.asked += 1
        score.polled[int(target.rpartition("/")[2])].append(time.monotonic())
        if mood == BOMB:
            writer.write(_reply(DEADLY.encode(), "application/rss+xml"))
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n")
        while score.mood == mood:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(DRIP_S)

    def _control(self, target: str) -> bytes:
        told = dict(parse_qsl(urlsplit(target).query))
        if "begin" in told:
            seed = int(told["begin"])
            texts = [document.article for document in babble(int(told["texts"]), seed)]
            folder = Path(told["folder"])
            chance = random.Random(seed)
            self._score = Score(self._feeds, self._port, texts, chance, folder)
        if "allow" in told:
            self._score.allowance = int(told["allow"])
        self._score.mood = told.get("mood", self._score.mood)
        score = self._score
        account = {
            "urls": [score.url(feed) for feed in range(self._feeds)],
            "served": sorted(score.served),
            "acknowledged": sorted(score.acknowledged),
            "asked": score.asked,
            "looks": score.looks,
            "torn": score.torn,
            "polled": score.polled if "polls" in told else {},
        }
        return json.dumps(account).encode()


@dataclass(frozen=True)
class Account:
    """What the farm says of a season."""

    urls: Sequence[str]
    served: Sequence[str]
    acknowledged: Sequence[str]
    asked: int
    looks: int
    torn: Sequence[str]
    polled: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Control:
    """How a farm in a process of its own is told what to do."""

    port: int

    def begin(self, seed: int, texts: int, folder: Path) -> Account:
        """Begin a season with so many texts; what is published stands in the folder."""
        return self._ask(begin=seed, texts=texts, folder=folder)

    def allow(self, entries: int) -> Account:
        """Let so many entries appear from now on."""
        return self._ask(allow=entries)

    def spoil(self, mood: str) -> Account:
        """Have some feeds be in a mood from now on, until anything else is told."""
        return self._ask(mood=mood)

    def account(self) -> Account:
        """Return how things stand, and when each feed was asked, by the monotonic clock."""
        return self._ask(polls=True)

    def _ask(self, **told: object) -> Account:
        with urlopen(f"http://127.0.0.1:{self.port}/control?{urlencode(told)}", timeout=60) as said:
            return Account(**json.load(said))


def _serve(feeds: int, said: Connection) -> None:
    asyncio.run(Keeper(feeds).serve(said))


@contextmanager
def scorekeeper(feeds: int) -> Iterator[Control]:
    """Yield the control of a farm that is ready."""
    context = get_context("spawn")
    heard, said = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(feeds, said), daemon=True)
    process.start()
    try:
        yield Control(heard.recv())
    finally:
        process.kill()
        process.join()
