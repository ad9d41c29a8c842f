"""Folding: one spelling for what readers take to be the same word.

Case, diacritics and script are folded away, so that one keyword finds
Đukanović, Djukanovic and Ђукановић. What remains is for matching, never for
showing.
"""

# ruff: noqa: RUF001, RUF003 - letters that look alike are what this is about

import re
import unicodedata

# Without their marks, which are taken off first: й is и here, ї is і, ѓ is г. So Украина,
# Україна and Украйна are one word. The letters of five alphabets share this table; where they
# differ, the Balkan value stands (г is g, и is i, х is h).
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "ђ": "d", "е": "e",
    "є": "je", "ж": "z", "з": "z", "ѕ": "dz", "и": "i", "і": "i", "ј": "j", "к": "k",
    "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "ћ": "c", "у": "u", "ф": "f", "х": "h", "ц": "c", "ч": "c",
    "џ": "dz", "ш": "s", "щ": "sc", "ъ": "a", "ы": "y", "ь": "", "э": "e", "ю": "ju",
    "я": "ja",
}  # fmt: skip
# Latin letters that Unicode does not decompose.
_LATIN = {
    "æ": "ae", "ð": "d", "đ": "d", "ə": "e", "ħ": "h", "ı": "i", "ł": "l", "ø": "o",
    "œ": "oe", "þ": "th", "ŧ": "t",
}  # fmt: skip
_APOSTROPHES = dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u0060", "'")
_INVISIBLE = dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "")
_LETTERS = str.maketrans(_CYRILLIC | _LATIN | _APOSTROPHES | _INVISIBLE)

# Diacritics of Latin, Greek and Cyrillic; Hebrew points; Arabic vowel signs.
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065f\u0670]+")
_DJ = re.compile("dj+")
_POSSESSIVE = re.compile(r"'s\b")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return the text in lower case, without diacritics, in Latin script.

    Idempotent. `dj` becomes `d`, as `đ` does. Scripts without an entry in the
    tables (Greek, Arabic, Chinese ...) keep their letters.

    >>> fold("Đukanović") == fold("Djukanovic") == fold("Ђукановић") == "dukanovic"
    True
    """
    if text.isascii():
        folded = text.lower().replace("`", "'")
    else:
        bare = _MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())
        folded = unicodedata.normalize("NFC", bare.translate(_LETTERS))
    return _DJ.sub("d", folded)


def words(text: str) -> list[str]:
    """Return the folded words of the text, in order.

    Hyphens, apostrophes and dots part words ("l'OTAN" gives "l", "otan"; "anti-tank" gives
    "anti", "tank"), but a possessive "'s" is dropped. A run of a script that
    writes no spaces is one word.

    >>> words("NATO's Anti-Tank drill: l'OTAN")
    ['nato', 'anti', 'tank', 'drill', 'l', 'otan']
    """
    return _WORD.findall(without_possessives(fold(text)))


def without_possessives(folded: str) -> str:
    """Return folded text without the "'s" at the ends of words."""
    return _POSSESSIVE.sub("", folded)
