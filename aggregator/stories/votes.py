"""Votes: how many were for something, and how many against it.

Two parliaments pass one treaty, a committee and then the house one law: the reports have a form of
words in common, names, figures and what is decided. How many voted tells the two apart.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from aggregator.stories.numerals import value_of
from aggregator.stories.openings import read_opening

_FARTHEST = 8  # words from those who are for it to those against it
_BEFORE, _AFTER = 3, 2  # words around them among which one of voting stands
_MOST_DIGITS = 5
_YEARS = range(1900, 2100)
# In folded spelling, in the forms in which counts of votes have them.
_VOTING = """
    vote votes voted voting ballots favour favor
    stimmen stimmten voix votierten voti voto votos votaron votaram stemmen stemden stemmer stemte
    roster rostade glosow glosy glosami glosowalo hlasu hlasy hlasov hlasmi golosiv golosov
    golosami golosuvali glasova glasa glasovi glasovima glasovalo glasuvali glasove voturi
    voturile szavazattal szavazat szavazott aanta aanin aanesti haalt haalega balsim balsis balsu
    balsais balsavo vota ψηφουσ ψηφοι ψηφων oyla oy oyu
"""
_AGAINST = """
    to against contre contra contro gegen zu tegen mot imot mod vastaan vastu pret pries przeciw
    przeciwko proti protiv kontra κατα karsi kunder ellen ellene impotriva dagegen
"""
_VOTES, _OPPOSED = frozenset(_VOTING.split()), frozenset(_AGAINST.split())

Tally = tuple[str, str]


def tell_two_votes(one: str, other: str) -> bool:
    """Return whether the beginnings of two texts tell how votes went, and of none in common.

    As they are stored. Where one merely mentions the numbers of the other's vote, it is that one.
    """
    sides = [_numbers(read_opening(each).words) for each in (one, other)]
    own, others = (set(_tallies(words, numbers)) for words, numbers in sides)
    if not (own and others):
        return False
    known, known_there = (set(numbers.values()) for _, numbers in sides)
    return not (
        any(known_there.issuperset(tally) for tally in own)
        or any(known.issuperset(tally) for tally in others)
    )


def tells_a_vote(opening: str) -> bool:
    """Return whether the beginning of a text, as it is stored, tells how a vote went."""
    words = read_opening(opening).words
    return not _VOTES.isdisjoint(words) and any(True for _ in _tallies(*_numbers(words)))


def _tallies(words: Sequence[str], numbers: dict[int, str]) -> Iterator[Tally]:
    """Yield the pairs of numbers beside each other between which somebody is against it."""
    for first, last in pairwise(numbers):
        near = words[max(0, first - _BEFORE) : last + _AFTER + 1]
        between = words[first + 1 : last + 2]
        if last - first <= _FARTHEST and not (
            _OPPOSED.isdisjoint(between) or _VOTES.isdisjoint(near)
        ):
            yield numbers[first], numbers[last]


def _numbers(words: list[str]) -> tuple[list[str], dict[int, str]]:
    """Return the words, and by their places the numbers among them that may count votes."""
    found = ((place, _number(word)) for place, word in enumerate(words))
    return words, {place: number for place, number in found if number}


def _number(word: str) -> str:
    if not word.isdecimal():
        return value_of(word) or ""
    is_year = len(word) == len("2026") and int(word) in _YEARS
    return "" if is_year or len(word) > _MOST_DIGITS else word
