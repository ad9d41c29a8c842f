"""Chance: how much two texts that are not one have in common all the same."""

from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.likeness import order, strangers, up_to_one, vaguer
from aggregator.stories.vagueness import AS_VAGUE_AS_REWRITES, by_time

if TYPE_CHECKING:
    from aggregator.stories.lineup import Column, Lineup

# Words: from here on chance is doubted, and most.
_LITTLE_DOUBTED, _MANY_WORDS = 25, 600
_FEW_ARTICLES, _MANY_ARTICLES = 100, 100_000
_REWRITTEN = 0.05  # how much vaguer a rewrite is than what it retells


def by_chance(lineup: "Lineup") -> "Column":
    """Return how much topic, a name and a figure are alike among `strangers` that are no rewrites.

    The more articles there are, and the longer texts, the more is alike by chance: 1 are 100,000,
    in six hundred words.
    """
    words = np.minimum(*lineup.words)
    surprise = np.log(np.maximum(lineup.crowds, _FEW_ARTICLES))
    of_later, _ = by_time(order(lineup), *lineup.vagueness)
    retold = (vaguer(lineup) >= _REWRITTEN) & (of_later >= AS_VAGUE_AS_REWRITES)
    doubted = (strangers(lineup) > 0.0) & ~retold
    length = np.log(np.maximum(words, _LITTLE_DOUBTED) / _LITTLE_DOUBTED)
    found: Column = (
        doubted
        * up_to_one(length / np.log(_MANY_WORDS / _LITTLE_DOUBTED))
        * up_to_one(surprise / np.log(_MANY_ARTICLES))
    )
    return found
