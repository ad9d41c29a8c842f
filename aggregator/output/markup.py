"""What the XML formats share: entries written once, heads of feeds, pointers to a style sheet."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lxml import etree

from aggregator.output.feed import OutFeed

# Of lxml, which names no types.
Element = Any

# Entries are written once: a story stands in several feeds, and most of a feed stays as it was.
KEPT = 2000


class Head:
    """Adds to the head of a feed what feedgen has no model for; feedgen calls it with the root."""

    def __init__(self, namespaces: Mapping[str, str], add: Callable[[Element], None]) -> None:
        self._namespaces = namespaces
        self._add = add

    def extend_ns(self) -> dict[str, str]:
        """Return the namespaces by prefix."""
        return dict(self._namespaces)

    def extend_atom(self, root: Element) -> None:
        """Add to an Atom feed."""
        self._add(root)

    def extend_rss(self, root: Element) -> None:
        """Add to the channel of an RSS document."""
        self._add(root[0])


def written(entry: Element, parents: Iterable[str], namespaces: Mapping[str, str]) -> bytes:
    """Return the entry as it stands within these parents, which declare the namespaces."""
    around = [etree.Element(name, nsmap=dict(namespaces)) for name in parents]
    for outer, inner in zip(around, [*around[1:], entry], strict=True):
        outer.append(inner)
    lines: list[bytes] = etree.tostring(around[0], pretty_print=True, encoding="utf-8").split(b"\n")
    depth = len(around)
    return b"\n".join(lines[depth : -depth - 1])


def filled(document: bytes, end: bytes, entries: Iterable[bytes]) -> bytes:
    """Return a document that has none yet with its entries, before the tag at its end."""
    head, tag, tail = document.rpartition(end)
    return b"".join([head, *(line for entry in entries for line in (entry, b"\n")), tag, tail])


def styled(feed: OutFeed, document: bytes) -> bytes:
    """Return the document with a pointer to its style sheet, for who opens it in a browser."""
    if not feed.style_url:
        return document
    declaration, newline, rest = document.partition(b"\n")
    pointer = f'<?xml-stylesheet type="text/css" href="{feed.style_url}"?>\n'
    return declaration + newline + pointer.encode() + rest
