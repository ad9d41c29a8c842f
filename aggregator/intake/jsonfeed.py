"""JSON Feed 1.0 and 1.1, read into the values that every dialect ends in."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TypeAlias

from aggregator.errors import ParseError
from aggregator.intake.dates import read_date
from aggregator.intake.entries import Stated, distinct, entry_from, language
from aggregator.intake.headline import headline
from aggregator.intake.sanitize import legible, paragraphs, web_address
from aggregator.model import Entry, ParsedFeed, SourceKind

Members: TypeAlias = Mapping[str, object]

# Numbers stay as they are written: as ids they are names, and may be of any length.
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_NEXT = re.compile(r"[\s,]*(?=\{)")
# A string, which may have no end, or a bracket.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def parse_json_feed(body: bytes, url: str) -> ParsedFeed:
    """Return what a JSON Feed says; a missing version is forgiven, missing items are not.

    Raises:
        ParseError: The body is not JSON, or JSON of another kind.
    """
    document, is_whole, is_cut_off = _document(body)
    items = document["items"]
    entries = [_entry(item, document, url) for item in items] if isinstance(items, list) else []
    read = [entry for entry in entries if entry is not None]
    return ParsedFeed(
        kind=SourceKind.JSON,
        title=headline(_text(document, "title"), is_text=True),
        entries=distinct(read),
        site_url=web_address(_text(document, "home_page_url"), url),
        lang=language(_text(document, "language")),
        skipped=len(entries) - len(read),
        hubs=tuple(_hubs(document, url)),
        self_url=web_address(_text(document, "feed_url"), url),
        damaged=not is_whole,
        cut_off=is_cut_off,
    )


def _hubs(document: Members, url: str) -> Iterator[str]:
    """Yield the hubs that speak WebSub; `hubs` may list others (JSON Feed 1.1, top-level)."""
    for hub in _list(document, "hubs"):
        if isinstance(hub, dict) and _text(hub, "type").lower() == "websub":
            address = web_address(_text(hub, "url"), url)
            if address:
                yield address


def _document(body: bytes) -> tuple[Members, bool, bool]:
    """Return the document, whether it is whole, and whether it is cut off.

    Of a damaged one there is what stands before the damage.
    """
    text, fits = _text_of(body.removeprefix(b"\xef\xbb\xbf"))
    try:
        document = _JSON.decode(text)
    except (ValueError, RecursionError) as error:
        if (rest := _salvaged(text)) is not None:
            return rest[0], False, _is_open(text[rest[1] :])
        message = f"damaged JSON, not a feed ({_damage(error)})"
        raise ParseError(message) from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        message = "JSON of another kind, not a feed: it has no list of items"
        raise ParseError(message)
    return document, fits, False


def _text_of(body: bytes) -> tuple[str, bool]:
    """Return the text, and whether it is in an encoding that JSON may come in."""
    encoding = json.detect_encoding(body)
    with suppress(UnicodeError):
        return body.decode(encoding), True
    return body.decode(
        "windows-1252" if encoding.startswith("utf-8") else encoding, "replace"
    ), False


def _salvaged(text: str) -> tuple[Members, int] | None:
    """Return what a damaged feed says up to what cannot be read, and where in the text that is."""
    begin = _ITEMS.search(text)
    if begin is None:
        return None
    try:
        document: dict[str, object] = _JSON.decode(text[: begin.end()] + "]}")
        items, at = [], begin.end()
        with suppress(ValueError, RecursionError):
            while found := _NEXT.match(text, at):
                item, at = _JSON.raw_decode(text, found.end())
                items.append(item)
    except (ValueError, RecursionError):
        return None
    return (document | {"items": items}, at) if items else None


def _is_open(rest: str) -> bool:
    """Return whether a list is not closed in what stands behind some of its items."""
    depth = 0
    for token in _TOKEN.finditer(rest):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
            if depth < 0:
                return False
    return True


def _damage(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} in line {error.lineno}"
    return "nested too deeply"


def _entry(item: object, document: Members, url: str) -> Entry | None:
    if not isinstance(item, dict) or not item:
        return None
    stated = Stated(
        base_url=url,
        guid=_text(item, "id"),
        links=[_text(item, "url"), _text(item, "external_url")],
        title=_text(item, "title"),
        title_is_text=True,
        authors=list(_authors(item)) or list(_authors(document)),
        published=read_date(_text(item, "date_published")),
        updated=read_date(_text(item, "date_modified")),
        content=_text(item, "content_html") or paragraphs(_text(item, "content_text")),
        summary=paragraphs(_text(item, "summary")),
        tags=[tag for tag in _list(item, "tags") if isinstance(tag, str)],
        langs=[_text(item, "language"), _text(document, "language")],
        images=[_text(item, "image"), _text(item, "banner_image")],
    )
    return entry_from(stated)


def _authors(members: Members) -> Iterator[str]:
    """Yield the names in `authors` (1.1), or the one in `author` (1.0)."""
    for author in [*_list(members, "authors"), members.get("author")]:
        if isinstance(author, dict):
            yield _text(author, "name")


def _list(members: Members, name: str) -> list[object]:
    value = members.get(name)
    return value if isinstance(value, list) else []


def _text(members: Members, name: str) -> str:
    value = members.get(name)
    return legible(value).strip() if isinstance(value, str) else ""
