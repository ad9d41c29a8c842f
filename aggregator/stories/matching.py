"""Which story an article tells: the decision, and the reasons for it.

The weights of what two articles have in common are learned; those of keys are
set by hand so that one of them is enough and a contradiction outweighs it: what
is doubtful becomes a story of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from operator import mul
from typing import NamedTuple

from aggregator.model import Kind, Verdict
from aggregator.stories.arguing import Weighed, odds, probability, weigh, weigh_all
from aggregator.stories.comparing import SAME_ARTICLE, Comparison, compare
from aggregator.stories.likeness import apart, undated
from aggregator.stories.weights import LEARNED, Model

# Two stories become one on evidence that would be enough by itself, or not at all.
JOINING = 0.8
_VETOES = {"careless_link", "notice", "other_facts", "votes", "numbers", "names"}
# How much each of a story's best members counts in its evidence, from the best on: an article that
# is like one of them by chance is not like the others, but a report is also told by brief ones, and
# in other languages.
_SHARES = (4.0, 1.0, 1.0)
# What speaks against two stories that stand side by side being one.
_OTHER_TIMES = {apart.__name__, undated.__name__}
# In nats: an article that is so surely two stories' own shows them to be one.
_SURE = 2.0
# Of a story's odds: who has less is no rival whose pieces are worth looking for.
_LEAST_RIVAL = 0.01


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

    The evidence for a story is that of its best members on the average, of
    which the best counts most, or of the best alone where that is conclusive,
    unless another member contradicts the article. Stories compete: an article
    tells one at most, so that the score of each is its share of the odds of all
    of them and of a new story (`Weighed.share`). Two that both share words with
    the article, or are alike themselves, are more often pieces of one story,
    and count for less to each other (`_Rivals`); and what may be alike by
    chance is doubted itself, and competes undoubted, as does what is like a
    rewrite that was there before.
    Where titles are all there is (`Model`) no stories compete.
    Other stories that an article shows to be the same one are joined: such as
    it does conclusively, unless their best members contradict each other, and
    pieces of one (`_are_pieces`). The verdict's candidates stand in order of
    their evidence, the best first.
    """
    threshold = model.threshold
    weighed = weigh_all(comparisons, stories, model)
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
    if not ranked:
        return Verdict(None, Kind.ORIGINAL, 0.0, threshold)
    (score, chosen), *others = ranked
    if score < threshold <= chosen.best.share(chosen.evidence, doubt, doubt):
        left = against[chosen.best.story_id] = doubt + rivals.but_pieces(chosen, model)
        score = chosen.best.share(chosen.evidence, left, doubt)
    in_order = tuple(found.candidate(against[found.story_id], doubt) for found in weighed)
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


class _Argued(NamedTuple):
    """A story with its evidence, its odds against others, and its best member."""

    evidence: float
    odds: float
    best: Weighed

    def is_sure(self, threshold: float) -> bool:
        """Return whether it surely tells the article's news by its likeness alone.

        In its words, at its time, and enough for the threshold if it had no rivals. What a key
        shows tells nothing of other stories: a rewrite may share its padding with these.
        """
        best = self.best
        alike = best.comparison.runs > 0 and not (best.comparison.conclusive or best.lone)
        enough = self.evidence >= _SURE and probability(self.evidence) >= threshold
        return alike and enough and not best.says(_OTHER_TIMES)


class _Rivals:
    """The odds of the stories that an article may tell, as each of them has to do with.

    To others a story counts by its best member, be the rest as unlike the article as they may.
    Two that both share runs of words with the article are the likelier pieces of one the more
    they share: each counts half to the other where one of them shares one run, a third where two.
    """

    def __init__(self, argued: Sequence[_Argued]) -> None:
        self._argued = argued
        self._worded = [each for each in argued if each.best.comparison.runs]
        self._all = fsum([each.odds for each in argued])

    def of(self, story: _Argued) -> float:
        """Return the odds of all stories but one, as they count to that."""
        return self._beside(story, {})

    def but_pieces(self, story: _Argued, model: Model) -> float:
        """Return these odds where what is alike itself counts less, too.

        Where the best members of two stories surely tell one, beyond the likeness that the article
        has lent them, there is not much to choose.
        """
        rivals = [
            each
            for each in self._argued
            if each is not story
            and each.odds >= _LEAST_RIVAL * story.odds
            and not (each.best.comparison.conclusive or each.best.lone)
        ]
        between = _between(story, rivals, model)
        return self._beside(
            story,
            {
                each.best.story_id: probability(evidence - _SURE)
                for each, evidence in zip(rivals, between, strict=True)
            },
        )

    def _beside(self, story: _Argued, alike: Mapping[int, float]) -> float:
        if not (alike or story.best.comparison.runs):
            return max(self._all - story.odds, 0.0)
        spared = fsum(
            each.odds * max(_worded(story, each), alike.get(each.best.story_id, 0.0))
            for each in (self._argued if alike else self._worded)
            if each is not story
        )
        return max(self._all - story.odds - spared, 0.0)


def _worded(one: _Argued, other: _Argued) -> float:
    """Return how likely two stories are pieces of one by the words they share with the article."""
    both = min(one.best.comparison.runs, other.best.comparison.runs)
    return both / (1 + both)


def _between(one: _Argued, others: Sequence[_Argued], model: Model) -> list[float]:
    """Return the evidence that the best members of one story and of each of others tell one."""
    best = one.best.comparison
    pairs = [best.sides.between(best.number, each.best.comparison.number) for each in others]
    return [weigh(pair, one.best.story_id, model).evidence for (pair,) in compare(pairs)]


def _are_pieces(one: _Argued, other: _Argued, model: Model) -> bool:
    """Return whether an article tells two stories so surely that they are one.

    Their best members must be alike, too: a digest tells of two that are not.
    """
    if not (one.is_sure(model.threshold) and other.is_sure(model.threshold)):
        return False
    return _between(one, [other], model)[0] >= 0.0


def _argued_stories(weighed: Sequence[Weighed]) -> Iterable[_Argued]:
    """Yield the evidence for each story and its best member, from candidates in preference."""
    stories: dict[int, list[Weighed]] = {}
    for found in weighed:
        stories.setdefault(found.story_id, []).append(found)
    for members in stories.values():
        counted = _counted(members)
        evidence = _mean([found.evidence for found in counted])
        yield _Argued(evidence, odds(max([found.undoubted for found in counted])), members[0])


def _mean(values: Sequence[float]) -> float:
    """Return the mean of the best members' values, the best first, as each counts."""
    if len(values) == 1:
        return values[0]
    shares = _SHARES[: len(values)]
    return fsum(map(mul, values, shares)) / fsum(shares)


def _counted(members: Sequence[Weighed]) -> Sequence[Weighed]:
    """Return those members of a story, in preference, whose evidence is that for it."""
    best = members[0]
    if best.says(SAME_ARTICLE):
        return members[:1]
    if any(found.says(_VETOES) for found in members):
        return members[-1:]
    if best.comparison.conclusive or best.lone:
        return members[:1]
    return members[: len(_SHARES)]
