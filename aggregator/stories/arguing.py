"""What speaks for each candidate that an article tells its story: signals, weighed and added up.

As in logistic regression. Beside what it has in common with the article each candidate has signals
of the company that it is in: what a telling leaves out the others of its story say, and among few
articles none is like another by chance.
"""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from math import exp, fsum, log
from typing import NamedTuple

from aggregator.model import Candidate, Signal
from aggregator.stories.comparing import Comparison
from aggregator.stories.likeness import other_days, same_outlet, undated
from aggregator.stories.sides import Sides
from aggregator.stories.weights import DATED_OTHERWISE, DOUBTS, FEW_ARTICLES, TOLD_BEFORE, Model

_MOST_EVIDENCE = 50.0
_SAME_OUTLET, _UNDATED = {same_outlet.__name__}, {undated.__name__}
_DOUBTS = frozenset(DOUBTS)
# Articles of a language in the window. Where fewer than the first count for as few as they are,
# look-alikes meet; beyond the last, what helps with one kind of news harms with another.
_FEW, _MANY = 60, 800


class Weighed(NamedTuple):
    """A candidate with its signals as they weigh, and their sum, in nats; `lone` as in `Model`."""

    # No dataclass, as a comparison is none: made fifteen times an article, these cost a third.
    story_id: int
    comparison: Comparison
    signals: tuple[Signal, ...]
    evidence: float
    lone: bool

    def says(self, names: AbstractSet[str]) -> bool:
        """Return whether one of these signals is there."""
        return not names.isdisjoint(self.comparison.values)

    def amid(self, company: Mapping[str, float], model: Model) -> "Weighed":
        """Return it as it counts in its company, of which these are the signals.

        What alone decides does so in any.
        """
        if not company or self.comparison.conclusive:
            return self
        said = [Signal(name, value, model.weights[name]) for name, value in company.items()]
        evidence = self.evidence + fsum(signal.value * signal.weight for signal in said)
        return self._replace(signals=(*self.signals, *said), evidence=evidence)

    @property
    def undoubted(self) -> float:
        """Return the evidence as it is against other stories: not less for being doubted."""
        if not self.says(_DOUBTS):
            return self.evidence
        taken = (signal for signal in self.signals if signal.name in _DOUBTS)
        return self.evidence - fsum(signal.value * signal.weight for signal in taken)

    def share(self, evidence: float, against: float, doubt: float) -> float:
        """Return a score, 0 to 1: a share of all odds; a probability where one decides alone."""
        if self.comparison.conclusive:
            return 1.0 / (1.0 + exp(-evidence))
        own = odds(evidence)
        return own / (own + (doubt if self.lone else against))

    def candidate(self, against: float, doubt: float) -> Candidate:
        """Return it as it is shown, with its score against a new story and all others."""
        score = self.share(self.evidence, against, doubt)
        return Candidate(self.comparison.entry_id, self.story_id, score, self.signals)


def odds(evidence: float) -> float:
    """Return the odds that go with evidence."""
    return exp(min(evidence, _MOST_EVIDENCE))


def probability(evidence: float) -> float:
    """Return how likely evidence makes what it speaks for, where nothing else is in question."""
    own = odds(evidence)
    return own / (own + 1.0)


def weigh_all(
    comparisons: Iterable[Comparison], stories: Mapping[int, int], model: Model
) -> list[Weighed]:
    """Return the candidates weighed, each in its company, in preference.

    One outlet rarely tells one story twice: where it has told one already, that speaks against all
    who tell it, against its own telling most. And where all who name a day name another than the
    article does, so would the rest. A story of headlines may be told again.
    """
    weighed = [weigh(found, stories[found.entry_id], model) for found in comparisons]
    told = {each.story_id for each in weighed if each.says(_SAME_OUTLET)}
    dated = _days_off(weighed)
    few = _few(weighed[0].comparison.sides) if weighed else 0.0
    return sorted(
        (each.amid(_company(each, few, told, dated), model) for each in weighed), key=_preference
    )


def _company(
    one: Weighed, few: float, told: AbstractSet[int], dated: Mapping[int, float]
) -> Mapping[str, float]:
    """Return the signals of the company that one candidate is in.

    How `few` articles there are says nothing where it is not known when one was published, but for
    titles alone: any day's may be meant.
    """
    said = {}
    if few and (one.lone or not one.says(_UNDATED)):
        said[FEW_ARTICLES] = few
    if one.story_id in told and not (one.lone or one.says(_SAME_OUTLET)):
        said[TOLD_BEFORE] = 1.0
    if one.story_id in dated and not (one.lone or one.comparison.both_name_days):
        said[DATED_OTHERWISE] = dated[one.story_id]
    return said


def _few(sides: Sides) -> float:
    """Return how few articles there are that an article may be like, 0 to 1, as a logarithm.

    The more there are the likelier is one of them like it by chance, though not in proportion: most
    are nothing like it. Of a day long past all are candidates, however few the window has.
    """
    if sides.prints[0].told_day is not None:
        return 0.0
    return log(_MANY / min(max(sides.crowd, _FEW), _MANY)) / log(_MANY / _FEW)


def _days_off(weighed: Iterable[Weighed]) -> Mapping[int, float]:
    """Return how far the article's days are from each story's, as `other_days` of the nearest.

    Of the stories of which some tellings name days, and none the article's.
    """
    gaps: dict[int, list[float]] = {}
    for each in weighed:
        if each.comparison.both_name_days:
            gap = each.comparison.values.get(other_days.__name__, 0.0)
            gaps.setdefault(each.story_id, []).append(gap)
    return {story_id: least for story_id, found in gaps.items() if (least := min(found))}


def weigh(comparison: Comparison, story_id: int, model: Model) -> Weighed:
    """Return a candidate weighed by what it has in common with the article, and nothing else."""
    values = comparison.values
    fitting = model.fitting(values)
    weights = fitting.weights
    # Meanings count for nothing where the operator has no encoder at work any more.
    found = [(name, value, weights[name]) for name, value in values.items() if name in weights]
    evidence = fitting.bias + fsum([value * weight for _, value, weight in found])
    return Weighed(story_id, comparison, tuple(map(_signal, found)), evidence, fitting.lone)


# As Signal(…) does, past the frame of Python that each call takes: two hundred an article.
_signal: Callable[[tuple[str, float, float]], Signal] = partial(tuple.__new__, Signal)


def _preference(weighed: Weighed) -> tuple[float, int, int]:
    comparison = weighed.comparison
    return (-weighed.evidence, comparison.ticks_apart, comparison.entry_id)
