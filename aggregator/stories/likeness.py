"""Likeness: how much two articles are alike, and how much unlike; the weights are learned.

Each signal takes a pair and returns a number from 0 to 1; each is the same
whichever of the two comes first.
"""

from datetime import timedelta
from heapq import nlargest
from math import fsum, log1p

from aggregator.stories.pair import Pair
from aggregator.stories.terms import View

_SHORT = 60
_RAREST = 3
# What is taken for 1: near the largest values that true pairs have.
_NAMES_AT_MOST = 25
_FIGURES_AT_MOST = 25
_OTHER_FIGURES_AT_MOST = 20
_QUOTES_AT_MOST = 3
_DAYS_AT_MOST = 3
_APART_AT_MOST = 3


def same_outlet(pair: Pair) -> float:
    """Return 1 where one outlet published both: it rarely tells one story twice."""
    return float(pair.same_outlet)


def words(pair: Pair) -> float:
    """Return the cosine of the whole texts, their words weighed."""
    return pair.cosine(View.FULL, View.FULL)


def lead(pair: Pair) -> float:
    """Return the cosine of the leads: titles and first paragraphs."""
    return pair.cosine(View.LEAD, View.LEAD)


def lead_in_text(pair: Pair) -> float:
    """Return the cosine of one's lead and the other's whole text, the mean of both ways."""
    return pair.cosine(View.LEAD, View.FULL)


def headlines(pair: Pair) -> float:
    """Return the cosine of the titles."""
    return pair.cosine(View.TITLE, View.TITLE)


def headline_in_text(pair: Pair) -> float:
    """Return the cosine of one's title and the other's whole text, the mean of both ways."""
    return pair.cosine(View.TITLE, View.FULL)


def shared_names(pair: Pair) -> float:
    """Return the cosine of the names in the texts."""
    return pair.cosine(View.NAMES, View.NAMES)


def rare_names(pair: Pair) -> float:
    """Return how much the three rarest names that both have tell: 25 nats are 1."""
    return min(1.0, fsum(nlargest(_RAREST, pair.in_both(View.NAMES).tolist())) / _NAMES_AT_MOST)


def foreign_names(pair: Pair) -> float:
    """Return the cosine of the names where the texts are in two languages: little else is left."""
    return foreign(pair) * shared_names(pair)


def missing_actors(pair: Pair) -> float:
    """Return the share of the leads' names, by weight, that the other text has not; the lesser."""
    return min(pair.missing_actors())


def quotes(pair: Pair) -> float:
    """Return how many runs of five quoted words both have, as a logarithm: 19 are 1."""
    shared = len(set(pair.one.quotes).intersection(pair.other.quotes))
    return min(1.0, log1p(shared) / _QUOTES_AT_MOST)


def figures(pair: Pair) -> float:
    """Return how much the figures that both texts have tell: 25 nats are 1."""
    return min(1.0, float(pair.in_both(View.FIGURES).sum()) / _FIGURES_AT_MOST)


def other_figures(pair: Pair) -> float:
    """Return how much the figures of a lead tell that the other lacks, the lesser; 20 nats: 1."""
    return min(1.0, min(pair.missing_figures()) / _OTHER_FIGURES_AT_MOST)


def runs(pair: Pair) -> float:
    """Return the share of the smaller text's word runs that the larger has."""
    return pair.texts


def common_day(pair: Pair) -> float:
    """Return 1 where both name a day by its date."""
    return float(not set(pair.one.days).isdisjoint(pair.other.days))


def other_days(pair: Pair) -> float:
    """Return how far apart the days of their leads are: 0 up to one day, 1 from four days on."""
    if not (pair.one.lead_days and pair.other.lead_days):
        return 0.0
    gap = min(abs(one - other) for one in pair.one.lead_days for other in pair.other.lead_days)
    return min(1.0, max(0.0, (gap - 1) / _DAYS_AT_MOST))


def apart(pair: Pair) -> float:
    """Return the time between their publication, as a logarithm: 19 days are 1."""
    if undated(pair):
        return 0.0
    days = abs(pair.one.published - pair.other.published) / timedelta(days=1)
    return min(1.0, log1p(days) / _APART_AT_MOST)


def undated(pair: Pair) -> float:
    """Return 1 where it is not known when one of them was published."""
    return float(not (pair.one.dated and pair.other.dated))


def short(pair: Pair) -> float:
    """Return 1 where one of the texts has less than sixty words."""
    return float(min(pair.one.words, pair.other.words) < _SHORT)


def untold(pair: Pair) -> float:
    """Return 1 where neither has any text: the titles alone must do."""
    return float(not (pair.one.words or pair.other.words))


def untitled(pair: Pair) -> float:
    """Return 1 where one of them has no title."""
    return float(not (pair.one.title and pair.other.title))


def foreign(pair: Pair) -> float:
    """Return 1 where the texts are in two languages."""
    one, other = pair.one.lang, pair.other.lang
    return float(bool(one and other) and one != other)


def length(pair: Pair) -> float:
    """Return the length of the shorter text over that of the longer, 0 to 1."""
    return pair.ratio


LIKENESS = (
    words,
    lead,
    lead_in_text,
    headlines,
    headline_in_text,
    shared_names,
    rare_names,
    foreign_names,
    missing_actors,
    quotes,
    figures,
    other_figures,
    runs,
    common_day,
    other_days,
    apart,
    undated,
    same_outlet,
    short,
    untold,
    untitled,
    foreign,
    length,
)
