"""Terms: the words that an article is about, and in which of its parts they stand.

The views of an article are its whole text, its lead (the title and the first paragraphs), its
title, the names in it, those in its lead, and its figures. Matching weighs and compares them
crosswise. A name counts by its sound, so that it is found however it is spelled.
"""

import re
from array import array
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from enum import IntEnum
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aggregator.stories.days import without_days
from aggregator.stories.folding import words
from aggregator.stories.named import names_in
from aggregator.stories.sounds import sound
from aggregator.stories.text import RUN, digest, digests, shingles, tokens, written_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Terms are hashed into a space of fixed size, so that what is known of each fits in one array and
# nothing grows with the vocabulary (feature hashing: Weinberger et al. 2009).
SPACE_BITS = 20
SPACE = 1 << SPACE_BITS
LEAD_CHARACTERS = 700
MOST_TERMS = 220
MOST_NAMES = 40
MOST_FIGURES = 40
MOST_QUOTED = 64

_MOST_COUNTED = 255
_DAMPED = np.concatenate([[0.0], 1.0 + np.log(np.arange(1, _MOST_COUNTED + 1))]).astype(np.float32)
_QUOTED_RUN = RUN + 1
_QUOTE = re.compile(r"[\"“„«»]([^\"“”„«»]{15,400})[\"“”«»]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SMALL = {"0", "1", "2", "3"}  # these count paragraphs more often than things
# By their last letters, for whoever looks them up; longer ones first.
_ENDINGS = {"d": ("ed",), "g": ("ing",), "s": ("ings", "es", "s"), "y": ("ly",)}
_LEAST_STEM = 3
_LEAST_SOUND = 2


_Counts = dict[str, list[int]]
_Rank = Callable[[tuple[str, list[int]]], tuple[int | str, ...]]


class View(IntEnum):
    """A part of an article, as a column of its counts; `ACTORS` are the names in its lead."""

    FULL = 0
    LEAD = 1
    TITLE = 2
    NAMES = 3
    ACTORS = 4
    FIGURES = 5


_NOWHERE = [0] * len(View)


class Terms(NamedTuple):
    """The terms of an article, ascending, each with how often each view has it.

    `ids` are hashes below `SPACE`; `counts` holds for each of them a byte for
    each view, in the order of `View`. Words, names and figures are terms of
    their own. A figure counts twice where the lead has it.
    """

    ids: "array[int]"
    counts: bytes


def by_view(counts: bytes) -> "NDArray[np.uint8]":
    """Return the counts of terms as a row for each term and a column for each view."""
    return np.frombuffer(counts, np.uint8).reshape(-1, len(View))


def damped(counts: "NDArray[np.uint8]") -> "NDArray[np.float32]":
    """Return what it says that a term stands there so often.

    Ten times say more than once, but not ten times as much: 1 and the
    logarithm, from a table.
    """
    return _DAMPED.take(counts)


def terms(title: str, text: str, heading: Sequence[str], found: Sequence[str]) -> Terms:
    """Return the terms of an article: words of title and lead first, then names, then frequent.

    `heading` are the tokens of its title, `found` those of its text.
    """
    lead = text[:LEAD_CHARACTERS]
    names, actors = names_in(title, text), names_in(title, lead)
    most = {
        **_most(_words(heading, found, lead), MOST_TERMS, _word_rank(set(map(stem, set(names))))),
        **_most(_named(names, actors), MOST_NAMES, _name_rank),
        **_most(_figured(title, text, lead), MOST_FIGURES, _figure_rank),
    }
    by_id: dict[int, list[int]] = {}
    for number, counts in zip(digests(most), most.values(), strict=True):
        by_id.setdefault(number % SPACE, counts)
    ids = sorted(by_id)
    counted = np.fromiter(chain.from_iterable(map(by_id.__getitem__, ids)), np.intp)
    counted = np.minimum(counted, _MOST_COUNTED)
    return Terms(array("I", ids), counted.astype(np.uint8).tobytes())


def telling_terms(terms: Terms) -> Terms:
    """Return those of the terms that more than the text's far end has: a lead, names or figures."""
    counts = by_view(terms.counts)
    telling = counts[:, View.FULL + 1 :].any(axis=1)
    ids = np.array(terms.ids, np.uint32)[telling]
    return Terms(array("I", ids.tobytes()), counts[telling].tobytes())


def stem(word: str) -> str:
    """Return a folded word without its English ending; crude, and the same for all that share it.

    >>> stem("meeting") == stem("meets") == stem("meet")
    True
    """
    if len(word) > _LEAST_STEM + 1:
        for ending in _ENDINGS.get(word[-1], ()):
            if word.endswith(ending):
                short = word[: -len(ending)]
                return short if len(short) >= _LEAST_STEM else word
    return word


def term_of(word: str) -> int:
    """Return the term that stands for a folded word."""
    return _hashed(stem(word))


def term_of_name(word: str) -> int:
    """Return the term that stands for a folded word as a name, by its sound."""
    return _hashed(f"~{sound(word)}")


def _hashed(term: str) -> int:
    return digest(term, 4) % SPACE


def quoted_runs(text: str) -> "array[int]":
    """Return the hashes of all runs of five words inside quotation marks, ascending, at most 64."""
    quotes = (shingles(words(quote), _QUOTED_RUN) for quote in _QUOTE.findall(text))
    found: set[int] = set().union(*quotes)
    return array("I", sorted(found)[:MOST_QUOTED])


def _words(heading: Sequence[str], found: Sequence[str], lead: str) -> _Counts:
    return _counted(
        {
            View.FULL: (*heading, *found),
            View.LEAD: (*heading, *tokens(lead)),
            View.TITLE: heading,
        },
        stem,
    )


def _named(names: Iterable[str], actors: Iterable[str]) -> _Counts:
    """Return how often each name is there and in the lead, by its sound ("~mskv")."""
    return _counted({View.NAMES: names, View.ACTORS: actors}, _sounding)


def _figured(title: str, text: str, lead: str) -> _Counts:
    """Return the figures ("#118"): 1 for each, 2 where the lead has it."""
    everywhere, there = set(_figures(f"{title}\n{text}")), set(_figures(f"{title}\n{lead}"))
    return _counted({View.FIGURES: [*everywhere, *(everywhere & there)]}, str)


def _counted(parts: Mapping[View, Iterable[str]], term_of: Callable[[str], str]) -> _Counts:
    """Return how often each view has each term of its words, but for "", which is none."""
    found: _Counts = {}
    for view, part in parts.items():
        for word, count in Counter(part).items():
            term = term_of(word)
            if term in found:
                found[term][view] += count
            elif term:
                found[term] = _NOWHERE.copy()
                found[term][view] = count
    return found


def _most(found: _Counts, count: int, rank: _Rank) -> _Counts:
    """Return the terms that rank first."""
    return dict(sorted(found.items(), key=rank)[:count])


def _word_rank(names: Container[str]) -> _Rank:
    def rank(item: tuple[str, list[int]]) -> tuple[int | str, ...]:
        term, (full, lead, title, *_) = item
        return not title, not lead, term not in names, -full, term

    return rank


def _name_rank(item: tuple[str, list[int]]) -> tuple[int | str, ...]:
    term, counts = item
    return -counts[View.ACTORS], -counts[View.NAMES], term


def _figure_rank(item: tuple[str, list[int]]) -> tuple[int | str, ...]:
    return item[:1]


def _sounding(name: str) -> str:
    """Return the term that stands for a name, "" where too little is left of it."""
    found = sound(name)
    return f"~{found}" if len(found) >= _LEAST_SOUND else ""


def _figures(text: str) -> Iterable[str]:
    """Yield the figures in a text, as terms: neither dates nor years nor the smallest."""
    for number in written_numbers(without_days(text)):
        if number not in _SMALL and not _YEAR.fullmatch(number):
            yield f"#{number.replace(',', '.')}"
