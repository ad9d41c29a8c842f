"""What RSS 2.0 and JSON Feed 1.1 demand of a document, as far as a program can see it."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree as ET

from rfc4287 import parsed

from aggregator.output.jsonfeed import VERSION

_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20\x7f]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
# Elements of RSS itself: in a channel, in an item; of both kinds, those that may stand once.
_CHANNEL = {"title", "link", "description", "docs", "generator", "lastBuildDate", "item"}
_ITEM = {"title", "link", "description", "guid", "pubDate", "category", "source"}
_REPEATED = {"item", "category"}
_MARKUP = re.compile(r"<|&#?\w+;")
_MEMBERS = {
    "id": str, "url": str, "title": str, "image": str, "content_html": str, "date_published": str,
    "date_modified": str, "authors": list, "tags": list, "language": str, "_aggregator": dict,
}  # fmt: skip


def rss_faults(document: bytes) -> list[str]:
    """Return what is wrong with an RSS document, a line each."""
    rss = parsed(document)
    channel = rss.find("channel")
    if rss.tag != "rss" or rss.get("version") != "2.0" or channel is None:
        return ["no RSS 2.0"]
    items = channel.findall("item")
    guids = Counter(item.findtext("guid") for item in items)
    faults = [f"{guid}: {count} times" for guid, count in guids.items() if count > 1]
    faults += _element_faults(channel, _CHANNEL, {"title", "link", "description"})
    for item in items:
        faults += _element_faults(item, _ITEM, {"title", "link", "guid", "pubDate", "description"})
    links = channel.findall("{http://www.w3.org/2005/Atom}link")
    if [link.get("rel") for link in links].count("self") != 1:
        faults.append("no link to itself")
    return faults


def _element_faults(parent: ET.Element, known: set[str], needed: set[str]) -> Iterator[str]:
    counts = Counter(child.tag for child in parent if not child.tag.startswith("{"))
    yield from (f"no {name} in {parent.tag}" for name in needed if not counts[name])
    yield from (f"{name} in {parent.tag}" for name in counts.keys() - known)
    yield from (f"{counts[name]} of {name}" for name in known - _REPEATED if counts[name] > 1)
    for name in ("pubDate", "lastBuildDate"):
        if (date := parent.findtext(name)) is not None:
            parsedate_to_datetime(date)
    for child in parent:
        link = child.text if child.tag == "link" else child.get("url") or child.get("href")
        if link is not None and not _ADDRESS.fullmatch(link):
            yield f"{child.tag}: no address: {link!r}"
    if _MARKUP.search(parent.findtext("title") or ""):
        yield f"markup in a title: {parent.findtext('title')}"


def json_feed_faults(document: bytes) -> list[str]:
    """Return what is wrong with a JSON Feed, a line each."""
    feed = json.loads(document)
    faults = [] if feed.get("version") == VERSION else ["no JSON Feed 1.1"]
    faults += [f"no {name}" for name in ("title", "items") if name not in feed]
    faults += [
        f"{name}: no address" for name in ("home_page_url", "feed_url") if not _is_url(feed[name])
    ]
    ids = Counter(item.get("id") for item in feed["items"])
    faults += [f"{uri}: {count} times" for uri, count in ids.items() if count > 1]
    return faults + [fault for item in feed["items"] for fault in _item_faults(item)]


def _item_faults(item: Mapping[str, Any]) -> Iterator[str]:
    for name, value in item.items():
        if not isinstance(value, _MEMBERS[name]):
            yield f"{name}: {value!r}"
        if name in {"url", "image"} and not _is_url(value):
            yield f"{name}: no address: {value!r}"
        if name.startswith("date_") and not _DATE.fullmatch(value):
            yield f"{name}: no date: {value!r}"
    yield from (f"no {name}" for name in ("id", "content_html") if name not in item)
    yield from ("an author without name" for author in item["authors"] if not author["name"])
    if len(set(item.get("tags", ()))) != len(item.get("tags", ())):
        yield f"tags, one twice: {item['tags']}"
    yield from (f"tag {tag!r}" for tag in item.get("tags", ()) if not isinstance(tag, str))


def _is_url(value: str) -> bool:
    return _ADDRESS.fullmatch(value) is not None
