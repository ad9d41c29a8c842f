"""A folder of feeds that others wrote: each is read whole, and what is published of them is valid.

    PYTHONPATH=tests .venv/bin/python benchmarks/corpus.py FOLDER

Such folders come with the source packages of feed parsers. Every file of FOLDER, at any depth, that
begins as XML or JSON is served on loopback and polled once by the program itself, as a source. Each
answer that is a feed must give the entries that feedparser finds in it when left alone; every file
that is published must satisfy RFC 4287, RSS 2.0 or JSON Feed 1.1, and the rules of the W3C's
validator, as tests/ words them. Where a document says in a comment with which Content-Type it is to
be served (`Header: Content-type: …`), it is. Exits with 1 where something was wrong.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from xml.sax.saxutils import quoteattr

import feedparser
from feed_formats import json_feed_faults, rss_faults
from rfc4287 import faults
from w3c import atom_warnings, rss_warnings

from aggregator.errors import ParseError
from aggregator.intake.parse import parse_feed

BASE = "http://127.0.0.1:8080"
SETTINGS = f"""
[database]
url = "sqlite:///{{folder}}/news.db"

[publish]
directory = "{{folder}}/feeds"
base_url = "{BASE}"
hold = "0s"
entries = 500

[fetch]
allow_networks = ["127.0.0.1"]
host_gap = "0s"
"""
LARGEST = 5_000_000  # bytes
_STATED = re.compile(rb"Header:\s*Content-type:\s*([^\r\n]+)", re.IGNORECASE)
_SAYS = ("title", "link", "id", "summary", "content")


def main() -> int:
    """Read, publish and check; return the exit code."""
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("folder", type=Path)
    found = list(documents(words.parse_args().folder))
    wrong = [fault for path in found for fault in misread(path)]
    print(f"{len(found)} documents read", flush=True)
    with TemporaryDirectory() as name, served(found) as addresses:
        published = publish(Path(name), addresses)
        wrong += [f"{file}: {fault}" for file, each in published.items() for fault in each]
    print(f"{len(published)} files published; {len(wrong)} things wrong", *wrong, sep="\n")
    return bool(wrong)


def documents(folder: Path) -> Iterator[Path]:
    """Yield the files that may be feeds."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size <= LARGEST:
            first = path.read_bytes()[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]
            if first in {b"<", b"{"}:
                yield path


def content_type(body: bytes) -> str:
    """Return the type as which a document is to be served."""
    stated = _STATED.search(body[:2000])
    kind = "application/json" if body.lstrip()[:1] == b"{" else "application/xml"
    return stated[1].decode("latin-1").strip() if stated else kind


def misread(path: Path) -> Iterator[str]:
    """Yield what is lost of a document."""
    body = path.read_bytes()
    if body.lstrip()[:1] == b"{":
        return
    headers = {"content-type": content_type(body), "content-location": f"{BASE}/feed"}
    said = feedparser.parse(BytesIO(body), response_headers=headers).entries
    distinct = {tuple(_words(entry.get(name)) for name in _SAYS) for entry in said}
    distinct -= {("",) * len(_SAYS)}
    try:
        read = len(parse_feed(body, headers["content-type"], headers["content-location"]).entries)
    except ParseError:
        read = 0
    if read < len(distinct):
        yield f"{path}: {read} entries, and feedparser finds {len(distinct)}"


def _words(said: object) -> str:
    contents = [str(each.get("value")) for each in said] if isinstance(said, list) else [said or ""]
    return "".join(map(str, contents))


@contextmanager
def served(paths: Sequence[Path]) -> Iterator[Sequence[str]]:
    """Serve the documents, and yield their addresses."""
    bodies = {f"/{number}": path.read_bytes() for number, path in enumerate(paths)}

    class Talk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = bodies.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", content_type(body or b""))
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Talk) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield [f"http://127.0.0.1:{server.server_address[1]}{path}" for path in bodies]
        server.shutdown()


def publish(folder: Path, addresses: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Have the program poll and publish all; return what is wrong with each file."""
    (folder / "aggregator.toml").write_text(SETTINGS.format(folder=folder))
    outlines = "".join(f"<outline text='x' xmlUrl={quoteattr(each)}/>" for each in addresses)
    (folder / "all.opml").write_text(f"<opml version='2.0'><body>{outlines}</body></opml>")
    program = [sys.executable, "-m", "aggregator", "--config", str(folder)]
    run = partial(subprocess.run, stderr=subprocess.PIPE, text=True, check=False)
    done = [
        run([*program, *words]) for words in (("import-opml", f"{folder}/all.opml"), ("update",))
    ]
    found = {
        "the program": [
            line for each in done for line in each.stderr.splitlines() if "Traceback" in line
        ]
    }
    feeds = folder / "feeds"
    for path in sorted(each for each in feeds.rglob("*") if each.is_file()):
        name = str(path.relative_to(feeds))
        found[name] = list(published_faults(path, f"{BASE}/feeds/{name}"))
    return found


def published_faults(path: Path, address: str) -> Iterator[str]:
    """Yield what is wrong with a published file."""
    body = path.read_bytes()
    if path.suffix == ".atom":
        yield from (*faults(body), *atom_warnings(body, address))
    elif path.suffix == ".rss":
        yield from (*rss_faults(body), *rss_warnings(body, address))
    elif path.suffix == ".json":
        yield from json_feed_faults(body)


if __name__ == "__main__":
    sys.exit(main())
