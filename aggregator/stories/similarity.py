"""Signals: what two articles have in common, or have against being one story.

Each takes a pair and returns a number from 0 to 1; each is the same whichever
of the two comes first. `SIGNALS` names them all, for weights and for people.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta

from aggregator.stories.pair import MIN_HEADLINE_WORDS, Pair, attributes

_RELATED_TITLES = 0.2
_RELATED_TEXTS = 0.1
_AGREEING_TEXTS = 0.3
_MIN_WORDS_TO_JUDGE_BY = 20
_SAME_HEADLINE = 0.9
_HEADLINE_LIFETIME = timedelta(days=3)
_DIGEST_RATIO = 3
_STEM = 4


def same_guid(pair: Pair) -> float:
    """Return 1 where both bear one globally meaningful guid and do not look like strangers."""
    return float(_same(pair.one.guid, pair.other.guid) and _acquainted(pair))


def same_link(pair: Pair) -> float:
    """Return 1 where both lead to one address and do not look like strangers."""
    return float(_same(pair.one.link, pair.other.link) and _acquainted(pair))


def same_canonical(pair: Pair) -> float:
    """Return 1 where the page of one outlet says that the other's address is its original.

    Within an outlet, and where both only name the same third address, titles
    or texts must agree as well: careless templates name one address everywhere.
    """
    one, other = pair.one, pair.other
    named = _same(one.canonical, other.link) or _same(other.canonical, one.link)
    if named and not pair.same_outlet:
        return 1.0
    return float((named or _same(one.canonical, other.canonical)) and _agree(pair))


def careless_link(pair: Pair) -> float:
    """Return 1 where one outlet names one original for two articles that have nothing in common."""
    same = pair.same_outlet and _same(pair.one.canonical, pair.other.canonical)
    return float(same and not _agree(pair))


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
        and pair.one.title == pair.other.title
        and len(pair.one.title) >= MIN_HEADLINE_WORDS
        and min(pair.one.words, pair.other.words) < _MIN_WORDS_TO_JUDGE_BY
        and abs(pair.one.published - pair.other.published) <= _HEADLINE_LIFETIME
        and not _contradict(pair.one.lead_numbers, pair.other.lead_numbers)
    )


def caption(pair: Pair) -> float:
    """Return 1 where one attributes a headline that is the other's title, 0.5 where both name one.

    A headline of fewer than five words counts only where the outlet agrees,
    too. One that both name is half a reason: the picture may be a stock one.
    One that an outlet has on several pages is none: it belongs to the site.
    """
    if attributes(pair.one, pair.other) or attributes(pair.other, pair.one):
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
        careless_link,
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


def _agree(pair: Pair) -> bool:
    return pair.titles_agree or pair.texts >= _AGREEING_TEXTS


def _contradict(one: Collection[str], other: Collection[str]) -> bool:
    """Return whether each has what the other lacks: more detail alone contradicts nothing."""
    return not (set(one) <= set(other) or set(other) <= set(one))


def _spelled_alike(name: str, words: Iterable[str]) -> bool:
    """Return whether a name is among the words, up to its ending and spelling ("Zelenskyy")."""
    return any(
        name == word or (len(name) >= _STEM and name[:_STEM] == word[:_STEM]) for word in words
    )
