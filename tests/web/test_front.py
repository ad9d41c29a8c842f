"""The quick way: whatever it answers itself, the application would have answered the same."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sample_view import FEED, Newsroom

from aggregator.web.app import application
from aggregator.web.server import serving


@pytest.fixture
async def port(feeds: Path) -> AsyncIterator[int]:
    async with serving(application(Newsroom(), lambda: feeds), "127.0.0.1", 0) as address:
        yield int(address.rpartition(":")[2])


async def talk(port: int, *requests: bytes) -> list[tuple[bytes, dict[str, str], bytes]]:
    """Return status line, header fields and body of the answer to each request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for request in requests:
        writer.write(request)
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode()
        line, *fields = head.split("\r\n")[:-2]
        named = dict(field.split(": ", 1) for field in fields)
        body = await reader.readexactly(int(named.get("Content-Length", 0)))
        answers.append((line.encode(), named, body))
    writer.close()
    await writer.wait_closed()
    return answers


def get(path: str, *fields: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *fields, "", ""]).encode()


SLOWLY = "Content-Length: 0"  # makes the same request one for the application
ASKED = {
    "plain": (),
    "gzip": ("Accept-Encoding: gzip",),
    "brotli": ("Accept-Encoding: gzip, br",),
    "browser": ("Accept: text/html,*/*;q=0.8",),
    "had": ("If-None-Match: *",),
    "other tags": ('If-None-Match: "x"', 'If-None-Match: W/"y"'),
    "later": ("If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT",),
    "failed": ('If-Match: "x"',),
    "part": ("Range: bytes=0-9",),
}


@pytest.mark.parametrize("name", ASKED)
async def test_both_ways_give_the_same_answer(port: int, name: str) -> None:
    (quick,) = await talk(port, get("/feeds/nato.atom", *ASKED[name]))
    (slow,) = await talk(port, get("/feeds/nato.atom", *ASKED[name], SLOWLY))
    for _, fields, _ in (quick, slow):
        fields.pop("Date")
        if quick[0].endswith(b"Not Modified"):
            fields.pop("Content-Length", None)
            fields.pop("Content-Type", None)
        if quick[0].endswith(b"Precondition Failed"):
            fields.pop("Content-Type", None)
    assert quick == slow


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/feeds/none.atom"), b"404"),
        (get("/feeds/../secret.atom"), b"404"),
        (get("/"), b"200"),
        (get("/feeds/nato.atom?x=1"), b"200"),
        (get("/feeds/nato.atom").replace(b"GET", b"HEAD"), b"200"),
        (get("/feeds/nato.atom").replace(b"GET", b"POST"), b"405"),
        (get("/feeds/nato.atom").replace(b"1.1", b"1.0"), b"200"),
        (get("/feeds/nato.atom", "No colon"), b"400"),
        (get("/feeds/nato.atom", "Bad name: x"), b"400"),
        (get("/feeds/nato.atom", f"X-Long: {'x' * 5000}"), b"200"),
        (b"GET /feeds/nato.atom HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", b"400"),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else None,
)
async def test_what_is_out_of_the_ordinary_is_the_applications(
    port: int, request_: bytes, status: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_)
    line = await asyncio.wait_for(reader.readline(), 10)
    assert line.split()[1] == status
    writer.close()
    await writer.wait_closed()


async def test_a_connection_serves_one_request_after_the_other(port: int) -> None:
    feed = get("/feeds/nato.atom")
    answers = await talk(port, feed, feed, get("/healthz"), feed)
    assert [body for _, _, body in answers] == [FEED, FEED, b"ok\n", FEED]


async def test_requests_that_come_in_pieces_or_in_a_bunch_are_answered(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    feed = get("/feeds/nato.atom")
    for piece in (feed[:20], feed[20:], feed * 2):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.05)
    seen = 0
    while seen < 3:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert head.startswith(b"HTTP/1.1 200")
        assert await reader.readexactly(len(FEED)) == FEED
        seen += 1
    writer.close()
    await writer.wait_closed()


async def test_a_file_that_was_replaced_is_noticed(port: int, feeds: Path) -> None:
    feed = get("/feeds/nato.atom")
    await talk(port, feed)
    new = feeds / "new"
    new.write_bytes(b"<feed/>")
    new.replace(feeds / "nato.atom")
    ((_, _, body),) = await talk(port, feed)
    assert body == b"<feed/>"
    (feeds / "nato.atom").unlink()
    ((line, _, _),) = await talk(port, feed)
    assert b"404" in line


async def test_files_that_are_asked_for_in_many_ways_fill_no_memory(port: int, feeds: Path) -> None:
    paths = [f"/feeds/nato-{number}.atom" for number in range(8)]
    for path in paths:
        (feeds / path.removeprefix("/feeds/")).write_bytes(FEED * (100_000 // len(FEED)))
    await talk(port, *map(get, paths))
    tracemalloc.start()
    try:
        for reader in range(40):
            await talk(port, *(get(path, f"User-Agent: reader/{reader}") for path in paths))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 12 * 2**20


async def test_who_does_not_read_is_not_sent_more(port: int, feeds: Path) -> None:
    (feeds / "nato.atom").write_bytes(FEED * 1000)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    feed = get("/feeds/nato.atom")
    for _ in range(5):
        writer.write(feed)
        await asyncio.sleep(0.02)
    size = 0
    while size < 5 * len(FEED) * 1000:
        size += len(await asyncio.wait_for(reader.read(1 << 20), 10))
    writer.close()
    await writer.wait_closed()
