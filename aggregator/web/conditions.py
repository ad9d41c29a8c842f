"""Which representation a client takes, and whether it has it already (RFC 9110)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import IntEnum

# The codings that we have, the densest first.
CODINGS = ("br", "gzip")
_TAG = re.compile(r'(W/)?"([^"]*)"')

# The header fields that have a say in the answer.
HEEDED = frozenset(
    {
        "accept",
        "accept-encoding",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
    }
)
# All values of the header fields that a request states, by lower-case name.
Fields = Mapping[str, Sequence[str]]


class Verdict(IntEnum):
    """What comes of a request's conditions: the status of its answer."""

    SEND = 200
    NOT_MODIFIED = 304
    FAILED = 412


def choose_coding(offers: Iterable[str]) -> str | None:
    """Return the coding that the client takes (section 12.5.3), None for the bytes as they are.

    >>> choose_coding(["gzip;q=0.5, br"]), choose_coding(["deflate"]), choose_coding(["*, br;q=0"])
    ('br', None, 'gzip')
    """
    weights: dict[str, float] = {}
    for offer in ",".join(offers).lower().split(","):
        coding, _, parameter = offer.partition(";")
        weights[coding.strip()] = _weight(parameter)
    rest = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda coding: weights.get(coding, rest))
    return best if weights.get(best, rest) > 0 else None


def _weight(parameter: str) -> float:
    name, _, value = parameter.replace(" ", "").partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def is_browser(accepts: Iterable[str]) -> bool:
    """Return whether who asks wants pages and knows no feed: a browser, not a reader."""
    accepted = ",".join(accepts).lower()
    return "text/html" in accepted and "atom+xml" not in accepted and "rss+xml" not in accepted


def judge(fields: Fields, etag: str, modified: datetime | None) -> Verdict:
    """Return what the request's conditions come to, in the order of section 13.2.2."""
    if (matching := fields.get("if-match")) is not None:
        if not _matches(matching, etag, strongly=True):
            return Verdict.FAILED
    elif _changed_since(fields.get("if-unmodified-since"), modified):
        return Verdict.FAILED
    if (known := fields.get("if-none-match")) is not None:
        return Verdict.NOT_MODIFIED if _matches(known, etag, strongly=False) else Verdict.SEND
    # As the date that we gave, no more and no less, as nginx has it: a clock may be set back.
    if modified is not None and _stated(fields.get("if-modified-since")) == _in_seconds(modified):
        return Verdict.NOT_MODIFIED
    return Verdict.SEND


def _matches(lines: Sequence[str], etag: str, *, strongly: bool) -> bool:
    """Return whether the tag is among those listed, on one line or several."""
    listed = ",".join(lines)
    if listed.strip() == "*":
        return True
    tags = _TAG.findall(listed)
    return any(tag == etag and not (strongly and weak) for weak, tag in tags)


def _changed_since(stated: Sequence[str] | None, modified: datetime | None) -> bool:
    """Return whether it changed since the date stated, and one can be read."""
    since = _stated(stated)
    return modified is not None and since is not None and _in_seconds(modified) > since


def _stated(stated: Sequence[str] | None) -> datetime | None:
    """Return the date that was stated, None where none can be read."""
    try:
        since = parsedate_to_datetime(stated[0]) if stated else None
    except (ValueError, OverflowError):
        return None
    return since.replace(tzinfo=UTC) if since and since.tzinfo is None else since


def _in_seconds(modified: datetime) -> datetime:
    return modified.replace(microsecond=0)
