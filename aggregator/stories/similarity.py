"""Signals: all that is asked of an article and others, by name, for weights and for people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.chance import by_chance
from aggregator.stories.evidence import BY_IDENTITY, BY_TEXT, BY_TITLE, BY_VOTE
from aggregator.stories.likeness import LIKENESS, meaning, thin
from aggregator.stories.lineup import Lineup
from aggregator.stories.pair import Pair
from aggregator.stories.titles import ALONE
from aggregator.stories.votes import tells_a_vote

if TYPE_CHECKING:
    from aggregator.stories.lineup import Column

Signal = Callable[[Lineup], "Column"]
Judge = Callable[[Pair], float]


def _judged(judges: Sequence[Judge], rows: Callable[[Lineup], Iterable[int]]) -> dict[str, Signal]:
    """Return signals that are what each judge says of the pairs in some rows, elsewhere nothing.

    All are asked of a pair when one is: what they ask of it themselves is mostly the same.
    """

    def ask(lineup: Lineup) -> None:
        columns = np.zeros((len(judges), len(lineup.others)))
        for row in rows(lineup):
            pair = Pair(lineup, row)
            columns[:, row] = [judge(pair) for judge in judges]
        lineup.signals.update(zip((judge.__name__ for judge in judges), columns, strict=True))

    def judged(judge: Judge) -> Signal:
        @wraps(judge)
        def signal(lineup: Lineup) -> "Column":
            if judge.__name__ not in lineup.signals:
                ask(lineup)
            return lineup.signals[judge.__name__]

        return signal

    return _named(map(judged, judges))


def _voting(lineup: Lineup) -> list[int]:
    """Return the rows of those articles whose lead tells how a vote went."""
    voting = {id(each) for each in lineup.articles if tells_a_vote(each.opening)}
    return [row for row, one in enumerate(lineup.ones) if id(one) in voting]


def _named(signals: Iterable[Signal]) -> dict[str, Signal]:
    return {signal.__name__: signal for signal in signals}


LEARNED_SIGNALS: Mapping[str, Signal] = _named([*LIKENESS, by_chance])
HEADLINE_SIGNALS: Mapping[str, Signal] = _named(ALONE)
SIGNALS: Mapping[str, Signal] = {
    **_judged(BY_IDENTITY, lambda lineup: lineup.sharing_identities),
    **_judged(BY_TITLE, lambda lineup: lineup.sharing_titles),
    **_judged(BY_TEXT, lambda lineup: lineup.texts.nonzero()[0].tolist()),
    **_judged(BY_VOTE, _voting),
    **_named([thin]),
    **LEARNED_SIGNALS,
    **HEADLINE_SIGNALS,
    **_named([meaning]),
}
