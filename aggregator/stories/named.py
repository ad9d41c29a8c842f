"""Whom and what a text names: a capital tells where a sentence would have none."""

import re

from aggregator.stories.folding import words

_WRITTEN = re.compile(r"([^\W_][\w'\N{RIGHT SINGLE QUOTATION MARK}-]*)")
_BREAK = re.compile(r"[.!?:\n\"“”„«»#•*]|\s[-\N{EN DASH}\N{EM DASH}]\s")
_LONGEST_SUBHEADING = 90  # characters
# In an English subheading, that is: in other languages these are written as sentences are.
_LEFT_SMALL = {
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "of", "on", "or",
    "over", "per", "s", "than", "the", "to", "vs", "with",
}  # fmt: skip
_ENDS_OF_SENTENCES = tuple('.,;"\N{RIGHT DOUBLE QUOTATION MARK}\N{HORIZONTAL ELLIPSIS}')
# Written with a capital in English wherever they stand, they name nobody.
NO_NAMES = {
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
    "sept", "oct", "nov", "dec", "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday", "mr", "mrs", "ms", "the", "a", "an", "in", "on", "at", "and", "of", "to",
    "for",
}  # fmt: skip


def names_in(title: str, text: str) -> list[str]:
    """Return the folded words that name someone or something, as often as they do.

    A capital letter tells, except where a sentence begins: there only beside
    another capital. In a title it tells where the text agrees or is empty, in a
    subheading where the rest of the text agrees.
    """
    prose, subheadings = _told_apart(text)
    found = _capitalised(prose)
    known = set(found)
    titles = [words(word) for word in _WRITTEN.findall(title) if word[0].isupper()]
    for number, named in enumerate(titles):
        found += [word for word in named if word in known or (number and not text)]
    for subheading in subheadings:
        found += [word for word in words(subheading) if word in known]
    return [word for word in found if word not in NO_NAMES and len(word) > 1]


def _told_apart(text: str) -> tuple[str, list[str]]:
    """Return the text without its subheadings ("Why Preparedness Matters"), and these.

    What has nothing but such lines is a list, and no padding.
    """
    prose: list[str] = []
    subheadings: list[str] = []
    for line in text.split("\n"):
        (subheadings if _is_subheading(line) else prose).append(line)
    if not "".join(prose).strip():
        return text, []
    return "\n".join(prose), subheadings


def _is_subheading(line: str) -> bool:
    """Return whether a line has two capitals or more, in all but its small words, and no end."""
    if not line or len(line) > _LONGEST_SUBHEADING:
        return False
    if line.rstrip(" *#_").endswith(_ENDS_OF_SENTENCES):
        return False
    written = _WRITTEN.findall(line)
    capitals = sum(word[0].isupper() for word in written)
    return capitals > 1 and all(word[0].isupper() or word in _LEFT_SMALL for word in written)


def _capitalised(text: str) -> list[str]:
    """Return the words of runs with capitals; a single word that begins a sentence is no run."""
    parts = _WRITTEN.split(text)  # by turns what stands between the words, and these
    found: list[str] = []
    run: list[str] = []
    alone_at_start, last = False, 0
    for place in [place for place in range(1, len(parts), 2) if parts[place][0].isupper()]:
        gap = parts[place - 1]
        starts = place == 1 or (gap != " " and _BREAK.search(gap) is not None)
        if starts or place != last + 2 or gap.strip():
            found += [] if alone_at_start else run
            run = []
        alone_at_start, last = starts, place
        run.append(parts[place])
    return words("\n".join(found if alone_at_start else found + run))
