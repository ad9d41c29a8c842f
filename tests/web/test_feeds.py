"""The published files over HTTP (RFC 9110), as readers ask for them."""

import gzip
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import brotli
import pytest
from multidict import CIMultiDict
from sample_view import FEED, Client


async def test_a_feed_is_served_as_it_was_written(client: Client) -> None:
    answer = await client.get("/feeds/nato.atom", headers={"Accept-Encoding": "identity"})
    assert answer.status == 200
    assert await answer.read() == FEED
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["Content-Length"] == str(len(FEED))
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["Last-Modified"].endswith("GMT")


UNPACK: Mapping[str | None, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    None: bytes,
}


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("deflate, GZIP;q=0.5", "gzip"),
        ("br;q=0.3, gzip;q=0.5", "gzip"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("*", "br"),
        ("gzip;q=1.0", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.000, br;q=0", None),
        ("gzip;q=much", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_each_gets_the_coding_that_it_takes(
    client: Client, accepted: str, coding: str | None
) -> None:
    answer = await client.get("/feeds/nato.atom", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == coding
    assert UNPACK[coding](await answer.read()) == FEED


async def test_each_encoding_has_a_tag_of_its_own(client: Client) -> None:
    tags = [
        (await client.get("/feeds/nato.atom", headers={"Accept-Encoding": coding})).headers["ETag"]
        for coding in ("identity", "gzip", "br")
    ]
    assert len(set(tags)) == 3


@pytest.mark.parametrize("kind", ["atom", "rss", "json", "opml"])
async def test_a_browser_is_shown_the_xml_with_its_style(
    client: Client, feeds: Path, kind: str
) -> None:
    (feeds / f"nato.{kind}").write_bytes(FEED)
    page = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    shown = await client.get(f"/feeds/nato.{kind}", headers=page)
    taken = await client.get(f"/feeds/nato.{kind}", headers={"Accept": "*/*"})
    as_xml = shown.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert as_xml == (kind in {"atom", "rss"})
    assert (shown.headers["ETag"] != taken.headers["ETag"]) == as_xml
    reader = {"Accept": "application/atom+xml, application/rss+xml, text/html;q=0.5"}
    asked = await client.get(f"/feeds/nato.{kind}", headers=reader)
    assert asked.headers["Content-Type"] == taken.headers["Content-Type"]


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '{}, W/"other"', "*"])
async def test_a_reader_that_has_it_gets_304(client: Client, encoding: str, form: str) -> None:
    headers = {"Accept-Encoding": encoding}
    first = await client.get("/feeds/nato.atom", headers=headers)
    known = form.format(first.headers["ETag"])
    second = await client.get("/feeds/nato.atom", headers=headers | {"If-None-Match": known})
    assert second.status == 304
    assert await second.read() == b""
    for name in ("ETag", "Cache-Control", "Vary", "Last-Modified"):
        assert second.headers[name] == first.headers[name]
    assert "Content-Encoding" not in second.headers


async def test_tags_may_stand_on_several_lines(client: Client) -> None:
    tag = (await client.get("/feeds/nato.atom")).headers["ETag"]
    lines = CIMultiDict([("If-None-Match", '"one", "two"'), ("If-None-Match", f"W/{tag}")])
    assert (await client.get("/feeds/nato.atom", headers=lines)).status == 304
    lines = CIMultiDict([("If-None-Match", '"one"'), ("If-None-Match", '"two"')])
    assert (await client.get("/feeds/nato.atom", headers=lines)).status == 200


@pytest.mark.parametrize(
    ("form", "status"),
    [("{}", 200), ('"other", {}', 200), ("*", 200), ("W/{}", 412), ('"other"', 412)],
)
async def test_a_change_is_told_to_who_wants_the_same(
    client: Client, form: str, status: int
) -> None:
    tag = (await client.get("/feeds/nato.atom")).headers["ETag"]
    answer = await client.get("/feeds/nato.atom", headers={"If-Match": form.format(tag)})
    assert answer.status == status


async def test_a_date_may_be_demanded_as_well(client: Client) -> None:
    first = await client.get("/feeds/nato.atom")
    for since, status in (
        (first.headers["Last-Modified"], 200),
        ("Sun, 01 Jan 2006 00:00:00 GMT", 412),
        ("soon", 200),
    ):
        headers = {"If-Unmodified-Since": since}
        assert (await client.get("/feeds/nato.atom", headers=headers)).status == status


@pytest.mark.parametrize("unit", ["bytes=0-9", "bytes=5-", "bytes=-1", "lines=1-2", "bytes=9-1"])
async def test_a_part_is_answered_with_the_whole(client: Client, unit: str) -> None:
    headers = {"Range": unit, "Accept-Encoding": "identity"}
    answer = await client.get("/feeds/nato.atom", headers=headers)
    assert (answer.status, await answer.read()) == (200, FEED)
    assert answer.headers["Accept-Ranges"] == "none"


async def test_the_date_alone_also_gets_304(client: Client) -> None:
    first = await client.get("/feeds/nato.atom")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert (await client.get("/feeds/nato.atom", headers=since)).status == 304
    # Nor does a later one: it is of a file that was written before the clock was set back.
    for other in ("Sun, 01 Jan 2006 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"):
        since = {"If-Modified-Since": other}
        assert (await client.get("/feeds/nato.atom", headers=since)).status == 200


@pytest.mark.parametrize("since", ["yesterday", ""])
async def test_a_date_that_is_none_is_passed_over(client: Client, since: str) -> None:
    headers = {"If-Modified-Since": since}
    assert (await client.get("/feeds/nato.atom", headers=headers)).status == 200


async def test_a_tag_that_differs_outweighs_the_date(client: Client) -> None:
    first = await client.get("/feeds/nato.atom")
    headers = {"If-None-Match": '"other"', "If-Modified-Since": first.headers["Last-Modified"]}
    assert (await client.get("/feeds/nato.atom", headers=headers)).status == 200


async def test_head_tells_the_same_without_the_body(client: Client) -> None:
    full = await client.get("/feeds/nato.atom")
    head = await client.head("/feeds/nato.atom")
    assert head.status == 200
    assert await head.read() == b""
    for name in ("ETag", "Content-Length", "Content-Type", "Content-Encoding"):
        assert head.headers[name] == full.headers[name]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_refused(client: Client, method: str) -> None:
    answer = await client.request(method, "/feeds/nato.atom")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET,HEAD"


async def test_a_file_that_was_replaced_is_noticed(client: Client, feeds: Path) -> None:
    first = await client.get("/feeds/nato.atom")
    new = feeds / "new"
    new.write_bytes(b"<feed/>")
    new.replace(feeds / "nato.atom")
    second = await client.get("/feeds/nato.atom", headers={"Accept-Encoding": "identity"})
    assert await second.read() == b"<feed/>"
    assert second.headers["ETag"] != first.headers["ETag"]
    (feeds / "nato.atom").unlink()
    assert (await client.get("/feeds/nato.atom")).status == 404


async def test_an_archive_lies_one_level_down(client: Client, feeds: Path) -> None:
    assert (await client.get("/feeds/nato/2026-10.atom")).status == 200
    (feeds / "nato" / "2026-10.2.atom").write_bytes(b"<feed/>")
    assert (await client.get("/feeds/nato/2026-10.2.atom")).status == 200


@pytest.mark.parametrize(
    "name",
    [
        "arctic.atom",
        "../secret.atom",
        "..%2Fsecret.atom",
        "nato/..%2F..%2Fsecret.atom",
        "nato/../../secret.atom",
        "%2e%2e/secret.atom",
        ".hidden.atom",
        ".nato.atom.x1.tmp",
        "nato.atom%00",
        "nato.atom%0a",
        "NATO.atom",
        "nato",
        "nato/",
        "nato/2026-10/x.atom",
        "folder.atom",
        "link.atom",
        "notes.txt",
        "/etc/passwd.atom",
        "nato.atom/",
    ],
)
async def test_nothing_else_can_be_named(client: Client, feeds: Path, name: str) -> None:
    (feeds.parent / "secret.atom").write_bytes(b"secret")
    (feeds / "link.atom").symlink_to(feeds.parent / "secret.atom")
    (feeds / "folder.atom").mkdir()
    for hidden in (".hidden.atom", ".nato.atom.x1.tmp", "notes.txt"):
        (feeds / hidden).write_bytes(b"secret")
    answer = await client.get(f"/feeds/{name}")
    assert answer.status == 404
    assert b"secret" not in await answer.read()


async def test_a_pipe_in_the_folder_hangs_nobody(client: Client, feeds: Path) -> None:
    os.mkfifo(feeds / "pipe.atom")
    assert (await client.get("/feeds/pipe.atom")).status == 404


async def test_a_date_beyond_all_calendars_is_no_condition(client: Client) -> None:
    since = {"If-Modified-Since": "Sun, 22 Nov 99999999999 10:00:00 GMT"}
    assert (await client.get("/feeds/nato.atom", headers=since)).status == 200
