"""Who represents a story: its best telling."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aggregator.model import Role
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.pair import attributes, comes_from, one_outlet

_RANK = {Role.PRIMARY: 0, Role.PRESS: 1, Role.SYNDICATOR: 2}
# Beyond this a text is complete: more words are padding, not news.
_COMPLETE_WORDS = 400
# Lengths are compared in steps, so that a few words of chrome do not beat the first to report.
_STEP_WORDS = 50


@dataclass(frozen=True, slots=True)
class LeadCandidate:
    """What the choice of a lead sees of a telling.

    `words` is the length of its text. `named_as_original` says that another
    telling names it: by a caption, a canonical link or an RSS `<source>`.
    """

    entry_id: int
    role: Role
    words: int
    published: datetime
    named_as_original: bool = False


def choose_lead(tellings: Iterable[LeadCandidate]) -> int:
    """Return the entry id of the telling that represents the story.

    The original where others name it, else by role (primary, press,
    syndicator), completeness, time and entry id, in this order.

    Raises:
        ValueError: there are no tellings.
    """
    return min(tellings, key=_preference).entry_id


def is_named_as_original(telling: Fingerprint, others: Iterable[Fingerprint]) -> bool:
    """Return whether another telling of the story names this one as its original.

    By a caption or title, by the canonical link of its page, by a line in its
    text, or by an RSS `<source>` that is this one's outlet. What it says of itself does not
    count, should it be among the others.
    """
    return any(_names(other, telling) for other in others if other is not telling)


def _names(one: Fingerprint, other: Fingerprint) -> bool:
    return (
        attributes(one, other)
        or (other.link is not None and one.canonical == other.link != one.link)
        or (other.link in one.originals and other.link != one.link)
        or (comes_from(one, other.outlet) and not one_outlet(one.outlet, other.outlet))
    )


def _preference(telling: LeadCandidate) -> tuple[bool, int, int, datetime, int]:
    return (
        not telling.named_as_original,
        _RANK[telling.role],
        -(min(telling.words, _COMPLETE_WORDS) // _STEP_WORDS),
        telling.published,
        telling.entry_id,
    )
