"""XML in whatever encoding it comes, made UTF-8 (RFC 7303 section 3; XML 1.0, appendix F).

The only home of charset-normalizer, which tells from the bytes what no one says.
"""

import codecs
import re
import string
from collections.abc import Iterator
from contextlib import suppress

# The longer marks first: that of UTF-32 begins as that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# How "<" looks at the start where there is no mark.
_STARTS = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_EBCDIC_START = "<?xml".encode("cp037")
# What the web calls so is more than what the standards do (WHATWG Encoding, 4.2).
_WIDER = {
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# They turn bytes into text, but no document is written in them.
_NO_CHARSETS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "oem"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*?\?>", re.IGNORECASE)
_DECLARED = re.compile(r"encoding\s*=\s*[\"']\s*([\w.:+-]+)", re.IGNORECASE)
_HEAD = 1_024
_FOREIGN = re.compile(rb"[\x80-\xff]")
_SAMPLE = 32_768
_BRACKET = re.compile(rb"[<>]")
_ASCII = bytes(range(128))
_NO_LETTERS = bytes(set(range(256)) - set(string.ascii_letters.encode()))
# Other scripts than Latin have more bytes of their own than letters of ASCII; a few are no sign.
_ENOUGH = 8
# The encodings of other scripts that the web knows (WHATWG Encoding, 4.2).
_OF_SCRIPTS = [
    "big5", "cp866", "cp874", "cp932", "cp949", "cp1251", "cp1253", "cp1255", "cp1256", "euc_jp",
    "euc_kr", "gb18030", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8", "koi8_r", "koi8_u",
    "mac_cyrillic", "shift_jis",
]  # fmt: skip
_UTF_8 = {"utf-8", "utf-8-sig"}
_BAD = "\N{REPLACEMENT CHARACTER}"
_FIRST_MULTIBYTE = "\x80"


def as_utf8(body: bytes, content_type: str) -> bytes:
    """Return an XML document in UTF-8, without a declaration that says otherwise.

    By its mark, its first bytes, or where it can only be UTF-8; else by the
    header, its own declaration, or as UTF-8, whichever it fits; where nothing is
    said, as what its bytes look like. What fits none loses the characters that
    do not.
    """
    return fitted(body, content_type)[0]


def fitted(body: bytes, content_type: str) -> tuple[bytes, bool]:
    """Return an XML document in UTF-8, as `as_utf8`, and whether it fits what it was read as.

    Where it fits nothing, a part of it might be read otherwise than the whole.
    """
    text, fits = _text(body, content_type)
    found = _DECLARATION.match(text)
    if found and (_DECLARED.search(found[0]) or "<?xml" not in found[0]):
        text = '<?xml version="1.0" encoding="utf-8"?>' + text[found.end() :]
    return text.encode("utf-8", "replace"), fits


def _text(body: bytes, content_type: str) -> tuple[str, bool]:
    certain = next((name for mark, name in _MARKS if body.startswith(mark)), None)
    start = body.lstrip(b" \t\r\n")
    certain = certain or next((name for sign, name in _STARTS if start.startswith(sign)), None)
    if certain is not None:
        return body.decode(certain, "replace"), True
    with suppress(UnicodeDecodeError):
        text = body.decode()
        if not text.isascii():
            return text, True
    if not body.isascii():
        with suppress(UnicodeError):  # CESU-8: each half of a UTF-16 pair written for itself
            halves = body.decode("utf-8", "surrogatepass")
            return halves.encode("utf-16", "surrogatepass").decode("utf-16"), True
    stated = list(_stated(body, content_type))
    for name in (*stated, "utf-8"):
        with suppress(UnicodeError):
            return body.decode(name), True
    return _mostly(body, stated), False


def _stated(body: bytes, content_type: str) -> Iterator[str]:
    """Yield the encodings that the header and the document name, as far as there are such."""
    is_ebcdic = body.startswith(_EBCDIC_START)
    encoding = "cp037" if is_ebcdic else "latin-1"
    head = body[:_HEAD].decode(encoding)
    declaration = _DECLARATION.match(head)
    labels = _CHARSET.findall(content_type)
    labels += _DECLARED.findall(declaration[0]) if declaration else []
    for label in labels:
        with suppress(LookupError, ValueError):
            name = codecs.lookup(label).name
            b"aaaa".decode(name, "replace")  # refuses codecs that are no charset, such as rot13
            # What is written by the byte may say that it is UTF-16: it was, before it was sent.
            if name not in _NO_CHARSETS and (is_ebcdic or _is_like_ascii(name)):
                yield _WIDER.get(name, name)


def _is_like_ascii(name: str) -> bool:
    """Return whether an encoding writes what markup is made of as ASCII does."""
    written = "<".encode(name)
    return written.endswith(b"<") and b"\x00" not in written


def _mostly(body: bytes, stated: list[str]) -> str:
    """Return the text where no encoding fits: UTF-8 if most of it is, else what was stated."""
    text = body.decode("utf-8", "replace")
    bad = text.count(_BAD)
    good = sum(character >= _FIRST_MULTIBYTE for character in text) - bad
    others = [name for name in stated if name not in _UTF_8]
    return text if good > bad else body.decode(others[0] if others else _likely(body), "replace")


def _likely(body: bytes) -> str:
    """Return the encoding that a document is most likely written in which is not in UTF-8.

    Scripts are told from one another; with a few letters of theirs in a text
    in Latin there is nothing to tell them by, and most of the west's are meant.
    """
    foreign = _FOREIGN.search(body)
    sample = body[max(foreign.start() - _HEAD, 0) :][:_SAMPLE] if foreign else b""
    # Not amid a character: some take several bytes.
    runs = [run for run in _BRACKET.split(sample)[:-1] if not run.isascii()]
    text = b" ".join(runs)
    foreigners, letters = len(text.translate(None, _ASCII)), len(text.translate(None, _NO_LETTERS))
    if foreigners < max(_ENOUGH, letters):
        return "windows-1252"
    from charset_normalizer import from_bytes  # noqa: PLC0415 - few documents need it

    found = from_bytes(text, cp_isolation=_OF_SCRIPTS).best()
    return _WIDER.get(found.encoding, found.encoding) if found else "windows-1252"
