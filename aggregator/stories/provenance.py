"""What a telling reveals of its original."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from aggregator.model import Credit, Kind, Provenance, Story, Telling
from aggregator.stories.folding import words
from aggregator.stories.urls import canonical_url, related

# Only separators with a space on both sides: "EU-NATO" names no outlet.
_ATTRIBUTION = re.compile(
    r"(?P<headline>.*\S)\s+[-\N{EN DASH}\N{EM DASH}|]\s+(?P<outlet>\S.*)", re.DOTALL
)
_MAX_OUTLET_WORDS = 5
_LEAST_ATTRIBUTED = 3
# Shorter headlines are kickers ("Live", "Morning briefing") that many articles bear.
MIN_HEADLINE_WORDS = 5
_ARTICLES = {"the", "der", "die", "das", "le", "la", "les"}
# Where pictures come from, and what is said of them: no outlets of articles.
_OF_PICTURES = re.compile(
    r"\b(?:photos?|foto|image|stock|archiv\w*|arhiv\w*|illustration|ilustracija|shutterstock|getty"
    r"|istock|alamy|pixabay|pexels|unsplash|flickr|wikimedia|depositphotos)\b",
    re.IGNORECASE,
)


def attributed(text: str) -> tuple[str, str] | None:
    """Return headline and outlet of a text of the form "Headline | Outlet".

    The last dash (short or long) or bar with spaces around it divides them. None where the
    outlet would have more than five words or the headline fewer than three.

    >>> attributed("Minister opens depot at Rača - for good | Drina Courier")
    ('Minister opens depot at Rača - for good', 'Drina Courier')
    >>> attributed("A co-ordinated effort") is None
    True
    """
    match = _ATTRIBUTION.fullmatch(text.strip())
    if match is None:
        return None
    headline, outlet = match["headline"], match["outlet"]
    if len(outlet.split()) > _MAX_OUTLET_WORDS or len(headline.split()) < _LEAST_ATTRIBUTED:
        return None
    return headline, outlet


def names_outlet(name: str, outlet: str) -> bool:
    """Return whether a name, as a caption gives it, can be that of an outlet (a host or a name).

    >>> names_outlet("The Drina Courier", "drinacourier.ba")
    True
    """
    plain = plain_name(name)
    if not plain:
        return False
    if plain == plain_name(outlet):
        return True
    return any(plain == plain_name(label) for label in outlet.split(".")[:-1])


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """Return an outlet's name as it is compared: folded, without spaces and a leading "the"."""
    found = words(name)
    if len(found) > 1 and found[0] in _ARTICLES:
        found = found[1:]
    return "".join(found)


def is_own(credit: Credit, outlet: str) -> bool:
    """Return whether an outlet credits itself."""
    return related(credit.host, outlet) or names_outlet(credit.outlet, outlet)


def without_own_name(text: str, names: Iterable[str]) -> str:
    """Return a title or caption without its outlet's own name, if that stands behind a dash or bar.

    >>> without_own_name("Depot opens at Rača - Drina Courier", ["drinacourier.ba"])
    'Depot opens at Rača'
    """
    pair = attributed(text)
    own = pair is not None and any(names_outlet(pair[1], name) for name in names)
    return pair[0] if pair and own else text


def provenance_of(
    title: str, outlet: str, captions: Iterable[str], credits_: Iterable[Credit]
) -> Provenance | None:
    """Return what an article's title, captions and credits tell of its original, if they do.

    What gives an address is preferred to what gives a headline, and that to a
    name alone. "Source: Ministry of Defence" names an office and no article.
    """
    others = [credit for credit in credits_ if not is_own(credit, outlet)]
    headlines = list(_attributions(title, outlet, captions))
    for credit in others:
        if credit.url:
            known = (found.headline for found in headlines if _agree(found, credit))
            headline = credit.headline or next(known, "")
            return Provenance(credit.outlet, headline, credit.url, credit.shown_by)
    firm = (credit for credit in others if credit.firm or credit.host)
    named = (
        Provenance(credit.outlet, credit.headline, None, credit.shown_by)
        for credit in sorted(firm, key=lambda credit: not credit.headline)
    )
    return next(iter((*headlines, *named)), None)


def original_of(story: Story) -> Telling | None:
    """Return the telling from which the others were made: named by another, else the first told.

    None where the first told reveals that it was made from something else, or came out after the
    lead: we met it first, and no more is known.
    """
    known = [telling.provenance for telling in story.tellings if telling.provenance]
    named = (
        telling
        for telling in story.tellings
        if any(_is_named(telling, found) for found in known if found is not telling.provenance)
    )
    first = (telling for telling in story.tellings if telling.kind is Kind.ORIGINAL)
    unborrowed = (
        telling
        for telling in first
        if telling.provenance is None and telling.published <= story.lead.published
    )
    return next(iter((*named, *unborrowed)), None)


def _is_named(telling: Telling, found: Provenance) -> bool:
    """Return whether a telling is the original that another reveals."""
    if found.url and telling.url and canonical_url(found.url) == canonical_url(telling.url):
        return canonical_url(found.url) is not None
    headline = words(found.headline)
    return len(headline) >= MIN_HEADLINE_WORDS and headline == words(telling.title)


def _attributions(title: str, outlet: str, captions: Iterable[str]) -> Iterator[Provenance]:
    told = words(title)
    for shown_by, text in (*(("caption", caption) for caption in captions), ("title", title)):
        headline, name = attributed(text) or ("", "")
        is_headline = len(headline.split()) >= MIN_HEADLINE_WORDS and name[:1] != name[:1].lower()
        own = names_outlet(name, outlet) or words(headline) == told
        if is_headline and not own and not _OF_PICTURES.search(name):
            yield Provenance(name, headline, None, shown_by)


def _agree(found: Provenance, credit: Credit) -> bool:
    return names_outlet(found.outlet, credit.host) or names_outlet(found.outlet, credit.outlet)
