"""HTML and text from outside, made fit to be shown and stored (the only home of nh3).

Takes time linear in its input, except for elements nested by the ten thousand
and references by the million: call it where time is limited.
"""

import html
import re
from collections.abc import Callable
from functools import lru_cache, partial
from urllib.parse import urljoin, urlsplit

import nh3

LONGEST_LINE = 1_000
LONGEST_ADDRESS = 2_000
# Characters of HTML, some forty thousand words. A feed holds a hundred bodies, in three formats.
LONGEST_BODY = 250_000


def _names(line: str) -> frozenset[str]:
    return frozenset(line.split())


_BLOCKS = _names(
    "address article aside blockquote caption center dd details div dl dt figcaption figure footer "
    "h1 h2 h3 h4 h5 h6 header hgroup hr li main nav ol p pre section summary table tbody tfoot "
    "thead tr ul"
)
TAGS = _names(
    "a abbr b bdi blockquote br caption cite code col colgroup dd del dfn div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span "
    "strong sub sup table tbody td tfoot th thead time tr u ul var wbr"
)
_ATTRIBUTES = {
    "a": {"href", "hreflang"},
    "abbr": {"title"},
    "bdi": {"dir"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"datetime"},
    "img": {"alt", "height", "src", "width"},
    "ins": {"datetime"},
    "ol": {"start"},
    "p": {"dir"},
    "q": {"cite"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
SILENT = _names(
    "button iframe math noembed noframes noscript object script select style svg template textarea "
    "title"
)
_WEB = frozenset({"http", "https"})
_SCHEMES = {("a", "href"): _WEB | {"mailto"}}
_ADDRESSES = frozenset({"cite", "href", "src"})
# Whole, and of nothing that joining it to a base would change: most addresses are.
_WHOLE = (
    r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?(?:/(?:[\w.~%:@!$'()*+,=/-]++|{and_})*+)?"
    r"(?:\?(?:[\w.~%:@!$'()*+,;=/?-]++|{and_})++)?(?:#(?:[\w.~%:@!$'()*+,;=/?-]++|{and_})++)?"
)
_ABSOLUTE = re.compile(_WHOLE.format(and_="&"), re.ASCII)

# XML 1.0, section 2.2: what no document may hold, written out or as a reference;
# and what it had better not: DEL and the C1 controls, which steer terminals.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Overrides and isolates let a text rearrange the line that it is shown in.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
# What of ASCII is seen, and the end of a line.
_ASCII = bytes(range(0x20, 0x7F)) + b"\n"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_SPACE = re.compile(r"\s+")
# Pictures that wait for a script repeat themselves in here, for those who run none.
_NOSCRIPT = re.compile(r"</?noscript[^<>]*>", re.IGNORECASE)
# These read nh3's own output: lower-case names, double quotes, `<` only where a tag begins.
_NOT_WHOLE = re.compile(rf' (?:cite|href|src)="(?!{_WHOLE.format(and_="&amp;")}")', re.ASCII)
_IMAGE = re.compile(r'<img(?: [a-z]+="[^"]*")*>')
_DOT = re.compile(r' (?:width|height)="[01](?:px)?"')
_IMAGE_SOURCE = re.compile(r'<img(?: [a-z]+="[^"]*")*? src="([^"]*)"')
_BREAK = re.compile(r"</?br>|</?(?:td|th)>")
_TAG = re.compile(r"<[^>]*>")
# Half a tag or half a reference, at the end.
_CUT = re.compile(r"(?:<[^<>]*|&[^;\s&<>]*)\Z")
_PARAGRAPHS = re.compile(r"\s*\n\s*\n\s*")


def clean_html(html: str, base_url: str | None) -> str:
    """Return `html` with nothing left that could run, track or restyle.

    Keeps what an article's body is made of. Relative addresses are made
    absolute with `base_url`, or dropped where there is none; so are pictures
    of one pixel, control characters and those that turn the writing round.
    What is longer than 250,000 characters ends there, with an ellipsis.
    """
    cleaned = _sanitised(_NOSCRIPT.sub("", legible(html)), base_url)
    whole = _unturned(_IMAGE.sub(_picture, cleaned)).strip()
    return whole if len(whole) <= LONGEST_BODY else _beginning(whole)


def _beginning(cleaned: str) -> str:
    """Return the beginning of HTML that was cleaned, every element of it closed."""
    return _sanitised(_CUT.sub("", cleaned[:LONGEST_BODY]) + " …", None)


def _sanitised(html: str, base_url: str | None) -> str:
    """Return HTML with what we let through of it, its addresses joined to the base."""
    # nh3 asking about each attribute takes as long as all the rest: only where there is a doubt.
    cleaned = _cleaner(None, joins=False).clean(html)
    return _cleaner(base_url, joins=True).clean(html) if _NOT_WHOLE.search(cleaned) else cleaned


@lru_cache(maxsize=8)
def _cleaner(base_url: str | None, *, joins: bool) -> nh3.Cleaner:
    """Return what cleans HTML, addresses joined or not; making it takes as long as a page."""
    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=SILENT,
        attributes=_ATTRIBUTES,
        attribute_filter=partial(_attribute, base_url) if joins else None,
        link_rel="nofollow noopener noreferrer",
    )


def plain_text(html: str) -> str:
    """Return the text of `html`, its paragraphs separated by blank lines."""
    blocks = _to_text().clean(legible(html))
    return _text_of(_BREAK.sub("\n", _SPACE.sub(" ", blocks)))


@lru_cache(maxsize=1)
def _to_text() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_BLOCKS | {"br", "td", "th"},
        clean_content_tags=SILENT,
        attributes={},
        link_rel=None,
    )


def clean_line(text: str, read: Callable[[str], str] = plain_text) -> str:
    """Return `text` as one line of at most 1,000 characters, without the markup that `read` knows.

    Names arrive as text, as HTML and escaped twice; all end up the same.
    """
    line = read(text) if "<" in text or "&" in text else text
    if _ENTITY.search(line):
        line = read(line)
    line = _SPACE.sub(" ", _unturned(line)).strip()
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1].rstrip() + "…"


def paragraphs(text: str) -> str:
    """Return plain text as HTML, a paragraph for each stretch between blank lines."""
    parts = _PARAGRAPHS.split(text.strip())
    return "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in parts if part)


def first_image(cleaned: str) -> str | None:
    """Return the address of the first picture in HTML that `clean_html` returned."""
    found = _IMAGE_SOURCE.search(cleaned)
    return html.unescape(found[1]) if found else None


def web_address(url: str, base_url: str | None) -> str | None:
    """Return `url` made absolute, or None where it leads to nothing on the web.

    One of more than 2,000 characters counts as leading nowhere.
    """
    address = _address(url, base_url, _WEB)
    return address if address and len(address) <= LONGEST_ADDRESS else None


def is_whole_address(text: str) -> bool:
    """Return whether a text is an address of the web that joining it to any base leaves alone.

    Not each one that is so is told.
    """
    return _ABSOLUTE.fullmatch(text) is not None


def legible(text: str) -> str:
    """Return `text` without the characters that XML 1.0 forbids or discourages (section 2.2)."""
    return text if _is_printable(text) else _FORBIDDEN.sub("", text)


def _unturned(text: str) -> str:
    """Return `text` legible, and without what turns the writing round."""
    return text if _is_printable(text) else _BIDI.sub("", _FORBIDDEN.sub("", text))


def _is_printable(text: str) -> bool:
    """Tell whether there is nothing in lines of text to look for: most have only what is seen.

    Letters are taken away first, as bytes: that is six times as fast as asking of each.
    """
    rest = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return not rest or rest.decode("utf-8", "surrogatepass").isprintable()


def _attribute(base_url: str | None, tag: str, name: str, value: str) -> str | None:
    if name not in _ADDRESSES or _ABSOLUTE.fullmatch(value):
        return value
    return _address(value, base_url, _SCHEMES.get((tag, name), _WEB))


def _address(url: str, base_url: str | None, schemes: frozenset[str]) -> str | None:
    if _ABSOLUTE.fullmatch(url):
        return url
    relative = legible(url).strip()
    try:
        absolute = urljoin(base_url or "", relative) if relative else ""
        parts = urlsplit(absolute)
    except ValueError:
        return None
    if parts.scheme not in schemes or (parts.scheme in _WEB and not parts.hostname):
        return None
    return _SPACE.sub("%20", absolute)


def _picture(found: re.Match[str]) -> str:
    tag = found[0]
    return "" if ' src="' not in tag or len(_DOT.findall(tag)) > 1 else tag


def _text_of(blocks: str) -> str:
    stretches = html.unescape(_TAG.sub("\n\n", blocks))
    lines = (" ".join(line.split()) for line in legible(stretches).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
