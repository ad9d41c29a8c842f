"""What a site's robots.txt allows us, and how long it asks us to pause (the only home of protego).

RFC 9309: where there is no such file everything is allowed, where it cannot be
had nothing is for now. It is kept for a day at most.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.errors import (
    DisallowedError,
    EmptyBodyError,
    FetchError,
    StatusError,
    TooLargeError,
)
from aggregator.intake.fetch import Fetched, Fetcher

if TYPE_CHECKING:
    from protego import Protego

KEPT = timedelta(days=1)
KEPT_UNHAD = timedelta(minutes=30)
MOST_SITES = 2_000
LARGEST = 512_000  # bytes; RFC 9309 section 2.5 asks for 500 KiB at least
LONGEST_DELAY = timedelta(seconds=30)
PLAIN = "text/plain, */*;q=0.5"
_CLIENT_ERRORS = range(400, 500)


@dataclass(slots=True)
class _Site:
    """What is known of one site; `rules` None: its robots.txt could not be had, for a `reason`."""

    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    until: datetime | None = None
    rules: "Protego | None" = None
    reason: str = ""


class Robots:
    """Asks each site once a day; the sites asked longest ago are forgotten first."""

    def __init__(self, fetcher: Fetcher, user_agent: str) -> None:
        self._fetcher = fetcher
        self._name = user_agent.partition("/")[0]
        self._sites: OrderedDict[str, _Site] = OrderedDict()

    async def check(self, url: str, now: datetime) -> None:
        """Return if we may fetch the page; its host's crawl delay is kept from then on.

        Raises:
            DisallowedError: the site does not want us to.
            FetchError: the site cannot say for now.
        """
        parts = urlsplit(url)
        site = self._site(f"{parts.scheme}://{parts.netloc}")
        async with site.asking:
            if site.until is None or now >= site.until:
                await self._ask(site, f"{parts.scheme}://{parts.netloc}/robots.txt", now)
        if site.rules is None:
            message = f"robots.txt cannot be had: {site.reason}"
            raise FetchError(message)
        if not site.rules.can_fetch(url, self._name):
            message = "robots.txt asks us not to read this page"
            raise DisallowedError(message)
        if delay := site.rules.crawl_delay(self._name):
            slowest = LONGEST_DELAY.total_seconds()
            self._fetcher.slow_down(parts.hostname or "", timedelta(seconds=min(delay, slowest)))

    def _site(self, origin: str) -> _Site:
        site = self._sites.setdefault(origin, _Site())
        self._sites.move_to_end(origin)
        if len(self._sites) > MOST_SITES:
            self._sites.popitem(last=False)
        return site

    async def _ask(self, site: _Site, url: str, now: datetime) -> None:
        site.rules, site.reason, site.until = None, "", now + KEPT
        try:
            reply = await self._fetcher.get(url, limit=LARGEST, accept=PLAIN)
        except FetchError as error:
            if _allows_all(error):
                site.rules = _rules("")
            else:
                site.reason, site.until = str(error), now + KEPT_UNHAD
            return
        assert isinstance(reply, Fetched)  # noqa: S101 - we sent no validators
        site.rules = _rules(reply.body.decode("utf-8", "replace"))


def _rules(text: str) -> "Protego":
    from protego import Protego  # noqa: PLC0415 - polls ask for no pages

    return Protego.parse(text)


def _allows_all(error: FetchError) -> bool:
    """Return whether there is no such file; a server that is too busy says nothing of it."""
    if isinstance(error, StatusError):
        return error.status in _CLIENT_ERRORS and error.status != HTTPStatus.TOO_MANY_REQUESTS
    return isinstance(error, EmptyBodyError | TooLargeError)
