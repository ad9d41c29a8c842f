"""What other readers of feeds make of documents: JSON lines in, JSON lines out.

Run by benchmarks/parsers.py in an environment of their own; it needs nothing of ours.
"""

import base64
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from importlib import import_module
from io import BytesIO, StringIO
from typing import Any

Told = tuple[str, str, str]
Reader = Callable[[bytes, str], Iterable[Told]]


def _feedparser(body: bytes, url: str) -> Iterable[Told]:
    headers = {"content-type": "application/xml", "content-location": url}
    read = import_module("feedparser").parse(BytesIO(body), response_headers=headers)
    return [_of_mapping(entry) for entry in read.entries]


def _fastfeedparser(body: bytes, _url: str) -> Iterable[Told]:
    return [_of_mapping(entry) for entry in import_module("fastfeedparser").parse(body).entries]


def _feedparser_rs(body: bytes, _url: str) -> Iterable[Told]:
    return [_of_object(entry) for entry in import_module("feedparser_rs").parse(body).entries]


def _atoma(body: bytes, _url: str) -> Iterable[Told]:
    atoma: Any = import_module("atoma")
    if body.lstrip()[:1] == b"{":
        feed = atoma.parse_json_feed_bytes(body)
        return [(i.title or "", i.url or i.external_url or "", i.id_ or "") for i in feed.items]
    with suppress(Exception):
        feed = atoma.parse_atom_bytes(body)
        return [
            (e.title.value if e.title else "", _alternate(e.links), e.id_ or "")
            for e in feed.entries
        ]
    feed = atoma.parse_rss_bytes(body)
    return [(i.title or "", i.link or "", i.guid or "") for i in feed.items]


def _podcastparser(body: bytes, url: str) -> Iterable[Told]:
    read = import_module("podcastparser").parse(url, BytesIO(body))
    return [(e.get("title", ""), e.get("link", ""), e.get("guid", "")) for e in read["episodes"]]


def _rss_parser(body: bytes, _url: str) -> Iterable[Told]:
    read: Any = import_module("rss_parser").parse(body.decode())
    channel = getattr(read, "channel", None)
    items = channel.content.items if channel is not None else read.feed.content.entries
    return [_of_content(item.content) for item in items or []]


def _of_mapping(entry: Mapping[str, str | None]) -> Told:
    return entry.get("title") or "", entry.get("link") or "", entry.get("id") or ""


def _of_object(entry: object) -> Told:
    said = [getattr(entry, name, None) or "" for name in ("title", "link", "id")]
    return said[0], said[1], said[2]


def _of_content(item: object) -> Told:
    said = [getattr(item, name, None) for name in ("title", "link", "guid", "id")]
    texts = [str(getattr(one, "content", "") or "") for one in said]
    return texts[0], texts[1], texts[2] or texts[3]


def _alternate(links: Iterable[Any]) -> str:
    return next((link.href for link in links if link.rel in {None, "alternate"}), "")


READERS: Mapping[str, Reader] = {
    "feedparser": _feedparser,
    "fastfeedparser": _fastfeedparser,
    "feedparser-rs": _feedparser_rs,
    "atoma": _atoma,
    "podcastparser": _podcastparser,
    "rss-parser": _rss_parser,
}


def read_by_all(body: bytes, url: str) -> dict[str, list[Told] | None]:
    """Return what each reader says; None where it refuses or fails."""
    said: dict[str, list[Told] | None] = dict.fromkeys(READERS)
    for name, reader in READERS.items():
        with suppress(Exception):
            said[name] = [(str(t), str(link), str(guid)) for t, link, guid in reader(body, url)]
    return said


def main() -> None:
    """Read a document in base64 from each line, answer with a line each."""
    for line in sys.stdin:
        url, body = json.loads(line)
        talk, sys.stdout = sys.stdout, StringIO()  # whatever they print is no answer
        said = read_by_all(base64.b64decode(body), url)
        sys.stdout = talk
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
