"""What a telling reveals of its original."""

import re

# Only separators with a space on both sides: "EU-NATO" names no outlet.
_ATTRIBUTION = re.compile(
    r"(?P<headline>.*\S)\s+[-\N{EN DASH}\N{EM DASH}|]\s+(?P<outlet>\S.*)", re.DOTALL
)
_MAX_OUTLET_WORDS = 5
_LEAST_ATTRIBUTED = 3
# Shorter headlines are kickers ("Live", "Morning briefing") that many articles bear.
MIN_HEADLINE_WORDS = 5


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
    """Return whether a name, as a caption gives it, can be that of an outlet (a host).

    >>> names_outlet("Drina Courier", "drinacourier.ba")
    True
    """
    plain = _letters(name)
    if plain == _letters(outlet):
        return True
    return any(plain == _letters(label) for label in outlet.split(".")[:-1])


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
