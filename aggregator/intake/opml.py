"""Lists of sources as other programs export them (the only home of listparser)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from xml.parsers import expat

import listparser

from aggregator.errors import ParseError
from aggregator.intake.charset import as_utf8
from aggregator.intake.mend import mend
from aggregator.intake.references import mend_references
from aggregator.intake.sanitize import clean_line, web_address
from aggregator.model import Role
from aggregator.settings import parse_duration
from aggregator.stories.slugs import slug_of

_OURS = ("role", "outlet", "interval", "full-text", "paused")
# Where an outline that says it is a feed has no xmlUrl, some programs put its address there.
_ADDRESSES = ("xmlurl", "feedurl", "url", "href")
_FEEDS = {"rss", "rss1", "rss2", "atom", "rdf", "feed"}
_ELSEWHERE = {"include", "link", "source"}  # what stands at these is no feed
_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class OpmlSource:
    """One source of a list; `categories` are slugs, of its folders and its own.

    What is None was not stated, or in words that mean nothing here: `strange`
    are those, each behind the name of what they state.
    """

    url: str
    title: str
    categories: tuple[str, ...] = ()
    role: Role | None = None
    outlet: str | None = None
    interval: timedelta | None = None
    full_text: bool | None = None
    paused: bool = False
    site_url: str | None = None
    strange: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OpmlList:
    """The sources of a list, and what it names besides: an address or a title, and what it is."""

    sources: tuple[OpmlSource, ...]
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Open:
    """An outline whose end is to come; `lacks` says what one has forgotten that is no folder."""

    is_comment: bool
    lacks: tuple[str, str] | None


class _Reader(listparser.Handler):  # type: ignore[misc] # listparser builds the class at run time
    """listparser's reader, which also keeps the attributes that are ours alone.

    It is shown feeds and folders alone: an address that it has met elsewhere would be no feed's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.harvest: dict[str, Any] = {"feeds": [], "lists": [], "opportunities": [], "meta": {}}
        self.ours: dict[str, dict[str, str]] = {}
        self.sites: dict[str, str] = {}
        self.left_out: dict[str, str] = {}
        self.opened: list[_Open] = []

    def start_opml_outline(self, attrs: dict[str, str]) -> None:
        # Where one name stands with a prefix and without, the latter counts.
        pairs = sorted(attrs.items(), key=lambda pair: ":" not in pair[0])
        own = {name.rpartition(":")[2]: value.strip() for name, value in pairs}
        kind, address = own.get("type", "").lower(), _first_address(own)
        url = address if kind in _FEEDS else own.get("xmlurl", "")
        # OPML 2.0: what stands below a comment is one, too.
        is_comment = own.get("iscomment", "").lower() == "true"
        for folder in self.opened[-1:]:
            is_comment, folder.lacks = is_comment or folder.is_comment, None
        lacks = not url and (kind in _FEEDS or "xmlurl" in own)
        self.opened.append(_Open(is_comment, _lacking(own) if lacks else None))
        if _is_list(kind, url, address):
            self.left_out[address] = f"{address} is another list: import it by itself"
            url = ""
        if not url:
            names = {name: attrs[name] for name in ("text", "title") if name in attrs}
            super().start_opml_outline({} if kind in _ELSEWHERE else names)
            return
        super().start_opml_outline(attrs | {"xmlurl": url})
        stated = {name: own[name] for name in _OURS if own.get(name)}
        if is_comment:
            stated["paused"] = "yes"
        self.ours.setdefault(url, stated)
        self.sites.setdefault(url, own.get("htmlurl", ""))

    def end_opml_outline(self) -> None:
        super().end_opml_outline()
        if (lacks := self.opened.pop().lacks) is not None:
            self.left_out.update([lacks])


def _first_address(own: dict[str, str]) -> str:
    return next((own[name] for name in _ADDRESSES if own.get(name)), "")


def _is_list(kind: str, url: str, address: str) -> bool:
    """Return whether an outline leads to another list; most links lead to pages (OPML 2.0)."""
    if kind == "source" or not address:
        return bool(address)
    linked = kind == "include" or (kind == "link" and address.lower().endswith(".opml"))
    return linked and not url


def _lacking(own: dict[str, str]) -> tuple[str, str]:
    """Return what an outline is called that gives no address of a feed, and what to do about it."""
    title = clean_line(own.get("text") or own.get("title") or "")[:200] or "an outline"
    site = web_address(own.get("htmlurl", ""), None)
    reason = f"{title} has no address of a feed"
    if site is None:
        return title, reason
    return site, f"{reason}: `aggregator add-source {site}` looks for one"


def parse_opml(body: bytes) -> tuple[OpmlSource, ...]:
    """Return the sources of an OPML document, as `read_opml`."""
    return read_opml(body).sources


def read_opml(body: bytes) -> OpmlList:
    """Return the sources of an OPML document, in order, each address once.

    Damaged documents are read as far as they go. Addresses are not judged. What
    is commented out is paused; entities that a document declares stay as they are.

    Raises:
        ParseError: There is no source in it.
    """
    fault = fault_in(body)
    text = as_utf8(body, "")
    reader = _Reader()
    try:
        reader.feed(mend(mend_references(text).decode()) if fault else text.decode())
    except (AssertionError, LookupError, TypeError, ValueError) as error:
        message = f"no OPML: {fault or error}"
        raise ParseError(message) from error
    sources = tuple(_source(feed, reader) for feed in reader.harvest["feeds"])
    if not sources:
        reasons = [fault or "", *reader.left_out.values(), "it holds no outline with an xmlUrl"]
        message = f"no OPML with sources: {next(filter(None, reasons))}"
        raise ParseError(message)
    return OpmlList(sources, tuple(reader.left_out.items()))


def fault_in(body: bytes) -> str | None:
    """Return what is wrong with the XML and where, None where it is well-formed."""
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes it by position alone
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        return f"{reason} in line {error.lineno}, column {error.offset + 1}"
    except (LookupError, ValueError) as error:
        return " ".join(str(error).split())
    return None


def _refuse_entities(*declaration: object) -> None:
    message = f"it declares an entity ({declaration[0]})"
    raise ValueError(message)


def _source(feed: dict[str, Any], reader: _Reader) -> OpmlSource:
    """Return a source; what is ours alone may be attributes or paths such as `/role/press`."""
    url, paths = feed["url"], feed.get("categories", [])
    filed = {path[0]: path[1] for path in paths if _is_ours(path)}
    names = (name for path in paths if not _is_ours(path) for name in path)
    slugs = dict.fromkeys(filter(None, map(slug_of, names)))
    stated = filed | reader.ours.get(url, {})
    role = Role(stated["role"]) if stated.get("role") in set(Role) else None
    interval = _interval(stated.get("interval", ""))
    full_text = _FLAGS.get(stated.get("full-text", "").lower())
    paused = _FLAGS.get(stated.get("paused", "").lower())
    meant = {"role": role, "interval": interval, "full-text": full_text, "paused": paused}
    return OpmlSource(
        url,
        clean_line(feed.get("title", "")),
        tuple(slugs),
        role=role,
        outlet=stated.get("outlet"),
        interval=interval,
        full_text=full_text,
        paused=bool(paused),
        site_url=web_address(reader.sites.get(url, ""), None),
        strange=tuple(
            (name, stated[name])
            for name, value in meant.items()
            if value is None and stated.get(name)
        ),
    )


def _interval(stated: str) -> timedelta | None:
    """Return an interval that another program may have written; None where it is none."""
    try:
        interval = parse_duration(stated)
    except ValueError:
        return None
    return interval if interval >= timedelta(seconds=1) else None


def _is_ours(path: list[str]) -> bool:
    return path[0] in _OURS and len(path) == 2  # noqa: PLR2004 - a name and its value
