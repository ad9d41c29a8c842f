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
_APOSTROPHES = dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9", "'")
_INVISIBLE = dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "")
# Diacritics of Latin, Greek and Cyrillic; Hebrew points; Arabic vowel signs.
_MARKS = dict.fromkeys(
    (*range(0x300, 0x370), *range(0x483, 0x488), *range(0x591, 0x5C8), *range(0x64B, 0x660), 0x670)
)
_LETTERS = str.maketrans(_CYRILLIC | _LATIN | _APOSTROPHES | _INVISIBLE) | _MARKS
_BEYOND_ASCII = re.compile("[^\0-\x7f]+")
_DJ = re.compile("dj+")
_POSSESSIVE = re.compile(r"'s\b")
_WORD = re.compile(r"[^\W_]+")
# The same in ASCII, for less: a blank for whatever parts words.
_APART = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum()})


def fold(text: str) -> str:
    """Return the text in lower case, without diacritics, in Latin script.

    Idempotent. `dj` becomes `d`, as `đ` does. Scripts without an entry in the
    tables (Greek, Arabic, Chinese ...) keep their letters.

    >>> fold("Đukanović") == fold("Djukanovic") == fold("Ђукановић") == "dukanovic"
    True
    """
    if text.isascii():
        folded = text.lower()
    else:
        bare = unicodedata.normalize("NFKD", text).casefold()
        # Of most texts few letters stand in the tables: others are not looked up.
        latin = _BEYOND_ASCII.sub(lambda found: found[0].translate(_LETTERS), bare)
        folded = unicodedata.normalize("NFC", latin)
    folded = folded.replace("`", "'")
    return _DJ.sub("d", folded) if "dj" in folded else folded


def words(text: str) -> list[str]:
    """Return the folded words of the text, in order.

    Hyphens, apostrophes and dots part words ("l'OTAN" gives "l", "otan"; "anti-tank" gives
    "anti", "tank"), but a possessive "'s" is dropped. A run of a script that
    writes no spaces is one word.

    >>> words("NATO's Anti-Tank drill: l'OTAN")
    ['nato', 'anti', 'tank', 'drill', 'l', 'otan']
    """
    folded = without_possessives(fold(text))
    return folded.translate(_APART).split() if folded.isascii() else _WORD.findall(folded)


def without_possessives(folded: str) -> str:
    """Return folded text without the "'s" at the ends of words."""
    return _POSSESSIVE.sub("", folded) if "'s" in folded else folded
