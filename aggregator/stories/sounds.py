"""Sounds: what is left of a name however it is spelled.

One person is Zhelyazkovski in one report, Zheliazkovsky in the next and Жељазковски in a third.
What spellings and endings leave alone are the consonants and the first letter. That is what the
codes of Russell and Odell's Soundex (US patent 1,261,167, 1918) keep, too; this one knows the
letters of the region's languages and more than three of a name's consonants.
"""

import re

MOST_LETTERS = 6

_SPELLINGS = {
    "sch": "s", "tch": "s", "ph": "f", "ck": "k", "sh": "s", "zh": "s", "ch": "s", "kh": "h",
    "th": "t", "sz": "s", "cz": "s", "ts": "s", "dz": "s", "gh": "g", "qu": "kv", "ce": "s",
    "ci": "s", "cy": "s", "c": "k", "q": "k", "w": "v", "x": "ks", "z": "s",
}  # fmt: skip
_SPELLING = re.compile("|".join(sorted(_SPELLINGS, key=len, reverse=True)))
_LAST_C = re.compile("c$")  # of a folded Stojković, which others write Stoykovich
_SILENT = re.compile("[aeiouyjh]")
_REPEATED = re.compile(r"(.)\1+")


def sound(name: str) -> str:
    """Return the sound of a folded name: its first letter and its consonants, at most six letters.

    Endings of declension are mostly vowels, and stand behind the sixth letter or fall away.

    >>> sound("zhelyazkovski") == sound("zheliazkovsky") == sound("zeljazkovskog")
    True
    """
    spelled = _SPELLING.sub(lambda found: _SPELLINGS[found[0]], _LAST_C.sub("s", name))
    first = spelled[0].replace("j", "i").replace("y", "i")
    letters = first + _SILENT.sub("", spelled[1:])
    return _REPEATED.sub(r"\1", letters)[:MOST_LETTERS]
