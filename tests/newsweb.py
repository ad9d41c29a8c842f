"""Small webs for commands that run an event loop of their own: served from a thread."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from xml.sax.saxutils import escape

from rawweb import RawWeb, Talk, raw_web, reply


@contextmanager
def served(**answers: bytes | Talk) -> Iterator[RawWeb]:
    """Yield a web of raw answers by path."""
    found: list[RawWeb] = []
    ready = Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        async with raw_web(**answers) as web:
            found.append(web)
            ready.set()
            await over.wait()

    thread = Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(5)
        yield found[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def rss(*titles: str, site: str = "https://outlet.example/") -> bytes:
    """Return the bytes of a feed with an item for each title."""
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{site}{number}</link>"
        f"<description>{escape(title)} was all the talk on the quay, number {number}.</description>"
        "</item>"
        for number, title in enumerate(titles)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>The Quay</title><link>{site}</link><description/>{items}</channel></rss>"
    ).encode()


def feed(*titles: str) -> bytes:
    """Return the answer with such a feed."""
    return reply(rss(*titles), Content_Type="application/rss+xml", ETag='"1"')


def page(*links: str) -> bytes:
    """Return the answer with a page that names feeds, as `title|href`."""
    named = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'
        for title, _, href in (link.partition("|") for link in links)
    )
    body = f"<!doctype html><html><head>{named}</head><body><p>News</p></body></html>"
    return reply(body.encode(), Content_Type="text/html")


async def silence(_writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.sleep(60)
