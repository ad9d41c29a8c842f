"""References that XML does not know, mended before a parser trips over them."""

import re
from html.entities import html5

# The first number that may name none is that of a surrogate: five digits, or four hexadecimal ones.
_WORTH_A_LOOK = re.compile(rb"&#(?:[0-9]{5}|[xX][0-9a-fA-F]{4})")
# XML knows five names (4.6), feeds use HTML's: where a DTD is named, the others vanish unsaid.
_NAMED = re.compile(rb"&(?!(?:lt|gt|amp|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31};)")
_MARKUP = frozenset("<>&\"'")
_RUN = re.compile(r"(?:&#(?:[0-9]+|[xX][0-9a-fA-F]+);?)+")
_REFERENCE = re.compile(r"&#(?:([0-9]+)|[xX]([0-9a-fA-F]+))")
_MOST_DIGITS = 7
_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_REPLACEMENT = 0xFFFD


def mend_references(body: bytes) -> bytes:
    """Return a UTF-8 document whose references XML knows (XML 1.0, section 4.1).

    HTML's names become what they name, but where the document may declare its
    own. Two numbers that spell the halves of one character become that
    character's; others that name none become U+FFFD's. Everything else stays.
    """
    if b"<!ENTITY" not in body:
        body = _NAMED.sub(_character, body)
    if not _WORTH_A_LOOK.search(body):
        return body
    text = body.decode("utf-8", "replace")
    mended = _RUN.sub(_mended, text)
    return body if mended == text else mended.encode()


def _character(name: re.Match[bytes]) -> bytes:
    named = html5.get(name[1].decode())
    return name[0] if named is None or _MARKUP & set(named) else named.encode()


def _mended(run: re.Match[str]) -> str:
    numbers = [_number(*each.groups()) for each in _REFERENCE.finditer(run[0])]
    if not any(number in _SURROGATES or number > _LAST for number in numbers):
        return run[0]
    units = "".join(chr(number if number <= _LAST else _REPLACEMENT) for number in numbers)
    joined = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "".join(f"&#{ord(character)};" for character in joined)


def _number(decimal: str | None, hexadecimal: str | None) -> int:
    digits = (decimal or hexadecimal or "").lstrip("0")
    if len(digits) > _MOST_DIGITS:
        return _LAST + 1
    return int(digits or "0", 10 if decimal else 16)
