"""What XML 1.0 and RFC 3986 let through: no foreign string leaves by another door."""

import re
from urllib.parse import quote, urlsplit

import idna

# XML 1.0 section 2.2 forbids most of these and discourages the rest (NEL, U+0085, is white space);
# U+FFFD stands for what somebody could not decode, and the W3C validator warns of it.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffd-\uffff]")
# Whether a name is text or HTML is nowhere said, and readers take it for either: what would be
# markup is written with letters that look like it.
_MARKUP = {"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", "&": "\N{FULLWIDTH AMPERSAND}"}
_MARKUP |= {">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"}
_LIKE_MARKUP = re.compile(r"[<>]|&(?=#?\w+;)")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AUTHORITY = re.compile(r"[^\s\"<>\\^`{|}]+")
_PATH = "/%:@!$&'()*+,;="
_QUERY = _PATH + "?"


def legal_text(text: str) -> str:
    """Return the text without the characters that XML cannot hold."""
    return _FORBIDDEN.sub("", text)


def legal_line(text: str) -> str:
    """Return the text as one line: white space collapsed, none at the ends."""
    return " ".join(_FORBIDDEN.sub(" ", text).split())


def plain(text: str) -> str:
    """Return a text in which nothing is markup, whichever way it is read.

    >>> plain("R&D: <b>Frigate</b>").isascii(), plain("R&D: 3 frigates")
    (False, 'R&D: 3 frigates')
    """
    return _LIKE_MARKUP.sub(lambda found: _MARKUP[found[0]], text)


def legal_url(url: str | None) -> str | None:
    """Return the address with what RFC 3986 forbids percent-encoded, and its host's name in ASCII.

    RSS and some readers know no other names.

    None where it is no absolute http or https address: a link that a reader
    cannot open, or that could run a script, is worse than none.
    """
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return None
    authority = legal_text(parts.netloc)
    if parts.scheme not in {"http", "https"} or not _AUTHORITY.fullmatch(authority):
        return None
    authority = authority if authority.isascii() else _ascii_authority(authority)
    query = f"?{_encoded(parts.query, _QUERY)}" if parts.query else ""
    fragment = f"#{_encoded(parts.fragment, _QUERY)}" if parts.fragment else ""
    return f"{parts.scheme}://{authority}{_encoded(parts.path, _PATH)}{query}{fragment}"


def _ascii_authority(authority: str) -> str:
    """Return an authority as it is asked for: its host as browsers look it up (UTS 46)."""
    user, at, place = authority.rpartition("@")
    host, colon, port = place.partition(":")
    try:
        host = idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        host = quote(host)
    return f"{quote(user, safe=_PATH)}{at}{host}{colon}{quote(port)}"


def _encoded(part: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=safe, errors="ignore")
