"""Corrections: whether a source says of what it told already something else, or the same anew."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from aggregator.stories.text import shingles, tokens, written_numbers

_TAG = re.compile(r"<[^>]*>")
# Texts of so many words tell for themselves whether they are one; headlines must do for others.
_TELLING_WORDS = 20
_SAME_TEXT = 0.5
_SAME_TITLE = 0.5
# Numbers that programs give to articles; lone years and days are shorter.
_NUMBER = re.compile(r"\d{5,}")
_YEAR, _MONTH, _DAY = r"(?:19|20)?\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
# Whatever may be one: 20260402, 202604, 2026040210, 260402, 02042026, 040226.
_DATE = re.compile(
    rf"(?:19|20)\d\d(?:\d\d)+|\d\d{_MONTH}{_DAY}|{_DAY}{_MONTH}{_YEAR}|{_MONTH}{_DAY}{_YEAR}"
)
_SLUG_WORDS = 3


@dataclass(frozen=True, slots=True)
class Saying:
    """What a source says of an entry; `summary` and `content` are HTML."""

    title: str
    summary: str
    content: str

    @property
    def text(self) -> str:
        """Return what can be read of it: neither tags, nor addresses, nor how it is spaced."""
        return visible(self.content) or visible(self.summary)


@dataclass(frozen=True, slots=True)
class Stamps:
    """When an entry was published, as it was said before and as it is now; None: not stated."""

    before: datetime | None = None
    after: datetime | None = None


def visible(html: str) -> str:
    """Return the words of sanitised HTML, one blank between them.

    >>> visible('<p>See <a href="/a?utm_source=rss">the  report</a></p>')
    'See the report'
    """
    return " ".join(_TAG.sub(" ", html).split())


def differs(before: Saying, after: Saying) -> bool:
    """Return whether readers would see a difference: other dates, links and blanks are none.

    What is no longer said is no difference either: a feed that became shorter
    takes nothing back.
    """
    titled = bool(after.title.split()) and after.title.split() != before.title.split()
    texts = [
        (visible(said), visible(known))
        for said, known in ((after.summary, before.summary), (after.content, before.content))
    ]
    return titled or any(said and said != known for said, known in texts)


def is_correction(before: Saying, after: Saying) -> bool:
    """Return whether two sayings at one address are one entry, and not two that stood there.

    By their texts where both have enough of it, else by their titles: half of
    the words stay, and every figure (a briefing of the 4th is not that of the 3rd).
    """
    one, other = tokens(before.text), tokens(after.text)
    if min(len(one), len(other)) >= _TELLING_WORDS:
        runs, others = shingles(one), shingles(other)
        return len(runs & others) >= _SAME_TEXT * min(len(runs), len(others))
    if sorted(written_numbers(before.title)) != sorted(written_numbers(after.title)):
        return False
    title, other_title = set(tokens(before.title)), set(tokens(after.title))
    return len(title & other_title) >= _SAME_TITLE * max(len(title), len(other_title), 1)


def is_retitled(before: Saying, after: Saying, link: str, stamps: Stamps) -> bool:
    """Return whether two headlines without a text, at one address alone, are of one entry.

    They are where the source dates both to one moment of the day, or where the
    address is an article's own: it ends in the words of the first headline, or
    in a number and the source dates neither anew. A place or a programme has a
    number, too, and at other addresses stands whatever is current.
    """
    if min(len(tokens(before.text)), len(tokens(after.text))) >= _TELLING_WORDS:
        return False  # then the texts tell
    slug = set(tokens(re.sub(r"\W+", " ", urlsplit(link).path.rstrip("/").rpartition("/")[2])))
    if stamps.after in {None, stamps.before} and (
        _is_moment(stamps.after) or any(map(_is_article_number, slug))
    ):
        return True
    return (
        len(slug) >= _SLUG_WORDS
        and slug <= set(tokens(before.title))
        and sorted(written_numbers(before.title)) == sorted(written_numbers(after.title))
    )


def _is_moment(stamp: datetime | None) -> bool:
    """Return whether it is stated to the moment, and can be no day stamped as its midnight.

    Clocks differ from UTC by whole quarters of an hour, so each of these may be midnight.
    """
    return stamp is not None and any((stamp.minute % 15, stamp.second, stamp.microsecond))


def _is_article_number(word: str) -> bool:
    return _NUMBER.fullmatch(word) is not None and _DATE.fullmatch(word) is None
