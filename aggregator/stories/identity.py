"""Permanent ids: `tag:` URIs, minted once and never derived from what they name."""

import re
from datetime import datetime
from urllib.parse import urlsplit

_DNS_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def tagging_entity(base_url: str, now: datetime) -> str:
    """Return who mints ids, and since when: the part of a `tag:` URI before its specific.

    RFC 4151 section 2.1: an authority's name and a date on which it was theirs.

    >>> tagging_entity("https://news.example/feeds", datetime(2026, 1, 31))
    'tag:news.example,2026-01-31'
    """
    host = (urlsplit(base_url).hostname or "").lower()
    authority = host if _DNS_NAME.fullmatch(host) else "aggregator.invalid"
    return f"tag:{authority},{now:%Y-%m-%d}"


def story_uri(entity: str, key: str) -> str:
    """Return the permanent id of the story called `key`."""
    return f"{entity}:story/{key}"


def feed_uri(entity: str, slug: str) -> str:
    """Return the permanent id of the feed called `slug`."""
    return f"{entity}:feed/{slug}"
