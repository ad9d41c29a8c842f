"""Feeds that are damaged as feeds are in the wild, each with what can still be made out of it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dialect_items import Told
from dialects import DECLARATION, LAYOUTS, SITE, XML, Document

DAMAGED = ("rss-2.0", "rss-0.91", "rss-1.0", "rss-2.0-with-modules", "atom-1.0", "atom-0.3")
TOLD = tuple(
    Told(f"{name} & company", f"{SITE}/{name.lower()}?a=1&b=2", f"urn:gazette:{name}")
    for name in ("Dredgers", "Pilots", "Chandlers", "Riggers", "Tallymen")
)
AT = 2  # the entry that is hit
MIXED = 2


@dataclass(frozen=True, slots=True)
class Damage:
    """What is done to a document, `{N}` its entries; `leaves` says what is left of those."""

    does: Callable[[str], bytes | str]
    leaves: Callable[[Sequence[Told]], Sequence[Told]] = tuple


def _hit(old: str, new: str, count: int = 1) -> Callable[[str], str]:
    """Replace what stands in the entry that is hit, by regular expression."""

    def does(text: str) -> str:
        start, end = _span(text, AT)
        return text[:start] + re.sub(old, new, text[start:end], count=count) + text[end:]

    return does


def _span(text: str, number: int) -> tuple[int, int]:
    found = list(re.finditer(r"<(item|entry)\b.*?</\1>", text, re.DOTALL))
    return found[number].span()


def _all(old: str, new: str) -> Callable[[str], str]:
    return lambda text: re.sub(old, new, text)


def _cut(number: int, share: float) -> Callable[[str], str]:
    """Cut a document off within an entry."""

    def does(text: str) -> str:
        start, end = _span(text, number)
        return text[: start + int((end - start) * share)]

    return does


def _before(junk: str) -> Callable[[str], str]:
    return lambda text: junk + text


def _behind(junk: str) -> Callable[[str], str]:
    return lambda text: text + junk


def _at_hit(junk: str) -> Callable[[str], str]:
    """Put something between two entries."""

    def does(text: str) -> str:
        start, _ = _span(text, AT)
        return text[:start] + junk + text[start:]

    return does


def _first(number: int) -> Callable[[Sequence[Told]], Sequence[Told]]:
    return lambda told: told[:number]


def _changed(**said: str) -> Callable[[Sequence[Told]], Sequence[Told]]:
    """Return what is left where the entry that is hit says something else."""
    return lambda told: [*told[:AT], replace(told[AT], **said), *told[AT + 1 :]]


NOTICE = (
    "<br />\n<b>Warning</b>: Cannot modify header in <b>/srv/feed.php</b> on line <b>9</b><br />\n"
)
DAMAGES: Mapping[str, Damage] = {
    "none": Damage(str),
    "ampersands": Damage(_all("&amp;", "&")),
    "ampersand-in-title": Damage(_hit("&amp; company", "& company")),
    "ampersand-at-once": Damage(
        _hit("&amp; company", "&company"), _changed(title="Chandlers &company")
    ),
    "named-reference": Damage(
        _hit("&amp; company", "&eacute;t&eacute;"), _changed(title="Chandlers été")
    ),
    "unknown-reference": Damage(
        _hit("&amp; company", "&nosuch; co"), _changed(title="Chandlers &nosuch; co")
    ),
    "number-of-nothing": Damage(_hit("&amp; company", "&#0; co"), _changed(title="Chandlers co")),
    "less-than-in-text": Damage(_hit("The harbour office", "1 < 2 said the harbour office")),
    "less-than-in-title": Damage(_hit(" &amp; company", " < 5"), _changed(title="Chandlers < 5")),
    "control-characters": Damage(
        _hit(" &amp; company", "\x0b\x1c\x02 & Co"), _changed(title="Chandlers & Co")
    ),
    "nulls": Damage(_all("><", ">\x00<")),
    "null-in-title": Damage(_hit(" &amp;", "\x00 &amp;")),
    "not-characters": Damage(_hit(" &amp;", "\ufffe\uffff &amp;")),
    "bytes-of-latin-1": Damage(
        lambda text: _hit("company", "cafés")(text).encode().replace(b"caf\xc3\xa9s", b"caf\xe9s"),
        _changed(title="Chandlers & cafés"),
    ),
    "mixed-encodings": Damage(
        lambda text: text.replace("company", "café").encode().replace(b"\xc3\xa9", b"\xe9", MIXED),
        lambda told: [
            replace(one, title=one.title.replace("company", "caf\ufffd" if at < MIXED else "café"))
            for at, one in enumerate(told)
        ],
    ),
    "surrogates": Damage(
        lambda text: (
            _hit("company", "Co @@")(text).encode().replace(b"@@", b"\xed\xa0\xbd\xed\xb8\x80")
        ),
        _changed(title="Chandlers & Co \U0001f600"),
    ),
    "no-end-of-title": Damage(_hit("</title>", "")),
    "no-end-of-description": Damage(_hit("</(description|summary)>", "")),
    "no-end-of-item": Damage(_hit("</(item|entry)>", "")),
    "no-ends-of-items": Damage(_all("</(item|entry)>", "")),
    "no-start-of-description": Damage(_hit("<(description|summary)>", "")),
    "wrong-end-tag": Damage(_hit("</title>", "</titel>")),
    "wrong-case-of-end": Damage(_hit("</title>", "</Title>")),
    "ends-crossed": Damage(_hit("</(description|summary)>", r"<b></\1></b>")),
    "stray-end-tag": Damage(_hit("<title>", "</p><title>")),
    "stray-end-of-item": Damage(_at_hit("</item></entry>")),
    "html-within": Damage(_hit("The harbour office", "<p>The <br> harbour<hr> <img src=x> office")),
    "attribute-unquoted": Damage(_hit("<title>", "<title type=text>")),
    "attribute-twice": Damage(_hit("<title>", "<title lang='en' lang='de'>")),
    "attribute-bare": Damage(_hit("<title>", "<title hidden>")),
    "unknown-prefix": Damage(_hit("<title>", "<zz:thing>x</zz:thing><title>")),
    "unknown-prefix-of-attribute": Damage(_hit("<title>", "<title zz:lang='en'>")),
    "colons": Damage(_hit("<title>", "<:a/><b:/><title>")),
    "section-nested": Damage(
        _hit("The harbour office", "<![CDATA[The <![CDATA[harbour]]> office]]>")
    ),
    "section-not-ended-in-item": Damage(_hit("The harbour office", "<![CDATA[The harbour]>")),
    "section-end-alone": Damage(_hit("The harbour office", "The ]]> harbour office")),
    "comment-with-dashes": Damage(_at_hit("<!-- a -- b --->")),
    "comment-not-ended": Damage(_at_hit("<!-- a comment > "), lambda told: told),
    "notice-before": Damage(_before(NOTICE)),
    "notice-between": Damage(_at_hit(NOTICE)),
    "notice-behind": Damage(_behind(NOTICE)),
    "text-before": Damage(_before("Deprecated: each() in feed.php\n")),
    "text-between": Damage(_at_hit("Deprecated: each()")),
    "script-behind": Damage(_behind("<script src='/count.js'></script>")),
    "comment-before": Damage(_before("<!-- cached -->\n")),
    "header-in-body": Damage(_before("Content-Type: text/xml\r\n\r\n")),
    "chunk-sizes": Damage(lambda text: f"1f3a\r\n{text}\r\n0\r\n\r\n"),
    "two-declarations": Damage(_before(DECLARATION.format("utf-8"))),
    "two-roots": Damage(
        lambda text: text + text.replace("gazette:", "again:"),
        lambda told: (
            *told,
            *(replace(one, guid=one.guid.replace("gazette:", "again:")) for one in told),
        ),
    ),
    "twice": Damage(lambda text: text + text),
    "no-end-of-channel": Damage(_all("</channel>", "")),
    "root-ended-twice": Damage(lambda text: text + text[text.rindex("</") :]),
    "end-without-bracket": Damage(lambda text: text.rstrip(">")),
    "cut-in-third": Damage(_cut(2, 0.5), _first(2)),
    "cut-in-last": Damage(_cut(4, 0.9), _first(4)),
    "cut-behind-third": Damage(_cut(2, 1), _first(3)),
    "quote-not-ended": Damage(_hit("<title>", "<title lang='en>")),
    "doctype-not-ended": Damage(_at_hit("<!DOCTYPE x [")),
    "declaration-between": Damage(_at_hit("<?xml version='1.0'?>")),
    "carriage-nulls": Damage(_behind("\x00" * 40)),
}


def damaged() -> Iterator[Document]:
    """Yield every layout with every damage."""
    for name in DAMAGED:
        layout = LAYOUTS[name]
        for how, damage in DAMAGES.items():
            text = DECLARATION.format("utf-8") + layout.write(TOLD)
            body = damage.does(text)
            body = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
            entries = tuple(dict.fromkeys(damage.leaves(layout.read(TOLD))))
            yield Document(f"{name} damaged {how}", body, XML, entries)
