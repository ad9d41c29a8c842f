"""Titles: how much two of them have in common where they are all there is.

Words are few there, and each is found whatever its ending: "košarka" in "košarkarji", "Медведев" in
"Медведева", "الذهب" in "بالذهبية".
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from math import fsum
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.likeness import (
    foreign,
    foreign_names,
    missing_actors,
    once,
    other_days,
    other_figures,
    same_outlet,
    undated,
    untold,
    up_to_one,
)
from aggregator.stories.moments import TICK
from aggregator.stories.sides import Side
from aggregator.stories.terms import term_of

if TYPE_CHECKING:
    from aggregator.stories.lineup import Column, Lineup

_Words = Mapping[str, float]

_BEGINNING = 4
_MOST_WORDS = 40
# "And", "by", "as", "for" and "the" are written as one with the word behind them.
_ARABIC = re.compile("^(?:[وفبكل]?ال|لل|[وفبكل](?=\\w{4}))(?=[\u0621-\u064a]{3})")
_WORDS_AT_MOST = 4  # as a logarithm of nats: what is taken for 1
_SOON, _LATEST = timedelta(hours=6) // TICK, timedelta(days=20) // TICK
_UNKNOWN = 0.6


@once
def same_words(lineup: "Lineup") -> "Column":
    """Return the square root of the cosine of titles that stand alone, whatever their endings.

    No word counts for more than the second best, as in `lead`.
    """
    found: Column = np.sqrt(_in_common(lineup)[0])
    return found


@once
def shared_words(lineup: "Lineup") -> "Column":
    """Return how much the words tell that titles which stand alone share, as a logarithm.

    54 nats are 1. A cosine is the same for one word of two and for four of eight.
    """
    return up_to_one(np.log1p(_in_common(lineup)[1]) / _WORDS_AT_MOST)


@once
def later(lineup: "Lineup") -> "Column":
    """Return the time between two titles that stand alone, as a logarithm: 20 days are 1.

    Up to six hours it says nothing; where it is not known it is held to be three days and a half.
    Rewrites are late, titles alone are of the day: of two that sound alike the one of another day
    tells of another match.
    """
    alone = untold(lineup)
    if not alone.any():
        return alone
    late = up_to_one(np.log(np.maximum(lineup.gaps / _SOON, 1.0)) / np.log(_LATEST / _SOON))
    return alone * np.where(undated(lineup) > 0.0, _UNKNOWN, late)


# What is asked of titles that stand alone: their weights are others than those of articles.
ALONE = (
    same_words,
    shared_words,
    foreign_names,
    missing_actors,
    other_figures,
    other_days,
    later,
    same_outlet,
    foreign,
    untold,
)


@once
def _in_common(lineup: "Lineup") -> "Column":
    """Return two rows: the cosines of titles that stand alone, and what they share, in nats."""
    found = np.zeros((2, len(lineup.others)))
    for row in untold(lineup).nonzero()[0].tolist():
        found[:, row] = _alike(*map(_worth, lineup.sides(row)))
    return found


def _worth(side: Side) -> _Words:
    """Return what each word of a title is worth."""
    weights = dict(zip(side.ids.tolist(), side.weights.tolist(), strict=True))
    found = map(_read, side.fingerprint.title[:_MOST_WORDS])
    return {word: weights[term] * part for word, term, part in found if term in weights}


@lru_cache(4096)
def _read(word: str) -> tuple[str, int, float]:
    """Return a word without what Arabic puts before it, its term, and how much of a word it is.

    Of Chinese a character is half a word. Titles that are compared are made of the same words.
    """
    return _ARABIC.sub("", word), term_of(word), 0.5 if len(word) == 1 else 1.0


def _alike(one: _Words, other: _Words) -> tuple[float, float]:
    """Return the cosine of two titles, no word counting for more than the second, and the nats.

    Of two forms of a word the commoner says what it is worth.
    """
    shared = sorted(_shared(one, other))
    squares = fsum(worth * worth for worth in (*shared[:-1], *shared[-2:-1]))
    sizes = [fsum(worth * worth for worth in words.values()) for words in (one, other)]
    size = (sizes[0] * sizes[1]) ** 0.5
    return min(squares / size, 1.0) if size else 0.0, fsum(shared)


def _shared(one: _Words, other: _Words) -> Iterator[float]:
    """Yield what each word that both titles have is worth; the same whichever comes first."""
    beginnings: dict[str, list[str]] = {}
    for word in other:
        if word in one:
            yield min(one[word], other[word])
        else:
            beginnings.setdefault(word[:_BEGINNING], []).append(word)
    pairs = [
        (-min(one[word], other[found]), min(word, found), max(word, found))
        for word in one
        if word not in other
        for found in beginnings.get(word[:_BEGINNING], ())
        if _are_forms(word, found)
    ]
    taken: set[str] = set()
    for worth, first, second in sorted(pairs):
        if taken.isdisjoint((first, second)):
            taken |= {first, second}
            yield -worth


def _are_forms(one: str, other: str) -> bool:
    """Return whether two words are forms of one: two thirds of the longer, or more, begin both."""
    length = max(_BEGINNING, -(-2 * max(len(one), len(other)) // 3))
    return one[:length] == other[:length]
