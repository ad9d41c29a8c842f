"""Signals: what two articles have in common, or have against being one story.

Each takes a pair and returns a number from 0 to 1; each is the same whichever
of the two comes first. `SIGNALS` names them all, for weights and for people.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from math import fsum
from typing import TYPE_CHECKING

from aggregator.stories.fingerprint import MAX_SHINGLES, Fingerprint
from aggregator.stories.provenance import names_outlet
from aggregator.stories.text import is_number

if TYPE_CHECKING:
    from array import array  # takes its item's type only from Python 3.12 on

Rarity = Callable[[str], float]

_AGREEING_TITLES = 0.5
_RELATED_TITLES = 0.2
_RELATED_TEXTS = 0.1
_AGREEING_TEXTS = 0.3
_MIN_RUNS = 20  # fewer shared runs are chance or a "read more" line
_MIN_SAMPLE = 10  # as few are left of a short text beside the sketch of a very long one
_LARGEST_RUN = 0xFFFFFFFF
_MIN_WORDS_TO_JUDGE_BY = 20
_MIN_HEADLINE_WORDS = 5
_SAME_HEADLINE = 0.9
_HEADLINE_LIFETIME = timedelta(days=3)
_DIGEST_RATIO = 3
_TEMPLATE_SHARE = 0.6
_STEM = 4


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


def same_guid(pair: Pair) -> float:
    """Return 1 where both bear one globally meaningful guid and do not look like strangers."""
    return float(_same(pair.one.guid, pair.other.guid) and _acquainted(pair))


def same_link(pair: Pair) -> float:
    """Return 1 where both lead to one address and do not look like strangers."""
    return float(_same(pair.one.link, pair.other.link) and _acquainted(pair))


def same_canonical(pair: Pair) -> float:
    """Return 1 where the page of one says that the other's address is its original.

    Within an outlet, and where both only name the same third address, titles
    or texts must agree as well: careless templates name one address everywhere.
    """
    agree = pair.titles_agree or pair.texts >= _AGREEING_TEXTS
    one, other = pair.one, pair.other
    if _same(one.canonical, other.link) or _same(other.canonical, one.link):
        return float(agree or (not pair.same_outlet and _related(pair)))
    return float(_same(one.canonical, other.canonical) and agree)


def same_text(pair: Pair) -> float:
    """Return 1 where the texts are the same word for word and long enough to mean it."""
    return float(_same(pair.one.text, pair.other.text) and pair.texts_speak)


def title(pair: Pair) -> float:
    """Return the share of their titles' words that both have, weighted by rarity, 0 to 1."""
    return pair.titles


def headline(pair: Pair) -> float:
    """Return 1 where two outlets bear one headline within days and there is no text to judge by."""
    return float(
        not pair.same_outlet
        and pair.titles >= _SAME_HEADLINE
        and min(len(pair.one.title), len(pair.other.title)) >= _MIN_HEADLINE_WORDS
        and min(pair.one.words, pair.other.words) < _MIN_WORDS_TO_JUDGE_BY
        and abs(pair.one.published - pair.other.published) <= _HEADLINE_LIFETIME
        and not _contradict(pair.one.lead_numbers, pair.other.lead_numbers)
        and pair.one.numbers == pair.other.numbers
    )


def caption(pair: Pair) -> float:
    """Return 1 where one attributes a headline that is the other's title, 0.5 where both name one.

    A headline of fewer than five words counts only where the outlet agrees,
    too. One that both name is half a reason: the picture may be a stock one.
    One that an outlet has on several pages is none: it belongs to the site.
    """
    if _attributes(pair.one, pair.other) or _attributes(pair.other, pair.one):
        return 1.0
    shared = not set(pair.one.headlines).isdisjoint(pair.other.headlines)
    return 0.5 if shared and not pair.same_outlet else 0.0


def origin(pair: Pair) -> float:
    """Return 1 where one names the other's outlet as its source and bears the same headline."""
    named = pair.one.origin == pair.other.outlet or pair.other.origin == pair.one.outlet
    return float(named and not pair.same_outlet and pair.titles >= _SAME_HEADLINE)


def shingles(pair: Pair) -> float:
    """Return the share of the smaller text's word runs that the larger has, 0 to 1.

    Less where the larger is more than three times as long, as a digest of the
    day is, unless the titles agree.
    """
    if not pair.texts_speak:
        return 0.0
    return pair.texts * (1.0 if pair.titles_agree else min(1.0, _DIGEST_RATIO * pair.ratio))


def same_outlet(pair: Pair) -> float:
    """Return 1 where one outlet published both: it rarely tells one story twice."""
    return float(pair.same_outlet)


def numbers(pair: Pair) -> float:
    """Return 1 where the titles agree but for their numbers: "12th package", "13th package"."""
    return float(pair.one_template and _contradict(pair.one.numbers, pair.other.numbers))


def names(pair: Pair) -> float:
    """Return 1 where the titles agree but for whom or what place they name."""
    one, other = pair.one, pair.other
    return float(
        pair.one_template
        and any(not _spelled_alike(name, other.title) for name in one.names)
        and any(not _spelled_alike(name, one.title) for name in other.names)
    )


def length(pair: Pair) -> float:
    """Return the length of the shorter text over that of the longer, 0 to 1."""
    return pair.ratio


SIGNALS: Mapping[str, Callable[[Pair], float]] = {
    signal.__name__: signal
    for signal in (
        same_guid,
        same_link,
        same_canonical,
        same_text,
        title,
        headline,
        caption,
        origin,
        shingles,
        same_outlet,
        numbers,
        names,
        length,
    )
}


def _same(one: int | None, other: int | None) -> bool:
    return one is not None and one == other


def _acquainted(pair: Pair) -> bool:
    """Return whether nothing says that two articles under one key are different ones."""
    untitled = not (pair.one.title and pair.other.title)
    return untitled or pair.titles >= _RELATED_TITLES or pair.texts >= _RELATED_TEXTS


def _related(pair: Pair) -> bool:
    """Return whether two articles have anything to do with each other."""
    named = set(pair.one.names + pair.one.numbers) & set(pair.other.names + pair.other.numbers)
    return bool(named) or pair.titles > 0 or pair.texts >= _RELATED_TEXTS


def _attributes(one: Fingerprint, other: Fingerprint) -> bool:
    title_words = " ".join(other.title)
    return any(
        attributed.words == title_words
        and (
            len(other.title) >= _MIN_HEADLINE_WORDS or names_outlet(attributed.outlet, other.outlet)
        )
        for attributed in one.headlines
    )


def _contradict(one: Collection[str], other: Collection[str]) -> bool:
    """Return whether each has what the other lacks: more detail alone contradicts nothing."""
    return not (set(one) <= set(other) or set(other) <= set(one))


def _spelled_alike(name: str, words: Iterable[str]) -> bool:
    """Return whether a name is among the words, up to its ending and spelling ("Zelenskyy")."""
    return any(
        name == word or (len(name) >= _STEM and name[:_STEM] == word[:_STEM]) for word in words
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
