"""What can be made of a damaged XML document: the reading that shows most.

A reader that forgives everything forgets an entry or two after a wrong end tag,
or gives one the link of the next. So each item is read alone where that is
possible: what is damaged there stays there.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias
from xml.sax import SAXException

from aggregator.errors import ParseError
from aggregator.intake.mend import mend
from aggregator.intake.page import well_formed
from aggregator.intake.sift import pieces

Members: TypeAlias = dict[str, object]
Read: TypeAlias = Callable[[bytes], Members]

# Each takes a millisecond or two.
MOST_ALONE = 200
_HEAD = 4_096
_BEGIN = re.compile(rb"<\?xml\b|<(?:\w+:)?(?:rss|feed|rdf)\b", re.IGNORECASE)
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_TAG = re.compile(rb"<(/?)([A-Za-z_][\w:.-]*)[^<>]*?(/?)>")
_ITEM_BEGIN = re.compile(rb"<(?:\w+:)?(?:item|entry)\b", re.IGNORECASE)
_FIELD_END = re.compile(rb"</[\w:.-]+\s*>|/>")
_SECTION = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_ITEM_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)


def is_damaged(document: Members) -> bool:
    """Return whether what feedparser read was not well-formed."""
    return bool(document.get("bozo")) and isinstance(document.get("bozo_exception"), SAXException)


def is_cut_off(body: bytes) -> bool:
    """Return whether the document has no end; one that a text quotes is none.

    Its very last tag is no quotation, but that of a document with a section left open.
    """
    last = body[max(body.rfind(b"<"), 0) :].strip()
    return not _END.fullmatch(last) and not _END.search(_without_sections(body))


def recovered(body: bytes, document: Members, read: Read, *, to_the_end: bool = False) -> Members:
    """Return the best of what `read` makes of a damaged document, mended in one way or another.

    `document` is what it made of it as it is. The item within which a document
    ends is left for the time when it comes whole: without its guid or its link
    it would be taken for another one, and then be there twice. `to_the_end`
    "begun" is what its whole fields say, beside "entries".
    """
    best = _best(body, document, read)
    if to_the_end and is_cut_off(body):
        return best | {"begun": _entries(_begun(body, read))}
    return best


def _best(body: bytes, document: Members, read: Read) -> Members:
    if is_cut_off(body):
        body = _whole_items(body)
        if not body:
            return document | {"entries": []}
        damage, document = _damage_of(document), read(body)
        if not is_damaged(document):
            return document | damage

    def tried(body: bytes) -> Members:
        try:
            return read(body)
        except ParseError:
            return document | {"entries": []}

    mended = mend(_without_junk(body).decode("utf-8", "replace")).encode()
    whole = tried(mended)
    attempts = [whole]
    if is_damaged(whole):
        items = pieces(mended, 1)
        alone = [_each_alone(items, tried)] if 1 < len(items) <= MOST_ALONE else []
        attempts = [*alone, _closed_or_not(mended, tried)]
    best = max((*attempts, document), key=_yield_of)  # of equals the first
    return best | _damage_of(document)


def bearable(body: bytes, error: ParseError, read: Read) -> Members:
    """Return what `read` makes of a document's items, each alone; one that it fails at is empty.

    Raises:
        ParseError: `error`, where it fails at all of them.
    """
    documents, failed = [], 0
    for item in pieces(body, 1):
        try:
            documents.append(read(item))
        except ParseError:
            failed += 1
    if not documents:
        raise error
    return _joined(documents, failed)


def _damage_of(document: Members) -> Members:
    return {"bozo": True, "bozo_exception": document["bozo_exception"]}


def _whole_items(body: bytes) -> bytes:
    """Return a document without end up to its last whole item, and ended there.

    Nothing where it has none.
    """
    plain = _without_sections(body)
    begin, ends = _ITEM_BEGIN.search(plain), list(_ITEM_END.finditer(plain))
    return body[: ends[-1].end()] + _ends(plain[: begin.start()]) if begin and ends else b""


def _begun(body: bytes, read: Read) -> Members:
    """Return the item within which a document ends, read alone up to its last whole field.

    It is empty where there is none. A tag in a CDATA section ends no field.
    """
    plain = _without_sections(body)
    begins, fields = list(_ITEM_BEGIN.finditer(plain)), list(_FIELD_END.finditer(plain))
    if not begins or not fields or _ITEM_END.search(plain, begins[-1].start()):
        return {}
    item = body[: begins[0].start()] + body[begins[-1].start() : fields[-1].end()]
    try:
        return read(well_formed(mend(item.decode("utf-8", "replace")).encode()))
    except ParseError:
        return {}


def _without_sections(body: bytes) -> bytes:
    """Return the document with blanks for its CDATA sections and comments, each byte in its place.

    One that has no end takes with it what stands behind.
    """
    return _SECTION.sub(lambda section: b" " * len(section[0]), body)


def _ends(head: bytes) -> bytes:
    """Return the end tags of what stands open before the first item."""
    opened: list[bytes] = []
    for slash, name, empty in _TAG.findall(head):
        if slash and opened:
            opened.pop()
        elif not slash and not empty:
            opened.append(name)
    return b"".join(b"</%s>" % name for name in reversed(opened))


def _without_junk(body: bytes) -> bytes:
    """Return the document without what stands before and behind it: warnings, scripts."""
    begin, ends = _BEGIN.search(body[:_HEAD]), list(_END.finditer(body))
    return body[begin.start() if begin else 0 : ends[-1].end() if ends else len(body)]


def _each_alone(items: Sequence[bytes], read: Read) -> Members:
    return _joined([_closed_or_not(item, read) for item in items])


def _joined(documents: Sequence[Members], empty: int = 0) -> Members:
    """Return what several documents say as one, with so many entries more that say nothing."""
    entries = [each for one in documents for each in _entries(one)]
    return documents[0] | {"entries": [*entries, *({} for _ in range(empty))]}


def _closed_or_not(body: bytes, read: Read) -> Members:
    """Return what is found in a document, if need be once the tags are closed that are not.

    What was cut off stays as it is: it would end in half an address.
    """
    document = read(body)
    closed = well_formed(body) if is_damaged(document) and _END.search(body[-_HEAD:]) else b""
    return max(document, read(closed), key=_yield_of) if closed else document


def _yield_of(document: Members) -> tuple[int, int]:
    """Return how many entries were found, and how much they say of themselves."""
    entries = _entries(document)
    return len(entries), sum(map(_says, entries))


def _says(entry: Members) -> int:
    # Past feedparser's own look-up, which takes one name for another; a guid is none of the links.
    return sum(bool(dict.get(entry, name)) for name in ("title", "links", "id", "summary"))


def _entries(document: Members) -> list[Members]:
    found = document.get("entries")
    return found if isinstance(found, list) else []
