"""Likeness: how much two articles are alike, and how much unlike; the weights are learned.

Each signal takes a pair and returns a number from 0 to 1; each is the same
whichever of the two comes first.
"""

from datetime import timedelta
from math import log1p, sqrt

from aggregator.stories.pair import Pair
from aggregator.stories.terms import View

_SHORT = 60
_TELLING = 5
# What is taken for 1: near the largest values that true pairs have.
_NAMES_AT_MOST = 4
_FIGURES_AT_MOST = 25
_LEAD_OF_ONE_MATTER = 0.1
_NAMES_THAT_BEAR_OUT = 12
_OTHER_FIGURES_AT_MOST = 10
_QUOTES_AT_MOST = 3
_DAYS_AT_MOST = 3
_APART_AT_MOST = 3
_DAYS_TO_RETELL = 3
_READ = 1e-6


def same_outlet(pair: Pair) -> float:
    """Return 1 where one outlet published both: it rarely tells one story twice."""
    return float(pair.same_outlet)


def lead(pair: Pair) -> float:
    """Return the square root of the cosine of the leads: titles and first paragraphs.

    No word counts for more than the second best, or two events in one village would be one. The
    root, as the step from next to nothing to a little tells more than any other.
    """
    return sqrt(pair.evened_cosine(View.LEAD))


def undated_lead(pair: Pair) -> float:
    """Return `lead` where it is not known when one was published: it must tell more alone."""
    return undated(pair) * lead(pair)


def shared_names(pair: Pair) -> float:
    """Return how much the names that both have tell, as a logarithm: 54 nats are 1."""
    return min(1.0, log1p(pair.weight_in_both(View.NAMES)) / _NAMES_AT_MOST)


def foreign_names(pair: Pair) -> float:
    """Return the share of the names, by weight, that texts in two languages have in common.

    Beside names and figures little else is left to compare.
    """
    if not foreign(pair):
        return 0.0
    one, other = pair.told_by(View.NAMES)
    return pair.weight_in_both(View.NAMES) / sqrt(one * other) if one and other else 0.0


def missing_actors(pair: Pair) -> float:
    """Return the share of the leads' names, by weight, that the other text has not; the lesser."""
    return min(pair.missing_actors())


def quotes(pair: Pair) -> float:
    """Return how many runs of five quoted words both have, as a logarithm: 19 are 1."""
    return min(1.0, log1p(pair.quotes) / _QUOTES_AT_MOST)


def figures(pair: Pair) -> float:
    """Return how much the figures that both texts have tell: 25 nats are 1.

    Less where names bear them out with less than 12 nats, or where the leads
    have little else in common: lists of scores and prices share figures by
    chance, and so does one text with another of thousands.
    """
    told = min(1.0, pair.weight_in_both(View.FIGURES) / _FIGURES_AT_MOST)
    borne_out = min(1.0, pair.weight_in_both(View.NAMES) / _NAMES_THAT_BEAR_OUT)
    return told * borne_out * min(1.0, pair.cosine(View.LEAD) / _LEAD_OF_ONE_MATTER)


def other_figures(pair: Pair) -> float:
    """Return how much the figures of a lead tell that the other lacks, the lesser; 10 nats: 1."""
    return min(1.0, min(pair.missing_figures()) / _OTHER_FIGURES_AT_MOST)


def other_days(pair: Pair) -> float:
    """Return how far apart the days of their leads are: 0 up to one day, 1 from four days on."""
    if not (pair.one.lead_days and pair.other.lead_days):
        return 0.0
    gap = min(abs(one - other) for one in pair.one.lead_days for other in pair.other.lead_days)
    return min(1.0, max(0.0, (gap - 1) / _DAYS_AT_MOST))


def apart(pair: Pair) -> float:
    """Return the time between their being news beyond three days, as a logarithm: 22 days are 1.

    Up to three days it says nothing: rewrites are late, and what else is like
    an article is published as soon.
    """
    if undated(pair):
        return 0.0
    days = abs(pair.one.told_at - pair.other.told_at) / timedelta(days=1)
    return min(1.0, log1p(max(0.0, days - _DAYS_TO_RETELL)) / _APART_AT_MOST)


def undated(pair: Pair) -> float:
    """Return 1 where it is not known when one of them was published."""
    return float(not (pair.one.dated and pair.other.dated))


def short(pair: Pair) -> float:
    """Return 1 where one of the texts has less than sixty words."""
    return float(min(pair.one.words, pair.other.words) < _SHORT)


def untold(pair: Pair) -> float:
    """Return 1 where neither has five words of text ("Read more"): the titles alone must do."""
    return float(max(pair.one.words, pair.other.words) < _TELLING)


def foreign(pair: Pair) -> float:
    """Return 1 where the texts are in two languages."""
    one, other = pair.one.lang, pair.other.lang
    return float(bool(one and other) and one != other)


def length(pair: Pair) -> float:
    """Return the length of the shorter text over that of the longer, 0 to 1."""
    return pair.ratio


def meaning(pair: Pair) -> float:
    """Return how alike a sentence encoder finds them: 0 opposite, 1 the same; where one read both.

    A pair that it has read always has more than nothing: that tells its model
    from that of a pair that it has not.
    """
    alike = pair.meanings
    return 0.0 if alike is None else max(_READ, (1.0 + alike) / 2.0)


LIKENESS = (
    lead,
    undated_lead,
    shared_names,
    foreign_names,
    missing_actors,
    quotes,
    figures,
    other_figures,
    other_days,
    apart,
    undated,
    same_outlet,
    short,
    untold,
    foreign,
    length,
)
