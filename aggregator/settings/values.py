"""Settings from what a file or a variable holds.

Each function returns the value or raises ValueError with what is allowed;
with no words where the setting's description says it.
"""

import json
from collections.abc import Iterable
from datetime import timedelta

from aggregator.errors import UsageError
from aggregator.settings.units import DURATION, SIZE, parse_duration, parse_size
from aggregator.stories.addresses import Opening, parse_opening
from aggregator.stories.given import checked_url
from aggregator.stories.urls import ascii_address

COUNT = "a whole number from 1 on"
PORT = "a whole number from 0 (any free port) to 65535"
FLAG = "true or false"
NETWORKS = 'a list such as ["10.0.0.0/8", "127.0.0.1:8801"]'
HUBS = 'a list of addresses such as ["https://hub.example.org/"]'
FAMILIES = 'lists of outlets such as [["europ.info", "europ.news"]]'
RISING = "poll.min_interval, poll.interval and poll.max_interval rise in this order"
THRESHOLD = 'a number between 0 and 1, or "calibrated"'


def duration(value: object) -> timedelta:
    """Return a text as a duration; a timedelta stays what it is."""
    return value if isinstance(value, timedelta) else parse_duration(str(value))


def some_time(value: timedelta) -> timedelta:
    """Return a duration that is longer than nothing."""
    if value <= timedelta():
        msg = f"{DURATION}, longer than 0s"
        raise ValueError(msg)
    return value


def size(value: object) -> int:
    """Return a text as a number of bytes above zero."""
    count = parse_size(str(value))
    if not count:
        msg = f"{SIZE}, above 0B"
        raise ValueError(msg)
    return count


def number(value: object) -> object:
    """Return anything but a flag, which Python takes for a number."""
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - pydantic reports only ValueError
    return value


def threshold(value: object) -> object:
    """Return None for the calibrated threshold, else the value as it is."""
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - pydantic reports only ValueError
    return None if value == "calibrated" else value


def openings(value: object) -> tuple[Opening, ...]:
    """Return networks and addresses from a list, from JSON or from a text with commas."""
    return tuple(each if isinstance(each, Opening) else _opening(each) for each in _members(value))


def hubs(value: object) -> tuple[str, ...]:
    """Return the addresses of WebSub hubs in ASCII, from a list, JSON or a text with commas."""
    found = tuple(str(each) for each in _members(value))
    for hub in found:
        try:
            checked_url(hub)
        except UsageError as error:
            msg = f"{HUBS}; {hub!r} will not do: {error}"
            raise ValueError(msg) from None
    return tuple(dict.fromkeys(map(ascii_address, found)))


def _opening(value: object) -> Opening:
    try:
        return parse_opening(str(value))
    except ValueError as error:
        msg = f"{NETWORKS}; {value!r} will not do: {error}"
        raise ValueError(msg) from None


def _members(value: object) -> Iterable[object]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        return _members_of_json(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list | tuple):
        return value
    raise ValueError


def _members_of_json(text: str) -> list[object]:
    try:
        members: list[object] = json.loads(text)
    except ValueError:
        raise ValueError from None
    return members


def families(value: object) -> tuple[tuple[str, ...], ...]:
    """Return lists of outlets that are of one house, from a list of lists or from JSON."""
    if isinstance(value, str):
        value = _members_of_json(value) if value.strip() else ()
    if not isinstance(value, list | tuple):
        raise ValueError  # noqa: TRY004 - pydantic reports only ValueError
    found = []
    for family in value:
        if not isinstance(family, list | tuple) or not all(isinstance(o, str) for o in family):
            raise ValueError
        found.append(tuple(family))
    named = [outlet for family in found for outlet in family]
    if len(set(named)) != len(named):
        msg = f"{FAMILIES}, each outlet in one of them"
        raise ValueError(msg)
    return tuple(found)
