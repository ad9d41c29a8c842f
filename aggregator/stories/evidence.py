"""Evidence: what shows by itself that two articles are one story, or that they are not.

Each signal takes a pair and returns a number from 0 to 1; each is the same
whichever of the two comes first. The weights are set by hand.
"""

import re
from collections.abc import Collection, Iterable
from datetime import timedelta

from aggregator.stories.facts import NOUNS_HAVE_CAPITALS
from aggregator.stories.fingerprint import OWN, Fingerprint
from aggregator.stories.folding import words
from aggregator.stories.pair import LEAST_TOLD, Pair, attributes, comes_from, contradict
from aggregator.stories.sides import Side
from aggregator.stories.terms import View
from aggregator.stories.votes import tell_two_votes

_AGREEING_TEXTS = 0.3
_MIN_WORDS_TO_JUDGE_BY = 20
_SAME_HEADLINE = 0.9
_HEADLINE_LIFETIME = timedelta(days=3)
_DIGEST_RATIO = 3
_QUOTED_SHARE = 0.3
_NOTICE_SHARE = 0.6
_PADDED_SHARE = 0.15
_STEM = 4
_YEAR = re.compile(r"(?:19|20)\d\d")
# In the newsrooms one rewrite in twenty has less in common with its original than both of these.
_LEAST_NAMES = 2.0
_LEAST_LEAD = 0.03


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


def credit(pair: Pair) -> float:
    """Return 1 where a line of one says that it stood first at the address of the other.

    Not within an outlet, where it is a reference to another article, nor where the two look like
    strangers, nor where it names several addresses, as a digest does. Where two outlets only
    credit the same third address, titles or texts must agree as well.
    """
    one, other = pair.one, pair.other
    if pair.same_outlet:
        return 0.0
    if _credits(one, other) or _credits(other, one):
        return float(not _strangers(pair))
    return float(not set(one.originals).isdisjoint(other.originals) and _agree(pair))


def careless_link(pair: Pair) -> float:
    """Return 1 where one outlet names one original for two articles that have nothing in common."""
    one, other = pair.one, pair.other
    same = _same(one.canonical, other.canonical)
    same = same or not set(one.originals).isdisjoint(other.originals)
    return float(pair.same_outlet and same and not _agree(pair))


def same_text(pair: Pair) -> float:
    """Return 1 where the texts are the same word for word and long enough to mean it."""
    return float(_same(pair.one.text, pair.other.text) and pair.texts_speak)


def headline(pair: Pair) -> float:
    """Return 1 where two outlets bear one headline within days and there is no text to judge by."""
    return float(
        not pair.same_outlet
        and pair.one.title == pair.other.title
        and min(pair.told(View.TITLE)) >= LEAST_TOLD
        and min(pair.one.words, pair.other.words) < _MIN_WORDS_TO_JUDGE_BY
        and _within_days(pair)
        and not contradict(pair.one.lead_numbers, pair.other.lead_numbers)
    )


def caption(pair: Pair) -> float:
    """Return 1 where one attributes a headline that is the other's title, 0.5 where both name one.

    A headline of fewer than five words counts only where the outlet agrees,
    too. One that both name is half a reason: the picture may be a stock one.
    One that an outlet has on several pages is none: it belongs to the site.
    Within an outlet it is that of the same article as a search engine shows it,
    and counts for some days only.
    """
    if attributes(pair.one, pair.other) or attributes(pair.other, pair.one):
        return float(not pair.same_outlet or _within_days(pair))
    shared = set(pair.one.headlines).intersection(pair.other.headlines)
    named = any(headline.outlet != OWN for headline in shared)
    return 0.5 if named and not pair.same_outlet else 0.0


def origin(pair: Pair) -> float:
    """Return 1 where one names the other's outlet as its source and bears the same headline."""
    one, other = pair.one, pair.other
    named = comes_from(one, other.outlet) or comes_from(other, one.outlet)
    return float(named and not pair.same_outlet and pair.titles >= _SAME_HEADLINE)


def shingles(pair: Pair) -> float:
    """Return the share of the smaller text's word runs that the larger has, beyond three in ten.

    So much is shared by reports that quote one statement. The share counts
    less where the larger text is more than three times as long, as a digest of
    the day is, unless the titles agree.
    """
    if not (pair.texts and pair.texts_speak):
        return 0.0
    share = pair.texts * (1.0 if pair.titles_agree else min(1.0, _DIGEST_RATIO * pair.ratio))
    return max(0.0, (share - _QUOTED_SHARE) / (1.0 - _QUOTED_SHARE))


def reprint(pair: Pair) -> float:
    """Return 1 where two outlets have one text that is news, under titles that do not show it."""
    return float(not pair.texts_speak and pair.reprinted)


def notice(pair: Pair) -> float:
    """Return 1 where one text stands under two titles that it does not speak of, and is no news.

    News that was edited is judged by its likeness.
    """
    return float(pair.texts >= _NOTICE_SHARE and not (pair.texts_speak or pair.reports))


def padding(pair: Pair) -> float:
    """Return the share of the smaller text's word runs that the larger has, where it is no news.

    Beyond three in twenty: rewrites of one maker are padded alike, whatever they tell.
    """
    if pair.texts <= _PADDED_SHARE or pair.texts_speak or pair.reports:
        return 0.0
    return (pair.texts - _PADDED_SHARE) / (1.0 - _PADDED_SHARE)


def other_facts(pair: Pair) -> float:
    """Return 1 where two texts are one form of words, filled in with what happened twice."""
    return float(pair.two_events)


def votes(pair: Pair) -> float:
    """Return 1 where both leads tell how a vote went, and not the same one."""
    return float(tell_two_votes(pair.one.opening, pair.other.opening))


def numbers(pair: Pair) -> float:
    """Return 1 where the titles agree but for their numbers: "12th package", "13th package".

    Where there are texts, years contradict years, and other numbers each other: "86th awards",
    "2014 awards" may be one. Those of a toll that rose contradict nothing.
    """
    one, other = pair.one.numbers, pair.other.numbers
    if not (contradict(one, other) and pair.one_template) or pair.updated:
        return 0.0
    return float(pair.untold or _count_unlike(one, other))


def names(pair: Pair) -> float:
    """Return 1 where the titles agree but for whom or what place they name.

    And neither lead has the other's: of two reports of one thing, the title of
    one may name the country and that of the other its ministry. Where every
    noun has a capital and there is no text, it is not known what is a name.
    """
    if not (pair.one.names and pair.other.names and pair.one_template):
        return 0.0
    if pair.untold and not NOUNS_HAVE_CAPITALS.isdisjoint((pair.one.lang, pair.other.lang)):
        return 0.0
    one, other = pair.sides
    return float(_names_another(one, other) and _names_another(other, one))


# Of most pairs none of this is true. Those that share an identity are judged by these,
BY_IDENTITY = (
    same_guid, same_link, same_canonical, credit, careless_link, same_text, headline, caption,
)  # fmt: skip
# those that have a word of their titles in common by these,
BY_TITLE = (origin, numbers, names)
# and those that have a part of their texts in common by these.
BY_TEXT = (shingles, reprint, notice, padding, other_facts)
# Those of articles that tell of a vote by this.
BY_VOTE = (votes,)


def _same(one: int | None, other: int | None) -> bool:
    return one is not None and one == other


def _credits(one: Fingerprint, other: Fingerprint) -> bool:
    return len(one.originals) == 1 and one.originals[0] in {other.link, other.canonical}


def _strangers(pair: Pair) -> bool:
    """Return whether two texts long enough to tell have next to nothing in common.

    Then what leads from one to the other is a line that stands on every page. Two texts in two
    languages may be so unlike although they tell one story.
    """
    comparable = pair.texts_comparable and pair.one.lang == pair.other.lang
    few_names = pair.common(View.NAMES) < _LEAST_NAMES
    return comparable and few_names and pair.lead < _LEAST_LEAD


def _within_days(pair: Pair) -> bool:
    return abs(pair.one.published - pair.other.published) <= _HEADLINE_LIFETIME


def _acquainted(pair: Pair) -> bool:
    """Return whether two articles under one key are one: the texts tell, else the titles.

    Addresses and guids are given twice: to a list of news, to whatever is
    current, to entries of two sources by chance or by malice.
    """
    if pair.texts_comparable:
        return pair.texts >= _AGREEING_TEXTS
    if pair.untitled:
        return not (pair.one.words and pair.other.words) or _same(pair.one.text, pair.other.text)
    return pair.titles_agree and not (numbers(pair) or names(pair))


def _agree(pair: Pair) -> bool:
    return pair.titles_agree or pair.texts >= _AGREEING_TEXTS


def _count_unlike(one: Collection[str], other: Collection[str]) -> bool:
    """Return whether years contradict years, or other numbers each other."""
    years = [set(filter(_YEAR.fullmatch, found)) for found in (one, other)]
    return contradict(*years) or contradict(set(one) - years[0], set(other) - years[1])


def _names_another(one: Side, other: Side) -> bool:
    """Return whether one's title names what the other has neither in its title nor in its lead."""
    outlet = _outlet_behind_title(one.fingerprint)
    return any(
        not _spelled_alike(name, other.fingerprint.title) and not other.begins_with(name)
        for name in one.fingerprint.names
        if name not in outlet
    )


def _outlet_behind_title(found: Fingerprint) -> set[str]:
    """Return the folded words of the outlet that stands behind a title: it is not in the news."""
    title = " ".join(found.title)
    return {
        word
        for named in found.headlines
        if title.startswith(named.words)
        for word in words(named.outlet)
    }


def _spelled_alike(name: str, words: Iterable[str]) -> bool:
    """Return whether a name is among the words, up to its ending and spelling ("Zelenskyy")."""
    return any(
        name == word or (len(name) >= _STEM and name[:_STEM] == word[:_STEM]) for word in words
    )
