"""What people type to find a story: words that must all be there, phrases, alternatives.

`kosovo "border police" drone* -football`: all words, in any order, folded as
in category rules; `OR` between two terms lets either do, `AND` changes nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aggregator.errors import RuleError
from aggregator.stories.fields import FIELDS
from aggregator.stories.folding import words

_TERM = re.compile(r'(-?)"([^"]*)"?|(-?)(\S+)')
_FIELD = re.compile(rf"({'|'.join(FIELDS)}):")
_OR, _AND = "OR", "AND"
MOST_TERMS = 50  # more than anybody types


@dataclass(frozen=True, slots=True)
class Term:
    """Consecutive folded words; `prefix`: the last may go on."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """One term of each group must be there, and none of those excluded."""

    groups: tuple[tuple[Term, ...], ...]
    excluded: tuple[Term, ...] = ()


def parse_search(text: str) -> Search:
    """Return what is sought.

    Raises:
        RuleError: the text holds no word to look for, or too many, or a rule's field.

    >>> parse_search('frigate OR corvette -"press release"').excluded
    (Term(words=('press', 'release'), prefix=False),)
    """
    groups: list[list[Term]] = []
    excluded: list[Term] = []
    either = False
    for minus, phrase, other_minus, word in _TERM.findall(text):
        if word == _OR and not other_minus:
            either = bool(groups)
            continue
        if word == _AND and not other_minus:
            continue  # all words must be there anyway
        if field := _FIELD.match(word):
            message = f"a search has no fields, as rules have: leave out {field[1]}:, or quote it"
            raise RuleError(message)
        term = Term(tuple(words(phrase or word)), prefix=word.endswith("*"))
        if not term.words:
            continue
        if minus or other_minus:
            excluded.append(term)
        elif either:
            groups[-1].append(term)
        else:
            groups.append([term])
        either = False
    if not groups:
        message = "nothing to look for: give at least one word, as in: frigate baltic"
        raise RuleError(message)
    if _count(groups) + len(excluded) > MOST_TERMS:
        message = f"more than {MOST_TERMS} words to look for"
        raise RuleError(message)
    return Search(tuple(map(tuple, groups)), tuple(excluded))


def _count(groups: Iterable[Iterable[Term]]) -> int:
    return sum(1 for group in groups for _ in group)
