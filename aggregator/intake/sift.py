"""Which items of a document we have already, to the byte, and the document without them.

A parser takes a millisecond or more for an item, and most documents repeat all
of theirs but one. The scan is fast because it looks for nothing but where
items begin and end, and safe because it gives up wherever it is in doubt.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from aggregator.model import Entry, ParsedFeed

# What a change of the parsers must change, too: items that were read otherwise are read again.
_READING = b"3"
_DIGEST = 8  # bytes; items of one document alone are told apart by it
_MOST_ITEMS = 25_000
_NAMES = (b"item", b"entry")
# The root and what stands between it and the items decide what an address in an item leads to.
# A tag that is not ended is given up at the next "<", which no attribute may hold.
_OPENING = re.compile(rb"<[A-Za-z][^<>]*>")
_CHANNEL = re.compile(rb"<channel\b[^<>]*>")
_MOST_HEAD = 65_536
_NAME_ENDS = frozenset(b" \t\r\n>/")


@dataclass(frozen=True, slots=True)
class Sifted:
    """A document's items, and its bytes without those that were known.

    `digests` are the items' in order, `kept` the places of those that are not
    known, `known` what is remembered of the others by digest.
    """

    rest: bytes
    context: bytes
    digests: Sequence[bytes]
    kept: Sequence[int]
    known: dict[bytes, bytes]

    @property
    def cut(self) -> int:
        """Return how many items were known."""
        return len(self.digests) - len(self.kept)

    def doubts(self, feed: ParsedFeed) -> bool:
        """Return whether what was read of the rest might be read otherwise within the whole.

        Entries that share a guid or an address are told apart by what else they
        say; those that could not be read leave it open which they are.
        """
        if not self.cut:
            return False
        names = {self.known[digest] for digest in self._cut_digests()}
        told = [_name(entry) for entry in feed.entries]
        return feed.damaged or len(told) != len(self.kept) or any(name in names for name in told)

    def memory(self, feed: ParsedFeed) -> bytes | None:
        """Return what to remember of the items, None where they cannot be told from each other."""
        names = dict.fromkeys(self._cut_digests(), b"") | self.known
        unique = len(set(self.digests)) == len(self.digests) <= _MOST_ITEMS
        if feed.damaged or feed.skipped or not unique or len(feed.entries) != len(self.kept):
            return None
        for place, entry in zip(self.kept, feed.entries, strict=True):
            names[self.digests[place]] = _name(entry)
        if len({names[digest] for digest in self.digests}) != len(self.digests):
            return None
        return self.context + b"".join(digest + names[digest] for digest in self.digests)

    def _cut_digests(self) -> list[bytes]:
        kept = set(self.kept)
        return [digest for place, digest in enumerate(self.digests) if place not in kept]


def sift(body: bytes, memory: bytes | None, *about: str) -> Sifted | None:
    """Return the document without the items in `memory`; None: nothing is known of its items.

    `about` is what else reading depends on: the address, the content type.
    """
    spans = _items(body)
    if not spans:
        return None
    context = _context(body[: min(spans[0][0], _MOST_HEAD)], about)
    digests = [_hash(body[start:end]) for start, end in spans]
    known = _remembered(memory, context)
    kept = [place for place, digest in enumerate(digests) if digest not in known]
    if len(kept) == len(digests):
        return Sifted(body, context, digests, kept, {})
    parts, at = [], 0
    for place, (start, end) in enumerate(spans):
        if digests[place] in known:
            parts.append(body[at:start])
            at = end
    parts.append(body[at:])
    return Sifted(b"".join(parts), context, digests, kept, known)


def joined(memories: Sequence[bytes | None]) -> bytes | None:
    """Return what is remembered of several pieces' items as of one document's.

    None where a piece has nothing to be remembered, or one has what stands in another, too.
    """
    whole = [memory for memory in memories if memory]
    if len(whole) < len(memories) or len({memory[:_DIGEST] for memory in whole}) != 1:
        return None
    items = b"".join(memory[_DIGEST:] for memory in whole)
    digests = {items[at : at + _DIGEST] for at in range(0, len(items), 2 * _DIGEST)}
    names = {items[at : at + _DIGEST] for at in range(_DIGEST, len(items), 2 * _DIGEST)}
    is_certain = len(digests) == len(names) == len(items) // (2 * _DIGEST) <= _MOST_ITEMS
    return whole[0][:_DIGEST] + items if is_certain else None


def pieces(body: bytes, most: int) -> list[bytes]:
    """Return the document as several with at most so many items each, in order.

    Each has all that stands around the items; in doubt there is only the whole.
    """
    if max(body.count(b"</%s>" % name) for name in _NAMES) <= most:
        return [body]  # told in a third of the time
    spans = _items(body)
    if len(spans) <= most:
        return [body]
    head, tail = body[: spans[0][0]], body[spans[-1][1] :]
    runs = (spans[at : at + most] for at in range(0, len(spans), most))
    return [head + body[run[0][0] : run[-1][1]] + tail for run in runs]


def _items(body: bytes) -> list[tuple[int, int]]:
    """Return where the items stand; none where it is not certain."""
    for name in _NAMES:
        spans, at = [], 0
        while (start := _tag(body, name, at)) >= 0:
            close = b"</%s>" % name
            end = body.find(close, start)
            if end < 0 or not _is_whole(body[start:end], name):
                return []
            at = end + len(close)
            spans.append((start, at))
        if spans:
            return spans if _is_plain(body, spans) else []
    return []


def _tag(body: bytes, name: bytes, at: int) -> int:
    """Return where the next element of that name begins, -1 where there is none."""
    begin = b"<" + name
    while (found := body.find(begin, at)) >= 0:
        behind = found + len(begin)
        if body[behind : behind + 1] and body[behind] in _NAME_ENDS:
            return found
        at = behind
    return -1


def _is_whole(item: bytes, name: bytes) -> bool:
    """Return whether the slice is one item: what ends it stands in no comment or CDATA section."""
    return (
        b"<!--" not in item
        and item.count(b"<![CDATA[") == item.count(b"]]>")
        and _tag(item, name, 1) < 0
    )


def _is_plain(body: bytes, spans: Sequence[tuple[int, int]]) -> bool:
    """Return whether nothing around the items could hide them or say what they mean."""
    at, around = 0, []
    for start, end in spans:
        around.append(body[at:start])
        at = end
    around.append(body[at:])
    return not any(
        b"<!DOCTYPE" in part
        or b"\x00" in part
        or part.count(b"<!--") != part.count(b"-->")
        or part.count(b"<![CDATA[") != part.count(b"]]>")
        for part in around
    )


def _context(head: bytes, about: Sequence[str]) -> bytes:
    root = _OPENING.search(head)
    channel = _CHANNEL.search(head)
    stated = [root[0] if root else head, channel[0] if channel else b""]
    return _hash(b"\x00".join([_READING, *stated, *(one.encode() for one in about)]))


def _remembered(memory: bytes | None, context: bytes) -> dict[bytes, bytes]:
    """Return the names of the items remembered by their digests; none in another context."""
    if not memory or memory[:_DIGEST] != context:
        return {}
    step = 2 * _DIGEST
    return {
        memory[at : at + _DIGEST]: memory[at + _DIGEST : at + step]
        for at in range(_DIGEST, len(memory), step)
    }


def _name(entry: Entry) -> bytes:
    """Return the hash of what an entry goes by: its guid, else its address, else its key."""
    return _hash((entry.guid or entry.link or entry.key).encode("utf-8", "replace"))


def _hash(text: bytes) -> bytes:
    return blake2b(text, digest_size=_DIGEST).digest()
