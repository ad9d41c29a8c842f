"""Models: what signals weigh, as it was learned or set by hand."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cached_property

from aggregator.model import Candidate
from aggregator.stories import learned, learned_headlines, learned_meaning
from aggregator.stories.chance import by_chance
from aggregator.stories.likeness import meaning, untold, vague_before

# What speaks against an article's telling a story, and nothing for its telling another.
DOUBTS = (by_chance.__name__, vague_before.__name__)
# No signals of a pair, but of the company that a telling is in. Others of its story say that the
# article's outlet has told it, and that its days are others; in the window are few articles.
TOLD_BEFORE, DATED_OTHERWISE, FEW_ARTICLES = "told_before", "dated_otherwise", "few_articles"
_KEY_WEIGHTS: Mapping[str, float] = {
    "same_guid": 30.0,
    "same_link": 30.0,
    "same_canonical": 14.0,
    "credit": 14.0,
    "same_text": 14.0,
    "reprint": 14.0,
    "caption": 14.0,
    "headline": 6.0,
    "origin": 6.0,
    "shingles": 12.0,
    "thin": -12.0,
    TOLD_BEFORE: -3.0,
    DATED_OTHERWISE: -2.0,
    FEW_ARTICLES: 1.0,
    "notice": -40.0,
    "padding": -8.0,
    "careless_link": -40.0,
    "other_facts": -40.0,
    "votes": -12.0,
    "numbers": -40.0,
    "names": -40.0,
}


@dataclass(frozen=True)
class Model:
    """What makes a score of signals: their weights, and what is held before any is known.

    `likeness` are the learned weights; those of keys are the same in every
    model. A model that counts on meanings names one `without` them, for pairs
    of which no sentence encoder has read both; those of articles name one of
    `headlines`, for those of which neither has a text. There stories are
    judged by their best member, and do not compete (`lone`): headlines of one
    story are so unlike that it may stand as several, and whichever of these an
    article is put in, nothing is lost.
    """

    bias: float
    likeness: Mapping[str, float]
    threshold: float
    without: "Model | None" = None
    headlines: "Model | None" = None
    lone: bool = False

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """Return the weight of each signal."""
        return {**_KEY_WEIGHTS, **self.likeness}

    def fitting(self, signals: Container[str]) -> "Model":
        """Return the model for a pair that has these signals."""
        if self.without and MEANING not in signals:
            return self.without.fitting(signals)
        return self.headlines if self.headlines and UNTOLD in signals else self


MEANING = meaning.__name__
UNTOLD = untold.__name__
LEARNED_HEADLINES = Model(
    learned_headlines.BIAS, learned_headlines.WEIGHTS, learned.THRESHOLD, lone=True
)
LEARNED = Model(learned.BIAS, learned.WEIGHTS, learned.THRESHOLD, headlines=LEARNED_HEADLINES)
# Titles alone are weighed by what they say: an encoder of one language, as measured, helps little
# where they are in that one and harms in others (docs/semantic.md).
LEARNED_WITH_MEANING = Model(
    learned_meaning.BIAS,
    learned_meaning.WEIGHTS,
    learned_meaning.THRESHOLD,
    without=LEARNED,
    headlines=LEARNED_HEADLINES,
)


def bias_of(candidate: Candidate) -> float:
    """Return what was held of a candidate before any of its signals was known."""
    return LEARNED_WITH_MEANING.fitting({signal.name for signal in candidate.signals}).bias
