"""What the W3C's feed validator finds fault with beyond the formats' own rules, warnings included.

The names in brackets are those of its messages; the rules are worded and written anew.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.entities import name2codepoint
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from rfc4287 import ATOM, LANG, parsed


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"
_MEDIA = "{http://search.yahoo.com/mrss/}content"
_MEDIUMS = {"image", "audio", "video", "document", "executable"}
_END_TAG = re.compile(r"</\w+>")
_REFERENCE = re.compile(r"&(#?\w+)")
_NAMES = {*name2codepoint, "apos"}
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_LANGUAGE = re.compile(r"(?P<primary>[A-Za-z]{2,3})(-[A-Za-z0-9]{1,8})*")
# Those of ISO 639-1; of three letters it knows those of ISO 639-2 as they were twenty years ago,
# and so none of these, which one meets.
_LANGUAGES = _words(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb "
    "lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj "
    "om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su "
    "sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_LATE = _words("arb ckb cmn cnr hbs kmr nqo pes prs syc yue zbl zgh zxx zza")
# RFC 2396's letters: RSS knows no others in an address.
_FULL_LINK = re.compile(r"[a-zA-Z][\w+.-]*:(//)?[\w;/?:@&=+$.!~*'()%,#-]+", re.ASCII)
_BAD = re.compile("[\x80-\x9f\ufffd]")
_TWICE = re.compile("[\xc2\xc3][\x80-\xbf]")
_NO_CHARACTER = re.compile("[\ufdd0-\ufdef]|[\U0001fffe\U0001ffff\U0010fffe\U0010ffff]")
_ESCAPE = re.compile(r"%(..)")
_RELATIONS = {
    "alternate", "current", "hub", "next-archive", "prev-archive", "related", "self", "via",
}  # fmt: skip
_HISTORY = {"current", "next-archive", "prev-archive"}
_RISKY = {
    "applet", "base", "body", "embed", "form", "frame", "frameset", "head", "html", "iframe",
    "isindex", "link", "meta", "object", "param", "plaintext", "script", "slot", "style", "title",
    "xmp",
}  # fmt: skip
_KNOWN = {
    "a", "abbr", "acronym", "article", "aside", "audio", "b", "bdi", "bdo", "big", "blockquote",
    "br", "caption", "center", "cite", "code", "col", "colgroup", "data", "dd", "del", "details",
    "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hgroup", "hr", "i", "img", "ins", "kbd", "li", "main", "map", "area", "mark",
    "nav", "ol", "p", "picture", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small",
    "source", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot",
    "th", "thead", "time", "tr", "track", "tt", "u", "ul", "var", "video", "wbr",
}  # fmt: skip


class _Body(HTMLParser):
    """Notes what is warned of in a body."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _RISKY:
            self.faults.append(f"<{tag}> may do harm [SecurityRisk]")
        elif tag not in _KNOWN:
            self.faults.append(f"<{tag}> is no HTML [NotHtml]")
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "formaction", "srcdoc", "http-equiv"}:
                self.faults.append(f"{tag} {name} may do harm [SecurityRiskAttr]")
            if name in {"href", "src"} and not re.match(
                r"[a-z][a-z0-9+.-]*:", value or "", re.IGNORECASE
            ):
                self.faults.append(f"{tag} {name}={value} is relative [ContainsRelRef]")


def _has_markup(text: str) -> bool:
    """Tell whether a plain text holds what HTML would read as something else."""
    named = any(name in _NAMES or not name.isalpha() for name in _REFERENCE.findall(text))
    return named or _END_TAG.search(text) is not None


def _is_language(tag: str) -> bool:
    found = _LANGUAGE.fullmatch(tag)
    if found is None:
        return False
    primary = found["primary"].lower()
    return primary in _LANGUAGES or (len(primary) > 2 and primary not in _LATE)


def _is_canonical(uri: str) -> bool:
    """Tell whether an id is spelled as RFC 3986, section 6.2, would have it."""
    octets = _ESCAPE.findall(uri)
    shouted = all(octet == octet.upper() for octet in octets)
    needed = not any(re.match(r"[\w.~-]", chr(int(octet, 16)), re.ASCII) for octet in octets)
    scheme, host, path, *_ = urlsplit(uri)
    named = not host or (host == host.lower() and path != "" and "/../" not in path)
    default = {"http": ":80", "https": ":443"}.get(scheme, ":")
    return uri == uri.strip() and shouted and needed and named and not host.endswith(default)


def atom_warnings(document: bytes, address: str) -> list[str]:
    """Return what is warned of in an Atom feed that stands at this address."""
    feed = parsed(document)
    entries = feed.findall(f"{ATOM}entry")
    return [
        *_bad_characters(feed),
        *_self_faults(feed, address),
        *_doubled([e.findtext(f"{ATOM}updated", "") for e in entries]),
        *_archive_faults(feed),
        *(fault for element in feed.iter() for fault in _atom_element_faults(element)),
        *(fault for entry in entries for fault in _entry_faults(entry)),
    ]


def _bad_characters(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        text = element.text or ""
        if _BAD.search("".join([text, *element.attrib.values()])):
            yield f"{element.tag}: a character of no meaning [BadCharacters]"
        yield from (
            f"{element.tag}: {stretch!r} was encoded twice [BadCharacters]"
            for stretch in re.split(r"[<>&\n]", text)
            if _TWICE.search(stretch) and _is_utf_8(stretch)
        )


def _is_utf_8(stretch: str) -> bool:
    try:
        stretch.encode("latin-1").decode()
    except UnicodeError:
        return False
    return True


def _archive_faults(feed: ET.Element) -> Iterator[str]:
    relations = {link.get("rel") for link in feed.findall(f"{ATOM}link")}
    if feed.find(_ARCHIVE) is None:
        return
    if not relations & {"prev-archive", "next-archive"}:
        yield "an archive that leads to no other [ArchiveIncomplete]"
    if "current" not in relations:
        yield "an archive that does not lead to the feed [MissingCurrentInArchive]"


def _self_faults(feed: ET.Element, address: str) -> Iterator[str]:
    found = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if [link.get("href") for link in found] != [address]:
        yield "no link to itself, or elsewhere [MissingSelf, SelfDoesntMatchLocation]"
    for link in found:
        if link.get("type") not in {"application/atom+xml", "application/rss+xml"}:
            yield "the link to itself has another type [SelfNotAtom]"


def _doubled(moments: list[str]) -> Iterator[str]:
    """Yield the moments of which two entries were updated: the validator takes them for one."""
    for moment, count in Counter(moments).items():
        if count > 1:
            yield f"updated {moment}: {count} times [DuplicateUpdated]"


def _atom_element_faults(element: ET.Element) -> Iterator[str]:
    name, text = element.tag.removeprefix(ATOM), element.text or ""
    plain = element.get("type", "text") == "text"
    if name in {"title", "subtitle", "rights"} and plain and _has_markup(text):
        yield f"{name}: markup in a plain text: {text!r} [ContainsUndeclaredHTML]"
    if name == "name" and _has_markup(text):
        yield f"{name}: markup: {text!r} [ContainsHTML]"
    if name == "name" and _ADDRESS.search(text):
        yield f"{name}: an address of electronic mail [ContainsEmail]"
    for attribute in {"link": ("title",), "category": ("label",)}.get(name, ()):
        value = element.get(attribute)
        if value is not None and (not value.strip() or _has_markup(value)):
            yield f"{name} {attribute}: blank or markup: {value!r} [AttrNotBlank, ContainsHTML]"
    if name == "link" and element.get("rel", "alternate") not in _RELATIONS:
        yield f"link: {element.get('rel')} [UnregisteredAtomLinkRel]"
    if not _is_language(element.get(LANG, "en")):
        yield f"{name}: {element.get(LANG)} is no language [InvalidLanguage]"
    if name in {"id", "uri"} and not _is_canonical(text):
        yield f"{name}: {text!r} is not canonical [NonCanonicalURI]"


def _entry_faults(entry: ET.Element) -> Iterator[str]:
    for link in entry.findall(f"{ATOM}link"):
        if link.get("rel") in _HISTORY:
            yield f"{link.get('rel')} in an entry [FeedHistoryRelInEntry]"
    content = entry.find(f"{ATOM}content")
    if content is not None:
        if not (content.text or "").strip():
            yield "content: blank [NotBlank]"
        yield from _body_faults(content.text or "")
    published = datetime.fromisoformat(entry.findtext(f"{ATOM}published", ""))
    if published.year < 1990:
        yield f"{published} [ImplausibleDate]"


def _body_faults(html: str) -> Iterator[str]:
    yield from _Body(html).faults
    if _NO_CHARACTER.search(html):
        yield "a number that Unicode keeps free [NotHtml]"


def opml_warnings(document: bytes) -> list[str]:
    """Return what is warned of in a list of feeds: its titles are HTML there."""
    return [
        f"outline {name}={outline.get(name)!r} [NotHtml]"
        for outline in parsed(document).iter("outline")
        for name in ("text", "title")
        if re.search(r"[<>]|&\S", outline.get(name, ""))
        or _NO_CHARACTER.search(outline.get(name, ""))
    ]


def rss_warnings(document: bytes, address: str) -> list[str]:
    """Return what is warned of in an RSS document that stands at this address."""
    rss = parsed(document)
    channel = rss.find("channel")
    assert channel is not None
    return [
        *_bad_characters(rss),
        *_self_faults(channel, address),
        *(fault for element in rss.iter() for fault in _rss_element_faults(element)),
        *(fault for item in channel.iter("item") for fault in _item_faults(item)),
    ]


def _rss_element_faults(element: ET.Element) -> Iterator[str]:
    text = element.text or ""
    if element.tag in {"title", "category", "source"} and (not text.strip() or _has_markup(text)):
        yield f"{element.tag}: blank or markup: {text!r} [NotBlank, ContainsHTML]"
    if element.tag == "link" and not _FULL_LINK.fullmatch(text):
        yield f"link: {text} [InvalidFullLink]"
    if element.tag == f"{_DC}language" and not _is_language(text):
        yield f"{text} is no language [InvalidLanguage]"
    if element.tag in {"pubDate", "lastBuildDate"} and parsedate_to_datetime(text).tzinfo is None:
        yield f"{text} [ProblematicalRFC822Date]"
    if element.tag == f"{ATOM}link":
        yield from _atom_element_faults(element)
    if element.tag in {_MEDIA, "source"} and not _FULL_LINK.fullmatch(element.get("url", "")):
        yield f"{element.tag}: {element.get('url')} [InvalidUriChar]"
    if element.tag == _MEDIA and element.get("medium") not in _MEDIUMS:
        yield f"media: {element.get('medium')} [InvalidMediaMedium]"


def _item_faults(item: ET.Element) -> Iterator[str]:
    order = [child.tag for child in item]
    if _CONTENT in order and "description" not in order[: order.index(_CONTENT)]:
        yield "content comes before the description [NeedDescriptionBeforeContent]"
    for core, more in (("author", "creator"), ("category", "subject"), ("pubDate", "date")):
        if core in order and f"{_DC}{more}" in order:
            yield f"{core} and dc:{more} say the same [DuplicateItemSemantics]"
    guid = item.find("guid")
    if guid is None or guid.get("isPermaLink") != "false":
        yield "a tag: URI is no address [InvalidPermalink, MissingGuid]"
    for name in ("description", _CONTENT):
        yield from _body_faults(item.findtext(name, ""))
