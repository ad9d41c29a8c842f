"""Every error a user, a source or a network can cause, in one tree.

AggregatorError
├── UsageError                   the operator must mend something      → exit 2
│   ├── SettingsError            a file, a key, what was found, what is allowed
│   ├── RuleError                a category's query does not parse
│   └── NoSuchError              no such source, story or entry
├── RefusedError                 the request makes no sense as things stand → exit 1
│   └── HubFullError             our WebSub hub serves no more subscriptions
├── StoreError                   the database cannot be opened or written   → exit 1
└── PollError                    one source or page failed → recorded; the schedule retries
    ├── FetchError               network, TLS, status, size, time
    │   ├── RefusedAddressError  an address that we do not talk to
    │   ├── StatusError          an answer other than 200 and 304
    │   │   └── GoneError        410: stop polling
    │   ├── TooLargeError        more bytes than the cap
    │   ├── EmptyBodyError       an answer without a body
    │   └── DisallowedError      a page that robots.txt keeps from us
    ├── ParseError               the body is no feed, or its parser had to be stopped
    │   └── SitemapIndexError    it lists sitemaps
    └── ShortageError            we lack room or a process for it: no fault of the source's

Anything outside the tree is a bug and is logged with its traceback.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

ErrorT = TypeVar("ErrorT", bound=Exception)


class AggregatorError(Exception):
    """Root of the tree; its text is one line that says what to do."""


class UsageError(AggregatorError):
    """The operator must mend something."""


class SettingsError(UsageError):
    """A setting is wrong; the text lists every fault, a line each."""


class RuleError(UsageError):
    """A category's query does not parse."""


class NoSuchError(UsageError):
    """No source, story or entry answers to the name given."""


class RefusedError(AggregatorError):
    """The request makes no sense as things stand."""


class HubFullError(RefusedError):
    """Our WebSub hub has as many subscriptions as it serves."""


class StoreError(AggregatorError):
    """The database cannot be opened, read or written."""


class PollError(AggregatorError):
    """One source or page failed; it is recorded and the schedule tries again."""


class FetchError(PollError):
    """No usable answer came back over the network."""


class RefusedAddressError(FetchError):
    """The address is one that we do not talk to."""


class StatusError(FetchError):
    """The server answered with a status other than 200 and 304.

    `retry_after` is in seconds where the server asked for a pause; `host` is
    the one that answered, which a redirect may have led to.
    """

    def __init__(
        self, message: str, status: int, retry_after: float | None = None, host: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.host = host


class GoneError(StatusError):
    """The server says that the address is gone for good (410)."""


class TooLargeError(FetchError):
    """The body is larger than the cap, after decompression."""


class EmptyBodyError(FetchError):
    """The answer has no body."""


class DisallowedError(FetchError):
    """The site's robots.txt asks us not to read the page."""


class ParseError(PollError):
    """The body is no feed, or its parser had to be stopped."""


class SitemapIndexError(ParseError):
    """The body lists other sitemaps: their addresses, the newest first.

    `dated`: it tells of each when it changed.
    """

    def __init__(self, sitemaps: list[str], *, dated: bool) -> None:
        super().__init__("a list of sitemaps, not a feed")
        self.sitemaps, self.dated = sitemaps, dated

    def __reduce__(self) -> tuple[Callable[[], "SitemapIndexError"], tuple[()]]:
        """Return how it is made again on its way out of a child."""
        return partial(type(self), self.sitemaps, dated=self.dated), ()


class ShortageError(PollError):
    """We have no room for the document, or no process to read it, for now.

    That is nobody's fault but ours: nothing is held against whoever sent it.
    """


def without_trace(error: ErrorT) -> ErrorT:
    """Return the error without its way and its causes, which keep all that was at hand there."""
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return error
