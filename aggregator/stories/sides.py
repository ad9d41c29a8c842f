"""Articles as they are compared: those of their terms that tell, with what each is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aggregator.stories.columns import joined
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.meaning import See, agreement, as_it_is
from aggregator.stories.terms import View, by_view, term_of
from aggregator.stories.weighing import Weigh, equally

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """An article in a comparison, with those of its terms that tell, ascending.

    `counts` has a row for each term and a column for each `View`; `weights` are what each is worth.
    """

    fingerprint: Fingerprint
    ids: "NDArray[np.uint32]"
    counts: "NDArray[np.uint8]"
    weights: "NDArray[np.float32]"

    @property
    def headed(self) -> float:
        """Return the share of the title, by weight, that the text has as well."""
        titles, everywhere = self.counts[:, View.TITLE], self.counts[:, View.FULL]
        weights = self.weights * (titles > 0)
        told = float(weights.sum())
        return float(weights[everywhere > titles].sum()) / told if told else 0.0

    def begins_with(self, word: str) -> bool:
        """Return whether the title or the lead has a word, folded."""
        return bool(self.counts[self.ids == term_of(word), View.LEAD].any())


class Sides:
    """An article and those that it is compared with, as they are when it is.

    `entry_ids` are those of the latter. What each of their terms is worth lies
    in columns, those of one after another's, the article's first; `lengths`
    says how many terms each has. `meanings` are vectors of what each means as
    seen in its stream, of length 1, None where no encoder has read it.
    `crowd` is how many of the stream are in the language of the article.
    """

    def __init__(
        self,
        entry_ids: Sequence[int],
        prints: Sequence[Fingerprint],
        ids: "NDArray[np.uint32]",
        counts: "NDArray[np.uint8]",
        weights: "NDArray[np.float32]",
        meanings: Sequence["NDArray[np.float32] | None"],
    ) -> None:
        self.entry_ids, self.prints = entry_ids, prints
        self.ids, self.counts, self.weights = ids, counts, weights
        self.meanings = meanings
        self.crowd = 0
        self.lengths = [len(each.telling.ids) for each in prints]

    def __getitem__(self, number: int) -> Side:
        """Return one of them; the article is number 0."""
        terms = self._terms(number)
        return Side(self.prints[number], self.ids[terms], self.counts[terms], self.weights[terms])

    def between(self, one: int, other: int) -> "Sides":
        """Return two of those that the article is compared with, by their numbers, as a pair."""
        terms = np.r_[self._terms(one), self._terms(other)]
        pair = Sides(
            [self.entry_ids[other - 1]],
            [self.prints[one], self.prints[other]],
            self.ids[terms],
            self.counts[terms],
            self.weights[terms],
            [self.meanings[one], self.meanings[other]],
        )
        pair.crowd = self.crowd
        return pair

    @property
    def agreements(self) -> list[float | None]:
        """Return how alike the meaning of each is to the article's; None if not both were read."""
        own, *others = [
            (each.meaning.space, vector) if each.meaning and vector is not None else None
            for each, vector in zip(self.prints, self.meanings, strict=True)
        ]
        return [agreement(own, other) for other in others]

    def _terms(self, number: int) -> slice:
        end = sum(self.lengths[: number + 1])
        return slice(end - self.lengths[number], end)


def weighed(
    article: Fingerprint,
    others: Mapping[int, Fingerprint],
    weigh: Weigh = equally,
    see: See = as_it_is,
    crowd: int = 0,
) -> Sides:
    """Return an article and others, by their entries' ids, with their terms weighed.

    Their meanings are seen from where the stream is, of which a `crowd` of so
    many are in the article's language.
    """
    prints = [article, *others.values()]
    ids = joined([each.telling.ids for each in prints], np.uint32)
    sides = Sides(
        list(others),
        prints,
        ids,
        by_view(b"".join([each.telling.counts for each in prints])),
        weigh(ids),
        [see(each.meaning) if each.meaning else None for each in prints],
    )
    sides.crowd = crowd
    return sides
