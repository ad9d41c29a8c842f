"""Openings: how a text begins, word by word, in a form that is stored and cheap to read again."""

import re
from itertools import accumulate
from typing import NamedTuple

from aggregator.stories.folding import fold
from aggregator.stories.text import without_thousands

_CHARACTERS = 700
_MOST_WORDS = 160  # so many characters have fewer, but in a script without spaces
_WORD = re.compile(
    r"(\d+(?:[.,]\d+)*|[^\W_][\w'\N{RIGHT SINGLE QUOTATION MARK}]*|[.!?:\n\"“”„«»]+)"
)
# When something was printed: other clocks and other time zones tell of no other event.
_STAMP = re.compile(r"\d{1,2}\s?:\s?\d\d(?:\s?[ap]\.?m\b)?|\d+(?:\s?/\s?\d+){2}", re.IGNORECASE)


_PLAIN, _CAPITAL, _FIRST, _APART = 0, 1, 2, 4


class Opening(NamedTuple):
    """The words of a text's beginning, folded, with a digit for each that says what it looks like.

    The sum of 1 where it has a capital, 2 where a sentence or a quotation
    begins or ends before it, 4 where else more than a blank does.
    """

    words: list[str]
    looks: str

    def has_capital(self, place: int) -> bool:
        """Return whether a word has a capital."""
        return bool(int(self.looks[place]) & _CAPITAL)

    def begins(self, place: int) -> bool:
        """Return whether a word is the first of its sentence."""
        return bool(int(self.looks[place]) & _FIRST)

    def is_joined(self, place: int) -> bool:
        """Return whether nothing but a blank stands before a word."""
        return int(self.looks[place]) < _FIRST

    @property
    def sentences(self) -> list[int]:
        """Return the number of each word's sentence."""
        return list(accumulate(map(_BEGINS.__contains__, self.looks)))


_BEGINS = {str(look) for look in range(_APART + _FIRST + _CAPITAL + 1) if look & _FIRST}


def opening(text: str) -> str:
    r"""Return the first 700 characters as an `Opening` is stored: words, a line's end, looks.

    Hours and dates in figures are left out, and so is a word that is not whole.

    >>> opening("At 9:30 am the Czech-led team left. It has 1,200 men.")
    'at the czech led team left it has 1200 men\n3014003000'
    """
    begun = text[:_CHARACTERS]
    if len(text) > _CHARACTERS:
        begun = begun.rpartition(" ")[0] or begun
    begun = without_thousands(_STAMP.sub(" ", begun))
    found: list[str] = []
    looks: list[int] = []
    before = _FIRST
    parts = _WORD.split(begun)  # by turns what stands between the words, and these
    for gap, word in zip(parts[::2], parts[1::2], strict=False):
        if word[0].isalnum() and len(found) < _MOST_WORDS:
            apart = before or (_APART if gap.strip() else _PLAIN)
            found.append(word)
            looks.append(apart + word[0].isupper())
            before = _PLAIN
        else:
            before = _FIRST
    folded = fold("\n".join(found)).replace("'", "").split("\n")
    plain = ["".join(word.split()) for word in folded]
    return f"{' '.join(plain)}\n{''.join(map(str, looks))}"


def read_opening(stored: str) -> Opening:
    """Return what was stored as words."""
    words, _, looks = stored.partition("\n")
    return Opening(words.split(), looks)
