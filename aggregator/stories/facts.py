"""Facts that two leads have in place of one another, in sentences that are otherwise the same.

Agencies have a form of words for what happens again and again: two arrests, two contracts, the
losses of two days. What is filled in tells one event from another: names, numbers, days. A light
edit changes plain words, an update the numbers of a toll.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

from aggregator.stories.days import is_month
from aggregator.stories.folding import fold
from aggregator.stories.numerals import value_of
from aggregator.stories.reporting import is_weekday, reports_speech
from aggregator.stories.sides import Side
from aggregator.stories.sounds import sound
from aggregator.stories.terms import NO_NAMES, View, term_of, term_of_name
from aggregator.stories.text import without_thousands

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_][\w'\N{RIGHT SINGLE QUOTATION MARK}]*|[.!?:\n\"“”„«»]+")
# When something was printed: other clocks and other time zones tell of no other event.
_STAMP = re.compile(r"\d{1,2}\s?:\s?\d\d(?:\s?[ap]\.?m\b)?|\d+(?:\s?/\s?\d+){2}", re.IGNORECASE)
_MOST_WORDS = 160  # 700 characters have fewer, but in a script without spaces
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

    def tell_two_events(self, gap: timedelta, *, same_day: bool) -> bool:
        """Return whether what is exchanged is too much for an edit or an update.

        `gap` is the time between the two, `same_day` says that both name a day
        on which it happened. Two names are too much, and so are two of names,
        numbers and days: other numbers alone may be those of a toll that rose.
        A day later it is no longer the toll of an event of which nobody says
        when it was; and days later no name stands in place of another.
        """
        kinds = sum(count > 0 for count in (self.names, self.numbers, self.days))
        again = gap >= _ANOTHER_DAY and kinds > 0
        yet_again = gap > _ANOTHER_TIME and self.swapped > 0
        return max(kinds, self.names) > 1 or ((again or yet_again) and not same_day)


def exchanged(one: Side, other: Side) -> Exchanged:
    """Return in how many slots the leads have other facts; the same whichever comes first.

    A slot is a few words in place of others, in a sentence of which two words
    in three are kept, facts aside; such sentences must make up half of the
    shorter lead. A name is another where the other text has it nowhere; it
    counts once, and not where it is that of who says something. Numbers
    beside which other words stand are none: they were converted.
    """
    own, others = sorted((_Lead(one), _Lead(other)), key=lambda lead: lead.words)
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
        days += _differ(own.days[mine], others.days[theirs])
        if not (any(own.plain[mine]) and any(others.plain[theirs])):
            numbers += _differ(own.numbers[mine], others.numbers[theirs])
    return Exchanged(names, numbers, days, swapped)


class _Lead:
    """The words of a lead, folded, with what each of them is."""

    def __init__(self, side: Side) -> None:
        self._terms = set(side.ids.tolist())
        self._actors = set(side.ids[side.counts[:, View.ACTORS] > 0].tolist())
        self._nouns_have_capitals = side.fingerprint.lang in NOUNS_HAVE_CAPITALS
        self.words: list[str] = []
        self._capitals: list[bool] = []
        self._sentences: list[int] = []
        self._goes_on: list[bool] = []
        text = without_thousands(_STAMP.sub(" ", side.fingerprint.lead))
        sentence = end = 0
        for match in _WORD.finditer(text):
            if not match[0][0].isalnum():
                sentence += 1
            elif len(self.words) < _MOST_WORDS:
                self.words.append(fold(match[0]).replace("'", ""))
                self._capitals.append(match[0][0].isupper())
                self._sentences.append(sentence)
                self._goes_on.append(text[end : match.start()].isspace())
            end = match.end()

    @cached_property
    def names(self) -> list[bool]:
        """Return for each word whether it names somebody or a place."""
        return [capital and self._names(place) for place, capital in enumerate(self._capitals)]

    @cached_property
    def days(self) -> list[str]:
        """Return for each word by what it names a day or a month, "" where it names none."""
        months = [False, *map(is_month, self.words), False]
        return [
            word[:_STEM]
            if months[place + 1] or is_weekday(word)
            else word * (word.isdecimal() and (months[place] or months[place + 2]))
            for place, word in enumerate(self.words)
        ]

    @cached_property
    def numbers(self) -> list[str]:
        """Return for each word the number that it is, in digits; "" for dates and other words."""
        return [
            "" if day else word.replace(",", ".") if word[0].isdecimal() else value_of(word) or ""
            for word, day in zip(self.words, self.days, strict=True)
        ]

    @cached_property
    def plain(self) -> list[bool]:
        """Return for each word whether it is no name, number or day."""
        facts = zip(self.names, self.numbers, self.days, strict=True)
        return [not any(each) for each in facts]

    def named(self, filling: slice) -> set[str]:
        """Return the names there; none where it says who speaks, nor before a name that is kept.

        That is somebody's office, by whatever name: "Prime Minister" or "Premier".
        """
        near = range(max(0, filling.start - _NEAR), min(len(self.words), filling.stop + _NEAR))
        here = self._sentences[filling.start]
        if any(reports_speech(self.words[at]) for at in near if self._sentences[at] == here):
            return set()
        if any(self.names[filling.stop : filling.stop + 1]) and self._goes_on[filling.stop]:
            return set()
        return {self.words[at] for at in range(filling.start, filling.stop) if self.names[at]}

    def lacking(self, names: set[str]) -> set[str]:
        """Return those of some names that the article has nowhere, however spelled."""
        return {
            name for name in names if self._terms.isdisjoint((term_of_name(name), term_of(name)))
        }

    def forms(self, kept: set[int]) -> set[int]:
        """Return the places in sentences of which two words in three are kept, facts aside."""
        sentences: dict[int, set[int]] = {}
        for place, sentence in enumerate(self._sentences):
            sentences.setdefault(sentence, set()).add(place)
        found: set[int] = set()
        for places in sentences.values():
            lost = sum(self.plain[place] for place in places - kept)
            if len(places & kept) >= max(1, _KEPT * lost):
                found |= places
        return found

    def _names(self, place: int) -> bool:
        """Return whether a word with a capital names; at a sentence's start it must elsewhere, too.

        Where all nouns have one, a name is beside another or behind "in" or "from".
        """
        word, sentence = self.words[place], self._sentences[place]
        if word in NO_NAMES or self.days[place]:
            return False
        if not place or self._sentences[place - 1] != sentence:
            return term_of_name(word) in self._actors
        if not self._nouns_have_capitals:
            return True
        ends = self._sentences[place + 1 : place + 2] != [sentence]
        beside = self._capitals[place - 1] or (not ends and self._capitals[place + 1])
        return beside or self.words[place - 1] in _BEFORE_PLACES


def _slots(own: _Lead, others: _Lead) -> Iterator[tuple[slice, slice]]:
    """Yield which words of the one stand where others stand in the other."""
    found = SequenceMatcher(None, own.words, others.words, autojunk=False).get_opcodes()
    mine, theirs = (
        {place for tag, *ends in found if tag == "equal" for place in range(*ends[side : side + 2])}
        for side in (0, 2)
    )
    form, form_there = own.forms(mine), others.forms(theirs)
    if min(len(form & mine), len(form_there & theirs)) < _HALF * min(
        len(own.words), len(others.words)
    ):
        return
    for tag, start, end, start_there, end_there in found:
        if (
            tag == "replace"
            and max(end - start, end_there - start_there) <= _LONGEST
            and form.issuperset(range(start, end))
            and form_there.issuperset(range(start_there, end_there))
        ):
            yield slice(start, end), slice(start_there, end_there)


def _differ(facts: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether there are such facts in both, and none in common."""
    found, there = set(facts) - {""}, set(others) - {""}
    return bool(found and there) and found.isdisjoint(there)
