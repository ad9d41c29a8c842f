"""Chance: how much two texts that are not one have in common all the same."""

from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.likeness import foreign, vaguer
from aggregator.stories.terms import View

if TYPE_CHECKING:
    from aggregator.stories.lineup import Column, Lineup

_ENOUGH_TO_SHARE_WORDS = 100
# In nats: two names that are not everyday ones, or one and its town.
_FEW_NAMES = 12.0
_REWRITTEN = 0.05


def by_chance(lineup: "Lineup") -> "Column":
    """Return 1 where topic, a name and a figure are alike, and no four words in a row are.

    In texts of a hundred words or more that tell one thing there are such runs, or more names in
    common than few; not in two languages, nor where one retells the other, and is vaguer for that.
    """
    long = np.minimum(*lineup.words) >= _ENOUGH_TO_SHARE_WORDS
    few = (lineup.texts == 0.0) & (lineup.common(View.NAMES) < _FEW_NAMES)
    explained = (foreign(lineup) > 0.0) | (vaguer(lineup) >= _REWRITTEN)
    found: Column = (long & few & ~explained).astype(np.float64)
    return found
