"""When a source is polled next."""

from datetime import timedelta

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
