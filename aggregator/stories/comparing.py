"""What an article and each candidate have in common, before it is decided what that means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.lineup import Lineup
from aggregator.stories.meaning import See, as_it_is
from aggregator.stories.pair import Pair
from aggregator.stories.sides import Sides, weighed
from aggregator.stories.similarity import SIGNALS
from aggregator.stories.weighing import Weigh, equally

SAME_ARTICLE = {"same_guid", "same_link"}
_SAME_TEXT = {*SAME_ARTICLE, "same_text"}
# Each of these is enough by itself, whatever the rest of the story says.
_CONCLUSIVE = {*SAME_ARTICLE, "same_canonical", "credit", "same_text"}
# In the data at hand light copies share .70 of their runs or more, look-alikes .53 or less.
_COPY = 0.6


@dataclass(frozen=True, slots=True)
class Comparison:
    """An article beside one candidate: the signals there are, before they are weighed.

    `sides` are the article and all its candidates, of which this is the one in
    that row. `copied` says that the two are one text, `conclusive` that this
    alone decides.
    """

    entry_id: int
    sides: Sides
    row: int
    values: Mapping[str, float]
    copied: bool
    conclusive: bool
    seconds_apart: float

    def disagrees(self, other: "Comparison", vetoes: Iterable[str]) -> bool:
        """Return whether one of these signals stands between two candidates of one article."""
        lineup = Lineup(self.sides.only(self.row + 1, other.row + 1))
        return any(SIGNALS[name](lineup).any() for name in vetoes)


def compare(
    article: Fingerprint,
    candidates: Mapping[int, Fingerprint],
    *,
    weigh: Weigh = equally,
    see: See = as_it_is,
) -> list[Comparison]:
    """Return what an article and each candidate have in common, and against each other.

    `candidates` are fingerprints by the ids of their entries; `weigh` weighs
    their terms and `see` sees their meanings (those of an `Index`).
    """
    if not candidates:
        return []
    lineup = Lineup(weighed([article, *candidates.values()], weigh, see))
    rows = np.array([signal(lineup) for signal in SIGNALS.values()]).T.tolist()
    return [
        _compared(
            lineup,
            row,
            entry_id,
            {name: value for name, value in zip(SIGNALS, rows[row], strict=True) if value},
        )
        for row, entry_id in enumerate(candidates)
    ]


def _compared(lineup: Lineup, row: int, entry_id: int, values: Mapping[str, float]) -> Comparison:
    copied = _is_copy(lineup, row, values)
    apart = lineup.article.published - lineup.others[row].published
    return Comparison(
        entry_id,
        lineup.sides,
        row,
        values,
        copied=copied,
        conclusive=copied or values.get("caption") == 1.0 or not _CONCLUSIVE.isdisjoint(values),
        seconds_apart=abs(apart.total_seconds()),
    )


def _is_copy(lineup: Lineup, row: int, present: Mapping[str, float]) -> bool:
    """Return whether two are one text, up to light edits, rather than one event."""
    if not _SAME_TEXT.isdisjoint(present):
        return True
    if lineup.article.shingles and lineup.others[row].shingles:
        return bool(lineup.texts[row] >= _COPY) and Pair(lineup, row).texts_speak
    return "same_canonical" in present
