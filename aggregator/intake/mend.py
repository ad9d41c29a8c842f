"""A damaged XML document made well-formed where it is plain what was meant.

What a program or a hand forgets: to escape, to leave out what XML cannot hold,
to end a field, a section or a comment. Nothing here guesses at structure.
"""

import re
from collections.abc import Iterator

_OPEN, _CLOSE = "<![CDATA[", "]]>"
_ENDS = {_OPEN: _CLOSE, "<!--": "-->", "<?": "?>"}
_BEGINS = re.compile(r"<!\[CDATA\[|<!--|<\?")
_ROOT = re.compile(r"<[A-Za-z_]")
# XML 1.0, section 2.2.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SIGN = re.compile(
    r"&(?:#(?P<decimal>[0-9]{1,7});|#[xX](?P<hex>[0-9a-fA-F]{1,6});|(?P<name>lt|gt|amp|quot|apos);)?"
    r"|(?P<tag></?[A-Za-z_:][^<>]*>)"
    r"|<(?![A-Za-z_:/])"
    r"|\]\]>"
)
_BARE = re.compile(r"&(?!#[0-9]+;|#[xX][0-9a-fA-F]+;|(?:lt|gt|amp|quot|apos);)")
_NAMESPACE = re.compile(r"(\sxmlns(?::[\w.-]++)?\s*+=\s*+([\"']))([^\"']*+)(?=\2)")
_NUMBERS = {"lt": "&#60;", "gt": "&#62;", "amp": "&#38;", "quot": "&#34;", "apos": "&#39;"}
_ITEM_AFTER_ITEM = re.compile(r"</(?:\w+:)?(item|entry)\s*>\s*<(?:\w+:)?\1\b")
_OPENED = re.compile(r"<([\w:.-]+)[^<>]*>\s*\Z")
_LOOK_BACK = 200
# Fields of text and those that may follow: none of them ever stands in another.
_TEXT = "title|link|guid|id|pubDate|description|summary|updated|published|dc:date|dc:creator"
_NOT_ENDED = re.compile(
    rf"(?P<opened><(?P<field>{_TEXT})(?=[\s>])[^<>]*+(?<!/)>"
    r"(?:[^<]++|<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+\]\]>)*+)"
    # Or what ends it is misspelled.
    r"(?:</(?!(?P=field)\s*>|(?:item|entry)\s*>)[\w:.-]+\s*>)?"
    rf"(?=\s*<(?:(?:{_TEXT}|category|author|comments|enclosure|source|content|\w+:\w+)[\s/>]"
    r"|/(?:item|entry)\s*>))"
)


def mend(text: str) -> str:
    """Return a document with what XML demands, where that takes no more than adding or escaping.

    References in text are numbers afterwards: a reader that recovers from one
    fault forgets what names stand for there.
    """
    text = mend_sections(_FORBIDDEN.sub("", text))
    root = _ROOT.search(text)
    prolog = root.start() if root else 0
    mended = text[:prolog] + "".join(_mended(text[prolog:]))
    return _NOT_ENDED.sub(r"\g<opened></\g<field>>", mended)


def mend_sections(text: str) -> str:
    """Return a damaged document whose CDATA sections do not stand in each other.

    The mark that begins an inner one is left out, and so is the one that ends
    it. A section that runs on into the next field or item ends with what holds it.
    """
    parts, at, end = [], 0, text.find(_CLOSE)
    while (start := text.find(_OPEN, at)) >= 0:
        inner = start + len(_OPEN)
        if 0 <= end < start:  # looked for once, however many sections run on to it
            end = text.find(_CLOSE, start)
        stray = _field_end(text, start, inner, end if end >= 0 else len(text))
        # What has its end, and nothing begins before it, is whole: it only quotes an end tag.
        if stray >= 0 and (end < 0 or text.find(_OPEN, stray, end) >= 0):
            parts += [text[at:stray], _CLOSE]
            at = stray
            continue
        if end < 0:
            break
        last = _nested_end(text, start, end)
        content = text[inner:last].replace(_OPEN, "").replace(_CLOSE, "")
        parts += [text[at:inner], content, _CLOSE]
        at = last + len(_CLOSE)
    return "".join([*parts, text[at:]])


def _nested_end(text: str, start: int, end: int) -> int:
    """Return where a section ends that may hold others, which end in the same field."""
    for _ in range(text.count(_OPEN, start, end) - 1):
        following = text.find(_CLOSE, end + len(_CLOSE))
        if (
            following < 0
            or text.find(_OPEN, end, following) >= 0
            or _field_end(text, start, end, following) >= 0
        ):
            break
        end = following
    return end


def _field_end(text: str, start: int, at: int, end: int) -> int:
    """Return where in a stretch the field ends that holds the section, else -1."""
    opened = _OPENED.search(text, max(start - _LOOK_BACK, 0), start)
    if opened is not None:
        close = re.compile(rf"</{re.escape(opened[1])}\s*>(?=\s*<)|{_ITEM_AFTER_ITEM.pattern}")
        found = close.search(text, at, end)
        if found is None or found[1] or text.find(f"<{opened[1]}", at, found.start()) < 0:
            return found.start() if found else -1
        at = found.end()
    beyond = _ITEM_AFTER_ITEM.search(text, at, end)
    return beyond.start() if beyond else -1


def _mended(text: str) -> Iterator[str]:
    """Yield the document's pieces: text and tags mended, sections as they are, comments not at all.

    What begins and has no end is no comment: only its mark is left out.
    """
    at, endless = 0, set[str]()
    for begin in _BEGINS.finditer(text):
        if begin.start() < at:
            continue
        end = -1 if begin[0] in endless else text.find(_ENDS[begin[0]], begin.end())
        if end < 0:
            endless.add(begin[0])
            yield _SIGN.sub(_escaped, text[at : begin.start()])
            at = begin.end()
            continue
        stop = end + len(_ENDS[begin[0]])
        yield _SIGN.sub(_escaped, text[at : begin.start()])
        if begin[0] == _OPEN:
            yield text[begin.start() : stop]
        at = stop
    yield _SIGN.sub(_escaped, text[at:])


def _escaped(sign: re.Match[str]) -> str:
    if sign["tag"]:
        tag = _BARE.sub("&amp;", sign["tag"])
        return _NAMESPACE.sub(lambda stated: stated[1] + stated[3].strip(), tag)
    if sign["name"]:
        return _NUMBERS[sign["name"]]
    if sign["decimal"] or sign["hex"]:
        number = int(sign["decimal"] or sign["hex"], 10 if sign["decimal"] else 16)
        is_one = number <= 0x10FFFF and not _FORBIDDEN.match(chr(number))  # noqa: PLR2004 - Unicode's last
        return sign[0] if is_one else ""
    return {"&": "&#38;", "<": "&#60;"}.get(sign[0], "]]&#62;")
