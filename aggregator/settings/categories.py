"""categories.toml: a table a category, named by its slug, with a title and a query."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from aggregator.errors import RuleError
from aggregator.model import Category
from aggregator.settings.documents import Document
from aggregator.settings.faults import Fault, dotted, shown, unknown_key, wrong_value
from aggregator.settings.units import format_duration
from aggregator.settings.values import duration
from aggregator.stories.slugs import ALL, HEALTH, OUTPUTS, is_slug

_REQUIRED = ("title", "query")
_KEYS = (*_REQUIRED, "keep")


def read_categories(document: Document) -> tuple[tuple[Category, ...], list[Fault]]:
    """Return the categories in the order of the file, and what is wrong with the others."""
    categories, faults = [], []
    for slug, table in document.tables.items():
        found = list(_faults(slug, table))
        faults += found
        if not found and isinstance(table, dict):
            keep = duration(table["keep"]) if "keep" in table else None
            categories.append(Category(slug, table["title"], table["query"], keep))
    return tuple(categories), faults


def _faults(slug: str, table: object) -> Iterator[Fault]:
    if slug == ALL:
        yield Fault((slug,), f"[{slug}]: this name is reserved for the feed of all stories")
    elif slug in {HEALTH, OUTPUTS}:
        yield Fault((slug,), f"[{slug}]: this name is reserved for a file of ours")
    elif not is_slug(slug):
        yield Fault((slug,), f'[{dotted((slug,))}]: a category is named like "black-sea"')
    if not isinstance(table, dict):
        yield wrong_value((slug,), shown(table), f"a table: [{dotted((slug,))}], then its keys")
        return
    yield from (unknown_key((slug, key), {slug: _KEYS}) for key in table if key not in _KEYS)
    for key in _REQUIRED:
        yield from _faults_of_value((slug, key), table.get(key))
    if "keep" in table:
        yield from _faults_of_keep((slug, "keep"), table["keep"])


def _faults_of_value(path: tuple[str, str], value: object) -> Iterator[Fault]:
    if value is None:
        yield Fault(path[:1], f"{dotted(path)}: missing; allowed: a text")
    elif not isinstance(value, str) or not value.strip():
        yield wrong_value(path, shown(value), "a text")
    elif path[1] == "query":
        from aggregator.stories.query import compile_query  # noqa: PLC0415 - luqum, for rules alone

        try:
            compile_query(value)
        except RuleError as error:
            yield Fault(path, f"{dotted(path)}: {error}")


def _faults_of_keep(path: tuple[str, str], value: object) -> Iterator[Fault]:
    try:
        duration(value)
    except ValueError as error:
        yield wrong_value(path, shown(value), str(error))


def shorter_than_window(categories: Iterable[Category], window: timedelta) -> Iterator[Fault]:
    """Yield the fault of each category that would forget stories that are still open."""
    for category in categories:
        if category.keep is not None and category.keep < window:
            allowed = f"at least match.window, {format_duration(window)}"
            yield wrong_value((category.slug, "keep"), shown(category.keep), allowed)
