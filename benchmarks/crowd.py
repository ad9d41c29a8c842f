"""Fingerprints by the hundred thousand: made-up articles of 400 words, drawn as numbers.

To be looked up, an article needs no text. Its words are drawn as those of a language are, a few
often and most of them rarely; its names and figures likewise. Each article can be made again by its
number, and so can a copy and a retelling of it.
"""

from array import array
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.fingerprint import MAX_SHINGLES, Fingerprint
from aggregator.stories.terms import MOST_TERMS, SPACE, Terms, View
from aggregator.stories.text import RUN

WORDS, TITLE_WORDS, LEAD_WORDS, NAMES, FIGURES, QUOTED = 400, 9, 110, 7, 3, 12
VOCABULARY, KNOWN_NAMES, KNOWN_FIGURES = 60_000, 40_000, 3_000
SENTENCE = 18
# The sounds of names are numbered behind all words, names and figures.
SOUNDS = VOCABULARY + 2 * KNOWN_NAMES
LIGHTLY = 0.15  # of a copy's runs are other than the original's
RETOLD = 0.6  # of a retelling's words are
PERIOD = timedelta(days=14)
START = datetime(2026, 1, 5, tzinfo=UTC)

_LETTERS = str.maketrans("0123456789", "abcdefghij")

Numbers = NDArray[np.integer]


def _shares(count: int) -> NDArray[np.float64]:
    """Return how often the words of a language are met, the frequent first, added up (Zipf)."""
    shares = 1.0 / (np.arange(count) + 2.7)
    return np.cumsum(shares / shares.sum())


_WORDS, _NAMES = _shares(VOCABULARY), _shares(KNOWN_NAMES)
_IDS = np.random.default_rng(20).permutation(SPACE).astype(np.uint32)


@dataclass(frozen=True, slots=True)
class _Drawn:
    words: Numbers
    names: Numbers
    often: Numbers
    figures: Numbers
    runs: Numbers
    quotes: Numbers
    keys: Numbers
    outlet: int


class Crowd:
    """So many articles, and those that come after them, published evenly over two weeks."""

    def __init__(self, size: int) -> None:
        self._pause = PERIOD / size

    def published(self, number: int) -> datetime:
        """Return when the article of that number was published."""
        return START + number * self._pause

    def article(self, number: int) -> Fingerprint:
        """Return the article of that number, the same each time."""
        return self._fingerprint(number, _draw(number))

    def copy(self, number: int, copied: int) -> Fingerprint:
        """Return the article of that number as another outlet's copy of an earlier one."""
        own, other = _draw(number), _draw(copied)
        chance = np.random.default_rng([number, 1])
        kept = chance.random(MAX_SHINGLES) >= LIGHTLY
        runs = np.sort(np.where(kept, other.runs, own.runs))
        kept = chance.random(len(own.words)) >= LIGHTLY / RUN
        drawn = replace(other, runs=runs, keys=own.keys, outlet=other.outlet + 1)
        begun = _opening(replace(other, words=np.where(kept, other.words, own.words)))
        return replace(self._fingerprint(number, drawn), opening=begun)

    def retelling(self, number: int, retold: int) -> Fingerprint:
        """Return the article of that number as another outlet's own words on an earlier one."""
        own, other = _draw(number), _draw(retold)
        kept = np.random.default_rng([number, 2]).random(len(own.words)) >= RETOLD
        words = np.where(kept, other.words, own.words)
        drawn = replace(own, words=words, names=other.names, figures=other.figures)
        # It says when that was which it retells.
        day = self.published(retold).toordinal()
        return replace(self._fingerprint(number, drawn), lead_days=(day,))

    def _fingerprint(self, number: int, drawn: _Drawn) -> Fingerprint:
        title = [_spelled("word", word) for word in drawn.words[:TITLE_WORDS]]
        name = _spelled("name", drawn.names[0])
        published = self.published(number)
        link, text = drawn.keys.tolist()
        return Fingerprint(
            outlet=f"outlet{drawn.outlet}.example",
            published=published,
            dated=True,
            lang="en",
            words=WORDS,
            headed=0.8,
            title=(*title, name),
            names=(name,),
            numbers=(),
            opening=_opening(drawn),
            lead_numbers=(str(drawn.figures[0]),),
            lead_days=(published.toordinal(),),
            told_day=None,
            headlines=(),
            origins=(),
            originals=(),
            guid=None,
            link=link,
            canonical=None,
            text=text,
            shingles=array("I", drawn.runs.tobytes()),
            quotes=array("I", drawn.quotes.tobytes()),
            terms=_terms(drawn),
        )


def _spelled(kind: str, number: int) -> str:
    """Return a word that stands for a number, all of letters: one with digits would be a figure."""
    return kind + str(number).translate(_LETTERS)


def _opening(drawn: _Drawn) -> str:
    """Return how the text begins: sentences of eighteen words, each with a name."""
    words = [_spelled("word", word) for word in drawn.words[TITLE_WORDS:LEAD_WORDS]]
    looks = ["0"] * len(words)
    for start, name in zip(range(0, len(words), SENTENCE), drawn.names, strict=False):
        words[start + 1], looks[start], looks[start + 1] = _spelled("name", name), "3", "1"
    return f"{' '.join(words)}\n{''.join(looks)}"


def _draw(number: int) -> _Drawn:
    chance = np.random.default_rng(number)
    return _Drawn(
        words=np.searchsorted(_WORDS, chance.random(TITLE_WORDS + WORDS)),
        names=VOCABULARY + np.unique(np.searchsorted(_NAMES, chance.random(NAMES))),
        often=chance.integers(1, 6, NAMES),
        figures=VOCABULARY + KNOWN_NAMES + chance.choice(KNOWN_FIGURES, FIGURES, replace=False),
        runs=np.sort(chance.integers(0, 1 << 32, MAX_SHINGLES, np.uint32)),
        quotes=np.sort(chance.integers(0, 1 << 32, QUOTED, np.uint32)),
        keys=chance.integers(0, 1 << 63, 2),
        outlet=int(chance.integers(100)),
    )


def _terms(drawn: _Drawn) -> Terms:
    """Return the terms: those of title and lead, the names, then the frequent; the figures.

    A name is two terms: the word, and the sound of it.
    """
    names = drawn.names
    sounds = names + SOUNDS
    views = {
        View.FULL: np.concatenate([drawn.words, np.repeat(names, drawn.often[: len(names)])]),
        View.LEAD: np.concatenate([drawn.words[: TITLE_WORDS + LEAD_WORDS], names[:4]]),
        View.TITLE: np.concatenate([drawn.words[:TITLE_WORDS], names[:1]]),
        View.NAMES: np.repeat(sounds, drawn.often[: len(names)]),
        View.ACTORS: sounds[:4],
        View.FIGURES: np.concatenate([drawn.figures, drawn.figures[:1]]),
    }
    found = np.unique(np.concatenate([views[View.FULL], sounds, drawn.figures]))
    counts = np.zeros((len(found), len(View)), np.uint8)
    for view, part in views.items():
        counts[:, view] = np.bincount(np.searchsorted(found, part), minlength=len(found))
    first = counts[:, [View.LEAD, View.NAMES, View.FIGURES]].any(axis=1)
    kept = np.lexsort((-counts[:, View.FULL].astype(int), ~first))[: MOST_TERMS + NAMES + FIGURES]
    ids = _IDS[found[kept]]
    order = np.argsort(ids)
    return Terms(array("I", ids[order].tobytes()), counts[kept][order].tobytes())
