"""What RFC 4287 demands of a feed document, as far as a program can see it."""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f]+", re.IGNORECASE)
_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_ONCE = {"id", "title", "updated"}
_AT_MOST_ONCE = {
    "feed": {"generator", "icon", "logo", "rights", "subtitle"},
    "entry": {"content", "published", "rights", "source", "summary"},
    "source": {"generator", "icon", "logo", "rights", "subtitle"},
}
_REPEATED = {
    "feed": {"author", "category", "contributor", "entry", "link"},
    "entry": {"author", "category", "contributor", "link"},
    "source": {"author", "category", "contributor", "link"},
}


def parsed(document: bytes) -> ET.Element:
    """Return the root of a document that we wrote ourselves."""
    return ET.fromstring(document)  # noqa: S314 - our own output, nothing foreign


def faults(document: bytes) -> list[str]:
    """Return what is wrong with the document, a line each."""
    feed = parsed(document)
    if feed.tag != f"{ATOM}feed":
        return [f"the root is {feed.tag}"]
    return [*_container_faults(feed), *_feed_faults(feed)]


def _children(element: ET.Element, name: str) -> list[ET.Element]:
    return element.findall(f"{ATOM}{name}")


def _feed_faults(feed: ET.Element) -> Iterator[str]:
    """Sections 4.1.1 and 4.1.2: authors, ids, links."""
    if not [link for link in _children(feed, "link") if link.get("rel") == "self"]:
        yield "feed: no link to itself"
    entries = _children(feed, "entry")
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in entries)
    yield from (f"entry {uri}: {count} times" for uri, count in ids.items() if count > 1)
    for entry in entries:
        yield from _container_faults(entry)
        if not (_children(entry, "author") or _children(feed, "author")):
            yield "entry: no author"
        if not (_children(entry, "content") or _links(entry, "alternate")):
            yield "entry: neither content nor alternate"
        for source in _children(entry, "source"):
            yield from _container_faults(source)


def _links(container: ET.Element, rel: str) -> list[ET.Element]:
    return [link for link in _children(container, "link") if link.get("rel", "alternate") == rel]


def _container_faults(container: ET.Element) -> Iterator[str]:
    name = container.tag.removeprefix(ATOM)
    counts = Counter(child.tag.removeprefix(ATOM) for child in container)
    yield from (f"{name}: {counts[need]} of {need}" for need in _ONCE if counts[need] != 1)
    allowed = _ONCE | _AT_MOST_ONCE[name] | _REPEATED[name]
    ours = {child for child in counts if not child.startswith("{")}
    yield from (f"{name}: unknown {child}" for child in sorted(ours - allowed))
    yield from (f"{name}: {counts[one]} of {one}" for one in _AT_MOST_ONCE[name] if counts[one] > 1)
    kinds = Counter(
        (link.get("type"), link.get("hreflang")) for link in _links(container, "alternate")
    )
    yield from (f"{name}: two alternates of {kind}" for kind, n in kinds.items() if n > 1)
    if not _TAG.fullmatch(container.get(LANG, "en")):
        yield f"{name}: no language tag: {container.get(LANG)}"
    for child in container:
        yield from (f"{name}/{fault}" for fault in _child_faults(child))


def _child_faults(child: ET.Element) -> Iterator[str]:
    name, text = child.tag.removeprefix(ATOM), child.text or ""
    match name:
        case "updated" | "published" if not _DATE.fullmatch(text):
            yield f"{name}: {text!r} is no RFC 3339 date"
        case "id" if not _IRI.fullmatch(text):
            yield f"id: {text!r} is no IRI"
        case "link" if not _IRI.fullmatch(child.get("href", "")):
            yield f"link: {child.get('href')!r} is no IRI"
        case "category" if child.get("term") is None:
            yield "category: no term"
        case "author" if [len((e.text or "").strip()) > 0 for e in _children(child, "name")] != [
            True
        ]:
            yield "author: not one name"
        case "title" | "rights" | "content" if child.get("type", "text") not in {"text", "html"}:
            yield f"{name}: type {child.get('type')}"
        case "title" if not text.strip():
            yield "title: empty"
