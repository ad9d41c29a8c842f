"""Whom we trust over TLS: the system's authorities, read once a server asks for it."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@cache
def trusting() -> ssl.SSLContext:
    """Return what verifies servers; the first call reads the certificates of all authorities."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(("http/1.1",))
    return context


@contextmanager
def trusting_nobody() -> Iterator[None]:
    """Let contexts that are made meanwhile know no authority: they accept no server.

    aiohttp makes two as it is imported, and reading some hundred and fifty
    certificates for each took a third of that time.
    """
    ssl.SSLContext.set_default_verify_paths = _know_nobody  # type: ignore[method-assign]
    try:
        yield
    finally:
        del ssl.SSLContext.set_default_verify_paths  # it hid the one that is inherited


def _know_nobody(self: ssl.SSLContext) -> None:
    """Stand in for what reads certificates."""
