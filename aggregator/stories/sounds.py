"""Sounds: what is left of a name however it is spelled.

One person is Zhelyazkovski in one report, Zheliazkovsky in the next and Жељазковски in a third.
What spellings and endings leave alone are the consonants and the first letter. That is what the
codes of Russell and Odell's Soundex (US patent 1,261,167, 1918) keep, too; this one knows the
letters of the region's languages and more than three of a name's consonants.
"""

# ruff: noqa: RUF001 - letters that look alike are what this is about

import re
from functools import lru_cache

MOST_LETTERS = 6
# News name the same people and places: so many are kept, none longer, as texts are untrusted.
_MOST_KNOWN, _LONGEST_KNOWN = 4096, 24

_SPELLINGS = {
    "sch": "s", "tch": "s", "ph": "f", "ck": "k", "sh": "s", "zh": "s", "ch": "s", "kh": "h",
    "th": "t", "sz": "s", "cz": "s", "ts": "s", "dz": "s", "gh": "g", "qu": "kv", "ce": "s",
    "ci": "s", "cy": "s", "c": "k", "q": "k", "w": "v", "x": "ks", "z": "s",
}  # fmt: skip
# Greek in Latin letters, as passports have it (ISO 843) and reporters, who write χ "ch" before a
# consonant and as often "h" elsewhere.
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "τ": "t", "υ": "y", "φ": "f", "χ": "h", "ψ": "ps", "ω": "o",
}  # fmt: skip
_GREEK_SOUNDS = (
    (re.compile("^μπ"), "b"),
    (re.compile("^ντ"), "d"),
    (re.compile("^γκ"), "g"),
    (re.compile("^ου"), "u"),
    (re.compile("γγ"), "ng"),
    (re.compile("χ(?=[λνρ])"), "ch"),
    (re.compile("(?<=[αεη])υ(?=[θκξπστφχψ])"), "f"),
    (re.compile("(?<=[αεη])υ"), "v"),
)
_LATIN_LETTERS = str.maketrans(_GREEK)
_SPELLING = re.compile("|".join(sorted(_SPELLINGS, key=len, reverse=True)))
_SILENT = str.maketrans("", "", "aeiouyjh")
_REPEATED = re.compile(r"(.)\1+")


def sound(name: str) -> str:
    """Return the sound of a folded name: its first letter and its consonants, at most six letters.

    Endings of declension are mostly vowels, and stand behind the sixth letter or fall away.

    >>> sound("zhelyazkovski") == sound("zheliazkovsky") == sound("zeljazkovskog")
    True
    >>> sound("χριστοδουλιδησ") == sound("christodoulides")
    True
    """
    return _known(name) if len(name) <= _LONGEST_KNOWN else _sound(name)


def _sound(name: str) -> str:
    latin = name if name.isascii() else _in_latin(name)
    if latin.endswith("c"):  # of a folded Stojković, which others write Stoykovich
        latin = f"{latin[:-1]}s"
    spelled = _SPELLING.sub(lambda found: _SPELLINGS[found[0]], latin)
    first = spelled[0].replace("j", "i").replace("y", "i")
    letters = first + spelled[1:].translate(_SILENT)
    return _REPEATED.sub(r"\1", letters)[:MOST_LETTERS]


_known = lru_cache(_MOST_KNOWN)(_sound)


def _in_latin(name: str) -> str:
    """Return a folded name with its Greek letters in Latin ones."""
    for greek, latin in _GREEK_SOUNDS:
        name = greek.sub(latin, name)
    return name.translate(_LATIN_LETTERS)
