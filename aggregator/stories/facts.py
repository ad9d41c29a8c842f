"""Facts that two texts have in place of one another, in the same words otherwise.

Agencies have a form of words for what happens again and again: two arrests, two contracts, the
losses of two days. A light edit of one text changes its plain words and leaves names and figures.
"""

from typing import NamedTuple

import numpy as np

from aggregator.stories.sides import Side
from aggregator.stories.terms import View, term_of_figure


class _Lacking(NamedTuple):
    """What a lead has and another article has nowhere: how many names, figures and words."""

    names: int
    figures: int
    words: int

    @property
    def facts(self) -> int:
        """Return how many of the words are facts: a name is one only where its word is new, too."""
        return min(self.names + self.figures, self.words)


def exchange_facts(one: Side, other: Side) -> bool:
    """Return whether the leads differ by what they tell rather than by how they tell it.

    Each names whom or what place the other does not, or has other figures and other days: other
    figures alone may be those of a toll that has risen. At least half of the words in which the
    leads differ, titles aside, are names and figures.
    """
    found = _lacking(one, other), _lacking(other, one)
    days, others = (set(side.fingerprint.lead_days) for side in (one, other))
    elsewhere = min(each.names for each in found) > 0
    another_day = min(each.figures for each in found) > 0 and bool(days - others and others - days)
    facts, words = (sum(each.facts for each in found), sum(each.words for each in found))
    return (elsewhere or another_day) and 2 * facts >= words > 0


def _lacking(one: Side, other: Side) -> _Lacking:
    absent = ~np.isin(one.ids, other.ids, assume_unique=True)
    counts = one.counts[absent]
    known = set(other.fingerprint.lead_numbers)
    figures = [number for number in one.fingerprint.lead_numbers if number not in known]
    terms = np.array([term_of_figure(number) for number in figures], np.uint32)
    return _Lacking(
        names=int((counts[:, View.ACTORS] > 0).sum()),
        figures=int((~np.isin(terms, other.ids)).sum()),
        words=int((counts[:, View.LEAD] > counts[:, View.TITLE]).sum()),
    )
