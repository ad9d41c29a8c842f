"""Read: fetch an entry's page and make an article of it.

A page that fails falls back to what the feed gave: one bad page costs the
entry its full text, never its place in the news. What may pass is waited for
a little first.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus

from aggregator import metrics, timetable
from aggregator.desk import Desk
from aggregator.errors import (
    DisallowedError,
    FetchError,
    PollError,
    RefusedAddressError,
    ShortageError,
    StatusError,
    TooLargeError,
    without_trace,
)
from aggregator.intake.article import (
    article_from_before,
    article_from_feed,
    article_from_page,
)
from aggregator.intake.fetch import Fetched
from aggregator.logs import get_logger
from aggregator.model import Article, Page
from aggregator.store import claims, readings
from aggregator.store.readings import Read, Reading, ReadTask
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.meaning import text_to_embed
from aggregator.stories.schedule import wait_before_next_poll
from aggregator.stories.stored import to_bytes

logger = get_logger(__name__)

PAGES = "text/html, application/xhtml+xml, */*;q=0.5"
# How often a page is postponed at most, and for how long: news cannot wait for ever.
MOST_TRIES = 2
SHORTEST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
CLIENT_ERRORS = range(400, 500)
# Those among them that pass (RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4).
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


async def read(desk: Desk, task: ReadTask, *, patient: bool = False) -> bool:
    """Make one claimed entry an article; False where it is none yet.

    Then a later claim took over, or the page is asked for again later: those
    who are `patient` postpone what may pass, and all wait for what we lack
    ourselves.
    """
    with desk.children.pages():
        try:
            return await _read(desk, task, patient=patient)
        except ShortageError as error:
            await _wait_for_room(desk, task, without_trace(error))
            return False


async def _wait_for_room(desk: Desk, task: ReadTask, error: ShortageError) -> None:
    """Have the page read a little later, as if it had not been tried."""
    metrics.SHORTAGES.labels("read").inc()
    logger.warning("page.postponed", url=task.link, reason=str(error))
    at = desk.clock() + SHORTEST_PAUSE
    await desk.store.write(partial(claims.read_again, epochs={task.entry_id: task.epoch}, at=at))


async def _read(desk: Desk, task: ReadTask, *, patient: bool) -> bool:
    page_error = None
    try:
        way = _from_page if task.fetch else _without_page
        page, found = await way(desk, task)
    except ShortageError:
        raise
    except PollError as error:
        without_trace(error)  # or the page would be kept until all of this is written
        if patient and may_pass(error) and task.tries < MOST_TRIES:
            await _postpone(desk, task, error)
            return False
        page_error = None if task.standing else str(error)
        logger.info("page.failed", url=task.link, reason=str(error))
        page, found = await _without_page(desk, task)
    if desk.embedding:
        meaning = await desk.embedding.of(text_to_embed(task.title, page.text))
        found = replace(found, meaning=meaning)
    reading = Reading(page, to_bytes(found), found.exact_keys, page_error)
    return await desk.store.write_together(
        readings.record_readings, Read(task, reading, desk.clock())
    )


def may_pass(error: PollError) -> bool:
    """Return whether the page may be had a little later."""
    if isinstance(error, StatusError):
        return error.status in PASSING or error.status not in CLIENT_ERRORS
    lasting = isinstance(error, RefusedAddressError | TooLargeError | DisallowedError)
    return isinstance(error, FetchError) and not lasting


async def _postpone(desk: Desk, task: ReadTask, error: PollError) -> None:
    asked = error.retry_after if isinstance(error, StatusError) else None
    pause = wait_before_next_poll(
        SHORTEST_PAUSE,
        task.tries,
        timedelta(seconds=asked or 0),
        shortest=SHORTEST_PAUSE,
        longest=LONGEST_PAUSE,
    )
    logger.info("page.postponed", url=task.link, reason=str(error), seconds=pause.total_seconds())
    now = desk.clock()
    hold = timetable.hold_by(error, now, desk.settings.poll.max_interval)
    await desk.store.write(
        partial(readings.postpone_reading, task=task, until=now + pause, hold=hold)
    )


async def _from_page(desk: Desk, task: ReadTask) -> tuple[Page, Fingerprint]:
    await desk.robots.check(task.link or "", desk.clock())
    with desk.fetcher.share(known=False) as share:
        reply = await desk.fetcher.get(
            task.link or "", limit=desk.settings.fetch.max_page, accept=PAGES, share=share
        )
        assert isinstance(reply, Fetched)  # noqa: S101 - we sent no validators
        told = (reply.body, reply.content_type, reply.url)
        return await desk.children.run(article_from_page, _stub(task), _feed_html(task), *told)


async def _without_page(desk: Desk, task: ReadTask) -> tuple[Page, Fingerprint]:
    """Return what the page gave before, under its corrected headline, else what the feed gives."""
    if task.standing is None:
        return await _from_feed(desk, task)
    return await desk.children.run_together(article_from_before, _stub(task), task.standing)


async def _from_feed(desk: Desk, task: ReadTask) -> tuple[Page, Fingerprint]:
    try:
        return await desk.children.run_together(article_from_feed, _stub(task), _feed_html(task))
    except ShortageError:
        raise
    except PollError as error:
        # Even a content that kills its reader leaves the headline to go by.
        logger.warning("content.failed", entry=task.entry_id, reason=str(error))
        return article_from_feed(_stub(task), "")


def _feed_html(task: ReadTask) -> str:
    return task.content or task.summary


def _stub(task: ReadTask) -> Article:
    return Article(
        entry_id=task.entry_id,
        title=task.title,
        text="",
        outlet=task.outlet,
        published=task.published,
        guid=task.guid,
        link=task.link,
        lang=task.lang,
        origin=task.origin,
        dated=task.dated,
    )
