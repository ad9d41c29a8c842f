"""Which story an article tells: the decision, and the reasons for it.

Signals are weighed and added as in logistic regression. The weights of what
two articles have in common are learned; those of keys are set by hand so that
one of them is enough and a contradiction outweighs it: what is doubtful
becomes a story of its own.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from math import exp, fsum
from typing import NamedTuple

from aggregator.model import Candidate, Kind, Signal, Verdict
from aggregator.stories.comparing import SAME_ARTICLE, Comparison, compare
from aggregator.stories.likeness import apart, same_outlet, undated
from aggregator.stories.weights import DOUBTS, LEARNED, TOLD_BEFORE, Model

# Two stories become one on evidence that would be enough by itself, or not at all.
JOINING = 0.8
_VETOES = {"careless_link", "notice", "other_facts", "numbers", "names"}
# A story's evidence is that of so many of its best members, on the average: an article that is like
# one of them by chance is not like the others.
_BEST_MEMBERS = 3
_MOST_EVIDENCE = 50.0
_SAME_OUTLET = {same_outlet.__name__}
_DOUBTS = frozenset(DOUBTS)
# What speaks against two stories that stand side by side being one.
_OTHER_TIMES = {apart.__name__, undated.__name__}
# In nats: an article that is so surely two stories' own shows them to be one.
_SURE = 2.0
# Articles of a language in the window. Where fewer than the first count for as few as they are,
# look-alikes meet; beyond the last, what helps with one kind of news harms with another.
_FEW, _USUAL, _MANY = 60, 400, 800
_CROWDING = 0.4


def decide(
    comparisons: Iterable[Comparison],
    stories: Mapping[int, int],
    *,
    model: Model = LEARNED,
    doubt: float = 1.0,
) -> Verdict:
    """Return the story that an article tells, and why; a new one where none reaches the threshold.

    Given what it has in common with its candidates, in whatever order, and the
    `stories` of these; `doubt` is how many times likelier than usual a new story is.

    The evidence for a story is that of its best members on the average, or of
    the best alone where that is conclusive, unless another member contradicts
    the article. Stories compete: an article tells one at most, so that the
    score of each is its share of the odds of all of them and of a new story
    (`_Weighed.share`). Two that both share words with the article are more
    often pieces of one story, and count for less to each other (`_Rivals`);
    and what may be alike by chance is doubted itself, and competes undoubted,
    as does what is like a rewrite that was there before.
    Where titles are all there is (`Model`) no stories compete: there a new
    story is likelier the more articles of its language are known.
    Other stories that an article shows to be the same one are joined: such as
    it does conclusively, unless their best members contradict each other, and
    pieces of one (`_are_pieces`). The verdict's candidates stand in order of
    their evidence, the best first.
    """
    threshold = model.threshold
    weighed = _weigh_all(comparisons, stories, model)
    argued = list(_argued_stories(weighed))
    rivals = _Rivals(argued)
    against = {each.best.story_id: doubt + rivals.of(each) for each in argued}
    ranked = sorted(
        (
            (each.best.share(each.evidence, against[each.best.story_id], doubt), each)
            for each in argued
        ),
        key=lambda found: -found[0],
    )
    in_order = tuple(found.candidate(against[found.story_id], doubt) for found in weighed)
    if not ranked:
        return Verdict(None, Kind.ORIGINAL, 0.0, threshold)
    (score, chosen), *others = ranked
    if score < threshold:
        return Verdict(None, Kind.ORIGINAL, score, threshold, in_order)
    best, story_id = chosen.best, chosen.best.story_id
    members = (found for found in weighed if found.story_id == story_id)
    kind = Kind.COPY if any(found.comparison.copied for found in members) else Kind.RETELLING
    joins = tuple(
        other.best.story_id
        for other_score, other in others
        if (
            best.comparison.conclusive
            and other.best.comparison.conclusive
            and other_score >= max(threshold, JOINING)
            and not best.comparison.disagrees(other.best.comparison, _VETOES)
        )
        or _are_pieces(chosen, other, model)
    )
    return Verdict(story_id, kind, score, threshold, in_order, joins)


class _Weighed(NamedTuple):
    # No dataclass, as a comparison is none: made fifteen times an article, these cost a third.
    story_id: int
    comparison: Comparison
    signals: tuple[Signal, ...]
    evidence: float
    lone: bool

    def says(self, names: AbstractSet[str]) -> bool:
        """Return whether one of these signals is there."""
        return not names.isdisjoint(self.comparison.values)

    def told_before(self, model: Model) -> "_Weighed":
        """Return it as it counts where another telling of its story is of the article's outlet.

        What alone decides does so all the same, and a story of headlines may be told again.
        """
        if self.comparison.conclusive or self.lone:
            return self
        weight = model.weights[TOLD_BEFORE]
        signals = (*self.signals, Signal(TOLD_BEFORE, 1.0, weight))
        return self._replace(signals=signals, evidence=self.evidence + weight)

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
        own = _odds(evidence)
        if self.lone:
            return own / (own + doubt * _by_chance(self.comparison.sides.crowd))
        return own / (own + against)

    def candidate(self, against: float, doubt: float) -> Candidate:
        """Return it as it is shown, with its score against a new story and all others."""
        score = self.share(self.evidence, against, doubt)
        return Candidate(self.comparison.entry_id, self.story_id, score, self.signals)


class _Argued(NamedTuple):
    """A story with its evidence, its odds against others, and its best member."""

    evidence: float
    odds: float
    best: _Weighed

    def is_sure(self, threshold: float) -> bool:
        """Return whether it surely tells the article's news by its likeness alone.

        In its words, at its time, and enough for the threshold if it had no rivals. What a key
        shows tells nothing of other stories: a rewrite may share its padding with these.
        """
        best, odds = self.best, _odds(self.evidence)
        alike = best.comparison.runs > 0 and not (best.comparison.conclusive or best.lone)
        enough = self.evidence >= _SURE and odds / (odds + 1.0) >= threshold
        return alike and enough and not best.says(_OTHER_TIMES)


class _Rivals:
    """The odds of the stories that an article may tell, as each of them has to do with.

    Two that both share runs of words with the article are the likelier pieces of one the more
    they share: each counts half to the other where one of them shares one run, a third where two.
    """

    def __init__(self, argued: Sequence[_Argued]) -> None:
        self._all = fsum(each.odds for each in argued)
        self._worded = [each for each in argued if each.best.comparison.runs]

    def of(self, story: _Argued) -> float:
        """Return the odds of all stories but one, as they count to that."""
        others = max(self._all - story.odds, 0.0)
        runs = story.best.comparison.runs
        if not runs:
            return others
        pieces = [each for each in self._worded if each is not story]
        common = [min(runs, each.best.comparison.runs) for each in pieces]
        spared = fsum(
            each.odds * both / (1 + both) for each, both in zip(pieces, common, strict=True)
        )
        return max(others - spared, 0.0)


def _are_pieces(one: _Argued, other: _Argued, model: Model) -> bool:
    """Return whether an article tells two stories so surely that they are one.

    Their best members must be alike, too: a digest tells of two that are not.
    """
    if not (one.is_sure(model.threshold) and other.is_sure(model.threshold)):
        return False
    members = one.best.comparison, other.best.comparison
    between = one.best.comparison.sides.between(*(each.number for each in members))
    ((pair,),) = compare([between])
    return _weigh(pair, other.best.story_id, model).evidence >= 0.0


def _by_chance(crowd: int) -> float:
    """Return how many times likelier than usual a title is like another story's by chance.

    The more titles there are the likelier, though not in proportion: most are nothing like it.
    """
    return math.pow(min(max(crowd, _FEW), _MANY) / _USUAL, _CROWDING)


def _weigh_all(
    comparisons: Iterable[Comparison], stories: Mapping[int, int], model: Model
) -> list[_Weighed]:
    """Return the candidates weighed, in preference.

    One outlet rarely tells one story twice: where it has told one already, that speaks against
    all who tell it, against its own telling most.
    """
    weighed = [_weigh(found, stories[found.entry_id], model) for found in comparisons]
    told = {each.story_id for each in weighed if each.says(_SAME_OUTLET)}
    if told:
        weighed = [
            each.told_before(model)
            if each.story_id in told and not each.says(_SAME_OUTLET)
            else each
            for each in weighed
        ]
    return sorted(weighed, key=_preference)


def _weigh(comparison: Comparison, story_id: int, model: Model) -> _Weighed:
    values = comparison.values
    fitting = model.fitting(values)
    weights = fitting.weights
    # Meanings count for nothing where the operator has no encoder at work any more.
    found = [(name, value, weights[name]) for name, value in values.items() if name in weights]
    evidence = fitting.bias + fsum([value * weight for _, value, weight in found])
    return _Weighed(story_id, comparison, tuple(map(_signal, found)), evidence, fitting.lone)


# As Signal(…) does, past the frame of Python that each call takes: two hundred an article.
_signal: Callable[[tuple[str, float, float]], Signal] = partial(tuple.__new__, Signal)


def _odds(evidence: float) -> float:
    return exp(min(evidence, _MOST_EVIDENCE))


def _preference(weighed: _Weighed) -> tuple[float, int, int]:
    comparison = weighed.comparison
    return (-weighed.evidence, comparison.ticks_apart, comparison.entry_id)


def _argued_stories(weighed: Sequence[_Weighed]) -> Iterable[_Argued]:
    """Yield the evidence for each story and its best member, from candidates in preference."""
    stories: dict[int, list[_Weighed]] = {}
    for found in weighed:
        stories.setdefault(found.story_id, []).append(found)
    for members in stories.values():
        counted = _counted(members)
        evidence = fsum(found.evidence for found in counted) / len(counted)
        undoubted = fsum(found.undoubted for found in counted) / len(counted)
        yield _Argued(evidence, _odds(undoubted), members[0])


def _counted(members: Sequence[_Weighed]) -> Sequence[_Weighed]:
    """Return those members of a story, in preference, whose evidence is that for it."""
    best = members[0]
    if best.says(SAME_ARTICLE):
        return members[:1]
    if any(found.says(_VETOES) for found in members):
        return members[-1:]
    if best.comparison.conclusive or best.lone:
        return members[:1]
    return members[:_BEST_MEMBERS]
