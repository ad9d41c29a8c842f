"""Categories that somebody names: one without a rule may be a slip."""

from collections.abc import Iterable
from difflib import get_close_matches

from aggregator.cli.lines import talk
from aggregator.settings import Settings

# More than a line can hold are left to `check-config --json`.
MOST_NAMED = 20


def remark_on_categories(settings: Settings, slugs: Iterable[str]) -> None:
    """Say in a line which of these have no rule, and which there are that have one."""
    known = sorted(category.slug for category in settings.categories)
    strange = [slug for slug in dict.fromkeys(slugs) if slug not in known]
    if not strange:
        return
    told = ", ".join(_with_nearest(slug, known) for slug in strange[:MOST_NAMED])
    told += ", …" if len(strange) > MOST_NAMED else ""
    if len(strange) == 1:
        remark = f"category {told} has no rule: its feed holds what is given to it"
    else:
        remark = f"categories {told} have no rule: their feeds hold what is given to them"
    if known:
        ruled = ", ".join(known[:MOST_NAMED]) + (", …" if len(known) > MOST_NAMED else "")
        remark += f"; with a rule there are {ruled}"
    talk(remark)


def _with_nearest(slug: str, known: list[str]) -> str:
    near = get_close_matches(slug, known, n=1)
    return f"{slug} (did you mean {near[0]}?)" if near else slug
