"""Keys by which an entry is known again within its source."""

from hashlib import sha256

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
