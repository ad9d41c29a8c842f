import gzip
import json
import re
from calendar import timegm
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from http.client import HTTPConnection
from io import BytesIO
from socket import SO_LINGER, SOL_SOCKET, create_connection
from struct import pack
from typing import NamedTuple
from urllib.parse import urlsplit

import feedparser
import pytest

from aggregator.demo.newsroom import Newsroom, PieceKind
from aggregator.demo.site import Site

NOW = datetime(2026, 4, 2, 9, 30, 15, tzinfo=UTC)


@pytest.fixture
def site(newsroom: Newsroom) -> Iterator[Site]:
    with Site(newsroom, now=NOW + timedelta(microseconds=250_000)) as site:
        yield site


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def get(url: str, **headers: str) -> Reply:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=5)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        connection.request("GET", path, headers=sent)
        response = connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def parse(body: bytes) -> feedparser.FeedParserDict:
    return feedparser.parse(BytesIO(body))


@pytest.mark.parametrize(
    ("slug", "version"),
    [
        ("jhq-adria", "rss20"),
        ("defence-press-room", "atom10"),
        ("security-register", "rss20"),
        ("balkan-courier", "rss20"),
        ("jadranski-glas", "rss10"),
        ("meridian-newswire", "rss20"),
        ("europulse", "rss20"),
        ("security-lens", "atom10"),
        ("newsdeck", "rss20"),
    ],
)
def test_each_xml_feed_holds_the_outlets_pieces_newest_first(
    site: Site, newsroom: Newsroom, slug: str, version: str
) -> None:
    pieces = sorted((p for p in newsroom.pieces if p.outlet == slug), key=lambda piece: piece.age)
    feed = parse(get(site.feed_urls[slug]).body)
    assert (feed.bozo, feed.version) == (False, version)
    assert feed.feed.title == newsroom.outlet(slug).name
    assert len(feed.entries) == len(pieces)
    for entry, piece in zip(feed.entries, pieces, strict=True):
        assert entry.title.startswith(piece.title)
        assert entry.link.startswith(f"{site.base_url}/{slug}/")
        moment = entry.get("published_parsed") or entry.updated_parsed
        assert datetime.fromtimestamp(timegm(moment), UTC) == NOW - piece.age


def test_every_outlet_has_a_feed(site: Site, newsroom: Newsroom) -> None:
    assert site.feed_urls.keys() == {outlet.slug for outlet in newsroom.outlets}
    assert len(set(site.feed_urls.values())) == len(newsroom.outlets)


def test_the_json_feed_is_version_1_1(site: Site, newsroom: Newsroom) -> None:
    reply = get(site.feed_urls["baltic-watch"])
    assert reply.headers["Content-Type"].startswith("application/feed+json")
    feed = json.loads(reply.body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == site.feed_urls["baltic-watch"]
    assert len(feed["items"]) == sum(p.outlet == "baltic-watch" for p in newsroom.pieces)
    cable = next(item for item in feed["items"] if item["url"].endswith("/gulf-cable.html"))
    assert [author["name"] for author in cable["authors"]] == [
        "Kaarel Lepmets",
        "Tuulikki Sarvamaa",
    ]
    assert "<p>Divers had found a furrow" in cable["content_html"]


def test_some_feeds_carry_the_whole_text_and_some_only_its_beginning(site: Site) -> None:
    full = parse(get(site.feed_urls["jhq-adria"]).body).entries[0]
    assert len(full.content[0].value) > 1_000
    short = parse(get(site.feed_urls["security-register"]).body).entries[0]
    assert "content" not in short
    assert short.summary.endswith("[…]")


def test_the_aggregators_entries_name_their_source_and_lead_there(
    site: Site, newsroom: Newsroom
) -> None:
    for entry in parse(get(site.feed_urls["newsdeck"]).body).entries:
        title, _, publisher = entry.title.rpartition(" - ")
        assert entry.source.title == publisher
        assert f">{title}</a></li>" in unescape(entry.summary)
        reply = get(entry.link)
        assert reply.status == 302
        assert reply.headers["Location"].startswith(entry.source.href + "/")
        assert title in unescape(get(reply.headers["Location"]).body.decode())
        assert publisher in {outlet.name for outlet in newsroom.outlets}


def test_matching_validators_give_304(site: Site) -> None:
    for url in (*site.feed_urls.values(), f"{site.base_url}/jhq-adria/kfor-road.html"):
        first = get(url)
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        assert first.status == 200
        assert re.fullmatch(r'"[0-9a-f]+"', etag)
        for again in (
            get(url, If_None_Match=etag),
            get(url, If_Modified_Since=modified),
            get(url, If_None_Match=f'"other", {etag}', If_Modified_Since="Thu, 01 Jan 1970"),
        ):
            assert (again.status, again.body) == (304, b"")
            assert again.headers["ETag"] == etag
        assert get(url, If_None_Match='"other"', If_Modified_Since=modified).status == 200
        assert get(url, If_Modified_Since="Thu, 01 Jan 1970 00:00:00 GMT").status == 200


def test_gzip_is_another_representation_of_the_same(site: Site) -> None:
    url = site.feed_urls["europulse"]
    plain, packed = get(url), get(url, Accept_Encoding="deflate, gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["ETag"] != plain.headers["ETag"]
    same = get(url, Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
    assert same.status == 304


def test_the_same_now_and_port_give_the_same_bytes(newsroom: Newsroom) -> None:
    with Site(newsroom, now=NOW) as site:
        port = urlsplit(site.base_url).port or 0
        urls = [*site.feed_urls.values(), f"{site.base_url}/europulse/eleven-signatures.html"]
        first = [get(url).body for url in urls]
    with Site(newsroom, now=NOW, port=port) as site:
        assert [get(url).body for url in urls] == first


def test_pages_hold_the_text_its_facts_and_the_chrome(site: Site, newsroom: Newsroom) -> None:
    templates = set()
    for piece in newsroom.pieces:
        if piece.outlet == "newsdeck":
            continue
        outlet = newsroom.outlet(piece.outlet)
        templates.add(outlet.template)
        page = unescape(get(f"{site.base_url}/{piece.outlet}/{piece.id}.html").body.decode())
        assert all(line in page for line in piece.text.splitlines())
        assert f'<meta property="og:title" content="{piece.title}">' in page
        assert f'content="{(NOW - piece.age).isoformat()}"' in page
        assert f'<html lang="{outlet.lang}">' in page
        assert all(author in page for author in piece.authors)
        assert (f"<figcaption>{piece.caption}</figcaption>" in page) == (piece.caption is not None)
        canonical = newsroom.piece(piece.canonical)
        assert f'href="{site.base_url}/{canonical.outlet}/{canonical.id}.html"' in page
        assert "$" not in page
    assert len(templates) >= 3


def test_content_farms_look_like_content_farms(site: Site, newsroom: Newsroom) -> None:
    spun = [piece for piece in newsroom.pieces if piece.kind is PieceKind.SPUN]
    for piece in spun:
        page = get(f"{site.base_url}/{piece.outlet}/{piece.id}.html").body.decode()
        for chrome in ("ADVERTISEMENT", "Table of Contents", "Related Posts", "No Result"):
            assert chrome in page
        for chrome in ("Previous Post", "Next Post", "author-box", "Calendar", "Tags:"):
            assert chrome in page


def test_a_piece_links_to_those_before_and_after_it(site: Site) -> None:
    page = get(f"{site.base_url}/europulse/eyes-over-the-adriatic.html").body.decode()
    assert re.search(r'Previous Post <a href="\S+/pencils-against-hackers.html">', page)
    assert re.search(r'Next Post <a href="\S+/eleven-signatures.html">', page)


def test_a_lightly_edited_piece_on_a_content_farm_has_no_table_of_contents(site: Site) -> None:
    page = get(f"{site.base_url}/security-lens/powder-plant-lens.html").body.decode()
    assert "Table of Contents" not in page


def test_front_pages_lead_to_the_feed_and_the_pieces(site: Site, newsroom: Newsroom) -> None:
    index = get(f"{site.base_url}/").body.decode()
    for outlet in newsroom.outlets:
        front = get(f"{site.base_url}/{outlet.slug}/").body.decode()
        assert f'title="{outlet.name}" href="{site.feed_urls[outlet.slug]}"' in front
        assert front.count("<li>") == sum(p.outlet == outlet.slug for p in newsroom.pieces)
        assert site.feed_urls[outlet.slug] in index


def test_pictures_are_where_the_pages_say(site: Site) -> None:
    reply = get(f"{site.base_url}/jhq-adria/kfor-road.svg")
    assert reply.headers["Content-Type"] == "image/svg+xml"
    assert reply.body.startswith(b"<svg ")


def test_unknown_paths_are_404_and_everything_is_remembered(site: Site) -> None:
    assert get(f"{site.base_url}/jhq-adria/no-such.html").status == 404
    assert get(f"{site.base_url}/newsdeck/read/kfor-road").status == 404
    assert get(f"{site.base_url}/?from=test").status == 200
    assert site.requests == (
        ("/jhq-adria/no-such.html", 404),
        ("/newsdeck/read/kfor-road", 404),
        ("/", 200),
    )


def test_many_clients_at_once_are_all_answered_and_remembered(site: Site) -> None:
    urls = list(site.feed_urls.values()) * 5
    with ThreadPoolExecutor(10) as pool:
        assert {reply.status for reply in pool.map(get, urls)} == {200}
    assert len(site.requests) == len(urls)


def test_a_hidden_piece_appears_when_revealed_and_changes_the_feed(newsroom: Newsroom) -> None:
    hidden = ["visit-made", "mine-constanta"]
    with Site(newsroom, now=NOW, hidden=hidden) as site:
        feed_url = site.feed_urls["jhq-adria"]
        page_url = f"{site.base_url}/jhq-adria/visit-made.html"
        other = get(site.feed_urls["europulse"])
        before = get(feed_url)
        assert get(page_url).status == 404
        site.reveal("visit-made")
        between = get(feed_url, If_None_Match=before.headers["ETag"])
        assert get(page_url).status == 200
        site.reveal("mine-constanta")
        after = get(feed_url, If_None_Match=between.headers["ETag"])
        assert [len(parse(reply.body).entries) for reply in (before, between, after)] == [4, 5, 6]
        dates = [reply.headers["Last-Modified"] for reply in (before, between, after)]
        assert sorted(set(dates), key=parsedate_to_datetime) == dates
        unchanged = get(site.feed_urls["europulse"], If_None_Match=other.headers["ETag"])
        assert unchanged.status == 304


def test_an_outlet_without_pieces_still_has_a_feed(newsroom: Newsroom) -> None:
    hidden = [piece.id for piece in newsroom.pieces]
    with Site(newsroom, now=NOW, hidden=hidden) as site:
        for slug in ("jhq-adria", "defence-press-room", "jadranski-glas", "newsdeck"):
            reply = get(site.feed_urls[slug])
            assert reply.status == 200
            assert parse(reply.body).entries == []


def test_a_client_that_hangs_up_disturbs_nobody(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    address = ("127.0.0.1", urlsplit(site.base_url).port or 0)
    with create_connection(address) as client:
        client.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
        client.sendall(b"GET / HTTP/1.1\r\n")
    assert get(f"{site.base_url}/").status == 200
    assert capsys.readouterr().err == ""
