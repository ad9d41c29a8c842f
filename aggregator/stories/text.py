"""What matching reads in a text: its words, its word runs, its numbers, its names."""

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from struct import unpack

from aggregator.stories.folding import words

RUN = 4  # words in a shingle
TELLING = 5  # words; a text of fewer tells nothing: "Read more"

# Scripts that write no spaces: each character stands for a word.
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_THOUSANDS = re.compile(r"[,' \u00a0\u202f](?<=\d.)(?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SPELLED = {
    word: str(value)
    for value, spellings in enumerate(
        (
            "first", "second two", "third three", "fourth four", "fifth five", "sixth six",
            "seventh seven", "eighth eight", "ninth nine", "tenth ten", "eleventh eleven",
            "twelfth twelve",
        ),
        start=1,
    )
    for word in spellings.split()
}  # fmt: skip
_TITLE_WORD = re.compile(r"(?<!\w)[^\W\d_][\w'\N{RIGHT SINGLE QUOTATION MARK}]*")
_INSIDE_SENTENCE = re.compile(r"\s(?<=[\w,;)]\s)([^\W\d_]\w*)")
_WORD = re.compile(r"[^\W\d_]\w*")
_STEM = 4
# Shorter words stay small even in titles that capitalise every word.
_HEADLINE_WORD_LENGTH = 4
_MAX_CAPITALISED = 0.8


def tokens(text: str) -> list[str]:
    """Return the folded words in order; where a script writes no spaces, its characters."""
    found = words(text)
    if not _UNSPACED.search(text):
        return found
    return [part for word in found for part in (word if _UNSPACED.search(word) else (word,))]


def digest(text: str, size: int = 8) -> int:
    """Return a hash of the text, `size` bytes wide, the same in every process."""
    return int.from_bytes(
        blake2b(text.encode("utf-8", "replace"), digest_size=size).digest(), "big"
    )


def digests(texts: Iterable[str]) -> Sequence[int]:
    """Return the hashes of texts, four bytes wide, as `digest` does, for less."""
    hashes = [blake2b(text.encode("utf-8", "replace"), digest_size=4).digest() for text in texts]
    found = b"".join(hashes)
    return unpack(f">{len(found) // 4}I", found)


def shingles(found: Sequence[str], run: int = RUN) -> set[int]:
    """Return the 32-bit hashes of all runs of so many words."""
    runs = zip(*(found[start:] for start in range(run)), strict=False)
    return set(digests(map(" ".join, runs)))


def written_numbers(text: str) -> list[str]:
    """Return the numbers written in digits, in order, without their thousands marks."""
    return _NUMBER.findall(without_thousands(text))


def without_thousands(text: str) -> str:
    """Return the text without the marks between thousands in its numbers."""
    return _THOUSANDS.sub("", text)


def numbers(text: str) -> frozenset[str]:
    """Return the numbers in the text: digits without their thousands marks, small words as digits.

    >>> sorted(numbers("Second find in a week, day 1,001 of the 12th mission"))
    ['1001', '12', '2']
    """
    spelled = _SPELLED.keys() & words(text)
    return frozenset(written_numbers(text)).union(map(_SPELLED.__getitem__, spelled))


def is_number(word: str) -> bool:
    """Return whether a folded word is a number, in digits or spelled out."""
    return word in _SPELLED or not word.isalpha()


def mentions(found: Iterable[str], title: Iterable[str]) -> float:
    """Return the share of its title's longer words that a text (its folded words) has.

    Up to their endings. One or two of them stand in many a notice: "data", "research".
    """
    stems = {word[:_STEM] for word in found if len(word) >= _STEM}
    named = {word[:_STEM] for word in title if len(word) >= _STEM}
    return len(named & stems) / len(named) if named else 0.0


def names(title: str, text: str) -> frozenset[str]:
    """Return the folded words of the title that name someone or something.

    A capital letter tells, except where the title begins and where the title
    capitalises every word: there the text must write the word with a capital
    inside its sentences, too.
    """
    found = _TITLE_WORD.findall(title)
    if _capitalises_all(found):
        return _capitalised(_folded(word for word in found if word[0].isupper()), text)
    after_start = _folded(word for word in found[1:] if word[0].isupper())
    return after_start | _capitalised(_folded(found[:1]), text)


def _capitalised(found: frozenset[str], text: str) -> frozenset[str]:
    """Return those folded words that the text writes with a capital, in its sentences as well."""
    capitals = {word for word in _INSIDE_SENTENCE.findall(text) if word[0].isupper()}
    found &= _folded(capitals)
    small = {word for word in _WORD.findall(text) if word[0].islower()} if found else ()
    return found - _folded(small)


def _folded(found: Iterable[str]) -> frozenset[str]:
    return frozenset(words("\n".join(found)))


def _capitalises_all(found: Sequence[str]) -> bool:
    long = [word for word in found if len(word) >= _HEADLINE_WORD_LENGTH]
    return sum(word[0].isupper() for word in long) > _MAX_CAPITALISED * len(long)
