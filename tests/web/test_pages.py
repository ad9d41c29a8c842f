"""The pages as a browser gets them."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from aiohttp import ClientResponse
from sample_stories import NOW, story, telling
from sample_view import Client, Newsroom

from aggregator.errors import StoreError
from aggregator.model import Provenance
from aggregator.web.view import Pruned

VOID = {"meta", "link", "br", "img", "hr"}


class Outline(HTMLParser):
    """Collects what a page links to; complains where tags do not close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.hrefs: list[str] = []
        self.names: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.hrefs += [value or "" for name, value in attrs if name == "href"]
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def outline_of(answer: ClientResponse, status: int = 200) -> Outline:
    assert answer.status == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return Outline(await answer.text())


async def text_of(client: Client, path: str) -> str:
    return await (await client.get(path)).text()


async def test_the_front_page_links_every_feed_and_its_page(client: Client) -> None:
    outline = await outline_of(await client.get("/"))
    for slug in ("nato", "arctic"):
        assert outline.hrefs.count(f"./feeds/{slug}.atom") == 2
        assert f"./categories/{slug}" in outline.hrefs
    text = await text_of(client, "/")
    assert 'type="application/atom+xml" title="NATO &amp; allies"' in text
    assert '2 stories · newest <time datetime="2026-11-22T06:30:00Z">22 Nov 2026, 06:30 UTC' in text
    assert "0 stories</span>" in text


async def test_an_empty_front_page_says_what_to_do(client: Client, newsroom: Newsroom) -> None:
    newsroom.shown = ()
    assert "categories.toml" in await text_of(client, "/")


async def test_a_category_shows_its_stories_under_their_days(
    client: Client, newsroom: Newsroom
) -> None:
    newsroom.told["0004"] = replace(
        story(4, html="<h2>Not</h2><p>One.</p><figure>not</figure><p>Two<br>three.</p>"),
        published=NOW - timedelta(days=1),
    )
    outline = await outline_of(await client.get("/categories/nato"))
    assert "../stories/0001" in outline.hrefs
    assert outline.hrefs.count("../feeds/nato.atom") == 2
    text = await text_of(client, "/categories/nato")
    assert re.findall(r'class="day">(.*)</h2>', text) == [
        "Sunday, 22 November 2026",
        "Saturday, 21 November 2026",
    ]
    assert ">06:30 UTC</time>" in text
    assert ">One. Two three.</p>" in text
    assert (
        "Also reported by <bdi>Navy Press Office</bdi>, <bdi>Coast Daily</bdi>, "
        "<bdi>Late Gazette</bdi></p>"
    ) in text
    assert '<h3 lang="en-GB" dir="auto">' in text


async def test_a_long_story_is_cut_to_a_teaser(client: Client, newsroom: Newsroom) -> None:
    newsroom.told = {"0001": story(html=f"<p>{'Frigate ' * 200}</p>")}
    assert (await text_of(client, "/categories/nato")).count("Frigate ") < 50


async def test_a_category_without_stories_says_so(client: Client) -> None:
    assert "No story yet" in await text_of(client, "/categories/arctic")


async def test_a_story_shows_its_body_and_all_its_tellings(client: Client) -> None:
    outline = await outline_of(await client.get("/stories/0001"))
    assert "https://outlet2.example/frigate?a=1&b=2" in outline.hrefs
    assert {"https://outlet1.example/frigate", "https://outlet4.example/frigate"} <= set(
        outline.hrefs
    )
    text = await text_of(client, "/stories/0001")
    assert "<p>A frigate has joined the patrol.</p>" in text
    assert "4 tellings" in text
    assert "HNoMS Example joins &lt;Baltic&gt; patrol" in text
    assert '<span class="kind retelling">retelling</span>' in text
    assert ">0.71</span>" in text
    assert text.count("leads the story") == 1
    assert '<a href="../categories/nato">NATO &amp; allies</a>' in text
    assert '<a href="../categories/baltic">baltic</a>' in text
    assert "tag:news.example,2026:story/0001" in text


async def test_a_story_shows_what_its_tellings_were_made_from(
    client: Client, newsroom: Newsroom
) -> None:
    revealed = (
        Provenance("Gazette & Co", "Frigate <sails>", "https://gazette.example/1", "line"),
        Provenance("Quay", "", None, "canonical"),
        Provenance("Pier", "", "javascript:x", "caption"),
    )
    tellings = (telling(place, provenance=one) for place, one in enumerate(revealed, start=1))
    newsroom.told = {"0001": story(tellings=tuple(tellings))}
    outline = await outline_of(await client.get("/stories/0001"))
    assert "https://gazette.example/1" in outline.hrefs
    assert "javascript:x" not in outline.hrefs
    text = await text_of(client, "/stories/0001")
    assert "Frigate &lt;sails&gt;</a></bdi> (<bdi>Gazette &amp; Co</bdi>), as its text says" in text
    assert "made from <bdi>Quay</bdi>, as its canonical link says" in text
    assert "made from <bdi>Pier</bdi>, as its caption says" in text


async def test_a_story_says_which_telling_it_shows_and_which_is_no_news(
    client: Client, newsroom: Newsroom
) -> None:
    text = await text_of(client, "/stories/0001")
    assert "shown above" not in text
    assert "no news" not in text
    newsroom.leads, newsroom.recycled = 1, frozenset({4})
    text = await text_of(client, "/stories/0001")
    tellings = re.findall(r"<li>(.*?)</li>", text, re.DOTALL)
    marks = [re.findall(r"<strong>(.*?)</strong>", told) for told in tellings]
    assert marks == [
        ["best telling, shown above"],
        ["leads the story"],
        [],
        ["no news: retells an old story"],
    ]


@pytest.mark.parametrize("link", ["javascript:alert(1)", None, "data:text/html,x"])
async def test_nothing_but_web_addresses_is_linked(
    client: Client, newsroom: Newsroom, link: str | None
) -> None:
    bare = story(title=" ", link=link, tellings=(telling(1, url=link, title='<img src="x">'),))
    newsroom.told = {"0001": bare}
    outline = await outline_of(await client.get("/stories/0001"))
    assert link not in outline.hrefs
    assert "img" not in outline.names
    assert "(untitled)" in await text_of(client, "/stories/0001")


async def test_a_pruned_story_is_gone(newsroom: Newsroom, client: Client) -> None:
    newsroom.told = {"0001": Pruned()}
    answer = await client.get("/stories/0001")
    assert answer.status == 410
    assert "archives" in await answer.text()


async def test_a_merged_story_leads_to_the_one_that_lives(client: Client) -> None:
    answer = await client.get("/stories/0002", allow_redirects=False)
    assert answer.status == 301
    followed = await client.get("/stories/0002")
    assert followed.url.path == "/stories/0001"


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/categories/none",
        "/stories/none",
        "/feeds/none.atom",
        "/a/b/c",
        "/static/x.css",
    ],
)
async def test_what_is_not_there_is_said_on_a_page(client: Client, path: str) -> None:
    outline = await outline_of(await client.get(path), 404)
    assert "../" * (path.count("/") - 1) + "static/style.css" in [
        href.removeprefix("./") for href in outline.hrefs
    ]


async def test_a_page_cannot_be_posted_to(client: Client) -> None:
    answer = await client.post("/", data=b"x" * 100_000)
    await outline_of(answer, 405)
    assert answer.headers["Allow"] == "GET,HEAD"


async def test_a_store_that_does_not_answer_is_no_traceback(
    client: Client, newsroom: Newsroom
) -> None:
    newsroom.failure = StoreError("/var/lib/aggregator.db: database is locked")
    answer = await client.get("/")
    await outline_of(answer, 503)
    assert "/var/lib" not in await answer.text()


@pytest.mark.parametrize("path", ["/", "/feeds/nato.atom", "/nowhere", "/stories/0002", "/healthz"])
async def test_every_answer_is_hardened(client: Client, path: str) -> None:
    answer = await client.get(path, allow_redirects=False)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Server"] == "aggregator"


async def test_the_style_sheet_is_served_and_known_again(client: Client) -> None:
    first = await client.get("/static/style.css")
    assert first.headers["Content-Type"] == "text/css; charset=utf-8"
    known = {"If-None-Match": first.headers["ETag"]}
    assert (await client.get("/static/style.css", headers=known)).status == 304
    dated = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert (await client.get("/static/style.css", headers=dated)).status == 200


async def test_alive(client: Client) -> None:
    assert await text_of(client, "/healthz") == "ok\n"


async def test_ready_or_not_with_the_facts(client: Client, newsroom: Newsroom) -> None:
    answer = await client.get("/readyz")
    assert (answer.status, await answer.json()) == (200, {"ready": True, "database": "ok"})
    newsroom.ready = False
    answer = await client.get("/readyz")
    assert (answer.status, await answer.json()) == (503, {"ready": False, "database": "locked"})


async def test_the_sources_are_listed_with_how_they_do(client: Client, newsroom: Newsroom) -> None:
    outline = await outline_of(await client.get("/sources"))
    assert "./status" in outline.hrefs
    text = " ".join((await text_of(client, "/sources")).split())
    assert "4 sources are polled" in text
    assert text.count("pushed by a hub") == 1
    assert "The Quay &lt;News&gt;" in text
    for state in ("1 entry · ok", "failing, 2 times in a row", "not polled yet", "paused"):
        assert state in text
    newsroom.polled = ()
    assert "No source yet" in await text_of(client, "/sources")


async def test_the_status_is_told(client: Client, newsroom: Newsroom) -> None:
    await outline_of(await client.get("/status"))
    text = " ".join((await text_of(client, "/status")).split())
    for fact in (
        "All goes its way, but for sources that fail",
        "2 sources",
        "1 failing",
        "9 entries",
        "4 copies",
        "3 stories",
    ):
        assert fact in text
    for newsroom.failing, lede in ((0, "All goes its way."), (2, "every source fails")):
        assert lede in await text_of(client, "/status")
    newsroom.ready = False
    assert "Not ready" in await text_of(client, "/status")
