"""Facts that two leads have in place of one another, in sentences that are otherwise the same.

Agencies have a form of words for what happens again and again: two arrests, two contracts, the
losses of two days. What is filled in tells one event from another: names, numbers, days. A light
edit changes plain words, an update the numbers of a toll.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import timedelta
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

from aggregator.stories.days import is_month
from aggregator.stories.named import NO_NAMES
from aggregator.stories.numerals import value_of
from aggregator.stories.openings import read_opening
from aggregator.stories.reporting import is_weekday, reports_speech
from aggregator.stories.sides import Side
from aggregator.stories.sounds import sound
from aggregator.stories.terms import View, term_of, term_of_name

_LONGEST = 8  # words: what is longer is told in other words
_KEPT = 2  # so many words are kept for each plain one that is not
_NEAR = 3  # words between a name and "said"
_STEM = 3  # letters by which a day is the same in another case
_HALF = 0.5
NOUNS_HAVE_CAPITALS = {"de", "lb"}
_BEFORE_PLACES = {"in", "bei", "aus", "nach", "von", "nahe"}
_ANOTHER_DAY = timedelta(hours=18)  # from one evening's report to that of the next noon
_ANOTHER_TIME = timedelta(days=3)


class Exchanged(NamedTuple):
    """In how many slots two leads have other names, other numbers and other days.

    `swapped` are names that both texts have, but not there.
    """

    names: int = 0
    numbers: int = 0
    days: int = 0
    swapped: int = 0

    @property
    def are_numbers_alone(self) -> bool:
        """Return whether numbers are all that is exchanged."""
        return self.numbers > 0 and not (self.names or self.days or self.swapped)

    @property
    def tell_two_events(self) -> bool:
        """Return whether what is exchanged is too much for an edit or an update.

        Two names are, and two of names, numbers and days: other numbers alone may be those of a
        toll that rose.
        """
        return max(self._kinds, self.names) > 1

    def tell_two_days(self, gap: timedelta) -> bool:
        """Return whether it is too much, so long after, unless both name the day that it happened.

        A day later it is no longer the toll of an event of which nobody says when it was; and days
        later no name stands in place of another.
        """
        again = gap >= _ANOTHER_DAY and self._kinds > 0
        return again or (gap > _ANOTHER_TIME and self.swapped > 0)

    @property
    def _kinds(self) -> int:
        return sum(count > 0 for count in (self.names, self.numbers, self.days))


def exchanged(one: Side, other: Side) -> Exchanged:
    """Return in how many slots the leads have other facts; the same whichever comes first.

    A slot is a few words in place of others, in a sentence of which two words
    in three are kept, facts aside; such sentences must make up half of the
    shorter lead. A name is another where the other text has it nowhere; it
    counts once, and not where it is that of who says something. Numbers
    beside which other words stand are none: they were converted.
    """
    own, others = sorted((_Lead(one), _Lead(other)), key=lambda lead: lead.words)
    if not (own.has_facts_beyond(others) and others.has_facts_beyond(own)):
        return Exchanged()
    known: set[str] = set()
    names = numbers = days = swapped = 0
    for mine, theirs in _slots(own, others):
        named, named_there = own.named(mine), others.named(theirs)
        new = others.lacking(named)
        if new and own.lacking(named_there):
            names += known.isdisjoint(new)
            known |= new
        elif named and named_there:
            swapped += set(map(sound, named)).isdisjoint(map(sound, named_there))
        days += _differ(map(own.day, mine), map(others.day, theirs))
        if not (any(map(own.plain, mine)) and any(map(others.plain, theirs))):
            numbers += _differ(map(own.number, mine), map(others.number, theirs))
    return Exchanged(names, numbers, days, swapped)


class _Lead:
    """The words of a lead, folded, with what each of them is; asked only of the few that differ."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._opening = read_opening(side.fingerprint.opening)
        self._sentences = self._opening.sentences
        self.words = self._opening.words

    def name(self, place: int) -> bool:
        """Return whether a word names somebody or a place: it has a capital.

        That which begins a sentence must be known for a name; where all nouns have
        one, a name is beside another or behind "in" or "from".
        """
        opening, word = self._opening, self.words[place]
        if not opening.has_capital(place) or word in NO_NAMES or self.day(place):
            return False
        if opening.begins(place):
            return term_of_name(word) in self._actors
        if self._side.fingerprint.lang not in NOUNS_HAVE_CAPITALS:
            return True
        after = place + 1 < len(self.words) and not opening.begins(place + 1)
        beside = opening.has_capital(place - 1) or (after and opening.has_capital(place + 1))
        return beside or self.words[place - 1] in _BEFORE_PLACES

    def day(self, place: int) -> str:
        """Return by what a word names a day or a month, "" where it names none."""
        word = self.words[place]
        if is_weekday(word) or is_month(word):
            return word[:_STEM]
        beside = self.words[max(0, place - 1) : place + 2]
        return word if word.isdecimal() and any(map(is_month, beside)) else ""

    def number(self, place: int) -> str:
        """Return the number that a word is, in digits; "" for dates and other words."""
        word = self.words[place]
        if word[0].isdecimal():
            return "" if self.day(place) else word.replace(",", ".")
        return value_of(word) or ""

    def plain(self, place: int) -> bool:
        """Return whether a word is no name, number or day."""
        return not (self.name(place) or self.number(place) or self.day(place))

    def has_facts_beyond(self, other: "_Lead") -> bool:
        """Return whether it has names, numbers or days oftener than the other has them."""
        more = Counter(self.words)
        more.subtract(other.words)
        return any(
            more[word] > 0 and not self.plain(place) for place, word in enumerate(self.words)
        )

    def named(self, filling: range) -> set[str]:
        """Return the names there; none where it says who speaks, nor before a name that is kept.

        That is somebody's office, by whatever name: "Prime Minister" or "Premier".
        """
        start, end = filling.start, filling.stop
        near = range(max(0, start - _NEAR), min(len(self.words), end + _NEAR))
        here = self._sentences[start]
        if any(reports_speech(self.words[at]) for at in near if self._sentences[at] == here):
            return set()
        if end < len(self.words) and self._opening.is_joined(end) and self.name(end):
            return set()
        return {self.words[place] for place in filling if self.name(place)}

    def lacking(self, names: set[str]) -> set[str]:
        """Return those of some names that the article has nowhere, however spelled."""
        return {
            name for name in names if self._terms.isdisjoint((term_of_name(name), term_of(name)))
        }

    def forms(self, changed: Sequence[int]) -> dict[int, int]:
        """Return the sentences of which two words in three are kept, facts aside, and how many."""
        kept = Counter(self._sentences)
        kept.subtract(self._sentences[place] for place in changed)
        lost = Counter(self._sentences[place] for place in changed if self.plain(place))
        return {
            sentence: count
            for sentence, count in kept.items()
            if count >= max(1, _KEPT * lost[sentence])
        }

    def within(self, filling: range, sentences: Container[int]) -> bool:
        """Return whether it is a few words of such sentences."""
        return len(filling) <= _LONGEST and all(
            self._sentences[place] in sentences for place in filling
        )

    @cached_property
    def _terms(self) -> set[int]:
        return set(self._side.ids.tolist())

    @cached_property
    def _actors(self) -> set[int]:
        return set(self._side.ids[self._side.counts[:, View.ACTORS] > 0].tolist())


def _slots(own: _Lead, others: _Lead) -> Iterator[tuple[range, range]]:
    """Yield which words of the one stand where others stand in the other."""
    changes = [
        (range(start, end), range(start_there, end_there))
        for tag, start, end, start_there, end_there in SequenceMatcher(
            None, own.words, others.words, autojunk=False
        ).get_opcodes()
        if tag != "equal"
    ]
    form = own.forms([place for filling, _ in changes for place in filling])
    form_there = others.forms([place for _, filling in changes for place in filling])
    least = _HALF * min(len(own.words), len(others.words))
    if min(sum(form.values()), sum(form_there.values())) < least:
        return
    for filling, filling_there in changes:
        replaced = filling and filling_there
        if replaced and own.within(filling, form) and others.within(filling_there, form_there):
            yield filling, filling_there


def _differ(facts: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether there are such facts in both, and none in common."""
    found, there = set(facts) - {""}, set(others) - {""}
    return bool(found and there) and found.isdisjoint(there)
