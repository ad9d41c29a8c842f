"""What the elements of plain feeds say: of each, what feedparser makes of it.

A take writes what an element says, by its attributes and its text, to what it is said of.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from aggregator.intake.dates import is_standard_date
from aggregator.intake.sanitize import is_whole_address

Members: TypeAlias = dict[str, Any]
Attributes: TypeAlias = Mapping[str, str]
Take: TypeAlias = Callable[[Members, Attributes, str], None]

_HTML_TYPES = frozenset({"text/html", "html", "application/xhtml+xml", "xhtml"})
_TEXT_TYPES = {None: "text/plain", "text": "text/plain", "html": "text/html"}
# Where Latin-1 has controls, Windows-1252 has letters.
_CONTROL = re.compile("[\x80-\x9f]")


class DoubtError(Exception):
    """A document is not as plain as that."""


def aside(_holder: Members, _attributes: Attributes, _text: str) -> None:
    """Take what nobody asks for."""


def line(name: str) -> Take:
    """Return what takes a text."""

    def take(holder: Members, _attributes: Attributes, text: str) -> None:
        holder[name] = _as_it_is(text)

    return take


def name_of(part: str) -> Take:
    """Return what takes a part of a person's name, whatever it is encoded in."""

    def take(person: Members, _attributes: Attributes, text: str) -> None:
        person[part] = text

    return take


def date(name: str) -> Take:
    """Return what takes a date that can be read by the standards alone."""

    def take(holder: Members, _attributes: Attributes, text: str) -> None:
        is_seen = text.isascii() and text.isprintable()
        if text and not (is_seen and is_standard_date(text)):
            raise DoubtError
        holder[name] = text

    return take


def construct(name: str, *, of_type: str | None = None) -> Take:
    """Return what takes a text or HTML, as its attribute says or else `of_type`.

    RFC 4287, section 3.1, but for XHTML.
    """

    def take(holder: Members, attributes: Attributes, text: str) -> None:
        holder[name] = _as_it_is(text)
        kind = _type(attributes, of_type)
        holder[f"{name}_detail"] = {"type": kind, "value": text, "language": holder["lang"]}

    return take


def content(*, of_type: str | None = None) -> Take:
    """Return what takes the whole text of an entry, as `construct` does."""

    def take(holder: Members, attributes: Attributes, text: str) -> None:
        kind, value = _type(attributes, of_type), _as_it_is(text)
        holder["content"] = [{"type": kind, "value": value, "base": holder["base"]}]

    return take


def link(holder: Members, _attributes: Attributes, text: str) -> None:
    """Take the address that RSS has for a text."""
    if text and (";" in text or not is_whole_address(text)):
        raise DoubtError
    holder.setdefault("links", []).append({"rel": "alternate", "href": text})
    holder["link"] = text


def atom_link(holder: Members, attributes: Attributes, _text: str) -> None:
    """Take a link; of several that lead to a page, feedparser believes the last."""
    address, relation = attributes.get("href", ""), attributes.get("rel", "alternate").lower()
    if not is_whole_address(address):
        raise DoubtError
    kind = attributes.get("type", "text/html").lower()
    holder.setdefault("links", []).append({"rel": relation, "href": address, "type": kind})
    if relation == "alternate" and kind in _HTML_TYPES:
        holder["link"] = address


def enclosure(holder: Members, attributes: Attributes, _text: str) -> None:
    """Take what RSS has instead of a link to a file."""
    kind, address = attributes.get("type", "").lower(), attributes.get("url", "")
    holder.setdefault("links", []).append({"rel": "enclosure", "href": address, "type": kind})


def guid(holder: Members, attributes: Attributes, text: str) -> None:
    """Take a name; it is a link, too, where there was none before and nothing denies it."""
    holder["id"] = _as_it_is(text)
    is_link = attributes.get("isPermaLink", "true") == "true"
    holder["guidislink"] = is_link and "link" not in holder
    if is_link:
        holder.setdefault("link", holder["id"])


def author(holder: Members, _attributes: Attributes, text: str) -> None:
    """Take the one author that RSS has a text for."""
    if "authors" in holder:
        raise DoubtError
    holder["author"], holder["authors"] = _as_it_is(text), [{}]


def begun_person(_document: Members, _holder: Members) -> Members:
    """Return what is said of a person before anything is."""
    return {"name": "", "email": ""}


def ended_person(holder: Members, person: Members) -> None:
    """Take a person (RFC 4287, section 3.2) as an author; one without a name stands alone."""
    name, email = person["name"], person["email"]
    authors = holder.setdefault("authors", [])
    authors.append(person)
    if len(authors) > 1 and not (name and authors[0]["name"]):
        raise DoubtError
    holder["author"] = f"{name} ({email})" if name and email else name or email


def category(holder: Members, _attributes: Attributes, text: str) -> None:
    """Take what RSS has for a category."""
    holder.setdefault("tags", []).append({"term": _as_it_is(text)})


def atom_category(holder: Members, attributes: Attributes, text: str) -> None:
    """Take a category (RFC 4287, section 4.2.2)."""
    if text:
        raise DoubtError
    holder.setdefault("tags", []).append(attributes)


def source(holder: Members, attributes: Attributes, text: str) -> None:
    """Take the outlet that RSS names as an item's own."""
    holder["source"] = {"href": attributes.get("url", ""), "title": _as_it_is(text)}


def medium(name: str) -> Take:
    """Return what takes an element of Media RSS that says all in its attributes."""

    def take(holder: Members, attributes: Attributes, text: str) -> None:
        if text:
            raise DoubtError
        kind = {"type": attributes.get("type", "").lower()}
        holder.setdefault(name, []).append(dict(attributes) | kind)

    return take


def _type(attributes: Attributes, otherwise: str | None) -> str:
    kind = _TEXT_TYPES.get(attributes.get("type", otherwise))
    if kind is None:
        raise DoubtError
    return kind


def _as_it_is(text: str) -> str:
    """Return a text that feedparser does not take for one in another encoding."""
    if text.isascii():
        return text
    if _CONTROL.search(text):
        raise DoubtError
    with suppress(UnicodeError):
        text.encode("latin-1").decode()
        raise DoubtError
    return text
