"""Votes: how many were for something, and how many against it.

Two parliaments pass one treaty, a committee and then the house one law: the reports have a form of
words in common, names, figures and what is decided. How many voted tells the two apart.
"""

from collections.abc import Mapping, Sequence
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

_Tally = tuple[str, str]


def tell_two_votes(one: str, other: str) -> bool:
    """Return whether the beginnings of two texts tell how votes went, and of none in common.

    As they are stored. Where one merely mentions the numbers of the other's vote, it is that one.
    """
    words, words_there = read_opening(one).words, read_opening(other).words
    numbers, numbers_there = _numbers(words), _numbers(words_there)
    own, others = _tallies(words, numbers), _tallies(words_there, numbers_there)
    if not (own and others):
        return False
    known, known_there = set(numbers.values()), set(numbers_there.values())
    return not (any(map(known_there.issuperset, own)) or any(map(known.issuperset, others)))


def tells_a_vote(opening: str) -> bool:
    """Return whether the beginning of a text, as it is stored, tells how a vote went."""
    words = read_opening(opening).words
    return not _VOTES.isdisjoint(words) and bool(_tallies(words, _numbers(words)))


def _tallies(words: Sequence[str], numbers: Mapping[int, str]) -> set[_Tally]:
    """Return the pairs of numbers beside each other between which somebody is against it."""
    found = set()
    for first, last in pairwise(numbers):
        near = words[max(0, first - _BEFORE) : last + _AFTER + 1]
        between = words[first + 1 : last + 2]
        if last - first <= _FARTHEST and not (
            _OPPOSED.isdisjoint(between) or _VOTES.isdisjoint(near)
        ):
            found.add((numbers[first], numbers[last]))
    return found


def _numbers(words: Sequence[str]) -> dict[int, str]:
    """Return the words that may count votes, in digits, by their places."""
    found = ((place, _number(word)) for place, word in enumerate(words))
    return {place: number for place, number in found if number}


def _number(word: str) -> str:
    """Return the number that a word is, in digits; "" for years and other words."""
    if not word.isdecimal():
        return value_of(word) or ""
    is_year = len(word) == len("2026") and int(word) in _YEARS
    return "" if is_year or len(word) > _MOST_DIGITS else word
