"""Articles as they are compared: those of their terms that tell, with what each is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.meaning import See, as_it_is
from aggregator.stories.terms import View, by_view, term_of
from aggregator.stories.weighing import Weigh, equally

if TYPE_CHECKING:
    from array import array  # takes its item's type only from Python 3.12 on

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """An article in a comparison: those of its terms that a lead, names or figures have, ascending.

    `views` has a row for each `View` and `weights` a number for each term.
    `meaning` is the vector of what it means as seen in its stream, of length 1,
    None where no encoder has read it.
    """

    fingerprint: Fingerprint
    ids: "NDArray[np.uint32]"
    views: "NDArray[np.uint8]"
    weights: "NDArray[np.float32]"
    meaning: "NDArray[np.float32] | None" = None

    def begins_with(self, word: str) -> bool:
        """Return whether the title or the lead has a word, folded."""
        return bool(self.views[View.LEAD, self.ids == term_of(word)].any())


def weighed(
    prints: Sequence[Fingerprint], weigh: Weigh = equally, see: See = as_it_is
) -> list[Side]:
    """Return articles with their terms weighed, their meanings seen from where the stream is."""
    ids = joined([each.telling.ids for each in prints])
    counts = np.ascontiguousarray(by_view(b"".join([each.telling.counts for each in prints])).T)
    weights = weigh(ids)
    ends = list(accumulate([len(each.telling.ids) for each in prints]))
    return [
        Side(
            each,
            ids[start:end],
            counts[:, start:end],
            weights[start:end],
            see(each.meaning) if each.meaning else None,
        )
        for each, start, end in zip(prints, [0, *ends], ends, strict=False)
    ]


def joined(parts: Iterable["array[int]"]) -> "NDArray[np.uint32]":
    """Return numbers of 32 bits one after the other."""
    return np.frombuffer(b"".join(parts), np.uint32)
