"""Settings from the environment: AGGREGATOR_SECTION__KEY, in capitals or not.

pydantic-settings would read them, too; to load it takes every command a tenth of a second.
"""

import os
import re
from collections.abc import Iterator

_PREFIX = "AGGREGATOR_"
# The folder's; and what Kubernetes sets for a service that bears our name.
_NO_SETTING = re.compile(r"CONFIG|(?:PORT|SERVICE_PORT)(?:_.*)?|SERVICE_HOST")


def variables() -> dict[tuple[str, ...], str]:
    """Return the values of the variables that set something, by section and key."""
    return {path: os.environ[name] for path, name in _named()}


def variable_names() -> dict[tuple[str, ...], str]:
    """Return the name of each variable that sets something, by section and key."""
    return dict(_named())


def ignored_names() -> list[str]:
    """Return the names of the variables that look like ours and set nothing."""
    ours = [name for name in os.environ if name.upper().startswith(_PREFIX)]
    rests = {name: name[len(_PREFIX) :] for name in ours}
    return [
        name
        for name, rest in rests.items()
        if "__" not in rest and not _NO_SETTING.fullmatch(rest.upper())
    ]


def _named() -> Iterator[tuple[tuple[str, ...], str]]:
    for name in os.environ:
        rest = name[len(_PREFIX) :]
        if name.upper().startswith(_PREFIX) and "__" in rest:
            yield tuple(rest.lower().split("__")), name
