"""Which date an entry is given where its source states none, or a wrong one."""

from datetime import UTC, datetime

# No feed is older than the web: earlier dates are epoch zeros and template values.
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def resolve_published(
    published: datetime | None, updated: datetime | None, seen: datetime
) -> datetime:
    """Return when an entry counts as published; never later than `seen`, when we first saw it.

    As stated, where that is sane. A future date is taken for `seen`: the
    source's clock or time zone is wrong, the entry is here. A missing date, or
    one before 1990, is replaced by `updated` under the same rules, else by `seen`.
    """
    stated = next((date for date in (published, updated) if date and date >= _EARLIEST), seen)
    return min(stated, seen)
