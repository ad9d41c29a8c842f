"""Entries from what a document states, whatever its dialect."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.intake.headline import headline
from aggregator.intake.sanitize import (
    LONGEST_LINE,
    clean_html,
    clean_line,
    first_image,
    plain_text,
    web_address,
)
from aggregator.model import Entry, Origin
from aggregator.stories.keys import hash_key, short_key, twin_key, with_link, with_title

LONGEST_TAG = 100
MOST_TAGS = 30
MOST_AUTHORS = 30
TITLE_FROM_TEXT = 80

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)
_ADDRESS = re.compile(r"[<(]?[^\s<>()@]+@[^\s<>()@]+[>)]?")
_ADDRESS_AND_NAME = re.compile(r"[^\s<>()@]+@[^\s<>()@]+\s*\((.+)\)")
_SCRIPT_LETTERS = 4
_REGION_LETTERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a document says of one entry, as it says it.

    Addresses may be relative to `base_url`, those in `content` and `summary`
    to `content_base`; both are HTML as it came. The title is text where the
    format says so, and may be HTML elsewhere. A guid that is a link is one
    where there is no other.
    """

    base_url: str
    guid: str = ""
    guid_is_link: bool = True
    links: Sequence[str] = ()
    title: str = ""
    title_is_text: bool = False
    authors: Sequence[str] = ()
    published: datetime | None = None
    updated: datetime | None = None
    content: str = ""
    content_base: str | None = None
    summary: str = ""
    tags: Sequence[str] = ()
    langs: Sequence[str] = ()
    images: Sequence[str] = ()
    origin: Origin | None = None
    rights: str = ""


def entry_from(stated: Stated) -> Entry:
    """Return the entry that `stated` amounts to, sanitised, with a key and a title."""
    guid = _guid(stated.guid)
    link = _first_address(stated.links, stated.base_url)
    if link is None and stated.guid_is_link:
        # A name such as "4711" leads nowhere, a path leads somewhere on the source's host.
        base = stated.base_url if stated.guid.startswith("/") else None
        link = web_address(stated.guid, base)
    base_url = stated.content_base or stated.base_url
    content, summary = clean_html(stated.content, base_url), clean_html(stated.summary, base_url)
    stated_title = headline(stated.title, is_text=stated.title_is_text)
    title = stated_title or _title_for(content or summary, link)
    return Entry(
        key=short_key(guid or link or hash_key(stated_title + content + summary)),
        title=title,
        guid=guid,
        link=link,
        authors=_unique(map(_name, stated.authors))[:MOST_AUTHORS],
        published=stated.published,
        updated=stated.updated,
        summary=summary,
        content=content,
        tags=_unique(clean_line(tag)[:LONGEST_TAG].strip() for tag in stated.tags)[:MOST_TAGS],
        lang=next(filter(None, map(language, stated.langs)), None),
        image=_first_address(stated.images, stated.base_url)
        or first_image(content)
        or first_image(summary),
        origin=stated.origin,
        rights=clean_line(stated.rights) or None,
        twin=twin_key(link, title),
    )


def distinct(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries in order, each key once.

    An entry given twice stays where it first stood. Where sources give one
    key to entries of several links or titles, each gets a key of its own:
    none is lost.
    """
    kept: dict[str, Entry] = {}
    for entry in _told_apart(_told_apart(entries, _by_link), _by_title):
        kept.setdefault(entry.key, entry)
    return tuple(kept.values())


def with_begun(entries: tuple[Entry, ...], begun: Iterable[Entry | None]) -> tuple[Entry, ...]:
    """Return the entries and the one within which their document ends, if that is another.

    Without a guid and a link it might be any that is known.
    """
    names = {name for entry in entries for name in (entry.guid, entry.link, None)}
    last = (replace(entry, cut_off=True) for entry in begun if entry is not None)
    return (*entries, *(entry for entry in last if (entry.guid or entry.link) not in names))


def language(stated: str) -> str | None:
    """Return a language tag in its usual letters (RFC 5646, section 2.1.1), or None.

    Examples:
        >>> language("SR_latn-rs")
        'sr-Latn-RS'
    """
    tag = stated.strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        return None
    primary, *others = tag.lower().split("-")
    return "-".join([primary, *map(_subtag, others)])


def _subtag(subtag: str) -> str:
    if len(subtag) == _SCRIPT_LETTERS and subtag.isalpha():
        return subtag.title()
    return subtag.upper() if len(subtag) == _REGION_LETTERS else subtag


def _told_apart(entries: Iterable[Entry], longer: Callable[[Entry], str]) -> list[Entry]:
    """Return the entries, their keys lengthened where one key stands for several things."""
    entries, things = list(entries), defaultdict(set)
    for entry in entries:
        things[entry.key].add(longer(entry))
    return [
        replace(entry, key=longer(entry)) if len(things[entry.key]) > 1 else entry
        for entry in entries
    ]


def _by_link(entry: Entry) -> str:
    return with_link(entry.key, entry.link or "" if entry.guid else "")


def _by_title(entry: Entry) -> str:
    return with_title(entry.key, entry.title)


def _guid(stated: str) -> str | None:
    """Return the guid; one too long to be kept goes by its hash."""
    return clean_line(stated) or None if len(stated) <= LONGEST_LINE else hash_key(stated)


def _title_for(body: str, link: str | None) -> str:
    text = " ".join(plain_text(body).split())
    if len(text) > TITLE_FROM_TEXT:
        text = text[: TITLE_FROM_TEXT - 1].rstrip() + "…"
    return text or link or "(untitled)"


def _name(author: str) -> str:
    """Return a name without the address beside it; an address alone stays."""
    bracketed = _ADDRESS_AND_NAME.fullmatch(author.strip())
    name = bracketed[1] if bracketed else _ADDRESS.sub("", author)
    return clean_line(name).strip("\"' ,;") or clean_line(author)


def _first_address(addresses: Iterable[str], base_url: str) -> str | None:
    return next(filter(None, (web_address(one, base_url) for one in addresses if one)), None)


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
