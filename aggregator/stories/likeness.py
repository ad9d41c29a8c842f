"""Likeness: how much an article and others are alike, and how much unlike.

Each signal takes a lineup and returns a column: a number from 0 to 1 for each of the others. It is
the same whichever of the two is the article. All weights but that of `thin` are learned.
"""

from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.dating import days_between
from aggregator.stories.lineup import Lineup
from aggregator.stories.moments import TICK
from aggregator.stories.pair import LEAST_TOLD, one_outlet
from aggregator.stories.terms import View
from aggregator.stories.text import TELLING
from aggregator.stories.vagueness import AS_VAGUE_AS_REWRITES, ENOUGH_TO_BE_VAGUE, by_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from aggregator.stories.lineup import Column

    Signal = Callable[[Lineup], Column]

_SHORT = 60
# What is taken for 1: near the largest values that true pairs have.
_NAMES_AT_MOST = 4
_FIGURES_AT_MOST = 25
_LEAD_OF_ONE_MATTER = 0.1
_NAMES_THAT_BEAR_OUT = 12
_OTHER_FIGURES_AT_MOST = 10
_QUOTES_AT_MOST = 3
_DAYS_AT_MOST = 2
_DAYS_TO_RETELL, _DAYS_APART = 3, 10
# In ticks, of which a lineup has its gaps.
_DAY = timedelta(days=1) // TICK
_VAGUE = 0.4  # reports are less
# One run of words in so many words is little to have in common. So are names that tell no more than
# two that are hardly known, or less than this many times what it takes to tell an article from all
# in the window.
_WORDS_A_RUN, _TWO_NAMES, _FEW_NAMES = 130, 17.0, 2.5
_READ = 1e-6


def once(signal: "Signal") -> "Signal":
    """Have a signal on which others build computed once for each lineup."""

    @wraps(signal)
    def known(lineup: Lineup) -> "Column":
        found = lineup.signals.get(signal.__name__)
        if found is None:
            found = lineup.signals[signal.__name__] = signal(lineup)
        return found

    return known


def thin(lineup: Lineup) -> "Column":
    """Return 1 where one says so little that it could be about anything: "Morning briefing".

    A title that stands alone says it in fewer words: half as much will do.
    """
    own, others = lineup.told(View.LEAD)
    return _column(np.minimum(own, others) < LEAST_TOLD * (1.0 - untold(lineup) / 2.0))


def same_outlet(lineup: Lineup) -> "Column":
    """Return 1 where one outlet published both: it rarely tells one story twice."""
    pairs = zip(lineup.ones, lineup.others, strict=True)
    return _column([one_outlet(one.outlet, other.outlet) for one, other in pairs])


@once
def lead(lineup: Lineup) -> "Column":
    """Return the square root of the cosine of the leads: titles and first paragraphs.

    No word counts for more than the second best, or two events in one village would be one. The
    root, as the step from next to nothing to a little tells more than any other.
    """
    return np.sqrt(lineup.evened_leads)


def undated_lead(lineup: Lineup) -> "Column":
    """Return `lead` where it is not known when one was published: it must tell more alone."""
    return undated(lineup) * lead(lineup)


def shared_names(lineup: Lineup) -> "Column":
    """Return how much the names that both have tell, as a logarithm: 54 nats are 1."""
    return up_to_one(np.log1p(lineup.common(View.NAMES)) / _NAMES_AT_MOST)


def foreign_names(lineup: Lineup) -> "Column":
    """Return the share of the names, by weight, that texts in two languages have in common.

    Beside names and figures little else is left to compare.
    """
    in_two = foreign(lineup)
    if not in_two.any():
        return in_two
    own, others = lineup.told(View.NAMES)
    both = np.sqrt(own * others)
    shares = np.divide(lineup.common(View.NAMES), both, out=np.zeros_like(both), where=both > 0)
    return in_two * up_to_one(shares)


def missing_actors(lineup: Lineup) -> "Column":
    """Return the share of the leads' names, by weight, that the other text has not; the lesser."""
    return np.minimum(*lineup.missing_actors)


def quotes(lineup: Lineup) -> "Column":
    """Return how many runs of five quoted words both have, as a logarithm: 19 are 1."""
    return up_to_one(np.log1p(lineup.quotes) / _QUOTES_AT_MOST)


def figures(lineup: Lineup) -> "Column":
    """Return how much the figures that both texts have tell: 25 nats are 1.

    Less where names bear them out with less than 12 nats, or where the leads
    have little else in common: lists of scores and prices share figures by
    chance, and so does one text with another of thousands.
    """
    told = up_to_one(lineup.common(View.FIGURES) / _FIGURES_AT_MOST)
    borne_out = up_to_one(lineup.common(View.NAMES) / _NAMES_THAT_BEAR_OUT)
    return told * borne_out * up_to_one(lineup.leads / _LEAD_OF_ONE_MATTER)


def other_figures(lineup: Lineup) -> "Column":
    """Return how much the figures of a lead tell that the other lacks, the lesser; 10 nats: 1."""
    return up_to_one(np.minimum(*lineup.missing_figures) / _OTHER_FIGURES_AT_MOST)


def other_days(lineup: Lineup) -> "Column":
    """Return how far apart the days of their leads are: a half for one day, 1 from two days on.

    Who names only days long past or to come tells today what follows from them: that it is told on
    another's day will do, unless that names only such, too.
    """
    pairs = zip(lineup.ones, lineup.others, strict=True)
    gaps = _column([days_between(one, other) for one, other in pairs])
    return up_to_one(gaps / _DAYS_AT_MOST)


def apart(lineup: Lineup) -> "Column":
    """Return the time between their being news beyond three days, as a logarithm: ten days are 1.

    Up to three days it says nothing: rewrites are late, and what else is like
    an article is published as soon. Beyond ten it says no more: what happens
    again does so within days, and news that is followed up is for months.
    """
    late = np.log1p(np.maximum(lineup.gaps / _DAY - _DAYS_TO_RETELL, 0.0))
    return (1.0 - undated(lineup)) * up_to_one(late / np.log1p(_DAYS_APART - _DAYS_TO_RETELL))


@once
def vaguer(lineup: Lineup) -> "Column":
    """Return how much vaguer the later text is, where it names whom the earlier names.

    Who rewrites what others report leaves out names and figures, and has no news to add. It counts
    by the share of the later one's actors that the earlier has, by weight, and less where they are
    `apart`, or where the earlier is vague itself or has under a hundred words. Among `strangers` it
    is a rewrite only if it is as vague as those are.
    """
    later = order(lineup)
    of_later, of_earlier = by_time(later, *lineup.vagueness)
    _, words = by_time(later, *lineup.words)
    missing, _ = by_time(later, *lineup.missing_actors)
    borne_out = (1.0 - missing) * (lineup.common(View.NAMES) > 0) * (1.0 - apart(lineup))
    told = np.maximum(1.0 - of_earlier / _VAGUE, 0.0) * up_to_one(words / ENOUGH_TO_BE_VAGUE)
    retold = 1.0 - strangers(lineup) * (of_later < AS_VAGUE_AS_REWRITES)
    return np.abs(later) * np.maximum(of_later - of_earlier, 0.0) * borne_out * told * retold


@once
def strangers(lineup: Lineup) -> "Column":
    """Return 1 where two texts of a hundred words or more share no words in a row and few names.

    What tells one thing in one language does, unless one is a rewrite.
    """
    words = np.minimum(*lineup.words)
    enough = np.maximum(_FEW_NAMES * np.log(np.maximum(lineup.crowds, 1.0)), _TWO_NAMES)
    few = (lineup.runs <= words // _WORDS_A_RUN) & (lineup.common(View.NAMES) < enough)
    return _column((words >= ENOUGH_TO_BE_VAGUE) & few & (foreign(lineup) == 0.0))


def vague_before(lineup: Lineup) -> "Column":
    """Return how much vaguer the earlier text is: a rewrite is not told before what it retells.

    Like a rewrite is much that its story is not: the padding says nothing, and names are few.
    """
    later = order(lineup)
    of_later, of_earlier = by_time(later, *lineup.vagueness)
    return np.abs(later) * np.maximum(of_earlier - of_later, 0.0)


@once
def undated(lineup: Lineup) -> "Column":
    """Return 1 where it is not known when one of them was published."""
    pairs = zip(lineup.ones, lineup.others, strict=True)
    return _column([not (one.dated and other.dated) for one, other in pairs])


def short(lineup: Lineup) -> "Column":
    """Return 1 where one of the texts has less than sixty words."""
    return _column(np.minimum(*lineup.words) < _SHORT)


@once
def untold(lineup: Lineup) -> "Column":
    """Return 1 where neither has five words of text ("Read more"): the titles alone must do."""
    return _column(np.maximum(*lineup.words) < TELLING)


@once
def foreign(lineup: Lineup) -> "Column":
    """Return 1 where the texts are in two languages."""
    pairs = zip(lineup.ones, lineup.others, strict=True)
    return _column(
        [bool(one.lang and other.lang) and one.lang != other.lang for one, other in pairs]
    )


def length(lineup: Lineup) -> "Column":
    """Return the length of the shorter text over that of the longer, 0 to 1."""
    words = lineup.words
    return np.minimum(*words) / np.maximum(np.maximum(*words), 1.0)


def meaning(lineup: Lineup) -> "Column":
    """Return how alike a sentence encoder finds them: 0 opposite, 1 the same; where one read both.

    A pair that it has read always has more than nothing: that tells its model
    from that of a pair that it has not.
    """
    return _column(
        [0.0 if alike is None else max(_READ, (1.0 + alike) / 2.0) for alike in lineup.meanings]
    )


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
    vaguer,
    vague_before,
    undated,
    same_outlet,
    short,
    untold,
    foreign,
    length,
)


@once
def order(lineup: Lineup) -> "Column":
    """Return 1 where the article is the later one, -1 where the other is, 0 if none is known."""
    pairs = zip(lineup.ones, lineup.others, strict=True)
    return np.sign(
        _column(
            [one.dated and other.dated and one.told_tick - other.told_tick for one, other in pairs]
        )
    )


def _column(values: "Iterable[float] | NDArray[np.bool_]") -> "Column":
    return np.array(values, np.float64)


def up_to_one(values: "Column") -> "Column":
    """Return values, whatever is more than 1 as 1."""
    return np.minimum(values, 1.0)
