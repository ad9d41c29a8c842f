"""Tells an article's lines from the chrome that stands as plain lines around and between them.

The last resort, for pages whose markup says nothing: pure, by words alone. A line
goes only if it is nothing but chrome; prose that mentions such words stays.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from aggregator.intake.labels import (
    BREADCRUMB,
    BUTTONS,
    BY_LINE,
    CALENDAR,
    CAPTION,
    CATEGORY,
    CONTENTS,
    FOLD,
    JUNK,
    JUNK_LINE,
    LAST_LINE,
    SECTIONS,
    SIGNED,
)


class Shape(StrEnum):
    """What a line is to its page."""

    HEADING = "heading"
    ITEM = "item"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page; `linked` when all of it is a link."""

    text: str
    shape: Shape = Shape.TEXT
    linked: bool = False

    @property
    def is_prose(self) -> bool:
        """Tell whether the line is running text that only an article would hold."""
        text = self.text.rstrip()
        ends = text.endswith(SENTENCE_ENDS)
        is_long = len(text) >= LONG or (ends and len(text) >= SENTENCE)
        return is_long and not (self.linked or _is_junk(text) or _is_section(text))

    @property
    def is_sentence(self) -> bool:
        """Tell whether the line ends as a sentence does."""
        return self.text.rstrip().endswith(SENTENCE_ENDS) and not self.linked


@dataclass(frozen=True, slots=True)
class Trimmed:
    """Which lines belong to the article, and the captions found among the others."""

    kept: tuple[int, ...]
    captions: tuple[str, ...]


SENTENCE_ENDS = tuple('.!?…"”“»’:;)')  # noqa: RUF001 - typographic quotes end sentences, too
SENTENCE, LONG = 80, 240
# What stands behind an article's last line is less than this share of its prose.
REST = 0.25
EDGE = re.compile(r"^\W+|\W+$")


def trim(lines: Sequence[Line], titles: Sequence[str] = (), names: Sequence[str] = ()) -> Trimmed:
    """Return what is left of a page's lines when the chrome is gone.

    Args:
        lines: in the page's order.
        titles: the article's, as the page's head and its feed state it.
        names: of its authors and its outlet; a line of nothing else is chrome.
    """
    known = {bare(name) for name in (*titles, *names)} - {""}
    gone = {i for i, line in enumerate(lines) if _is_junk(line.text) or _is_button(line)}
    gone |= _contents(lines, gone)
    first = next((i for i, line in enumerate(lines) if _begins(line, titles)), None)
    if first is None:
        return Trimmed(tuple(i for i in range(len(lines)) if i not in gone), ())
    known |= _bylined(lines[:first])
    gone |= _head(lines[:first], titles, known)
    gone |= _foreign(lines, gone, known)
    shown = [i for i in range(first) if CAPTION.search(lines[i].text) and not lines[i].is_sentence]
    after_title = max((i for i in range(first) if _is_title(lines[i].text, titles)), default=0)
    shown = [i for i in shown if i > after_title and not lines[i].linked]
    kept = tuple(i for i in range(len(lines)) if i not in gone and i not in shown)
    return Trimmed(kept, tuple(lines[i].text for i in shown))


def told(lines: Sequence[str]) -> int:
    """Return how many of a page's lines are told before the list of other articles begins."""
    prose = max((i for i, line in enumerate(lines) if Line(line).is_prose), default=-1)
    rest = range(prose + 1, len(lines))
    return next((i for i in rest if _is_section(lines[i])), len(lines))


def bare(text: str) -> str:
    """Return the text without case, and without signs at its ends."""
    return EDGE.sub("", text).casefold()


def _begins(line: Line, titles: Sequence[str]) -> bool:
    """Tell whether the line is prose, and no headline that is as long or ends as a sentence."""
    is_headline = line.shape is Shape.HEADING and _is_title(line.text, titles)
    return line.is_prose and not is_headline


def _is_title(text: str, titles: Sequence[str]) -> bool:
    """Tell whether a line is the title, which the page's head may follow by the outlet's name."""
    line = bare(text)
    whole = (title for title in map(bare, titles) if 0 < len(title) <= 2 * len(line))
    return any(title.startswith(line) for title in whole)


def _is_junk(text: str) -> bool:
    return not bare(text) or bare(text) in JUNK or JUNK_LINE.match(text.strip()) is not None


def _is_button(line: Line) -> bool:
    return bare(line.text) in BUTTONS and (line.linked or line.shape is Shape.TEXT)


def _is_section(text: str) -> bool:
    return bare(text) in SECTIONS or _is_last(text)


def _is_last(text: str) -> bool:
    return LAST_LINE.match(text.strip()) is not None


def _is_date(text: str) -> bool:
    parts = re.findall(r"[^\W\d]+|\d+", text.casefold())
    return (
        any(part.isdigit() for part in parts)
        and len(parts) <= 12  # noqa: PLR2004 - "Updated: Thursday, 13 March 2025 at 10:45 CET"
        and all(part.isdigit() or part in CALENDAR for part in parts)
    )


def _contents(lines: Sequence[Line], gone: set[int]) -> set[int]:
    """Return tables of contents: after their heading, lines that stand again further down."""
    found: set[int] = set()
    texts = [bare(line.text) for line in lines]
    heads = [bare(FOLD.sub("", line.text)) for line in lines]
    last = {text: i for i, text in enumerate(texts)}
    for start, head in enumerate(heads):
        if start in found or head not in CONTENTS:
            continue
        listed: set[str] = set()
        end = start + 1
        # Where headings stand twice, the first one recurs, too; but the table has named it.
        while end < len(texts) and (end in gone or texts[end] not in listed):
            if end not in gone and (last[texts[end]] == end or lines[end].is_prose):
                break
            listed.add(texts[end])
            end += 1
        # The extractor may have taken the table, all links, and left its heading.
        if listed - {""} or " " in texts[start] or lines[start].shape is not Shape.HEADING:
            found.update(range(start, end))
    return found


def _head(head: Sequence[Line], titles: Sequence[str], known: set[str]) -> set[int]:
    """Return what stands before the title, and by-lines, dates and paths after it."""
    titled = max((i for i, line in enumerate(head) if _is_title(line.text, titles)), default=-1)
    gone = set(range(titled + 1))
    dated = False
    for i, line in enumerate(head):
        if _is_about(line.text, known) or (dated and CATEGORY.fullmatch(line.text.strip())):
            dated = True
            gone.add(i)
        elif BREADCRUMB.match(line.text) and not line.is_sentence:
            gone.add(i)
    return gone


def _is_about(text: str, known: set[str]) -> bool:
    """Tell whether a line says no more than who wrote, when, and under which heading."""
    rest = CATEGORY.sub("", text.strip()).strip()
    by_line = BY_LINE.match(rest)
    rest = rest[by_line.end() :] if by_line else rest
    if (signed := SIGNED.match(rest)) and bare(signed[0]) in known:
        rest = rest[signed.end() :]
    return (by_line is not None and not bare(rest)) or bare(text) in known or _is_date(rest)


def _bylined(head: Sequence[Line]) -> set[str]:
    """Return the names that by-lines give: after "by", or before a date."""
    texts = [line.text.strip() for line in head]
    matches = filter(None, map(BY_LINE.match, texts))
    names = {bare(match["twice"] or match["once"]) for match in matches}
    for i, match in enumerate(map(SIGNED.match, texts)):
        if match:
            rest = texts[i][match.end() :] or "".join(texts[i + 1 : i + 2])
            names |= {bare(match[0])} if _is_date(rest) else set()
    return names


def _foreign(lines: Sequence[Line], gone: set[int], known: set[str]) -> set[int]:
    """Return lists of other articles and the like: to the end, or up to the next prose."""
    found: set[int] = set()
    prose = [
        i for i, line in enumerate(lines) if line.is_prose and not _is_biography(lines, i, known)
    ]
    last = prose[-1] if prose else -1
    most = _most_told(lines, prose)
    for start, line in enumerate(lines):
        if start in found or not _is_section(line.text):
            continue
        if start > (most if _is_last(line.text) else last):
            found.update(range(start, len(lines)))
            break
        end = start + 1
        while end < len(lines) and (end in gone or _is_headline(lines[end])):
            end += 1
        # One word may head a part of the article; "Read also" never does, its link may be gone.
        is_plain = line.shape is not Shape.HEADING and " " in line.text.strip()
        if end > start + 1 or line.linked or is_plain:
            found.update(range(start, end))
    about = {i for i in range(last + 1, len(lines)) if _is_about(lines[i].text, known)}
    return found | {i for i in about if not _heads_day(lines, i)}


def _most_told(lines: Sequence[Line], prose: Sequence[int]) -> int:
    """Return the place of the line by which all but the rest of the prose is told."""
    told = list(accumulate(len(lines[i].text) for i in prose))
    return prose[bisect_left(told, (1 - REST) * told[-1])] if prose else -1


def _heads_day(lines: Sequence[Line], i: int) -> bool:
    """Tell whether a date is the heading of what was done that day."""
    is_heading = lines[i].shape is Shape.HEADING and _is_date(lines[i].text)
    return is_heading and i + 1 < len(lines) and lines[i + 1].is_sentence


def _is_biography(lines: Sequence[Line], i: int, known: set[str]) -> bool:
    return i > 0 and bare(lines[i - 1].text) in known


def _is_headline(line: Line) -> bool:
    """Tell whether a line within the text heads another article and not the next part of this."""
    starts_part = line.shape is Shape.HEADING and not line.linked
    return line.linked or not (starts_part or line.is_prose or line.is_sentence)
