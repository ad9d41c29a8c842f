"""Where we are served, and where the links in the feeds lead."""

from urllib.parse import urlsplit

from aggregator.settings import Settings

_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
_HTTP = 80


def is_own_feed(settings: Settings, url: str) -> bool:
    """Return whether the address is one at which we publish a feed."""
    return url.startswith(f"{settings.publish.base_url}/feeds/")


def astray(settings: Settings) -> str | None:
    """Return what is wrong with the links of the feeds where they lead to a port that is not ours.

    Behind a proxy they lead to it, on whatever host and port: only what names
    this machine can be told to be wrong.
    """
    base_url, port = settings.publish.base_url, settings.serve.port
    parts = urlsplit(base_url)
    if parts.hostname not in _THIS_MACHINE or (parts.port or _HTTP) in {_HTTP, port} or not port:
        return None
    return f"links in the feeds lead to {base_url}, and serve.port is {port}"
