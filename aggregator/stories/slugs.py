"""Slugs: how categories are called in addresses, file names and on the command line."""

import re

from aggregator.stories.folding import words

# The feed of all stories, and those of the house; no category may be called so.
ALL = "all"
HEALTH = "health"
OUTPUTS = "outputs"
_TAKEN = frozenset({ALL, HEALTH, OUTPUTS})
# The feeds beside a category's, called `SLUG.confirmed` and `SLUG.suppressed`.
CONFIRMED = "confirmed"
SUPPRESSED = "suppressed"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 80


def is_slug(text: str) -> bool:
    """Return whether a category may be called so: words of a-z and 0-9 joined by `-`.

    A slug can be no path, no option and no file of another kind.
    """
    return len(text) <= _LONGEST and text not in _TAKEN and _SLUG.fullmatch(text) is not None


def slug_of(name: str) -> str | None:
    """Return the slug for a category's name in any script, None where there is none.

    >>> slug_of("Западни Балкан"), slug_of("EU / Defence"), slug_of("北约")
    ('zapadni-balkan', 'eu-defence', None)
    """
    slug = "-".join(words(name))[:_LONGEST].strip("-")
    return slug if is_slug(slug) else None
