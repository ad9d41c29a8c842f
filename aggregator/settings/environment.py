"""Settings from the environment: AGGREGATOR_SECTION__KEY, in capitals or not.

pydantic-settings would read them, too; to load it takes every command a tenth of a second.
"""

import os
from collections.abc import Iterator

_PREFIX = "AGGREGATOR_"


def variables() -> dict[tuple[str, ...], str]:
    """Return the values of the variables that set something, by section and key."""
    return {path: os.environ[name] for path, name in _named()}


def variable_names() -> dict[tuple[str, ...], str]:
    """Return the name of each variable that sets something, by section and key."""
    return dict(_named())


def _named() -> Iterator[tuple[tuple[str, ...], str]]:
    for name in os.environ:
        rest = name[len(_PREFIX) :]
        if name.upper().startswith(_PREFIX) and "__" in rest:
            yield tuple(rest.lower().split("__")), name
