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
_NEWS = {"same_text", "reprint"}
_SAME_TEXT = {*SAME_ARTICLE, *_NEWS}
# Each of these is enough by itself, whatever the rest of the story says.
_CONCLUSIVE = {*_SAME_TEXT, "same_canonical", "credit"}
# In the data at hand light copies share .70 of their runs or more, look-alikes .53 or less.
_COPY = 0.6
_NAMES = tuple(SIGNALS)
# So many articles are best compared together: what is called once for all is then cheap, and the
# first need not wait long for the last.
AT_ONCE = 40


class Comparison(NamedTuple):
    """An article beside one candidate: the signals there are, before they are weighed.

    `sides` are the article and all its candidates, of which this is the one of
    that `number`. `copied` says that the two are one text, `conclusive` that
    this alone decides. `runs` are the runs of words that they share; `ticks_apart`
    are microseconds.
    """

    entry_id: int
    sides: Sides
    number: int
    values: Mapping[str, float]
    copied: bool
    conclusive: bool
    runs: int
    ticks_apart: int

    def disagrees(self, other: "Comparison", vetoes: Iterable[str]) -> bool:
        """Return whether one of these signals stands between two candidates of one article.

        That a text in common is a notice is none where both have the article's, and it is news.
        """
        if self._is_news and other._is_news and not _recurs(self.sides):  # noqa: SLF001
            vetoes = set(vetoes) - {"notice"}
        lineup = Lineup(self.sides.between(self.number, other.number))
        return any(SIGNALS[name](lineup).any() for name in vetoes)

    @property
    def both_name_days(self) -> bool:
        """Return whether both leads name days of the news."""
        article, candidate = self.sides.prints[0], self.sides.prints[self.number]
        return bool(article.lead_days and candidate.lead_days)

    @property
    def _is_news(self) -> bool:
        """Return whether it has the article's text, word for word, and that is news."""
        article, candidate = self.sides.prints[0], self.sides.prints[self.number]
        return article.text == candidate.text and not _NEWS.isdisjoint(self.values)


def compare(questions: Sequence[Sides]) -> list[list[Comparison]]:
    """Return for each article what it and each of its candidates have in common.

    And against each other. All are compared at once; the same comes of one by one.
    """
    asked = [sides for sides in questions if sides.entry_ids]
    if not asked:
        return [[] for _ in questions]
    lineup = Lineup(*asked)
    found = _present(lineup)
    compared, row = [], 0
    for sides in questions:
        settled = _settled(sides, found[row : row + len(sides.entry_ids)])
        compared.append(
            [
                _compared(lineup, row + place, sides, place + 1, values)
                for place, values in enumerate(settled)
            ]
        )
        row += len(settled)
    return compared


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


def _settled(sides: Sides, found: Sequence[Mapping[str, float]]) -> Sequence[Mapping[str, float]]:
    """Return the signals of each candidate, with the article's text held for one thing everywhere.

    What one title shows to be news is news under every other, word for word.
    But a text that one outlet has under two titles may be a notice, and then
    it is known for news by its titles alone.
    """
    if not any("notice" in values or "reprint" in values for values in found):
        return found
    if _recurs(sides):
        return [_renamed(values, "reprint", "notice") for values in found]
    article, *others = sides.prints
    verbatim = [article.text is not None and article.text == other.text for other in others]
    if not any(
        same and _NEWS & values.keys() for same, values in zip(verbatim, found, strict=True)
    ):
        return found
    return [
        _renamed(values, "notice", "reprint") if same else values
        for same, values in zip(verbatim, found, strict=True)
    ]


def _recurs(sides: Sides) -> bool:
    """Return whether one outlet has the article's text, word for word, under two titles."""
    text = sides.prints[0].text
    titles = {(each.outlet, each.title) for each in sides.prints if each.text == text}
    return len({outlet for outlet, _ in titles}) < len(titles)


def _renamed(values: Mapping[str, float], name: str, new: str) -> Mapping[str, float]:
    return {new if signal == name else signal: value for signal, value in values.items()}


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
        runs=int(lineup.runs[row]),
        ticks_apart=abs(sides.prints[0].published_tick - sides.prints[number].published_tick),
    )


def _is_copy(lineup: Lineup, row: int, present: Mapping[str, float]) -> bool:
    """Return whether two are one text, up to light edits, rather than one event."""
    if not _SAME_TEXT.isdisjoint(present):
        return True
    if lineup.ones[row].shingles and lineup.others[row].shingles:
        return bool(lineup.texts[row] >= _COPY) and Pair(lineup, row).texts_speak
    return "same_canonical" in present
