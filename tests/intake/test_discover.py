"""Where a page's feeds may stand."""

import pytest

from aggregator.intake.discover import linked_feeds, sitemaps_in, usual_places

URL = "https://www.quay.example/news/"


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
    )
    assert len(anchors(*found)) == len(found)
    assert anchors("rss") == ["https://www.quay.example/news/rss"]


def test_other_anchors_are_none() -> None:
    others = (
        "/feedback",
        "/press",
        "/brass",
        "/news/rss-is-dead-they-say",
        "mailto:rss@quay.example",
    )
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
        b'<head><link rel="alternate" type="application/json" href="/wp-json/1">'
        b'<link rel="alternate" type="application/rss+xml" href="feed://quay.example/rss">'
        b'<link rel="alternate" type="application/atom+xml" href="feed:https://quay.example/atom">'
        b"</head><p>x"
    )
    named, _ = linked_feeds(page, "text/html", URL)
    assert [link.url for link in named] == [
        "http://quay.example/rss",
        "https://quay.example/atom",
        "https://www.quay.example/wp-json/1",
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
    assert places[1] == "https://www.quay.example/feed/"
    assert len(places) == len(set(places))
    assert usual_places("https://quay.example")[0].url == "https://quay.example/feed/"


def test_sitemaps_of_news_come_first() -> None:
    robots = (
        b"User-agent: *\nSITEMAP: https://q.example/all.xml\n Sitemap:/news.xml\nSitemap: ftp://x\n"
    )
    found = [link.url for link in sitemaps_in(robots, "https://q.example/robots.txt")]
    assert found == ["https://q.example/news.xml", "https://q.example/all.xml"]
