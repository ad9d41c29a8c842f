"""Which story an article tells: the decision, and the reasons for it.

Signals are weighed and added as in logistic regression. The weights are set by
hand so that one strong reason is enough, two weak ones are not, and a
contradiction outweighs both: what is doubtful becomes a story of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, fsum

from aggregator.model import Candidate, Kind, Signal, Verdict
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.pair import Pair, Rarity, equally_rare
from aggregator.stories.similarity import SIGNALS

THRESHOLD = 0.5
# Two stories become one on evidence that would be enough by itself, or not at all.
JOINING = 0.8
BIAS = -7.2
WEIGHTS: Mapping[str, float] = {
    "same_guid": 30.0,
    "same_link": 30.0,
    "same_canonical": 10.0,
    "same_text": 10.0,
    "caption": 10.0,
    "headline": 6.0,
    "origin": 6.0,
    "title": 3.0,
    "shingles": 12.0,
    "length": 0.5,
    "same_outlet": -2.5,
    "careless_link": -20.0,
    "numbers": -20.0,
    "names": -20.0,
}
_VETOES = {"careless_link", "numbers", "names"}
_SAME_ARTICLE = {"same_guid", "same_link"}
# In the data at hand light copies share .70 of their runs or more, look-alikes .53 or less.
_COPY = 0.6


@dataclass(frozen=True, slots=True)
class Placed:
    """A candidate as the index found it: an entry, the story it was placed in, its fingerprint."""

    entry_id: int
    story_id: int
    fingerprint: Fingerprint


def matching_story(
    fingerprint: Fingerprint,
    candidates: Sequence[Placed],
    *,
    rarity: Rarity = equally_rare,
    threshold: float = THRESHOLD,
) -> Verdict:
    """Return the story that an article tells, and why; a new one where none reaches the threshold.

    A story scores as its best member does, unless another member contradicts
    the article. Other stories that score high enough to be the same one are
    joined, unless their best members contradict each other. `rarity` weighs
    the words of titles (`Index.rarity`). The verdict's candidates stand in
    order of their score, the best first. The order of `candidates` makes no
    difference.
    """
    rarity = cache(rarity)
    compared = sorted(
        (_compare(fingerprint, placed, rarity) for placed in candidates), key=_preference
    )
    ranked = sorted(_best_of_stories(compared), key=lambda found: -found[0])
    in_order = tuple(found.candidate for found in compared)
    if not ranked:
        return Verdict(None, Kind.ORIGINAL, 0.0, threshold)
    (score, chosen), *others = ranked
    if score < threshold:
        return Verdict(None, Kind.ORIGINAL, score, threshold, in_order)
    story_id = chosen.candidate.story_id
    members = (found for found in compared if found.candidate.story_id == story_id)
    kind = Kind.COPY if any(found.copied for found in members) else Kind.RETELLING
    joins = tuple(
        other.candidate.story_id
        for other_score, other in others
        if other_score >= max(threshold, JOINING) and not _contradict(chosen, other, rarity)
    )
    return Verdict(story_id, kind, score, threshold, in_order, joins)


@dataclass(frozen=True, slots=True)
class _Compared:
    candidate: Candidate
    fingerprint: Fingerprint
    copied: bool
    vetoed: bool
    same_article: bool
    seconds_apart: float


def _compare(fingerprint: Fingerprint, placed: Placed, rarity: Rarity) -> _Compared:
    pair = Pair(fingerprint, placed.fingerprint, rarity)
    values = {name: value for name, signal in SIGNALS.items() if (value := signal(pair))}
    signals = tuple(Signal(name, value, WEIGHTS[name]) for name, value in values.items())
    apart = abs(fingerprint.published - placed.fingerprint.published).total_seconds()
    return _Compared(
        Candidate(placed.entry_id, placed.story_id, _score(signals), signals),
        placed.fingerprint,
        copied=_is_copy(pair, values.keys()),
        vetoed=not _VETOES.isdisjoint(values),
        same_article=not _SAME_ARTICLE.isdisjoint(values),
        seconds_apart=apart,
    )


def _score(signals: Iterable[Signal]) -> float:
    """Return the probability, 0 to 1, that the pair tells one story."""
    evidence = fsum(signal.value * signal.weight for signal in signals)
    return 1.0 / (1.0 + exp(-(BIAS + evidence)))


def _is_copy(pair: Pair, present: Iterable[str]) -> bool:
    """Return whether a pair is one text, up to light edits, rather than one event."""
    if not {"same_guid", "same_link", "same_text"}.isdisjoint(present):
        return True
    if pair.one.shingles and pair.other.shingles:
        return pair.texts >= _COPY
    return "same_canonical" in present


def _contradict(one: _Compared, other: _Compared, rarity: Rarity) -> bool:
    pair = Pair(one.fingerprint, other.fingerprint, rarity)
    return any(SIGNALS[name](pair) for name in _VETOES)


def _preference(compared: _Compared) -> tuple[float, float, int]:
    candidate = compared.candidate
    return (-candidate.score, compared.seconds_apart, candidate.entry_id)


def _best_of_stories(compared: Sequence[_Compared]) -> Iterable[tuple[float, _Compared]]:
    """Yield each story's score and best member, from candidates in order of preference."""
    stories: dict[int, list[_Compared]] = {}
    for found in compared:
        stories.setdefault(found.candidate.story_id, []).append(found)
    for members in stories.values():
        best = members[0]
        contradicted = any(found.vetoed for found in members) and not best.same_article
        yield members[-1].candidate.score if contradicted else best.candidate.score, best
