"""The configuration for nginx in docs/: the same files, served by nginx."""

import asyncio
import gzip
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sample_view import FEED, Newsroom

from aggregator.demo.tour import free_port
from aggregator.web.app import application
from aggregator.web.server import serving

pytestmark = pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
DOCUMENTED = Path(__file__).parents[2] / "docs" / "nginx.conf"
AROUND = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {server}
}}
"""


@pytest.fixture
async def nginx(feeds: Path, tmp_path: Path) -> AsyncIterator[ClientSession]:
    async with serving(application(Newsroom(), lambda: feeds), "127.0.0.1", 0) as ours:
        port = free_port(0)
        server = DOCUMENTED.read_text()
        for documented, here in (
            ("listen 80;", f"listen 127.0.0.1:{port};"),
            ("/var/lib/aggregator/feeds/", f"{feeds}/"),
            ("http://127.0.0.1:8080", ours),
        ):
            assert documented in server
            server = server.replace(documented, here)
        configuration = tmp_path / "nginx.conf"
        configuration.write_text(AROUND.format(folder=tmp_path, server=server))
        process = await asyncio.create_subprocess_exec(
            *("nginx", "-p", tmp_path, "-c", configuration), stderr=asyncio.subprocess.DEVNULL
        )
        try:
            address = f"http://127.0.0.1:{port}"
            async with ClientSession(address, auto_decompress=False) as client:
                await _answers(client)
                yield client
        finally:
            process.terminate()
            await process.wait()


async def _answers(client: ClientSession) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            await client.get("/healthz")
        except OSError:
            assert time.monotonic() < deadline, "nginx never answered"
            await asyncio.sleep(0.05)
        else:
            return


async def fetch(
    client: ClientSession, path: str, **headers: str
) -> tuple[int, Mapping[str, str], bytes]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.get(path, headers={"Accept-Encoding": "identity"} | sent) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_nginx_serves_the_published_files(nginx: ClientSession, feeds: Path) -> None:
    (feeds / "nato.rss").write_bytes(FEED)
    status, headers, body = await fetch(nginx, "/feeds/nato.atom")
    assert (status, body) == (200, FEED)
    assert headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert headers["Cache-Control"] == "public, max-age=300"
    _, headers, _ = await fetch(nginx, "/feeds/nato.rss")
    assert headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    for kind in ("application/atom+xml", "text/html"):
        status, headers, body = await fetch(nginx, "/feeds/nato/2026-10.atom", Accept=kind)
        assert (status, body) == (200, FEED)
        assert headers["Cache-Control"] == "public, max-age=0, must-revalidate"


async def test_nginx_answers_conditions(nginx: ClientSession) -> None:
    _, headers, packed = await fetch(nginx, "/feeds/nato.atom", Accept_Encoding="gzip")
    assert gzip.decompress(packed) == FEED
    tag, date = headers["ETag"], headers["Last-Modified"]
    assert (await fetch(nginx, "/feeds/nato.atom", If_None_Match=tag))[0] == 304
    assert (await fetch(nginx, "/feeds/nato.atom", If_Modified_Since=date))[0] == 304
    assert (await fetch(nginx, "/feeds/nato.atom", Range="bytes=0-9"))[2] == FEED


async def test_nginx_shows_browsers_the_styled_xml(nginx: ClientSession) -> None:
    _, headers, body = await fetch(nginx, "/feeds/nato.atom", Accept="text/html,*/*")
    assert headers["Content-Type"] == "application/xml; charset=utf-8"
    assert body == FEED
    _, headers, _ = await fetch(nginx, "/static/feed.css")
    assert headers["Content-Type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("path", ["/feeds/.nato.atom.x1.tmp", "/feeds/", "/shown/nato.atom"])
async def test_nginx_shows_nothing_else(nginx: ClientSession, feeds: Path, path: str) -> None:
    (feeds / ".nato.atom.x1.tmp").write_bytes(b"secret")
    status, _, body = await fetch(nginx, path)
    assert status in {403, 404}
    assert b"secret" not in body


async def test_nginx_passes_the_pages_on(nginx: ClientSession) -> None:
    status, _, body = await fetch(nginx, "/categories/nato")
    assert (status, b"NATO &amp; allies" in body) == (200, True)
