"""What is said of the settings where: a file, above it credentials, above them the environment."""

from collections.abc import Mapping

from aggregator.settings.credentials import credentials
from aggregator.settings.environment import variables


def layered(
    tables: Mapping[str, object], known: Mapping[str, tuple[str, ...]]
) -> dict[str, object]:
    """Return the tables with what credentials and the environment say in its place.

    What names no setting is left to whoever checks the names.
    """
    layers = dict(tables)
    for path, text in (credentials() | variables()).items():
        section, *rest = path
        if len(rest) == 1 and rest[0] in known.get(section, ()):
            table = layers.setdefault(section, {})
            if isinstance(table, dict):
                layers[section] = table | {rest[0]: text}
    return layers


def value_at(path: tuple[str, ...], layers: Mapping[str, object]) -> object:
    """Return what somebody gave a key of a section; None where nobody did."""
    table = layers.get(path[0])
    return table.get(path[1]) if isinstance(table, dict) else None
