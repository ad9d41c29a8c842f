"""What a request brought, in values that know no library, and how to read its headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from aggregator.errors import GoneError, StatusError

_LONGEST_PAUSE = 366 * 86_400.0  # seconds; who asks for more means "do not come back"
_LONGEST = timedelta(seconds=_LONGEST_PAUSE)
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"
_LONGEST_VALIDATOR = 1_000  # characters; servers refuse long headers, and would for ever


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server wants to hear again: opaque texts, kept to the byte (RFC 9110 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, decoded, and what was said about it.

    `url` is where it came from in the end, without credentials; `moved_to`
    is set where every redirect on the way was a permanent one, and keeps the
    credentials of the address asked for. `content_type` is as sent. Header
    names are in lower case.
    """

    url: str
    body: bytes = field(repr=False)
    content_type: str
    validators: Validators
    moved_to: str | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotModified:
    """Nothing new since the validators were given; these are the ones to send next."""

    url: str
    validators: Validators
    moved_to: str | None
    headers: Mapping[str, str]


def conditions(validators: Validators) -> dict[str, str]:
    """Return the request headers that make a GET conditional (RFC 9110 13.1).

    A validator that cannot be sent is left out: better a whole answer than none.
    """
    headers = {
        "If-None-Match": _fit(validators.etag),
        "If-Modified-Since": _fit(validators.last_modified),
    }
    return {name: value for name, value in headers.items() if value}


def validators_in(headers: Mapping[str, str]) -> Validators:
    """Return the validators given; one that cannot be sent back as it came counts as none."""
    return Validators(
        etag=_fit(headers.get("etag")), last_modified=_fit(headers.get("last-modified"))
    )


def renewed(sent: Validators, headers: Mapping[str, str]) -> Validators:
    """Return the validators that a 304 leaves us with: its own where given, else those sent."""
    given = validators_in(headers)
    return Validators(
        etag=given.etag or sent.etag, last_modified=given.last_modified or sent.last_modified
    )


def status_error(status: int, headers: Mapping[str, str], host: str) -> StatusError:
    """Return the error for a status that brings no body we want.

    The phrase is the standard's: the server's own may be anything.
    """
    phrase = next((known.phrase for known in HTTPStatus if known == status), "")
    kind = GoneError if status == HTTPStatus.GONE else StatusError
    return kind(f"HTTP {status} {phrase}".rstrip(), status, retry_after(headers), host)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the pause that the server asks for, in seconds (RFC 9110 10.2.3).

    A date is measured against the server's own clock where it tells it.
    """
    stated = headers.get("retry-after", "").strip()
    if stated.isascii() and stated.isdigit():
        return min(float(stated), _LONGEST_PAUSE)
    until = _date(stated) if stated else None
    if until is None:
        return None
    now = _date(headers.get("date", "")) or datetime.now(UTC)
    return min(max((until - now).total_seconds(), 0.0), _LONGEST_PAUSE)


def lifetime(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long an answer is fresh from when it was made; None where it does not say.

    RFC 9111 4.2.1: `max-age` before `Expires`, which counts from the server's own `Date`.
    """
    directives = [each.strip().lower() for each in headers.get("cache-control", "").split(",")]
    if {"no-cache", "no-store"} & set(directives):
        return timedelta()
    stated = (each.partition("=") for each in directives)
    ages = [_seconds(value.strip('" ')) for name, _, value in stated if name.strip() == "max-age"]
    if ages:
        return min(ages)
    if "expires" not in headers:
        return None
    expires = _date(headers["expires"])
    made = _date(headers.get("date", "")) or datetime.now(UTC)
    return min(max(expires - made, timedelta()), _LONGEST) if expires else timedelta()


def age(headers: Mapping[str, str]) -> timedelta:
    """Return how long ago the answer was made, as caches on the way say (RFC 9111 5.1)."""
    return _seconds(headers.get("age", "").partition(",")[0].strip())


def _seconds(stated: str) -> timedelta:
    """Return a number of seconds; what is none is none at all (RFC 9111 4.2.1: stale)."""
    is_number = stated.isascii() and stated.isdigit()
    return min(timedelta(seconds=int(stated[:12])), _LONGEST) if is_number else timedelta()


def _date(text: str) -> datetime | None:
    try:
        stated = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # The parser leaves "-0000" naive; HTTP knows no local times.
    return stated if stated.tzinfo else stated.replace(tzinfo=UTC)


def _fit(value: str | None) -> str | None:
    """Return a validator, None where it cannot be sent as it came (RFC 9110 5.5)."""
    if not value or len(value) > _LONGEST_VALIDATOR or _UNREADABLE in value:
        return None
    return value if value.isprintable() else None
