"""Keys by which an entry is known again within its source."""

from hashlib import sha256
from urllib.parse import urlsplit

from aggregator.stories.urls import canonical_url

LONGEST_KEY = 500


def short_key(text: str) -> str:
    """Return the text where it is short enough for an index, else its hash."""
    return text if len(text) <= LONGEST_KEY else hash_key(text)


def with_link(key: str, link: str) -> str:
    """Return the key of one among several entries of one key, told apart by their links."""
    return short_key(f"{key} {link}")


def with_title(key: str, title: str) -> str:
    """Return the key of one among several entries of one key, told apart by their titles."""
    return short_key(f'{key} "{title}"')


def hash_key(text: str) -> str:
    """Return the hash that stands for the text."""
    return sha256(text.encode()).hexdigest()


def twin_key(link: str | None, title: str) -> str | None:
    """Return what an entry goes by when its site moves: where it stood there, and its title.

    None where it stands nowhere.
    """
    parts = urlsplit(canonical_url(link or "") or "")
    place = f"{parts.path.strip('/')}?{parts.query}#{parts.fragment}"
    return hash_key(f"{place} {title}")[:32] if len(place) > len("?#") else None
