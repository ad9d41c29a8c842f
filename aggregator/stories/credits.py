"""Lines in which a page says where its article stood first: "Originally published by …".

They are read in folded spelling, so that one phrase does for both scripts of a language.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import NamedTuple, TypeVar

from aggregator.model import Credit
from aggregator.stories.folding import fold
from aggregator.stories.provenance import MIN_HEADLINE_WORDS, attributed
from aggregator.stories.urls import canonical_url, outlet_of

# Such lines are short; they stand at an article's end, or before it begins.
_LAST_LINES = 6
_FIRST_LINES = 2
_LONGEST = 400
_MOST_NAME_WORDS = 6
_LEAST_LINKED = 3
_MOST_WORDS_ALONE = 30
_Line = TypeVar("_Line")

_WORDS = {
    "piece": "(?:article|story|post|piece|report|text|analysis|commentary|interview|column|essay)",
    "first": "(?:originally|first|initially|previously)",
    "taken": "(?:republished|reprinted|reproduced|reposted|syndicated)",
    "tekst": "(?:tekst|clanak|intervju|prilog|analiza|kolumna|vest|vijest)",
    "prvo": "(?:prvobitno|originalno|izvorno|prvi puta?|prvo|najprije|najpre)",
    "beitrag": "(?:artikel|beitrag|text|bericht|kommentar)",
    "zuerst": "(?:zuerst|zunachst|ursprunglich|erstmals)",
    "na": "(?:na|u|od strane|sa|s|iz|od):? (?:portal[au] |sajt[au] |list[au] )?",
    "named": "(?P<named>.+)",
    "link": r"(?: (?:here|at|on|from|by)\b|:|[.\s]*$)(?P<named>.*)",
    "headline": "(?P<headline>.+?)",
}
# Who writes so means an article. Forms that are in use, in languages of which we are sure.
_FIRM = """
    (?:a version of )?this {piece} (?:was |is |has been )?{first} published (?:by|on|at|in) {named}
    (?:a version of )?this {piece} {first} (?:appeared|ran) (?:on|at|in) {named}
    (?:a version of )?this {piece} appeared (?:first|originally) (?:on|at|in) {named}
    {first} (?:published|posted|appeared|printed) (?:by|on|at|in) {named}
    the (?:post|article) {headline} (?:appeared first|first appeared) on {named}
    (?:this {piece} (?:was|is|has been) )?{taken}(?: here)?(?: with permission)? (?:from|of) {named}
    {taken} (?:here )?(?:with|by) (?:the )?(?:kind )?permission (?:of|from) {named}
    (?:read|see|view) the (?:full |complete |whole |entire )?original(?: {piece}| version)?{link}
    (?:read|see|view) the (?:full|complete|whole|entire) (?:article|story|post|piece|text){link}
    original (?:source|{piece}): {named}

    preuzeto {na}{named}
    preuzeto: {named}
    (?:ovaj )?{tekst} (?:je )?preuzet[ao]? (?:je )?{na}{named}
    (?:ovaj )?{tekst} (?:je )?{prvo} (?:je )?objavljen[ao]? (?:je )?{na}{named}
    {prvo} objavljen[ao]? (?:je )?{na}{named}
    (?:procitajte|procitaj|citajte) (?:ceo|cijeli|citav|originalni|izvorni) {tekst} {na}{named}
    (?:originalni|izvorni) {tekst}: {named}
    (?:objava|clanak|tekst) {headline} pojavi(?:o|la) se prv(?:o|i puta?) na {named}
    clanak {headline} se pojavljuje prvo na {named}

    prezemeno od {named}
    (?:tekstot|statijata) (?:e )?(?:prvicno|originalno) objaven[ao]? (?:na|vo|od) {named}
    (?:prvicno|originalno) objaven[ao]? (?:na|vo|od) {named}

    dieser {beitrag} (?:ist|wurde) {zuerst} (?:bei|in|im|auf|von) {named} (?:erschienen|publiziert)
    dieser {beitrag} (?:ist|wurde) {zuerst} (?:bei|in|im|auf|von) {named} veroffentlicht
    dieser {beitrag} erschien {zuerst} (?:bei|in|im|auf) {named}
    {zuerst} (?:erschienen|veroffentlicht) (?:bei|in|im|auf|von) {named}
    der {beitrag} {headline} erschien zuerst auf {named}
    original(?:artikel|beitrag|quelle): {named}

    cet article a ete (?:initialement|d'abord) publie (?:par|sur|dans) {named}
    cet article a (?:initialement|d'abord) ete publie (?:par|sur|dans) {named}
    (?:initialement publie|publie initialement) (?:par|sur|dans) {named}
    (?:l'|cet )article {headline} est apparu en premier sur {named}
    lire l'article (?:original|complet|integral) (?:sur|dans) {named}
    article original: {named}

    marre nga {named}
"""
_NAMELESS = (
    "(?:the|this) {piece} (?:was |is )?(?:{first} (?:appeared|published)|appeared {first}) here"
)
# These may name an office as well as an article ("Source: Ministry of Defence").
_LOOSE = (
    "sources?|via|izvor|quelle|burimi|iztocnik|istocnik|dzerelo|sursa|fonte|fuente|zrodlo|forras"
    "|πηγη|kaynak|vir|zdroj|bron|kalla|kilde|lahde"
)
_MARKS = r"[\[(*_„“\"—–-]*\s?"  # noqa: RUF001 - dashes as pages print them
_OPENING = rf"(?:^|[.!?…»”\"] ){_MARKS}"
_PHRASES = [phrase.strip().format(**_WORDS) for phrase in _FIRM.splitlines() if phrase.strip()]
_FIRM_LINES = [re.compile(_OPENING + phrase) for phrase in _PHRASES]
_LOOSE_LINE = re.compile(rf"[\[(*_]*\s?(?:{_LOOSE}): (?P<named>.+)")
_LINKED_LINE = re.compile(r"[\[(*_]*\s?via (?P<named>.+)")
_LOOSE_LINES = {_LOOSE_LINE, _LINKED_LINE}
_ANY_PHRASE = re.sub(r"\?P<\w+>", "?:", "|".join(_PHRASES))
# All of them at once, as few lines are one of them.
_ANY_LINE = re.compile(rf"{_OPENING}(?:(?:{_LOOSE}):|via |{_ANY_PHRASE})")
# A line that is nothing else, also where it names nobody, and what shows that it goes on.
_ALONE = re.compile(rf"{_MARKS}(?:{_ANY_PHRASE}|{_NAMELESS.format(**_WORDS)})")
_ANOTHER_SENTENCE = re.compile(r"[.!?] \S+(?: \S+){3}")
_COLON = re.compile(r"\s*:(?!//|\d)\s*")
_ADDRESS = re.compile(r"https?://\S+")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
_BEFORE_NAME = re.compile(
    r"(?:[:\s]|(?:the|on|at|in|from|by|here|websites?|websites? of)\b)+",
    re.IGNORECASE,
)
# Where a name ends: at the sentence's end, before a bracket, before a word that goes on.
_AFTER_NAME = re.compile(
    r"[.;,!?](?:\s|$)|\s[(\[|]|\s(?:and|under|with|as|on|am|le|und|et|pod|uz|where|read|by)\s"
)
_EDGE = re.compile(r"^\W+|\W+$")
_NO_NAME = re.compile(
    r"(?:our|my|this|these|his|her|their|an?)\s|\d|(?:here|ovdj?e|hier|ici)$"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
)
# Licences and buttons for sharing are linked in such lines, and are no originals.
_NO_ORIGINAL = re.compile(
    r"(?:^|\.)(?:creativecommons\.org|facebook\.com|twitter\.com|x\.com|t\.me|instagram\.com"
    r"|linkedin\.com|youtube\.com|whatsapp\.com)$"
)


class Link(NamedTuple):
    """A link in a line: its words and where it leads."""

    text: str
    url: str


class LinkedLine(NamedTuple):
    """A line of a page, with the links in it."""

    text: str
    links: Sequence[Link] = ()


def credits_in(text: str) -> tuple[Credit, ...]:
    """Return what the lines at the ends of a plain text credit."""
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    return read_credits([LinkedLine(line) for line in lines])


def read_credits(lines: Sequence[LinkedLine]) -> tuple[Credit, ...]:
    """Return what the first and the last lines of an article credit, each once.

    A bare "Source: …" counts only at the end: at the beginning it is that of a picture.
    """
    first, last = _ends(lines)
    found = [credit(line, loose=False) for line in first] + [credit(line) for line in last]
    return tuple(dict.fromkeys(one for one in found if one))


def without_credits(text: str) -> str:
    """Return a plain text without those of its first and last lines that do nothing but credit.

    They stand below all that a site publishes, whatever it tells. A text of nothing else stays.
    """
    lines = text.split("\n")
    told = [place for place, line in enumerate(lines) if line and not line.isspace()]
    left_out = {place for place in chain(*_ends(told)) if _only_credits(lines[place])}
    if len(left_out) == len(told):
        return text
    return "\n".join(line for place, line in enumerate(lines) if place not in left_out)


def _ends(lines: Sequence[_Line]) -> tuple[Sequence[_Line], Sequence[_Line]]:
    """Return the lines at an article's beginning and those at its end, none of them twice."""
    last = max(len(lines) - _LAST_LINES, 0)
    return lines[: min(_FIRST_LINES, last)], lines[last:]


def _only_credits(line: str) -> bool:
    if len(line) > _LONGEST:
        return False
    words = fold(line).split()
    joined = " ".join(words)
    is_short = len(words) <= _MOST_WORDS_ALONE
    return is_short and bool(_ALONE.match(joined)) and not _ANOTHER_SENTENCE.search(joined)


def credit(line: LinkedLine, *, loose: bool = True) -> Credit | None:
    """Return what a line credits, None where it credits nothing; `loose`: "Source: …" counts.

    >>> credit(LinkedLine("This article first appeared on Drina Courier.")).outlet
    'Drina Courier'
    """
    words = _COLON.sub(": ", line.text[-_LONGEST:]).split()
    if not _ANY_LINE.search(fold(" ".join(words))):
        return None
    folded = [fold(word) for word in words]
    joined = " ".join(folded)
    found = _phrase(joined, loose=loose, linked=bool(line.links))
    if found is None:
        return None
    starts = list(accumulate((len(word) + 1 for word in folded), initial=0))

    def written(start: int, end: int) -> str:
        return " ".join(words[bisect_left(starts, start) : bisect_left(starts, end)])

    groups = found.groupdict()
    headline = written(*found.span("headline")) if "headline" in groups else ""
    told = written(found.start(), len(joined))
    links = [link for link in line.links if link.text in told]
    if found.re is _LINKED_LINE and not links:
        return None
    firm = found.re not in _LOOSE_LINES
    return _credit(written(*found.span("named")), headline, links, firm=firm)


def _phrase(joined: str, *, loose: bool, linked: bool) -> re.Match[str] | None:
    """Return where a folded line says that it credits somebody."""
    firm = (phrase.search(joined) for phrase in _FIRM_LINES)
    found = next(filter(None, firm), None)
    if found is None and loose:
        found = _LOOSE_LINE.match(joined)
    if found is None and loose and linked:
        found = _LINKED_LINE.match(joined)
    return found


def _credit(named: str, headline: str, links: Iterable[Link], *, firm: bool) -> Credit | None:
    """Return the credit that the words after the phrase amount to, None where they name nobody."""
    addresses = (_EDGE.sub("", address) for address in _ADDRESS.findall(named))
    links = (*links, *(Link(address, address) for address in addresses))
    links = [link for link in links if not _NO_ORIGINAL.search(outlet_of(link.url))]
    pair = attributed(_ADDRESS.sub("", named).strip(' ."“”'))
    if pair and len(pair[0].split()) >= MIN_HEADLINE_WORDS and not headline:
        headline, named = pair
    name = _name(named)
    over_name = next((link for link in links if name and _overlap(link.text, name)), None)
    host = outlet_of(over_name.url) if over_name else ""
    if not host and _HOST.fullmatch(name):
        host = outlet_of(f"https://{name}")
    url = _article(links, headline, host)
    host = host or (outlet_of(url) if url else "")
    if not (name or host):
        return None
    return Credit(name or host, host, _EDGE.sub("", headline), url, firm=firm or bool(headline))


def _name(named: str) -> str:
    """Return the name with which the words begin, empty where they are none."""
    rest = _BEFORE_NAME.match(named)
    bare = _ADDRESS.sub("", named[rest.end() :] if rest else named).strip()
    end = _AFTER_NAME.search(bare)
    name = _EDGE.sub("", bare[: end.start()] if end else bare)
    is_long = len(name.split()) > _MOST_NAME_WORDS
    return "" if is_long or _NO_NAME.match(fold(name)) else name


def _overlap(one: str, other: str) -> bool:
    one, other = one.casefold().strip(), other.casefold()
    return len(one) >= _LEAST_LINKED and (one in other or other in one)


def _article(links: Iterable[Link], headline: str, host: str) -> str | None:
    """Return where the original stands: an address beyond a front page, of the outlet if known."""
    leading = [link for link in links if canonical_url(link.url)]
    by_headline = (link for link in leading if headline and _overlap(link.text, headline))
    by_host = (link for link in leading if not host or outlet_of(link.url) == host)
    return next((link.url for link in (*by_headline, *by_host)), None)
