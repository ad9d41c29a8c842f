"""Signals: all that is asked of a pair of articles, by name, for weights and for people."""

from collections.abc import Callable, Iterable, Mapping

from aggregator.stories.evidence import EVIDENCE
from aggregator.stories.likeness import LIKENESS, meaning
from aggregator.stories.pair import Pair

Signals = Mapping[str, Callable[[Pair], float]]


def _named(signals: Iterable[Callable[[Pair], float]]) -> Signals:
    return {signal.__name__: signal for signal in signals}


LEARNED_SIGNALS = _named(LIKENESS)
SIGNALS: Signals = {**_named(EVIDENCE), **LEARNED_SIGNALS, **_named([meaning])}
