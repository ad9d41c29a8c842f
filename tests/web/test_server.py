"""The listener: what is no HTTP is answered, and is not news."""

import asyncio
import logging
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
