"""Addresses as an operator, a list or a page gives them."""

import re
from urllib.parse import urlsplit

from aggregator.errors import UsageError
from aggregator.stories.urls import has_name, outlet_of

LONGEST_URL = 2000
_FEED_SCHEME = re.compile(r"\s*feed:(?://(?=[^/])|(?=https?:))", re.IGNORECASE)


def web_form(url: str) -> str:
    """Return an address without `feed:`, by which some programs call what they may subscribe to.

    >>> web_form("feed://quay.example/rss"), web_form("feed:https://quay.example/rss")
    ('http://quay.example/rss', 'https://quay.example/rss')
    """
    without = _FEED_SCHEME.sub("", url)
    return without if without == url or "://" in without[:8] else f"http://{without}"


def checked_url(text: str) -> str:
    """Return the address, fit to be asked.

    Raises:
        UsageError: it is none that we can ask.
    """
    url = web_form(text.strip())
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    sound = host and parts.scheme.lower() in {"http", "https"} and url.isprintable()
    if not sound or " " in url:
        message = f"not a web address: {text[:200]!r}; allowed: http://… and https://…"
        raise UsageError(message)
    if len(url) > LONGEST_URL:
        message = f"the address is longer than {LONGEST_URL} characters: {url[:80]}…"
        raise UsageError(message)
    return url


def known_outlet(site_url: str | None, url: str, title: str) -> str:
    """Return the host that publishes; where addresses have numbers for names, the feed's title.

    A number says nothing of who publishes there, and may serve many.
    """
    named = next((address for address in (site_url, url) if address and has_name(address)), None)
    return outlet_of(named) if named else title or outlet_of(url)
