"""What a body is, as its beginning tells."""

import re

from aggregator.intake.recover import is_cut_off

_HEAD = 4_096
_SPACE = b" \t\r\n"
_BYTE_ORDER_MARKS = b"\xef\xbb\xbf\xff\xfe"
_ROOT = re.compile(r"<([a-z][\w.:-]*)", re.IGNORECASE)
_BEFORE = re.compile(r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_PAGE = re.compile(r"\s*<!doctype html", re.IGNORECASE)
_FEED_ROOTS = frozenset({"rss", "rdf", "feed"})


def is_json(body: bytes, content_type: str) -> bool:
    """Return whether a body is to be read as JSON."""
    first = body.lstrip(_BYTE_ORDER_MARKS + _SPACE)[:1]
    return first == b"{" or (first != b"<" and "json" in content_type.lower())


def unlike_a_feed(body: bytes) -> str:
    """Say what a body is that is no feed."""
    if not body.strip():
        return "an empty body, not a feed"
    root = root_of(body)
    if root == "html":
        return "an HTML page, not a feed"
    if root == "opml":
        return "an OPML list of feeds, not a feed: import it instead"
    if _is_of_feeds(root) and is_cut_off(body):
        return "a feed that is cut off within its first entry"
    return f"XML of another kind (<{root}>), not a feed" if root else "plain text, not a feed"


def root_of(body: bytes) -> str | None:
    """Return the name of the first element, whatever the encoding, in lower case."""
    head = body[:_HEAD].replace(b"\x00", b"").lstrip(_BYTE_ORDER_MARKS).decode("latin-1")
    if not head.lstrip().startswith("<"):
        return None
    head = _BEFORE.sub("", head)
    found = _ROOT.search(head)
    root = found[1].lower() if found else None
    # A feed may say by mistake that it is a page.
    return "html" if _PAGE.match(head) and not _is_of_feeds(root) else root


def _is_of_feeds(root: str | None) -> bool:
    return (root or "").rpartition(":")[2] in _FEED_ROOTS
