"""How vague a text is: who makes up padding names somebody now and then, but no figures."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aggregator.stories.lineup import Column

_NAMED_IN_A_HUNDRED = 10  # words of news, or more
_NAMES_A_FIGURE = 4
ENOUGH_TO_BE_VAGUE = 100  # words
AS_VAGUE_AS_REWRITES = 0.3  # few reports are


def vague(words: "Column", names: "Column", figures: "Column") -> "Column":
    """Return how far a text is from naming ten people and places in a hundred words, 0 to 1.

    A figure counts for four, in the lead for eight. A short text is not vague.
    """
    named = 100.0 * (names + _NAMES_A_FIGURE * figures) / np.maximum(words, 1.0)
    return np.maximum(1.0 - named / _NAMED_IN_A_HUNDRED, 0.0) * (words >= ENOUGH_TO_BE_VAGUE)


def by_time(later: "Column", own: "Column", others: "Column") -> "tuple[Column, Column]":
    """Return what is said of the later one of each pair, and what of the earlier.

    `later` is above 0 where that is the article itself.
    """
    return np.where(later > 0, own, others), np.where(later > 0, others, own)
