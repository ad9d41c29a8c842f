"""WebSub as a publisher and as a hub decides it: what is asked, what is answered, when again.

W3C WebSub, sections 4 to 8. What is signed, and how, stands in `signatures`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import quote, urlencode, urlsplit

from aggregator.errors import RefusedError

HUB_PATH = "/websub/hub"
TOPICS = (".atom", ".rss", ".json")

SHORTEST_LEASE, USUAL_LEASE, LONGEST_LEASE = (timedelta(days=days) for days in (1, 10, 30))
MOST_SECRET = 199  # bytes: "less than 200" (section 5.1)
MOST_ADDRESS = 2_000  # bytes; no server promises to take longer ones
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)
_RESERVED = ":/?#[]@!$&'()*+,;=%~"


class Kind(StrEnum):
    """Why we call at somebody's: to tell a hub, to ask a callback, to bring it a feed."""

    PING = "ping"
    VERIFY = "verify"
    DELIVER = "deliver"


# So often a call is made in vain; a hub of the operator's is told until it listens. Twelve
# tries of a delivery take most of a day.
_MOST_TRIES = {Kind.VERIFY: 3, Kind.DELIVER: 12}


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """What a subscriber asks of our hub; `topic` is the address of a feed."""

    subscribes: bool
    topic: str
    callback: str
    host: str
    port: int
    secret: str
    lease: timedelta


def read_request(fields: Mapping[str, str]) -> SubscriptionRequest:
    """Return what a form asks for (section 5.1); what it says besides is ignored.

    Raises:
        RefusedError: it is none that a hub of one publisher can grant; the text says why.
    """
    mode = fields.get("hub.mode", "")
    if mode not in {"subscribe", "unsubscribe"}:
        message = 'hub.mode: "subscribe" or "unsubscribe"; this hub tells of its own feeds alone'
        raise RefusedError(message)
    callback = fields.get("hub.callback", "")
    host, port = _place_of(callback)
    secret = fields.get("hub.secret", "")
    if len(secret.encode()) > MOST_SECRET or not secret.isprintable():
        message = f"hub.secret: printable, and no longer than {MOST_SECRET} bytes"
        raise RefusedError(message)
    return SubscriptionRequest(
        subscribes=mode == "subscribe",
        topic=fields.get("hub.topic", ""),
        callback=callback,
        host=host,
        port=port,
        secret=secret,
        lease=granted(fields.get("hub.lease_seconds", "")),
    )


def _place_of(callback: str) -> tuple[str, int]:
    """Return host and port of a callback."""
    message = f"hub.callback: an http or https address of at most {MOST_ADDRESS} bytes"
    try:
        parts = urlsplit(callback)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError) as error:
        raise RefusedError(message) from error
    spaced = not callback.isprintable() or " " in callback
    long = len(callback.encode()) > MOST_ADDRESS
    if not parts.hostname or spaced or parts.fragment or long:
        raise RefusedError(message)
    return parts.hostname, port


def granted(asked: str) -> timedelta:
    """Return the lease that is given to who asks for so many seconds.

    Raises:
        RefusedError: it is no number of seconds.

    >>> granted("5").days, granted("").days, granted("999999999999").days
    (1, 10, 30)
    """
    if not asked:
        return USUAL_LEASE
    if not (asked.isascii() and asked.isdigit() and int(asked[:12])):
        message = "hub.lease_seconds: a positive whole number"
        raise RefusedError(message)
    seconds = min(int(asked[:12]), round(LONGEST_LEASE.total_seconds()))
    return max(timedelta(seconds=seconds), SHORTEST_LEASE)


def confirmation_address(
    callback: str, mode: str, topic: str, challenge: str, lease: timedelta
) -> str:
    """Return the address at which a callback confirms what was asked in its name (section 5.3).

    >>> confirmation_address("http://s.example/?a=1", "unsubscribe", "T", "c", USUAL_LEASE)
    'http://s.example/?a=1&hub.mode=unsubscribe&hub.topic=T&hub.challenge=c'
    """
    asked = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
    if mode == "subscribe":
        asked["hub.lease_seconds"] = str(round(lease.total_seconds()))
    return f"{callback}{'&' if '?' in callback else '?'}{urlencode(asked)}"


def is_topic(file: str) -> bool:
    """Return whether a published file can be subscribed to: a live feed, not an archive."""
    return file.endswith(TOPICS) and "/" not in file


def link_header(hubs: Sequence[str], topic: str) -> str:
    """Return the value of the Link header that names hubs and topic (section 4).

    >>> link_header(["https://hub.example/"], "https://news.example/feeds/all.atom")
    '<https://hub.example/>; rel="hub", <https://news.example/feeds/all.atom>; rel="self"'
    """
    links = [*((hub, "hub") for hub in hubs), (topic, "self")]
    return ", ".join(f'<{quote(href, safe=_RESERVED)}>; rel="{rel}"' for href, rel in links)


def pause(kind: Kind, tries: int) -> timedelta | None:
    """Return how long to wait after so many calls in vain, None where that was the last.

    >>> str(pause(Kind.DELIVER, 1)), str(pause(Kind.PING, 50)), pause(Kind.VERIFY, 3)
    ('0:01:00', '6:00:00', None)
    """
    if tries >= _MOST_TRIES.get(kind, tries + 1):
        return None
    return min(_FIRST_PAUSE * (1 << min(tries - 1, 16)), _LONGEST_PAUSE)


def longest_pause(asked: timedelta) -> timedelta:
    """Return the pause that a server asked for, as far as we heed it."""
    return min(asked, _LONGEST_PAUSE)
