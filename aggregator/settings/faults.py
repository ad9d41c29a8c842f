"""How a fault reads: the key, what was found, what is allowed. Always one line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches

from aggregator.settings.units import format_duration

_LONGEST = 80
_USERINFO = re.compile(r"(?<=://)[^\s/]*@")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the key at `path`: its section, then its name."""

    path: tuple[str, ...]
    text: str

    def at(self, place: str | None) -> str:
        """Return the fault as a line that begins with its file and line, or its variable."""
        return _printable(f"{place}: {self.text}" if place else self.text)


def wrong_value(path: tuple[str, ...], found: str, allowed: str) -> Fault:
    """Return the fault of a key whose value will not do."""
    return Fault(path, f"{dotted(path)}: found {found}; allowed: {allowed}")


def unknown_key(path: tuple[str, ...], known: Mapping[str, tuple[str, ...]]) -> Fault:
    """Return the fault of a section or key that does not exist, with its nearest neighbour."""
    near = _nearest(path, known)
    guess = f"; did you mean {near}?" if near else ";"
    if path[0] in known:
        rest = f"[{path[0]}] knows {', '.join(known[path[0]])}"
    else:
        rest = f"the sections are {', '.join(known)}"
    return Fault(path, f"unknown {'key' if path[1:] else 'section'} {dotted(path)}{guess} {rest}")


def ignored_variable(name: str, known: Mapping[str, tuple[str, ...]]) -> str:
    """Return what to say of a variable that looks like a setting and is none."""
    keys = [f"AGGREGATOR_{part}__{key}".upper() for part, keys in known.items() for key in keys]
    near = get_close_matches(name.upper(), keys, n=1, cutoff=0.8)
    guess = f"did you mean {near[0]}?" if near else "settings are AGGREGATOR_SECTION__KEY"
    return _printable(f"{name} sets nothing; {guess}")


def _nearest(path: tuple[str, ...], known: Mapping[str, tuple[str, ...]]) -> str:
    """Return the section or key that may have been meant, empty where none is near."""
    section, *rest = path
    if section in known:  # then the key is wrong, and naming the section would be no help
        near = get_close_matches(".".join(rest), known[section], n=1)
        return f"{section}.{near[0]}" if near else ""
    keys = [f"{section}.{key}" for section, keys in known.items() for key in keys]
    return next(iter(get_close_matches(".".join(path), [*keys, *known], n=1, cutoff=0.5)), "")


def dotted(path: tuple[str, ...]) -> str:
    """Return a key's name as people write it."""
    return ".".join(path)


def shown(value: object, *, secret: bool = False) -> str:
    """Return a found value in short; of one that may hold a password only the scheme."""
    if secret:
        scheme = _SCHEME.match(value) if isinstance(value, str) else None
        return f'"{scheme[0]}…"' if scheme else "a value with no scheme (not shown)"
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, bool):
        return str(value).lower()
    text = _USERINFO.sub("***@", f'"{value}"' if isinstance(value, str) else str(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _printable(text: str) -> str:
    """Return a text that can neither break its line nor command a terminal."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
