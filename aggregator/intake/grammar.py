"""What plain feeds are made of: RSS 2.0 and Atom 1.0, with the modules that most of them use.

Names are as expat gives them where it knows namespaces: the namespace, a blank, the name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from aggregator.intake.vocabulary import (
    DoubtError,
    Members,
    Take,
    aside,
    atom_category,
    atom_link,
    author,
    begun_person,
    category,
    construct,
    content,
    date,
    enclosure,
    ended_person,
    guid,
    line,
    link,
    medium,
    name_of,
    source,
)

ATOM = "http://www.w3.org/2005/Atom"
WORDPRESS = "com-wordpress:feed-additions:1"
# By the prefixes that everybody uses.
NAMESPACES = {
    "atom": ATOM,
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """An element of text, whose attributes have these names and no others.

    Where it does not `repeat`, what holds it has it once.
    """

    take: Take
    attributes: frozenset[str] = frozenset()
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """An element of elements.

    `begin` returns what these are said of, given the document's and what holds
    this one; `end` is given the latter and what was said. It is in doubt what
    it means where it `is_mute` and has a text of its own.
    """

    children: "Elements"
    begin: Callable[[Members, Members], Members]
    end: Callable[[Members, Members], None] = lambda _holder, _said: None
    repeats: bool = False
    is_mute: bool = False
    attributes: ClassVar[frozenset[str]] = frozenset()  # but the root's


Element: TypeAlias = Leaf | Branch
Elements: TypeAlias = Mapping[str, Element]


def _feed(document: Members, _holder: Members) -> Members:
    feed: Members = document["feed"]
    return feed


def _entry(document: Members, holder: Members) -> Members:
    entry = {"lang": holder["lang"], "base": holder["base"]}
    document["entries"].append(entry)
    return entry


def _ended_entry(_holder: Members, entry: Members) -> None:
    if entry.keys() == {"lang", "base"}:  # it says nothing, or nothing to us
        raise DoubtError


def _nobody(_document: Members, _holder: Members) -> Members:
    return {}


def _names(line: str) -> frozenset[str]:
    return frozenset(line.split())


def _of(prefix: str, elements: Elements) -> dict[str, Element]:
    return {f"{NAMESPACES[prefix]} {name}": element for name, element in elements.items()}


_ASIDE = Leaf(aside)
_DOMAIN, _TYPE, _TERM = _names("domain"), _names("type"), _names("term label scheme")
_ATOM_LINK = Leaf(atom_link, _names("href rel type hreflang title length"), repeats=True)
_PERSON = Branch(
    _of("atom", {"name": Leaf(name_of("name")), "email": Leaf(name_of("email")), "uri": _ASIDE}),
    begun_person,
    ended_person,
    repeats=True,
    is_mute=True,
)
_IMAGE = Branch(dict.fromkeys(_names("title link description url width height"), _ASIDE), _nobody)
_MEDIUM = _names(
    "url medium type width height fileSize isDefault expression bitrate framerate samplingrate "
    "channels duration"
)
_MEDIA = _of(
    "media",
    {
        "content": Leaf(medium("media_content"), _MEDIUM, repeats=True),
        "thumbnail": Leaf(medium("media_thumbnail"), _MEDIUM, repeats=True),
    },
)
_DUBLIN_CORE = _of(
    "dc",
    {
        "creator": Leaf(author),
        "date": Leaf(date("updated")),
        "identifier": _ASIDE,
        "language": Leaf(line("language")),
        "rights": Leaf(line("rights")),
        "subject": Leaf(category, repeats=True),
    },
)
_OF_ITEMS: dict[str, Element] = {
    "author": Leaf(author),
    "category": Leaf(category, _DOMAIN, repeats=True),
    "comments": _ASIDE,
    "description": Leaf(construct("summary", of_type="html")),
    "enclosure": Leaf(enclosure, _names("url length type"), repeats=True),
    "guid": Leaf(guid, _names("isPermaLink")),
    "link": Leaf(link),
    "pubDate": Leaf(date("published")),
    "source": Leaf(source, _names("url")),
    "title": Leaf(construct("title")),
    f"{WORDPRESS} post-id": _ASIDE,
    f"{ATOM} link": _ATOM_LINK,
    f"{NAMESPACES['content']} encoded": Leaf(content(of_type="html")),
    f"{NAMESPACES['feedburner']} origLink": Leaf(line("feedburner_origlink")),
    f"{NAMESPACES['slash']} comments": _ASIDE,
    f"{NAMESPACES['wfw']} commentRss": _ASIDE,
}
_ITEM = Branch(_OF_ITEMS | _DUBLIN_CORE | _MEDIA, _entry, _ended_entry, repeats=True)
_CHANNEL = Branch(
    {
        "category": Leaf(aside, _DOMAIN, repeats=True),
        "copyright": Leaf(line("rights")),
        "description": _ASIDE,
        "docs": _ASIDE,
        "generator": _ASIDE,
        "image": _IMAGE,
        "item": _ITEM,
        "language": Leaf(line("language")),
        "lastBuildDate": _ASIDE,
        "link": Leaf(link),
        "managingEditor": _ASIDE,
        "pubDate": _ASIDE,
        "title": Leaf(line("title")),
        "ttl": Leaf(line("ttl")),
        "webMaster": _ASIDE,
        f"{WORDPRESS} site": _ASIDE,
        f"{ATOM} link": _ATOM_LINK,
        f"{NAMESPACES['sy']} updateBase": _ASIDE,
        f"{NAMESPACES['sy']} updateFrequency": Leaf(line("sy_updatefrequency")),
        f"{NAMESPACES['sy']} updatePeriod": Leaf(line("sy_updateperiod")),
    },
    _feed,
)
_ATOM_ENTRY = Branch(
    _of(
        "atom",
        {
            "author": _PERSON,
            "category": Leaf(atom_category, _TERM, repeats=True),
            "content": Leaf(content(), _TYPE),
            "id": Leaf(guid),
            "link": _ATOM_LINK,
            "published": Leaf(date("published")),
            "rights": Leaf(line("rights")),
            "summary": Leaf(construct("summary"), _TYPE),
            "title": Leaf(construct("title"), _TYPE),
            "updated": Leaf(date("updated")),
        },
    )
    | _MEDIA,
    _entry,
    _ended_entry,
    repeats=True,
)
_ATOM_FEED = Branch(
    _of(
        "atom",
        {
            "author": _PERSON,
            "category": Leaf(aside, _TERM, repeats=True),
            "entry": _ATOM_ENTRY,
            "generator": Leaf(aside, _names("uri version")),
            "icon": _ASIDE,
            "id": Leaf(guid),
            "link": _ATOM_LINK,
            "logo": _ASIDE,
            "rights": Leaf(line("rights")),
            "subtitle": Leaf(aside, _TYPE),
            "title": Leaf(construct("title"), _TYPE),
            "updated": _ASIDE,
        },
    ),
    _feed,
)
_RSS = Branch({"channel": _CHANNEL}, _nobody)
DOCUMENT = Branch({"rss": _RSS, f"{ATOM} feed": _ATOM_FEED}, _nobody)
