"""Articles as they are compared: those of their terms that tell, with what each is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
    """An article in a comparison, with those of its terms that tell, ascending.

    `views` has a row for each `View` and a column for each term.
    """

    fingerprint: Fingerprint
    ids: "NDArray[np.uint32]"
    views: "NDArray[np.uint8]"

    def begins_with(self, word: str) -> bool:
        """Return whether the title or the lead has a word, folded."""
        return bool(self.views[View.LEAD, self.ids == term_of(word)].any())


class Sides:
    """Articles to be compared: what each of their terms is worth, those of one after another's.

    `lengths` says how many terms each has; `meanings` are vectors of what each
    means as seen in its stream, of length 1, None where no encoder has read it.
    """

    def __init__(
        self,
        prints: Sequence[Fingerprint],
        ids: "NDArray[np.uint32]",
        views: "NDArray[np.uint8]",
        weights: "NDArray[np.float32]",
        meanings: Sequence["NDArray[np.float32] | None"],
    ) -> None:
        self.prints, self.ids, self.views, self.weights = prints, ids, views, weights
        self.meanings = meanings
        self.lengths = [len(each.telling.ids) for each in prints]

    def __getitem__(self, number: int) -> Side:
        """Return one of them."""
        end = sum(self.lengths[: number + 1])
        terms = slice(end - self.lengths[number], end)
        return Side(self.prints[number], self.ids[terms], self.views[:, terms])

    def only(self, *numbers: int) -> "Sides":
        """Return some of them, in that order."""
        owners = np.arange(len(self.prints)).repeat(self.lengths)
        terms = np.concatenate([np.flatnonzero(owners == number) for number in numbers])
        return Sides(
            [self.prints[number] for number in numbers],
            self.ids[terms],
            self.views[:, terms],
            self.weights[terms],
            [self.meanings[number] for number in numbers],
        )


def weighed(prints: Sequence[Fingerprint], weigh: Weigh = equally, see: See = as_it_is) -> Sides:
    """Return articles with their terms weighed, their meanings seen from where the stream is."""
    ids = joined([each.telling.ids for each in prints])
    counts = by_view(b"".join([each.telling.counts for each in prints]))
    return Sides(
        prints,
        ids,
        np.ascontiguousarray(counts.T),
        weigh(ids),
        [see(each.meaning) if each.meaning else None for each in prints],
    )


def joined(parts: Iterable["array[int]"]) -> "NDArray[np.uint32]":
    """Return numbers of 32 bits one after the other."""
    return np.frombuffer(b"".join(parts), np.uint32)
