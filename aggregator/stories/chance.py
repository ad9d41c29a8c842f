"""Chance: how much two texts that are not one have in common all the same."""

from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.likeness import foreign, order, up_to_one, vaguer
from aggregator.stories.terms import View
from aggregator.stories.vagueness import by_time

if TYPE_CHECKING:
    from aggregator.stories.lineup import Column, Lineup

# Words: fewer need not share any; so many on a run are few; from here on chance is doubted most.
_ENOUGH_TO_SHARE_WORDS, _WORDS_A_RUN, _MANY_WORDS = 100, 400, 600
_LITTLE_DOUBTED = 25
# Names tell less than this many times what it takes to tell an article from all in the window.
_FEW_NAMES = 2.5
_FEW_ARTICLES, _MANY_ARTICLES = 100, 100_000
# How vague a rewrite is, and how much vaguer than what it retells; few reports are so vague.
_REWRITE, _REWRITTEN = 0.3, 0.05


def by_chance(lineup: "Lineup") -> "Column":
    """Return how much topic, a name and a figure are alike where no four words in a row are.

    In texts of a hundred words or more that tell one thing there are such runs, or more names in
    common than few; not in two languages, nor where one retells the other, and is vaguer for that.
    The more articles there are, and the longer texts, the more is alike by chance: 1 are 100,000,
    in six hundred words.
    """
    words = np.minimum(*lineup.words)
    surprise = np.log(np.maximum(lineup.crowds, _FEW_ARTICLES))
    few = (lineup.runs <= words // _WORDS_A_RUN) & (
        lineup.common(View.NAMES) < _FEW_NAMES * surprise
    )
    of_later, _ = by_time(order(lineup), *lineup.vagueness)
    retold = (vaguer(lineup) >= _REWRITTEN) & (of_later >= _REWRITE)
    doubted = (words >= _ENOUGH_TO_SHARE_WORDS) & few & ~(retold | (foreign(lineup) > 0.0))
    length = np.log(np.maximum(words, _LITTLE_DOUBTED) / _LITTLE_DOUBTED)
    found: Column = (
        doubted
        * up_to_one(length / np.log(_MANY_WORDS / _LITTLE_DOUBTED))
        * up_to_one(surprise / np.log(_MANY_ARTICLES))
    )
    return found
