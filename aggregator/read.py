"""Read: fetch an entry's page and make an article of it.

A page that fails falls back to what the feed gave: one bad page costs the
entry its full text, never its place in the news.
"""

from functools import partial

from aggregator.desk import Desk
from aggregator.errors import PollError
from aggregator.intake.article import article_from_feed, article_from_page
from aggregator.intake.fetch import Fetched
from aggregator.logs import get_logger
from aggregator.model import Article, Page
from aggregator.store import readings
from aggregator.store.readings import Reading, ReadTask
from aggregator.stories.fingerprint import Fingerprint

logger = get_logger(__name__)

PAGES = "text/html, application/xhtml+xml, */*;q=0.5"


async def read(desk: Desk, task: ReadTask) -> bool:
    """Make one claimed entry an article; False where a later claim took over."""
    page_error = None
    try:
        page, found = await _from_page(desk, task) if task.fetch else await _from_feed(desk, task)
    except PollError as error:
        page_error = str(error)
        logger.info("page.failed", url=task.link, reason=page_error)
        page, found = await _from_feed(desk, task)
    reading = Reading(page, found.to_bytes(), found.exact_keys, page_error)
    return await desk.store.write(
        partial(readings.record_reading, task=task, reading=reading, now=desk.clock())
    )


async def _from_page(desk: Desk, task: ReadTask) -> tuple[Page, Fingerprint]:
    reply = await desk.fetcher.get(
        task.link or "", limit=desk.settings.fetch.max_page, accept=PAGES
    )
    assert isinstance(reply, Fetched)  # noqa: S101 - we sent no validators
    return await desk.children.run(
        article_from_page, _stub(task), _feed_html(task), reply.body, reply.content_type, reply.url
    )


async def _from_feed(desk: Desk, task: ReadTask) -> tuple[Page, Fingerprint]:
    try:
        return await desk.children.run(article_from_feed, _stub(task), _feed_html(task))
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
    )
