"""Errand: one call that WebSub asks for; a hub is told, a callback asked or brought a feed.

A call that fails stands in the database until its next turn. Nothing here is
part of publishing, which only notes what is to be told.
"""

import asyncio
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from io import BufferedReader
from pathlib import PurePath
from urllib.parse import urlencode

from aggregator.desk import Desk
from aggregator.errors import FetchError, RefusedAddressError
from aggregator.intake.answers import retry_after
from aggregator.intake.wire import Answer
from aggregator.logs import get_logger
from aggregator.media_types import CONTENT_TYPES
from aggregator.settings.hubs import hub_links, topic_address
from aggregator.store import errands
from aggregator.store.database import Session
from aggregator.store.errands import Errand
from aggregator.stories.hubs import Kind, confirmation_address, longest_pause, pause
from aggregator.stories.signatures import signature

logger = get_logger(__name__)

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_LONGEST_ECHO = 1_000  # bytes; a challenge has 43

Outcome = Callable[[Session], None]


async def run(desk: Desk, errand: Errand) -> bool:
    """Make the call and note what came of it; return whether it is over and done with."""
    try:
        outcome = await _CALLS[errand.kind](desk, errand)
    except FetchError as error:
        outcome = _failed(desk, errand, str(error), lasting=isinstance(error, RefusedAddressError))
    await desk.store.write(outcome or partial(errands.done, errand=errand, now=desk.clock()))
    return outcome is None


async def _ping(desk: Desk, errand: Errand) -> Outcome | None:
    """Tell a hub that a feed of ours changed, in the form that hubs have in common."""
    if errand.url not in desk.settings.publish.hubs:
        return None
    topic = topic_address(desk.settings, errand.topic)
    told = {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
    answer = await desk.fetcher.call(errand.url, _FORM, sent=urlencode(told).encode())
    if _accepted(answer):
        logger.info("hub.told", hub=errand.url, topic=topic)
        return None
    return _refused(desk, errand, answer)


async def _verify(desk: Desk, errand: Errand) -> Outcome | None:
    """Ask a callback whether it wants what was asked in its name (section 5.3)."""
    if not desk.settings.serve.hub:
        return None
    mode = "subscribe" if errand.subscribes else "unsubscribe"
    challenge = secrets.token_urlsafe()
    topic = topic_address(desk.settings, errand.topic)
    asked = confirmation_address(errand.url, mode, topic, challenge, errand.lease)
    answer = await desk.fetcher.call(asked, {"Accept": "text/plain, */*"}, limit=_LONGEST_ECHO)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _refused(desk, errand, answer)
    if not _accepted(answer) or answer.body.strip() != challenge.encode():
        logger.info("hub.unconfirmed", callback=errand.url, topic=topic, mode=mode)
        return None
    logger.info("hub.confirmed", callback=errand.url, topic=topic, mode=mode)
    return partial(errands.confirmed, errand=errand, now=desk.clock())


async def _deliver(desk: Desk, errand: Errand) -> Outcome | None:
    """Bring a subscriber the feed as it is published, signed where it gave a secret (section 7).

    It is read as it is taken: feeds may be large, and subscribers slow and many.
    """
    path = desk.settings.publish.directory / errand.topic
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError:
        return None  # the category went, and its feed with it
    headers = {
        "Content-Type": CONTENT_TYPES[PurePath(errand.topic).suffix],
        "Link": hub_links(desk.settings, errand.topic),
    }
    with file:
        if errand.secret:
            signed = await asyncio.to_thread(_signed, errand.secret, file)
            headers["X-Hub-Signature"] = signed
        answer = await desk.fetcher.call(errand.url, headers, sent=file)
    if answer.status == HTTPStatus.GONE:
        logger.info("hub.subscription_ended", callback=errand.url, reason="HTTP 410")
        return partial(errands.end_subscription, errand=errand)
    if _accepted(answer):
        return None
    return _refused(desk, errand, answer)


def _signed(secret: str, file: BufferedReader) -> str:
    """Return the signature of a file that is at its beginning, and leave it there."""
    signed = signature(secret, file.read())
    file.seek(0)
    return signed


_CALLS = {Kind.PING: _ping, Kind.VERIFY: _verify, Kind.DELIVER: _deliver}


def _accepted(answer: Answer) -> bool:
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES


def _refused(desk: Desk, errand: Errand, answer: Answer) -> Outcome | None:
    asked = timedelta(seconds=retry_after(answer.headers) or 0)
    return _failed(desk, errand, f"HTTP {answer.status}", asked)


def _failed(
    desk: Desk,
    errand: Errand,
    reason: str,
    asked: timedelta = timedelta(),
    *,
    lasting: bool = False,
) -> Outcome | None:
    """Return what follows from a call in vain: another, or an end where that is of no use.

    `lasting`: the callback is at an address that we do not talk to.
    """
    tries = errand.tries + 1
    over = lasting and errand.kind is not Kind.PING
    wait = None if over else pause(errand.kind, tries)
    level = logger.info if errand.kind is Kind.VERIFY else logger.warning
    level("hub.call_failed", kind=errand.kind, url=errand.url, reason=reason, tries=tries)
    if wait is not None:
        until = desk.clock() + max(wait, longest_pause(asked))
        return partial(errands.postpone, errand=errand, until=until)
    if errand.kind is Kind.DELIVER:
        return partial(errands.end_subscription, errand=errand)
    return None
