"""What articles and their candidates have in common, before it is decided what that means."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from aggregator.stories.lineup import Lineup
from aggregator.stories.pair import Pair
from aggregator.stories.sides import Sides
from aggregator.stories.similarity import SIGNALS

SAME_ARTICLE = {"same_guid", "same_link"}
_SAME_TEXT = {*SAME_ARTICLE, "same_text"}
# Each of these is enough by itself, whatever the rest of the story says.
_CONCLUSIVE = {*SAME_ARTICLE, "same_canonical", "credit", "same_text"}
# In the data at hand light copies share .70 of their runs or more, look-alikes .53 or less.
_COPY = 0.6
_NAMES = tuple(SIGNALS)
# So many articles are best compared together: what is called once for all is then cheap, and the
# first need not wait long for the last.
AT_ONCE = 20


class Comparison(NamedTuple):
    """An article beside one candidate: the signals there are, before they are weighed.

    `sides` are the article and all its candidates, of which this is the one of
    that `number`. `copied` says that the two are one text, `conclusive` that
    this alone decides. `ticks_apart` are microseconds.
    """

    entry_id: int
    sides: Sides
    number: int
    values: Mapping[str, float]
    copied: bool
    conclusive: bool
    ticks_apart: int

    def disagrees(self, other: "Comparison", vetoes: Iterable[str]) -> bool:
        """Return whether one of these signals stands between two candidates of one article."""
        lineup = Lineup(self.sides.between(self.number, other.number))
        return any(SIGNALS[name](lineup).any() for name in vetoes)


def compare(questions: Sequence[Sides]) -> list[list[Comparison]]:
    """Return for each article what it and each of its candidates have in common.

    And against each other. All are compared at once; the same comes of one by one.
    """
    asked = [sides for sides in questions if sides.entry_ids]
    if not asked:
        return [[] for _ in questions]
    lineup = Lineup(*asked)
    found = zip(_present(lineup), range(len(lineup.others)), strict=True)
    return [
        [
            _compared(lineup, row, sides, number, values)
            # Not strict: the rows of the next follow.
            for number, (values, row) in zip(range(1, len(sides.prints)), found, strict=False)
        ]
        for sides in questions
    ]


def _present(lineup: Lineup) -> list[dict[str, float]]:
    """Return for each pair the signals that there are, by name, in the order of SIGNALS."""
    columns = np.array([signal(lineup) for signal in SIGNALS.values()]).T
    rows, places = columns.nonzero()
    values, names = columns[rows, places].tolist(), [_NAMES[place] for place in places.tolist()]
    ends = rows.searchsorted(np.arange(len(columns)), "right").tolist()
    return [
        dict(zip(names[start:end], values[start:end], strict=True))
        for start, end in pairwise([0, *ends])
    ]


def _compared(
    lineup: Lineup, row: int, sides: Sides, number: int, values: Mapping[str, float]
) -> Comparison:
    copied = _is_copy(lineup, row, values)
    return Comparison(
        sides.entry_ids[number - 1],
        sides,
        number,
        values,
        copied=copied,
        conclusive=copied or values.get("caption") == 1.0 or not _CONCLUSIVE.isdisjoint(values),
        ticks_apart=abs(sides.prints[0].published_tick - sides.prints[number].published_tick),
    )


def _is_copy(lineup: Lineup, row: int, present: Mapping[str, float]) -> bool:
    """Return whether two are one text, up to light edits, rather than one event."""
    if not _SAME_TEXT.isdisjoint(present):
        return True
    if lineup.ones[row].shingles and lineup.others[row].shingles:
        return bool(lineup.texts[row] >= _COPY) and Pair(lineup, row).texts_speak
    return "same_canonical" in present
