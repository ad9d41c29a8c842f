"""Where a page's feeds may stand."""

import json
from pathlib import Path

import pytest

from aggregator.errors import ParseError
from aggregator.intake.discover import (
    feeds_beside_base,
    linked_feeds,
    onward_pages,
    sitemaps_in,
    usual_places,
)
from aggregator.intake.feedlinks import FeedLink

URL = "https://www.quay.example/news/"
LEDGER = "https://ledger.example/a/b"
PAGES = Path(__file__).parents[1] / "golden" / "pages"


def anchors(*links: str) -> list[str]:
    body = "".join(f'<p><a href="{link}">Link</a></p>' for link in links)
    named, found = linked_feeds(f"<html><body>{body}</body></html>".encode(), "text/html", URL)
    assert named == ()
    return [link.url for link in found]


def test_anchors_that_look_like_feeds_are_leads() -> None:
    found = (
        "/rss",
        "feed/",
        "/feeds/all.xml",
        "/x.rss",
        "/?feed=rss2",
        "/sport/atom.xml",
        "/rss.php",
        "/rss.ashx?id=3",
    )
    assert len(anchors(*found)) == len(found)
    assert anchors("rss") == ["https://www.quay.example/news/rss"]
    more = ("/RssFeeds/", "/rss/all", "/?rss=1", "/index.php?view=x&amp;feed=RSS2.0", "/s?atom=")
    assert len(anchors(*more)) == len(more)


def test_other_anchors_are_none() -> None:
    others = (
        "/feedback",
        "/press",
        "/brass",
        "/news/rss-is-dead-they-say",
        "mailto:rss@quay.example",
    )
    assert anchors("/rss/2026.html", "/?atom_id=3", "/brssfeed", "/feeds/weather/now") == []
    assert anchors(*others, "/feeding-birds", "/?q=rss", "#rss", "javascript:rss", "/a.xml") == []


def test_anchors_lead_to_the_same_outlet_alone() -> None:
    found = anchors(
        "https://feeds.quay.example/rss", "https://reader.example/rss", "https://quay.example/rss"
    )
    assert found == ["https://feeds.quay.example/rss", "https://quay.example/rss"]


def test_an_anchor_may_say_itself_that_it_is_a_feed() -> None:
    page = b'<html><body><a type="application/rss+xml" href="/all">All</a></body></html>'
    _, (link,) = linked_feeds(page, "text/html", URL)
    assert (link.url, link.title) == ("https://www.quay.example/all", "All")


@pytest.mark.parametrize(
    "shown", ["RSS", " Our RSS feed ", "Atom 1.0 feed", "[XML]", '<img alt="RSS" src="/r.png">']
)
def test_an_anchor_may_be_called_a_feed(shown: str) -> None:
    page = f'<html><body><a href="/syndicate/12">{shown}</a></body></html>'.encode()
    _, (link,) = linked_feeds(page, "text/html", URL)
    assert link.url == "https://www.quay.example/syndicate/12"


def test_feeds_may_stand_at_those_who_serve_nothing_else() -> None:
    hosts = ("https://feeds.burner.example/quay", "https://reader.example/quay")
    page = "".join(f'<a href="{host}">RSS</a>' for host in hosts)
    _, found = linked_feeds(f"<html><body>{page}</body></html>".encode(), "text/html", URL)
    assert [link.url for link in found] == [hosts[0]]


@pytest.mark.parametrize(
    ("link", "paths"),
    [
        ('rel=alternate type="application/x-atom+xml; charset=utf-8"', ["/a"]),
        ('rel="home alternate" type="application/rss xml"', ["/a"]),
        ('rel="feed"', ["/a"]),
        ('rel="alternate" type="text/xml"', ["/a"]),
        ('rel="feed" type="text/html"', []),
        ('rel="alternate" hreflang="de"', []),
        ('rel="alternate" type="application/json+oembed"', []),
        ('rel="stylesheet" type="text/xml"', []),
    ],
)
def test_a_feed_is_named_in_many_ways(link: str, paths: list[str]) -> None:
    named, _ = linked_feeds(f"<head><link {link} href=/a></head><p>x".encode(), "text/html", URL)
    assert [each.url.removeprefix("https://www.quay.example") for each in named] == paths


def test_what_may_be_anything_comes_behind_what_is_a_feed() -> None:
    page = (
        b'<head><link rel="alternate" type="application/json" href="/all.json">'
        b'<link rel="alternate" type="application/rss+xml" href="feed://quay.example/rss">'
        b'<link rel="alternate" type="application/atom+xml" href="feed:https://quay.example/atom">'
        b"</head><p>x"
    )
    named, _ = linked_feeds(page, "text/html", URL)
    assert [link.url for link in named] == [
        "http://quay.example/rss",
        "https://quay.example/atom",
        "https://www.quay.example/all.json",
    ]


def test_feeds_of_comments_come_last_and_what_is_named_is_no_anchor() -> None:
    page = (
        b'<html><head><link rel="alternate" type="application/rss+xml" href="/comments/feed/">'
        b'<link rel="alternate" type="application/rss+xml" href="/feed/"></head>'
        b'<body><a href="/feed/">Feed</a><a href="/rss">RSS</a></body></html>'
    )
    named, found = linked_feeds(page, "text/html", URL)
    assert [link.url[24:] for link in named] == ["/feed/", "/comments/feed/"]
    assert [link.url[24:] for link in found] == ["/rss"]


def test_usual_places_are_below_the_page_then_below_the_site() -> None:
    places = [link.url for link in usual_places(URL)]
    assert places[0] == "https://www.quay.example/news/feed/"
    assert places[3] == "https://www.quay.example/feed/"
    assert len(places) == len(set(places))
    assert usual_places("https://quay.example")[0].url == "https://quay.example/feed/"
    beside = usual_places("https://quay.example/news/index.html")[0].url
    assert beside == "https://quay.example/news/feed/"


def test_sitemaps_of_news_come_first() -> None:
    robots = (
        b"User-agent: *\nSITEMAP: https://q.example/all.xml\n Sitemap:/news.xml\nSitemap: ftp://x\n"
    )
    found = [link.url for link in sitemaps_in(robots, "https://q.example/robots.txt")]
    assert found == ["https://q.example/news.xml", "https://q.example/all.xml"]


def test_feed_links_in_order_absolute_and_each_once() -> None:
    body = b"""<html><head><base href="/c/">
      <link rel="alternate" type="application/rss+xml" title=" All  news " href="feed">
      <link rel="ALTERNATE home" type="application/atom+xml; charset=utf-8" href="//x.example/atom">
      <link rel="alternate" type="application/feed+json" href="https://ledger.example/feed.json">
      <link rel="alternate" type="application/rss+xml" href="/c/feed">
      <link rel="alternate" type="text/html" href="/en"><link rel="alternate" hreflang="de">
      <link rel="stylesheet" type="application/rss+xml" href="/no">
      <link rel="alternate" type="application/rdf+xml" href="javascript:feed()">
      <link rel="alternate" type="application/rdf+xml" href="http://[">
      </head><body></body></html>"""
    assert linked_feeds(body, "text/html", LEDGER)[0] == (
        FeedLink("https://ledger.example/c/feed", "All news", "application/rss+xml"),
        FeedLink("https://x.example/atom", "", "application/atom+xml"),
        FeedLink("https://ledger.example/feed.json", "", "application/feed+json"),
    )


def test_no_html_has_no_feeds() -> None:
    with pytest.raises(ParseError):
        linked_feeds(b"", "", URL)


RSS = 'rel="alternate" type="application/rss+xml"'


@pytest.mark.parametrize(
    ("head", "paths"),
    [
        # Written as HTML allows it.
        ("<LINK REL=ALTERNATE TYPE=APPLICATION/RSS+XML HREF=/f />", ["/f"]),
        ("<link\nrel = 'alternate'\n\ttype='application/rss+xml'\r\n href='\n/f '>", ["/f"]),
        ('<link rel="home\talternate\nindex" type=" application/rss+xml " href="/f">', ["/f"]),
        ('<link rel="altern&#97;te" type="application/rss&#43;xml" href="/&#102;">', ["/f"]),
        (f'<link {RSS} href="/f?a=1&amp;b=2">', ["/f?a=1&b=2"]),
        (f'<link {RSS} href="/f?a=1&b=2">', ["/f?a=1&b=2"]),
        (f'<link {RSS} href="/f" href="/g">', ["/f"]),
        (f'<link {RSS} href="?feed=rss2">', ["/news/?feed=rss2"]),
        (f'<link {RSS} href="../f">', ["/f"]),
        (f'<base target="_blank"><base href="/x/"><link {RSS} href="f">', ["/x/f"]),
        (f'<link {RSS} href="f"><base href="/x/">', ["/x/f"]),
        (f'<!--<base href="/y/">--><base href=""><link {RSS} href="f">', ["/news/f"]),
        # What is named in what is not the page.
        (f'<!--[if IE]><link {RSS} href="/old"><![endif]--><link {RSS} href="/f">', ["/f"]),
        (f"<script>write('<link {RSS} href=/old>')</script><link {RSS} href=/f>", ["/f"]),
        (f'<template><link {RSS} href="/old"></template><link {RSS} href="/f">', ["/f"]),
        (f'<noscript><link {RSS} href="/f"></noscript>', ["/f"]),
        # What names nothing.
        (f"<link {RSS}>", []),
        (f'<link {RSS} href="">', []),
        (f'<link {RSS} href="#">', []),
        (f'<link {RSS} href="itpc://www.quay.example/f">', []),
        ('<link rel="alternatives" type="text/xml" href="/f">', []),
        ('<link rel="alternate" href="/en">', []),
        ('<link rel="alternate" hreflang="de" href="/rss">', []),
        ('<link rel="alternate" type="text/xml+oembed" href="/o">', []),
        ('<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/7">', []),
        ('<link rel="meta" type="application/rdf+xml" href="/foaf.rdf">', []),
        ('<link rel="EditURI" type="application/rsd+xml" href="/rsd">', []),
        ('<link rel="service.post" type="application/atom+xml" href="/post">', []),
        # Odd relations and types.
        ('<link type="application/rss+xml" href="/f">', ["/f"]),
        ('<link rev="alternate" type="application/rss+xml" href="/f">', []),
        ('<link rel="RSS" type="application/rss+xml" href="/f">', ["/f"]),
        ('<link rel="goats" type="application/rss+xml" href="/f">', []),
        ('<link rel="alternate" type="application/xml+rss" href="/f">', ["/f"]),
        ('<link rel="alternate" type="application/rss_xml" href="/f">', ["/f"]),
        ('<link rel="alternate" type="application/rss+xml,text/xml" href="/f">', ["/f"]),
        ('<link rel="alternate" type="application/ atom+xml" href="/f">', []),
        ('<link rel="alternate" type="application/atomsvc+xml" href="/f">', []),
        ('<link type="text/xml" title="RSS" href="/f">', ["/f"]),
        ('<link rel="alternate" type="application/xml" href="/SiteMap.xml">', []),
        ('<link href="/rss.xml">', []),
        ('<link rel="alternate" type="text/x-opml" href="/f">', []),
        (f'<link rel="alternate" type="rss/xml" href="/a"><link {RSS} href="/b">', ["/b", "/a"]),
        (f'<link {RSS} href="\\news\\f">', ["/news/f"]),
        ('<link rel="self" type="application/rss+xml" href="/f">', ["/f"]),
        ('<link rel="service.feed" type="application/atom+xml" href="/f">', ["/f"]),
        ('<link rel="alternate" title="RSS" href="/rss.xml">', ["/rss.xml"]),
        ('<link rel="alternate" type="rss" href="/f">', ["/f"]),
        (f'<link type="text/rss" href="/a"><link {RSS} href="/b">', ["/b", "/a"]),
        (f'<link {RSS} href="/a"><link {RSS} type="text/rss" href="/a">', ["/a"]),
        (f'<link {RSS} title="Kommentar-Feed" href="/k"><link {RSS} href="/b">', ["/b", "/k"]),
        (f'<link {RSS} title="comentarios" href="/k"><link {RSS} href="/b">', ["/b", "/k"]),
        (f'<link {RSS} title="Replies" href="/k"><link {RSS} href="/b">', ["/b", "/k"]),
    ],
)
def test_what_a_head_names_is_read_as_browsers_would(head: str, paths: list[str]) -> None:
    page = f"<!DOCTYPE html><html><head>{head}</head><body><p>News</p></body></html>"
    named, _ = linked_feeds(page.encode(), "text/html", URL)
    assert [link.url.removeprefix("https://www.quay.example") for link in named] == paths


@pytest.mark.parametrize(
    "page",
    [
        "<title>Quay</title>@<p>News",
        "@<!DOCTYPE html><html><head></head><body>News</body></html>",
        "<html><head></head><body>News</body></html>@",
        "<html><head></head><body><div>@</div></body></html>",
        "<html><head>@</head><frameset><frame src='/x'></frameset></html>",
        "<html><head><meta name=x content='a><b'><style>p{}</style>@",
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/>@</head>",
        "<h:html xmlns:h='http://www.w3.org/1999/xhtml'><h:head>@</h:head><h:body/></h:html>",
    ],
)
def test_a_link_element_counts_wherever_it_stands(page: str) -> None:
    prefix = "h:" if "h:html" in page else ""
    body = page.replace("@", f'<{prefix}link {RSS} href="/f"/>')
    named, _ = linked_feeds(body.encode(), "text/html", URL)
    assert [link.url for link in named] == ["https://www.quay.example/f"]


@pytest.mark.parametrize(
    "anchor",
    [
        '<a rel="feed" href="/s/12">All</a>',
        '<map><area href="/s/12" alt="RSS"></map>',
        '<a href="/s/12" title="RSS"><img src="x.png"></a>',
        '<a href="/s/12" aria-label="RSS feed"><i class="icon"></i></a>',
        '<a href="/s/12"><i class="fa fa-rss"></i></a>',
        '<a href="/s/12">Subscribe via RSS</a>',
        '<a href="/s/12">RSS-Feed</a>',
        '<a href="/s/12">RSS 2.0</a>',
        '<a href="/s/12">Entries (RSS)</a>',
        '<a href="/s/12">Вести: RSS</a>',
        '<a href="/s/12">JSON Feed</a>',
        '<a href="/s/12">S\'abonner au flux RSS</a>',
        '<a href="/s/12">Kanały RSS</a>',
        '<a href="\\s\\12">RSS izvori</a>',
        '<noframes><a href="/s/12">Syndicate this site (XML)</a></noframes>',
        '<a href="feed:https://www.quay.example/s/12">Follow</a>',
    ],
)
def test_an_anchor_shows_in_many_ways_that_it_is_a_feeds(anchor: str) -> None:
    _, found = linked_feeds(f"<body>{anchor}</body>".encode(), "text/html", URL)
    assert [link.url for link in found] == ["https://www.quay.example/s/12"]


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="/s/12">What is RSS?</a>',
        '<a href="/s/12">Feeding the gulls</a>',
        '<a href="/s/12"><i class="fa fa-rss"></i> Newsletter and more</a>',
        '<a href="https://add.reader.example/rss?url=https://www.quay.example/f">Reader</a>',
    ],
)
def test_other_anchors_are_no_feeds(anchor: str) -> None:
    _, found = linked_feeds(f"<body>{anchor}</body>".encode(), "text/html", URL)
    assert [link.url for link in found] == []


def test_a_host_that_serves_feeds_alone_needs_no_name() -> None:
    page = b'<body><a href="https://feeds.burner.example/quay">Follow us</a></body>'
    _, (link,) = linked_feeds(page, "text/html", URL)
    assert link.url == "https://feeds.burner.example/quay"


@pytest.mark.parametrize(
    ("head", "first"),
    [
        ('<base href="http://localhost:8080/"><link {} href="f">', "http://localhost:8080/f"),
        ('<link {} href="f"><base href="https://cdn.example/">', "https://cdn.example/f"),
    ],
)
def test_where_a_base_leads_astray_the_page_is_meant(head: str, first: str) -> None:
    page = f"<html><head>{head.format(RSS)}</head><body>x</body></html>".encode()
    (named,), _ = linked_feeds(page, "text/html", URL)
    assert named.url == first
    beside = FeedLink("https://www.quay.example/news/f", "", "")
    assert feeds_beside_base(page, "text/html", URL) == (beside,)


def test_a_base_that_changes_nothing_is_no_second_lead() -> None:
    page = f'<base href="/x/"><link {RSS} href="/f"><p>x'.encode()
    assert feeds_beside_base(page, "text/html", URL) == ()


def test_a_page_too_long_to_be_read_still_names_its_feed() -> None:
    page = f"<head><link {RSS} href=/f></head><body>{'<br>' * 60_001}</body>".encode()
    (named,), _ = linked_feeds(page, "text/html", URL)
    assert named.url == "https://www.quay.example/f"


@pytest.mark.parametrize(
    ("page", "paths"),
    [
        ('<meta http-equiv="refresh" content="0; url=/en/">', ["/en/"]),
        ("<META HTTP-EQUIV=Refresh CONTENT=\"1;URL='en.html'\">", ["/news/en.html"]),
        ('<meta http-equiv="refresh" content="0.5 /en/">', ["/en/"]),
        ('<base href="/x/"><meta http-equiv="refresh" content="0;url=en">', ["/x/en"]),
        ("<frameset><frame src=/menu><frame src=main><frame></frameset>", ["/menu", "/news/main"]),
        # What stays is read where it is.
        ('<meta http-equiv="refresh" content="300">', []),
        ('<meta http-equiv="refresh" content="300; url=/en/">', []),
        ('<meta http-equiv="refresh" content="0; url=">', []),
        ('<meta http-equiv="refresh" content="5abc">', []),
        (f'<meta http-equiv="refresh" content="{"9" * 5_000}; url=/en/">', []),
        (f'<meta http-equiv="refresh" content="0{" " * 99_999}">', []),
        (f'<meta http-equiv="refresh" content="0; url={URL}">', []),
        ('<meta http-equiv="refresh" content="0; url=javascript:go()">', []),
        ('<meta name="refresh" content="0; url=/en/">', []),
        ('<iframe src="/advertisement"></iframe>', []),
    ],
)
def test_a_page_may_send_its_readers_on(page: str, paths: list[str]) -> None:
    found = onward_pages(page.encode(), "text/html", URL)
    assert [address.removeprefix("https://www.quay.example") for address in found] == paths


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.html")), ids=lambda path: path.stem)
def test_a_page_names_what_its_golden_file_says(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    named, others = linked_feeds(path.read_bytes(), "text/html", "https://quay.example/")
    assert [link.url for link in named] == expected["named"]
    assert [link.url for link in others] == expected.get("others", [])
    beside = feeds_beside_base(path.read_bytes(), "text/html", "https://quay.example/")
    assert [link.url for link in beside] == expected.get("beside", [])


def test_there_are_golden_pages() -> None:
    assert len([*PAGES.glob("*.html")]) == len([*PAGES.glob("*.json")]) >= 6
