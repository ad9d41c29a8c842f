"""What XML 1.0 and RFC 3986 let through: no foreign string leaves by another door."""

import re
from contextlib import suppress
from html.entities import html5, name2codepoint
from unicodedata import normalize
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

from aggregator.stories.urls import ascii_authority

# XML 1.0 section 2.2 forbids most of these and discourages the rest; U+FFFD stands for what
# somebody could not decode, and the W3C validator warns of it.
_NO_CHARACTERS = "".join(
    chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)
)
_FORBIDDEN = re.compile(
    rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd{_NO_CHARACTERS}]"
)
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
# What of ASCII may stand in XML.
_SEEN = bytes(range(0x20, 0x7F)) + b"\t\n\r"
# How letters begin that are UTF-8 read as Latin-1, and the stretches in which that happened.
_TWICE = re.compile(r"[\xc2\xc3][\x80-\xbf]")
_STRETCH = re.compile(r"[^<>&\n]+")
# Whether a name is text or HTML is nowhere said, and readers take it for either: what would be
# markup is written with letters that look like it.
_MARKUP = {"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", "&": "\N{FULLWIDTH AMPERSAND}"}
_MARKUP |= {">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"}
_LIKE_MARKUP = re.compile(r"[<>]|&(#?\w+;?)")
# Browsers know these without a semicolon, and whatever follows.
_UNENDED = tuple(name for name in html5 if not name.endswith(";"))
_NAMES = {*name2codepoint, "apos"}
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AUTHORITY = re.compile(r"[^\s\"<>\\^`{|}]+")
_LONG_LABEL = re.compile(r"[^.]{64}")  # RFC 1034, section 3.1
_PATH = "/%:@!$&'()*+,;="
_QUERY = _PATH + "?"
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_PORT = re.compile(r":\d*$")
_DEFAULT_PORT = {"http": 80, "https": 443}


def legal_text(text: str) -> str:
    """Return the text without the characters that XML cannot hold, and none encoded twice."""
    # Most of a text is taken away as bytes, in a tenth of the time that looking for others takes.
    foreign = text.encode("utf-8", "surrogatepass").translate(None, _SEEN)
    if not foreign:
        return text
    if not _TWICE.search(text) and _can_be_seen(foreign.decode("utf-8", "surrogatepass")):
        return text
    return _read_once(_FORBIDDEN.sub("", _read_once(text)))


def _can_be_seen(text: str) -> bool:
    """Return whether there is nothing that XML forbids; there may be none where it says no."""
    return text.isprintable() and _UNKNOWN not in text


def legal_line(text: str) -> str:
    """Return the text as one line: white space collapsed, none at the ends."""
    line = " ".join(_FORBIDDEN.sub(" ", _read_once(text)).split())
    return line if line == text else legal_line(line)


def _read_once(text: str) -> str:
    """Return the text as it was before somebody took its UTF-8 for Latin-1."""
    return _STRETCH.sub(_as_meant, text) if _TWICE.search(text) else text


def _as_meant(found: re.Match[str]) -> str:
    """Return a stretch of text decoded as often as it was encoded; most of them as they are."""
    stretch = found[0]
    with suppress(UnicodeError):
        while _TWICE.search(stretch):
            stretch = _FORBIDDEN.sub("", stretch.encode("latin-1").decode())
    return stretch


def plain(text: str) -> str:
    """Return a text in which nothing is markup, whichever way it is read.

    >>> plain("R&D: <b>Frigate</b>").isascii(), plain("5&6").isascii(), plain("R&D: 3 frigates")
    (False, False, 'R&D: 3 frigates')
    """
    return _LIKE_MARKUP.sub(_look_alike, text)


def _look_alike(found: re.Match[str]) -> str:
    sign, name = found[0][0], found[1]
    if name is None or name.endswith(";") or not name.isalpha() or _stands_for_a_character(name):
        return _MARKUP[sign] + (name or "")
    return found[0]


def _stands_for_a_character(name: str) -> bool:
    return name in _NAMES or name.startswith(_UNENDED)


def legal_url(url: str | None) -> str | None:
    """Return the address with what RFC 3986 forbids percent-encoded, and its host's name in ASCII.

    RSS and some readers know no other names.

    None where it is no absolute http or https address, of a host and a port that
    there may be: a link that a reader cannot open, or that could run a script, is
    worse than none.
    """
    try:
        parts = urlsplit((url or "").strip())
        _ = parts.port  # read, and refused, only when asked for
    except ValueError:
        return None
    authority = legal_text(parts.netloc)
    if parts.scheme not in {"http", "https"} or not _AUTHORITY.fullmatch(authority):
        return None
    if not authority.isascii() or authority.count("@") > 1:
        authority = ascii_authority(authority)
    if "[" in authority and "%" in authority.rpartition("@")[2]:
        return None  # a zone of IPv6 is one on our machine
    if _STRAY_PERCENT.search(authority) or _LONG_LABEL.search(authority.rpartition("@")[2]):
        return None
    query = f"?{_encoded(parts.query, _QUERY)}" if parts.query else ""
    fragment = f"#{_encoded(parts.fragment, _QUERY)}" if parts.fragment else ""
    legal = f"{parts.scheme}://{authority}{_encoded(parts.path, _PATH)}{query}{fragment}"
    return legal if _names_a_host(legal) else None


def _names_a_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return bool((parts.hostname or "").strip("."))


def normal_url(url: str) -> str:
    """Return a legal address as RFC 3986, section 6.2, spells it, for ids: those are compared so.

    Escapes that are no UTF-8 are read as Latin-1: there is no other spelling of them.

    >>> normal_url("HTTP://A.example.:080/%7eb/../%d0%bd?x=%c3%bc&y=%fc")
    'http://a.example/%D0%BD?x=%C3%BC&y=%C3%BC'
    """
    parts = urlsplit(quote(normalize("NFC", _ESCAPES.sub(_unescaped, url)), safe=_ASCII))
    path = parts.path or "/"
    authority = _normal_authority(parts)
    if "/." in path and not path.startswith("//"):
        path = urlsplit(urljoin(f"{parts.scheme}://{authority}", path)).path
    return parts._replace(netloc=authority, path=path).geturl()


def _normal_authority(parts: SplitResult) -> str:
    user, _, place = parts.netloc.lower().rpartition("@")
    host = _PORT.sub("", place).removesuffix(".")
    port = parts.port if parts.port != _DEFAULT_PORT[parts.scheme] else None
    return (f"{user}@" if user else "") + host + (f":{port}" if port is not None else "")


def _unescaped(found: re.Match[str]) -> str:
    octets = unquote_to_bytes(found[0])
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    return "".join(c if c > "\x7f" or _UNRESERVED.fullmatch(c) else f"%{ord(c):02X}" for c in text)


def _encoded(part: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=safe, errors="ignore")
