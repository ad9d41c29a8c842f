"""Timetable: when a source is asked again, and what it is asked with."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus

from aggregator.errors import PollError, StatusError
from aggregator.intake.answers import Fetched, NotModified, Validators, age, lifetime, retry_after
from aggregator.logs import get_logger
from aggregator.model import Hints, ParsedFeed
from aggregator.settings import PollSettings
from aggregator.store.claims import Hold
from aggregator.store.habits import Moved
from aggregator.store.polls import PollTask
from aggregator.stories.addresses import is_private
from aggregator.stories.hubs import MOST_ADDRESS
from aggregator.stories.rhythm import Rhythm
from aggregator.stories.schedule import Bounds, Plan, back_off, plan_next_poll, spread_of

logger = get_logger(__name__)

# A server that only ever says 304 may have forgotten how to say anything else.
WHOLE_EVERY = timedelta(days=8)
# So many whole answers in a row, each with the body whose ETag was sent, and the ETag is of no use:
# Apache once marked those of compressed bodies and did not know them again.
MOST_ETAG_MISSES = 3
# A lasting redirect is believed once it was seen so often in a row: some are mistakes.
MOVES_TO_ADOPT = 5
# So many of its intervals pass between two polls of a source whose hub sends us what is new.
RELAXED = 4
# Who answers so speaks for the whole host, if it says for how long.
OVERLOADED = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


def validators_for(task: PollTask, now: datetime) -> Validators:
    """Return what to send: both validators as they came, unless there is a cause not to."""
    if task.whole_at is not None and now - task.whole_at >= WHOLE_EVERY:
        return Validators()
    if task.etag_misses >= MOST_ETAG_MISSES and task.last_modified:
        return Validators(last_modified=task.last_modified)
    return Validators(task.etag, task.last_modified)


def etag_misses(task: PollTask, sent: Validators, reply: Fetched | NotModified, body: str) -> int:
    """Return how many whole answers in a row there were although we sent the body's ETag."""
    if isinstance(reply, NotModified):
        return 0 if sent.etag else task.etag_misses
    if not (sent.etag or sent.last_modified):
        return 0
    return task.etag_misses + 1 if sent.etag and body == task.body_hash else task.etag_misses


def moved(task: PollTask, to: str | None) -> Moved:
    """Return what follows from where the poll was sent for good, if it was.

    An address that is longer than any may be is followed each time, and not adopted.
    """
    if to is None or to == task.url or len(to) > MOST_ADDRESS:
        return Moved()
    times = task.moves + 1 if to == task.moved_to else 1
    return Moved(to, times, adopt=times >= MOVES_TO_ADOPT)


def hints_now(before: Hints, headers: Mapping[str, str], feed: ParsedFeed | None) -> Hints:
    """Return what holds after an answer: a 304, or a body that we know, repeats little of it."""
    stated = lifetime(headers)
    current = feed.hints if feed else before
    return replace(current, lifetime=before.lifetime if stated is None and not feed else stated)


def pace(
    settings: PollSettings, interval: timedelta | None, rhythm: Rhythm | None, now: datetime
) -> timedelta:
    """Return our own interval: the operator's, else by the source's rhythm."""
    if interval is not None:
        return interval
    if rhythm is None:
        return settings.interval
    return rhythm.interval(now, settings.interval, settings.min_interval, settings.max_interval)


def relaxed(settings: PollSettings, task: PollTask, own: timedelta, now: datetime) -> timedelta:
    """Return our own interval as it is while a hub sends what is new: longer, within its lease.

    Hubs fail without a word, and a feed shows only its latest entries: a poll
    must come before they have all been replaced. Few sources replace theirs
    within four intervals, as those follow the rhythm; a day would be too long.
    The operator's own interval stays what it is.
    """
    if task.interval is not None or task.pushed_until is None or task.pushed_until <= now:
        return own
    longer = min(own * RELAXED, settings.max_interval)
    return max(own, min(longer, task.pushed_until - now))


def after_answer(
    settings: PollSettings,
    url: str,
    own: timedelta,
    hints: Hints,
    headers: Mapping[str, str],
    now: datetime,
) -> datetime:
    """Return when to poll again after an answer; its age takes off what its freshness grants."""
    fresh = hints.lifetime - age(headers) if hints.lifetime is not None else None
    asked = timedelta(seconds=retry_after(headers) or 0)
    plan = plan_next_poll(
        now,
        own,
        _bounds(settings),
        hints=replace(hints, lifetime=fresh),
        asked=asked,
        spread=spread_of(url),
    )
    return _logged(plan, url, now)


def after_failure(
    settings: PollSettings, task: PollTask, own: timedelta, asked: timedelta, now: datetime
) -> datetime:
    """Return when to poll again after a failure: doubled with each one in a row."""
    failures = task.failures + 1
    wait = back_off(own, failures, settings.max_interval)
    spread = spread_of(task.url, failures)
    plan = plan_next_poll(now, wait, _bounds(settings), asked=asked, spread=spread)
    return _logged(plan, task.url, now)


def after_shortage(settings: PollSettings, task: PollTask, now: datetime) -> datetime:
    """Return when to poll again after we had no room for what came: soon, not all at once."""
    return now + settings.min_interval * (1 + spread_of(task.url, task.epoch))


def hold_by(error: PollError, now: datetime, longest: timedelta) -> Hold | None:
    """Return how long the host that refused is to be left alone by all that we want of it.

    On a private network one host may answer for many: there it speaks for one source alone.
    """
    if not isinstance(error, StatusError) or not error.retry_after or not error.host:
        return None
    if error.status not in OVERLOADED or is_private(error.host):
        return None
    return Hold(error.host, now + min(timedelta(seconds=error.retry_after), longest))


def _logged(plan: Plan, url: str, now: datetime) -> datetime:
    """Return the moment; what we do not grant, or not yet, is worth a line."""
    if plan.wanted is not None:
        logger.info(
            "poll.clamped",
            url=url,
            wanted=plan.wanted.total_seconds(),
            granted=(plan.at - now).total_seconds(),
        )
    return plan.at


def _bounds(settings: PollSettings) -> Bounds:
    return Bounds(settings.min_interval, settings.max_interval)
