"""Readers that people use subscribe to a live daemon: every story once, and 304 in between.

    .venv/bin/python benchmarks/clients.py [--reader PYTHON]

The demo's newsroom tells its news in rounds; titles are corrected, two stories are merged, and the
merge is undone. After each round newsboat, rss2email (into a maildir) and the package `reader` ask
twice for their feeds: what they then list must be the stories that there are, once each, and the
second answer 304. newsboat and rss2email are taken from the PATH (both are packages of Debian's);
PYTHON is an interpreter that has `reader` installed. Who is not there is left out, and said to be.
Exits with 1 where something was wrong.
"""

import argparse
import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mailbox import Maildir
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from aggregator.clock import utc_now
from aggregator.demo.newsroom import Newsroom, Piece, load
from aggregator.demo.site import Site
from aggregator.demo.tour import free_port, tour
from aggregator.settings.load import load_settings

ROUNDS = 5
FEEDS = ("all.atom", "all.rss", "all.json")
PATIENCE_S = 60
OK, NOT_MODIFIED = 200, 304
# The rounds in which titles are corrected, two stories are merged, and the merge is undone.
CORRECTION, MERGE, UNDOING = 2, 3, 4
SETTINGS = """
[fetch]
allow_networks = ["{site}"]
host_gap = "0s"

[publish]
hold = "0s"
base_url = "http://127.0.0.1:{port}"

[serve]
port = {port}
admin = "127.0.0.1:{admin}"
"""
READER = """
import json, sys
from reader import make_reader
with make_reader(sys.argv[1], search_enabled=False) as reader:
    for url in sys.argv[2:]:
        reader.add_feed(url, exist_ok=True)
    # Else it leaves a feed alone for an hour.
    reader.update_feeds(scheduled=False)
    listed = [(entry.feed_url, entry.id) for entry in reader.get_entries()]
    failed = [str(feed.last_exception) for feed in reader.get_feeds() if feed.last_exception]
print(json.dumps([listed, failed]))
"""
R2E = """
[DEFAULT]
from = news@aggregator.example
to = me@aggregator.example
email-protocol = maildir
maildir-path = {folder}/mail
maildir-mailbox = news
html-mail = False
"""


class Relay:
    """Stands between a client and the daemon, and remembers what was answered."""

    def __init__(self, port: int) -> None:
        """Begin to answer on a free port, with what the server at `port` answers."""
        self.answers: list[tuple[str, int]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Relayed, self, port))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def base(self) -> str:
        """Return its address, without a slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Relayed(BaseHTTPRequestHandler):
    def __init__(self, relay: Relay, port: int, *given: object) -> None:
        self._relay, self._port = relay, port
        super().__init__(*given)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)) as daemon:
            hop = {"connection", "host", "te", "upgrade", "http2-settings"}
            sent = {name: text for name, text in self.headers.items() if name.lower() not in hop}
            daemon.request("GET", self.path, headers=sent)
            answer = daemon.getresponse()
            body = answer.read()
        self._relay.answers.append((self.path, answer.status))
        self.send_response_only(answer.status)
        for name, text in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection"}:
                self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing; the relay remembers."""


@dataclass
class Client:
    """A reader of feeds with a folder of its own; `ask` returns what it lists, by feed."""

    relay: Relay
    folder: Path
    feeds: Sequence[str]

    def __post_init__(self) -> None:
        """Subscribe."""
        self.folder.mkdir()
        self.subscribe()

    @property
    def urls(self) -> list[str]:
        """Return the addresses of its feeds."""
        return [f"{self.relay.base}/feeds/{feed}" for feed in self.feeds]

    def run(self, *command: str) -> str:
        """Run a command of the client's."""
        environment = os.environ | {"HOME": str(self.folder)}
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=self.folder, env=environment, check=False, timeout=PATIENCE_S,
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            message = f"{command[:2]} ended with {done.returncode}: {done.stderr}"
            raise RuntimeError(message)
        return done.stdout

    def subscribe(self) -> None:
        """Make the client know its feeds."""

    def ask(self) -> Counter[str]:
        """Have the client ask for its feeds; return how many entries it lists of each."""
        raise NotImplementedError


class Newsboat(Client):
    """newsboat, a reader for the terminal.

    It knows an entry by its guid in all feeds together, so each has a cache of its own here. What
    it learns of a feed's validators is lost the first time: it has no row yet to keep them in.
    """

    def subscribe(self) -> None:
        """Write its lists of addresses, and ask once."""
        for feed, url in zip(self.feeds, self.urls, strict=True):
            (self.folder / f"{feed}.urls").write_text(f"{url}\n")
        self.ask()

    def ask(self) -> Counter[str]:
        """Reload all feeds."""
        return Counter({feed: self._reload(feed) for feed in self.feeds})

    def _reload(self, feed: str) -> int:
        names = ["-u", f"{feed}.urls", "-c", f"{feed}.db", "-C", "/dev/null"]
        self.run("newsboat", *names, "-x", "reload")
        with closing(sqlite3.connect(self.folder / f"{feed}.db")) as cache:
            return int(cache.execute("SELECT count(*) FROM rss_item").fetchone()[0])


class Rss2email(Client):
    """rss2email: each new entry becomes a letter."""

    def subscribe(self) -> None:
        """Have letters put into a maildir, and add the feeds."""
        for name in ("cur", "new", "tmp"):
            (self.folder / "mail" / "news" / name).mkdir(parents=True)
        (self.folder / "r2e.cfg").write_text(R2E.format(folder=self.folder))
        for number, url in enumerate(self.urls):
            self._r2e("add", f"feed{number}", url)

    def ask(self) -> Counter[str]:
        """Send letters for what is new; count all there are."""
        self._r2e("run")
        letters = Maildir(self.folder / "mail" / "news", create=False)
        return Counter(str(letter["X-RSS-Feed"]).rpartition("/")[2] for letter in letters)

    def _r2e(self, *words: str) -> None:
        self.run("r2e", "-c", "r2e.cfg", "-d", "r2e.json", *words)


@dataclass
class Reader(Client):
    """The package `reader`, in an interpreter that has it."""

    python: str = sys.executable

    def ask(self) -> Counter[str]:
        """Update all feeds."""
        said = self.run(self.python, "-c", READER, str(self.folder / "reader.db"), *self.urls)
        listed, failed = json.loads(said)
        if failed:
            raise RuntimeError("; ".join(failed))
        return Counter(url.rpartition("/")[2] for url, _ in listed)


@dataclass
class Trial:
    """The newsroom, the daemon that polls it, and what was wrong."""

    site: Site
    folder: Path
    port: int
    survivor: str = ""
    lead: str = ""

    def command(self, *words: str) -> str:
        """Run a command of the program beside the daemon; return what it says."""
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "aggregator", *words], env=self.environment, check=True,
            timeout=PATIENCE_S, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        """Return what leads the program to its settings and its state."""
        own = {"AGGREGATOR_CONFIG": str(self.folder / "config"), "LOG_LEVEL": "error"}
        return os.environ | own | {"STATE_DIRECTORY": str(self.folder / "state")}

    @contextmanager
    def daemon(self) -> Iterator[None]:
        """Subscribe to all outlets and let the daemon run."""
        config = self.folder / "config"
        config.mkdir()
        (self.folder / "state").mkdir()
        site = self.site.base_url.removeprefix("http://")
        settings = SETTINGS.format(site=site, port=self.port, admin=free_port(0))
        (config / "aggregator.toml").write_text(settings)
        os.environ.update(self.environment)
        newsroom = self.site.edition.newsroom
        asyncio.run(tour(load_settings(), newsroom, self.site, utc_now, lambda *_: None))
        command = [sys.executable, "-m", "aggregator", "run"]
        with subprocess.Popen(  # noqa: S603 - our own program
            command, env=self.environment, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None  # noqa: S101 - piped
            try:
                next(line for line in process.stderr if "reading pages" in line)
                Thread(target=process.stderr.read, daemon=True).start()
                yield
            finally:
                process.terminate()
                process.wait(PATIENCE_S)

    def stories(self) -> dict[str, str]:
        """Return the stories that stand, the newest first: the entry that leads each, by its id."""
        found = json.loads(self.command("stories", "--json"))
        return {story["id"]: str(story["lead"]["entry_id"]) for story in found}

    def have_news(self, number: int, pieces: Sequence[Piece]) -> None:
        """Let a round's news be told, and the operator have a word."""
        if number == CORRECTION:
            newsroom = self.site.edition.newsroom
            self.site.edition = replace(self.site.edition, newsroom=corrected(newsroom))
        self.site.reveal(*(piece.id for piece in pieces))
        if number == MERGE:
            before = self.stories()
            self.command("merge", *list(before)[1:3])
            ((away, self.lead),) = before.items() - self.stories().items()
            (self.survivor,) = set(list(before)[1:3]) - {away}
        elif number == UNDOING:
            self.command("split", self.survivor, self.lead)
        self.update()

    def update(self) -> None:
        """Take rounds until one finds nothing that the daemon is still at: that publishes all."""
        quiet = False
        while not quiet:
            waiting = json.loads(self.command("ledger", "--json"))["unplaced"]
            report = json.loads(self.command("update", "--force", "--json"))
            own = report["polled"] == report["sources"]
            quiet = own and not (waiting or report["entries_new"])


def corrected(newsroom: Newsroom) -> Newsroom:
    """Return the newsroom with other titles over every fourth piece."""
    pieces = tuple(
        replace(piece, title=f"{piece.title} (corrected)") if place % 4 == 0 else piece
        for place, piece in enumerate(newsroom.pieces)
    )
    return replace(newsroom, pieces=pieces)


def clients(folder: Path, port: int, python: str | None) -> Iterator[Client]:
    """Yield the clients that there are; say who is not."""
    if shutil.which("newsboat"):
        yield Newsboat(Relay(port), folder / "newsboat", FEEDS[:2])
    else:
        print("newsboat is not installed: left out")
    if shutil.which("r2e"):
        yield Rss2email(Relay(port), folder / "rss2email", FEEDS[:2])
    else:
        print("rss2email is not installed: left out")
    if python:
        yield Reader(Relay(port), folder / "reader", FEEDS, python=python)
    else:
        print("no interpreter with reader was given: left out")


def look(client: Client, told: int, number: int) -> Iterator[str]:
    """Have a client ask twice; yield what is wrong with what it lists and was answered."""
    name = type(client).__name__
    for again in (False, True):
        client.relay.answers.clear()
        listed = client.ask()
        print(f"round {number} {name:10} lists {dict(listed)} of {told}: {client.relay.answers}")
        if listed != dict.fromkeys(client.feeds, told):
            yield f"round {number}: {name} lists {dict(listed)} where there were {told} stories"
        if Counter(client.relay.answers) != Counter(
            {(f"/feeds/{feed}", NOT_MODIFIED if again else OK): 1 for feed in client.feeds}
        ):
            yield f"round {number}: {name} was answered {client.relay.answers}"


def main() -> int:
    """Tell news in rounds, look at what the clients list; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reader", metavar="PYTHON")
    options = parser.parse_args()
    newsroom = load()
    by_age = sorted(newsroom.pieces, key=lambda piece: -piece.age)
    size = -(-len(by_age) // ROUNDS)
    rounds = [by_age[start : start + size] for start in range(0, len(by_age), size)]
    hidden = [piece.id for piece in by_age[size:]]
    told: set[str] = set()
    faults: list[str] = []
    with (
        TemporaryDirectory() as name,
        Site(newsroom, now=datetime.now(UTC), hidden=hidden) as site,
        ExitStack() as relays,
    ):
        trial = Trial(site, Path(name), free_port(0))
        with trial.daemon():
            watching = list(clients(Path(name), trial.port, options.reader))
            for client in watching:
                relays.callback(client.relay.close)
            for number, pieces in enumerate(rounds):
                told |= {piece.story for piece in pieces}
                if number:
                    trial.have_news(number, pieces)
                for client in watching:
                    faults += look(client, len(told), number)
    print(f"{ROUNDS} rounds, {len(told)} stories, {len(watching)} clients: {len(faults)} faults")
    print("\n".join(faults))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
