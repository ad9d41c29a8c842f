"""Two articles side by side: the comparisons that several signals draw on."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from math import fsum
from typing import TYPE_CHECKING

from aggregator.stories.fingerprint import MAX_SHINGLES, Fingerprint
from aggregator.stories.provenance import names_outlet
from aggregator.stories.text import is_number

if TYPE_CHECKING:
    from array import array  # takes its item's type only from Python 3.12 on

Rarity = Callable[[str], float]

# Shorter headlines are kickers ("Live", "Morning briefing") that many articles bear.
MIN_HEADLINE_WORDS = 5

_AGREEING_TITLES = 0.5
_TEMPLATE_SHARE = 0.6
_MIN_RUNS = 20  # fewer shared runs are chance or a "read more" line
_MIN_SAMPLE = 10  # as few are left of a short text beside the sketch of a very long one
_LARGEST_RUN = 0xFFFFFFFF


def equally_rare(_word: str) -> float:
    """Return the weight of any word where nothing is known of the stream."""
    return 1.0


class Pair:
    """Two articles and what several signals ask of them.

    `titles` is the share of the titles' words that both have, `texts` that of
    the smaller text's word runs that the larger has, `ratio` the length of the
    shorter text over that of the longer. `one_template` says that the titles
    are much the same but for names and numbers, `same_outlet` that one outlet
    published both. `rarity` weighs the words of titles.
    """

    def __init__(self, one: Fingerprint, other: Fingerprint, rarity: Rarity = equally_rare) -> None:
        self.one, self.other = one, other
        self.titles = _common_words(one.title, other.title, rarity)
        self.texts = _contained(one.shingles, other.shingles)
        self.ratio = min(one.words, other.words) / max(one.words, other.words, 1)
        self.one_template = _one_template(one, other)
        self.same_outlet = one.outlet == other.outlet

    @property
    def titles_agree(self) -> bool:
        """Return whether the titles say much the same."""
        return self.titles >= _AGREEING_TITLES

    @property
    def texts_speak(self) -> bool:
        """Return whether a text in common can be news rather than a notice on every page.

        Under titles that agree it can. Under others, one outlet's two articles
        share templates, and two outlets' share the cookie notice of their owner.
        """
        return self.titles_agree or (not self.same_outlet and self.one.headed and self.other.headed)


def attributes(one: Fingerprint, other: Fingerprint) -> bool:
    """Return whether one attributes a headline, in a caption or its title, that is the other's."""
    title_words = " ".join(other.title)
    return any(
        headline.words == title_words
        and (len(other.title) >= MIN_HEADLINE_WORDS or names_outlet(headline.outlet, other.outlet))
        for headline in one.headlines
    )


def _common_words(one: Iterable[str], other: Iterable[str], rarity: Rarity) -> float:
    """Return the words in common over all words, weighted by rarity."""
    words, others = set(one), set(other)
    union = fsum(map(rarity, words | others))
    return fsum(map(rarity, words & others)) / union if union else 0.0


def _contained(one: "array[int]", other: "array[int]") -> float:
    """Return the share of the smaller set of runs that the larger has, too."""
    if min(len(one), len(other)) < _MIN_RUNS:
        return 0.0
    limit = min(_reach(one), _reach(other))
    runs, others = _up_to(limit, one), _up_to(limit, other)
    smaller = min(len(runs), len(others))
    return len(runs & others) / smaller if smaller >= _MIN_SAMPLE else 0.0


def _one_template(one: Fingerprint, other: Fingerprint) -> bool:
    words, others = set(one.title), set(other.title)
    shared = len(words & others)
    if not shared:
        return False
    special = one.names + other.names
    plain = [word for word in (words ^ others).difference(special) if not is_number(word)]
    return shared >= _TEMPLATE_SHARE * (shared + len(plain))


def _reach(runs: "array[int]") -> int:
    """Return the largest hash up to which the runs are complete."""
    return runs[-1] if len(runs) == MAX_SHINGLES else _LARGEST_RUN


def _up_to(limit: int, runs: "array[int]") -> set[int]:
    return set(runs[: bisect_right(runs, limit)])
