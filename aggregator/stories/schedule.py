"""When a source is polled next."""

from datetime import timedelta
from hashlib import blake2b

_MAX_DOUBLINGS = 16


def wait_before_next_poll(
    interval: timedelta,
    failures: int,
    asked: timedelta = timedelta(),
    *,
    shortest: timedelta,
    longest: timedelta,
) -> timedelta:
    """Return the pause before the next poll.

    Doubles with each failure in a row and honours the pause that the server
    asked for, but is never shorter than `shortest` nor longer than `longest`.
    """
    if interval >= longest:
        return longest
    doubled = interval * (1 << min(failures, _MAX_DOUBLINGS))
    return min(max(doubled, asked, shortest), longest)


def spread(key: str, interval: timedelta) -> timedelta:
    """Return where in the interval a source's turn comes: from zero to just below `interval`.

    The same for the same key in every process, so that thousands of sources
    added at once are not polled at once, and a restart moves none of them.
    """
    digest = blake2b(key.encode("utf-8", "replace"), digest_size=6).digest()
    microseconds = interval // timedelta(microseconds=1)
    return timedelta(microseconds=microseconds * int.from_bytes(digest, "big") >> 48)
