"""The listener: what is no HTTP is answered, and is not news."""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

import pytest
from sample_view import Newsroom

from aggregator.web.app import application
from aggregator.web.server import serving


@pytest.mark.parametrize(
    "request_line", [b"GET /stories/\xff\x00 HTTP/1.1", b"\x16\x03\x01 nonsense", b"GET / HTTP/9.9"]
)
async def test_a_stranger_who_speaks_no_http_leaves_no_traceback(
    request_line: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(application(Newsroom(), lambda: tmp_path), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rsplit(":")[-1]))
        with caplog.at_level(logging.DEBUG):
            writer.write(request_line + b"\r\nHost: x\r\n\r\n")
            answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()
    assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert b"aiohttp" not in answer
    assert b"\r\nContent-Security-Policy: default-src 'none'" in answer
    assert b"\r\nServer: aggregator\r\n" in answer
    assert not [record for record in caplog.records if record.exc_info]


async def test_who_leaves_before_he_is_told_to_go_on_leaves_no_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(application(Newsroom(), lambda: tmp_path), "127.0.0.1", 0) as address:
        with caplog.at_level(logging.DEBUG):
            for _ in range(20):
                _, writer = await asyncio.open_connection("127.0.0.1", int(address.rsplit(":")[-1]))
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n")
                await writer.drain()
                writer.transport.abort()
            await asyncio.sleep(0.3)
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("ending", [b"", b"GET /sources HTTP/1.1\r\nHo"])
async def test_who_sends_no_more_is_answered_what_he_asked(ending: bytes, tmp_path: Path) -> None:
    paths = b"/", b"/healthz", b"/search?q=port"
    asked = b"".join(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in paths * 30)
    async with serving(application(Newsroom(), lambda: tmp_path), "127.0.0.1", 0) as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rsplit(":")[-1]))
        writer.write(asked + ending)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 3 * 30


class OpenHub:
    """A hub that takes whatever comes."""

    is_open = True

    async def receive(self, fields: Mapping[str, str]) -> None:
        """Take a request in."""


@pytest.mark.parametrize("expecting", [b"", b"Expect: 100-continue\r\n"])
async def test_who_leaves_amid_what_he_sends_is_waited_for_no_longer(
    expecting: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST /websub/hub HTTP/1.1\r\nHost: x\r\n%sContent-Length: 9\r\n" % expecting
    form = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    app = application(Newsroom(), lambda: tmp_path, hub=OpenHub())
    async with serving(app, "127.0.0.1", 0) as address:
        for pause in (0, 0, 0.05):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", int(address.rsplit(":")[-1])
            )
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + head + form)
            await asyncio.sleep(pause)
            writer.write_eof()
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            await writer.wait_closed()
            assert answer.count(b"HTTP/1.1 200 OK\r\n") == 1
            assert answer.count(b"HTTP/1.1 400 Bad Request\r\n") == 1
    assert not [record for record in caplog.records if record.exc_info]
