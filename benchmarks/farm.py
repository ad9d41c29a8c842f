"""A farm of feeds on loopback: many hosts, made-up news, validators that are kept to.

    .venv/bin/python benchmarks/farm.py --feeds 1000 --hosts 100 --opml farm.opml

Feed i stands at http://127.0.X.Y:PORT/feed/i, RSS where i is even, Atom where it is odd. Every
answer is made before it is asked for: one request costs one write. `/control?new=1` puts a new
entry on top of each feed; `/stats` tells what was asked, and `?reset=1` forgets it then.
"""

import argparse
import asyncio
import gzip
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha1
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from babble import babble

from aggregator.model import Article

PORT = 8900
# The newest entries are of this moment: what is long past is polled, and placed nowhere.
START = datetime.now(UTC).replace(microsecond=0)
PER_NETWORK = 250
# An article, in words, and which of its paragraphs is a quote.
WORDS, A_PARAGRAPH, QUOTED = 280, 45, 2


@dataclass
class Farm:
    """All feeds, ready to be sent."""

    feeds: int
    hosts: int
    entries: int
    port: int = PORT
    generation: int = 0
    texts: Sequence[Article] = ()
    items: list[list[str]] = field(default_factory=list)
    answers: dict[str, tuple[bytes, bytes, bytes, bytes]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    open_by_host: Counter[str] = field(default_factory=Counter)
    most_open: int = 0

    def __post_init__(self) -> None:
        """Make the feeds."""
        self.texts = [document.article for document in babble(self.feeds * self.entries)]
        for feed in range(self.feeds):
            old = [START - timedelta(hours=6 * number) for number in range(self.entries)]
            self.items.append([self._item(feed, number, at) for number, at in enumerate(old)])
            self._render(feed)

    def host(self, feed: int) -> str:
        """Return the address that serves the feed."""
        number = feed % self.hosts
        return f"127.0.{1 + number // PER_NETWORK}.{1 + number % PER_NETWORK}"

    def url(self, feed: int) -> str:
        """Return where the feed stands."""
        return f"http://{self.host(feed)}:{self.port}/feed/{feed}"

    def grow(self, new: int) -> None:
        """Put new entries on top of each feed, in place of the oldest."""
        self.generation += 1
        for feed in range(self.feeds):
            for _ in range(new):
                number = self.entries + self.generation * 100 + new
                at = START + timedelta(seconds=self.generation)
                self.items[feed].insert(0, self._item(feed, number, at))
            del self.items[feed][self.entries :]
            self._render(feed)

    def _item(self, feed: int, number: int, at: datetime) -> str:
        article = self.texts[(feed * 31 + number * 7) % len(self.texts)]
        title = escape(f"{article.title} {feed}-{number}", quote=False)
        link = f"http://{self.host(feed)}:{self.port}/article/{feed}-{number}"
        body = _body(article, link)
        if feed % 2:
            moment = at.isoformat()
            return (
                f"<entry><title>{title}</title><link rel='alternate' href='{link}'/><id>{link}</id>"
                f"<published>{moment}</published><updated>{moment}</updated><author><name>Ana "
                f"Lind</name></author><category term='news'/><content type='html'>{escape(body)}"
                "</content></entry>\n"
            )
        return (
            f"<item><title>{title}</title><link>{link}?utm_source=rss</link><dc:creator>Ana Lind"
            f"</dc:creator><pubDate>{format_datetime(at, usegmt=True)}</pubDate><category>news"
            f"</category><guid isPermaLink='false'>{feed}-{number}</guid><description>"
            f"{title}</description><content:encoded><![CDATA[{body}]]></content:encoded></item>\n"
        )

    def _document(self, feed: int) -> bytes:
        items, site = "".join(self.items[feed]), f"http://{self.host(feed)}:{self.port}/"
        if feed % 2:
            return (
                "<?xml version='1.0' encoding='utf-8'?>\n<feed xmlns='http://www.w3.org/2005/Atom'>"
                f"<title>Outlet {feed}</title><link href='{site}'/><id>{site}feed/{feed}</id>"
                f"<updated>{START.isoformat()}</updated>\n{items}</feed>\n"
            ).encode()
        return (
            "<?xml version='1.0' encoding='UTF-8'?>\n<rss version='2.0' xmlns:content="
            "'http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
            f"<channel><title>Outlet {feed}</title><link>{site}</link><description>News"
            f"</description><language>en</language>\n{items}</channel></rss>\n"
        ).encode()

    def _render(self, feed: int) -> None:
        body = self._document(feed)
        etag = f'"{sha1(body, usedforsecurity=False).hexdigest()[:16]}"'
        kind = "atom" if feed % 2 else "rss"
        said = f"ETag: {etag}\r\nVary: Accept-Encoding\r\n"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/{kind}+xml\r\n{said}"
        packed = gzip.compress(body, 1)
        self.answers[f"/feed/{feed}"] = (
            etag.encode(),
            f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body,
            f"{head}Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
            + packed,
            f"HTTP/1.1 304 Not Modified\r\n{said}\r\n".encode(),
        )

    def answer(self, head: bytes) -> bytes:
        """Return what to say to a request."""
        target = head.split(b" ", 2)[1].decode("latin-1")
        found = self.answers.get(target)
        if found is None:
            return self._aside(target)
        etag, plain, packed, unchanged = found
        if b"if-none-match: " + etag.lower() in head.lower():
            self.asked["304"] += 1
            return unchanged
        self.asked["200"] += 1
        self.asked["unconditional"] += b"if-none-match" not in head.lower()
        return packed if b"gzip" in head else plain

    def _aside(self, target: str) -> bytes:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/control":
            self.grow(int(query.get("new", "1")))
        if parts.path not in {"/control", "/stats"}:
            self.asked["other"] += 1
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        said = json.dumps({**self.asked, "most_open": self.most_open}).encode()
        if "reset" in query:
            self.asked.clear()
            self.most_open = 0
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)


def _body(article: Article, link: str) -> str:
    """Return an article as news sites have it in their feeds: a picture, some links, a quote."""
    words = article.text.split()
    words = (words * (1 + WORDS // len(words)))[:WORDS]
    runs = [words[at : at + A_PARAGRAPH] for at in range(0, len(words), A_PARAGRAPH)]
    paragraphs = []
    for number, (first, *others) in enumerate(runs):
        linked = f"<a href='{link}?topic={number}'>{escape(first)}</a>"
        line = f"{linked if number % 2 else escape(first)} {escape(' '.join(others))}"
        quoted = f"<blockquote><p>{line}</p></blockquote>\n"
        paragraphs.append(quoted if number == QUOTED else f"<p>{line}</p>\n")
    sizes = ", ".join(f"{link}-{size}.jpg {size}w" for size in (600, 1200))
    picture = f"<img src='{link}.jpg' alt='' width='1200' height='675' srcset='{sizes}'>"
    return f"<figure>{picture}</figure>\n{''.join(paragraphs)}"


class Talk(asyncio.Protocol):
    """One connection."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connections that a host has open at once."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP
        self._transport = transport
        self._host = transport.get_extra_info("sockname")[0]
        self._farm.open_by_host[self._host] += 1
        if self._host != "127.0.0.1":
            now = self._farm.open_by_host[self._host]
            self._farm.most_open = max(self._farm.most_open, now)

    def connection_lost(self, _error: Exception | None) -> None:
        """Count it out."""
        self._farm.open_by_host[self._host] -= 1

    def data_received(self, data: bytes) -> None:
        """Answer each request that has come whole."""
        self._pending += data
        while b"\r\n\r\n" in self._pending:
            head, _, self._pending = self._pending.partition(b"\r\n\r\n")
            self._transport.write(self._farm.answer(head))


def opml(farm: Farm) -> str:
    """Return the list of the farm's feeds."""
    outlines = "".join(
        f'<outline type="rss" text="Outlet {feed}" xmlUrl="{farm.url(feed)}"/>\n'
        for feed in range(farm.feeds)
    )
    return f'<opml version="2.0"><head/><body>{outlines}</body></opml>'


async def serve(farm: Farm) -> None:
    """Serve until told to end."""
    loop = asyncio.get_running_loop()
    hosts = {farm.host(feed) for feed in range(min(farm.feeds, farm.hosts))} | {"127.0.0.1"}
    for host in sorted(hosts):
        await loop.create_server(lambda: Talk(farm), host, farm.port, backlog=1024)
    print(f"farm: {farm.feeds} feeds on {farm.hosts} hosts", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Build the farm and serve it."""
    words = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    words.add_argument("--feeds", type=int, default=1000)
    words.add_argument("--hosts", type=int, default=100)
    words.add_argument("--entries", type=int, default=20)
    words.add_argument("--port", type=int, default=PORT)
    words.add_argument("--opml", type=Path)
    given = words.parse_args()
    farm = Farm(given.feeds, given.hosts, given.entries, given.port)
    if given.opml:
        given.opml.write_text(opml(farm))
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(farm))


if __name__ == "__main__":
    main()
