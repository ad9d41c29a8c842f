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
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aggregator.stories.days import without_days
from aggregator.stories.folding import words
from aggregator.stories.sounds import sound
from aggregator.stories.text import RUN, digest, shingles, tokens, written_numbers

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
_WRITTEN = re.compile(r"[^\W_][\w'\N{RIGHT SINGLE QUOTATION MARK}-]*")
_BREAK = re.compile(r"[.!?:\n\"“”„«»#•*]|\s[-\N{EN DASH}\N{EM DASH}]\s")
_ENDING = re.compile(r"(?:ings?|ed|es|s|ly)$")
_LEAST_STEM = 3
_LEAST_SOUND = 2
# Written with a capital in English wherever they stand, they name nobody.
NO_NAMES = {
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
    "sept", "oct", "nov", "dec", "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday", "mr", "mrs", "ms", "the", "a", "an", "in", "on", "at", "and", "of", "to",
    "for",
}  # fmt: skip


_Counts = dict[str, list[int]]
_Rank = Callable[[str, Sequence[int]], tuple[int | str, ...]]


class View(IntEnum):
    """A part of an article, as a column of its counts; `ACTORS` are the names in its lead."""

    FULL = 0
    LEAD = 1
    TITLE = 2
    NAMES = 3
    ACTORS = 4
    FIGURES = 5


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


def terms(title: str, text: str) -> Terms:
    """Return the terms of an article: words of title and lead first, then names, then frequent."""
    lead = text[:LEAD_CHARACTERS]
    names, actors = _names(title, text), _names(title, lead)
    found = {
        **_most(_words(title, text, lead), MOST_TERMS, _word_rank(set(map(stem, names)))),
        **_most(_named(names, actors), MOST_NAMES, _name_rank),
        **_most(_figured(title, text, lead), MOST_FIGURES, _figure_rank),
    }
    by_id: dict[int, list[int]] = {}
    for term, counts in found.items():
        by_id.setdefault(_hashed(term), counts)
    ids = sorted(by_id)
    return Terms(
        array("I", ids),
        bytes(min(count, _MOST_COUNTED) for term in ids for count in by_id[term]),
    )


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
    short = _ENDING.sub("", word) if len(word) > _LEAST_STEM + 1 else word
    return short if len(short) >= _LEAST_STEM else word


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


def _words(title: str, text: str, lead: str) -> _Counts:
    heading = tokens(title)
    return _counted(
        {
            View.FULL: map(stem, (*heading, *tokens(text))),
            View.LEAD: map(stem, (*heading, *tokens(lead))),
            View.TITLE: map(stem, heading),
        }
    )


def _named(names: Iterable[str], actors: Iterable[str]) -> _Counts:
    """Return how often each name is there and in the lead, by its sound ("~mskv")."""
    return _counted({View.NAMES: _sounds(names), View.ACTORS: _sounds(actors)})


def _figured(title: str, text: str, lead: str) -> _Counts:
    """Return the figures ("#118"): 1 for each, 2 where the lead has it."""
    everywhere, there = set(_figures(f"{title}\n{text}")), set(_figures(f"{title}\n{lead}"))
    return _counted({View.FIGURES: [*everywhere, *(everywhere & there)]})


def _counted(parts: Mapping[View, Iterable[str]]) -> _Counts:
    """Return how often each view has each term; in an order that is the same in each process."""
    found: _Counts = {}
    for view, part in parts.items():
        for term, count in Counter(part).items():
            found.setdefault(term, [0] * len(View))[view] += count
    return found


def _most(found: _Counts, count: int, rank: _Rank) -> _Counts:
    """Return the terms that rank first."""
    return dict(sorted(found.items(), key=lambda item: rank(*item))[:count])


def _word_rank(names: Container[str]) -> _Rank:
    return lambda term, counts: (
        not counts[View.TITLE],
        not counts[View.LEAD],
        term not in names,
        -counts[View.FULL],
        term,
    )


def _name_rank(term: str, counts: Sequence[int]) -> tuple[int | str, ...]:
    return -counts[View.ACTORS], -counts[View.NAMES], term


def _figure_rank(term: str, _: Sequence[int]) -> tuple[int | str, ...]:
    return (term,)


def _sounds(names: Iterable[str]) -> Iterable[str]:
    sounds = map(sound, names)
    return (f"~{found}" for found in sounds if len(found) >= _LEAST_SOUND)


def _figures(text: str) -> Iterable[str]:
    """Yield the figures in a text, as terms: neither dates nor years nor the smallest."""
    for number in written_numbers(without_days(text)):
        if number not in _SMALL and not _YEAR.fullmatch(number):
            yield f"#{number.replace(',', '.')}"


def _names(title: str, text: str) -> list[str]:
    """Return the folded words that name someone or something, as often as they do.

    A capital letter tells, except where a sentence begins: there only beside
    another capital. In a title it tells where the text agrees or is empty.
    """
    found = [word for name in _capitalised(text) for word in name]
    known = set(found)
    titles = [words(match[0]) for match in _WRITTEN.finditer(title) if match[0][0].isupper()]
    for number, parts in enumerate(titles):
        found += [word for word in parts if word in known or (number and not text)]
    return [word for word in found if word not in NO_NAMES and len(word) > 1]


def _capitalised(text: str) -> Iterable[list[str]]:
    """Yield the runs of capitalised words; a single word that begins a sentence is none."""
    run: list[str] = []
    alone_at_start, end = False, 0
    for match in _WRITTEN.finditer(text):
        gap, word = text[end : match.start()], match[0]
        starts = end == 0 or _BREAK.search(gap) is not None
        end = match.end()
        capital = word[0].isupper()
        if run and (not capital or starts or gap.strip()):
            if not alone_at_start:
                yield run
            run = []
        if capital:
            alone_at_start = starts and not run
            run += words(word)
    if run and not alone_at_start:
        yield run
