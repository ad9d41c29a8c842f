"""Lists of sources as other programs export them (the only home of listparser)."""

from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

import listparser

from aggregator.errors import ParseError
from aggregator.intake.charset import as_utf8
from aggregator.intake.mend import mend
from aggregator.intake.references import mend_references
from aggregator.intake.sanitize import clean_line, web_address
from aggregator.stories.slugs import slug_of

_OURS = ("role", "outlet", "interval", "full-text", "paused")
# Where an outline that says it is a feed has no xmlUrl, some programs put its address there.
_ADDRESSES = ("xmlurl", "feedurl", "url", "href")
_FEEDS = {"rss", "rss1", "rss2", "atom", "rdf", "feed"}
_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class OpmlSource:
    """One source of a list; `categories` are slugs, of its folders and its own.

    What is None was not stated; `interval` is a duration as in the settings.
    """

    url: str
    title: str
    categories: tuple[str, ...] = ()
    role: str | None = None
    outlet: str | None = None
    interval: str | None = None
    full_text: bool | None = None
    paused: bool = False
    site_url: str | None = None


class _Reader(listparser.Handler):  # type: ignore[misc] # listparser builds the class at run time
    """listparser's reader, which also keeps the attributes that are ours alone."""

    def __init__(self) -> None:
        super().__init__()
        self.harvest: dict[str, Any] = {"feeds": [], "lists": [], "opportunities": [], "meta": {}}
        self.ours: dict[str, dict[str, str]] = {}
        self.commented: list[bool] = []
        self.sites: dict[str, str] = {}

    def start_opml_outline(self, attrs: dict[str, str]) -> None:
        address = next((attrs[name] for name in _ADDRESSES if attrs.get(name, "").strip()), "")
        if attrs.get("type", "").strip().lower() in _FEEDS:
            attrs = attrs | {"xmlurl": address}
        super().start_opml_outline(attrs)
        own = {name.rpartition(":")[2]: value.strip() for name, value in attrs.items()}
        stated = {name: own[name] for name in _OURS if own.get(name)}
        # OPML 2.0: what stands below a comment is one, too.
        is_comment = own.get("iscomment", "").lower() == "true" or any(self.commented[-1:])
        self.commented.append(is_comment)
        if is_comment:
            stated["paused"] = "yes"
        url = attrs.get("xmlurl", "").strip()
        self.ours.setdefault(url, stated)
        self.sites.setdefault(url, own.get("htmlurl", ""))

    def end_opml_outline(self) -> None:
        super().end_opml_outline()
        self.commented.pop()


def parse_opml(body: bytes) -> tuple[OpmlSource, ...]:
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
        message = f"no OPML with sources: {fault or 'it holds no outline with an xmlUrl'}"
        raise ParseError(message)
    return sources


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
    return OpmlSource(
        url,
        clean_line(feed.get("title", "")),
        tuple(slugs),
        role=stated.get("role"),
        outlet=stated.get("outlet"),
        interval=stated.get("interval"),
        full_text=_FLAGS.get(stated.get("full-text", "").lower()),
        paused=_FLAGS.get(stated.get("paused", "").lower(), False),
        site_url=web_address(reader.sites.get(url, ""), None),
    )


def _is_ours(path: list[str]) -> bool:
    return path[0] in _OURS and len(path) == 2  # noqa: PLR2004 - a name and its value
