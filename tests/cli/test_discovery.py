"""A page, a site or a sitemap given as a source: its feed is found, or what was tried is told."""

from console import Console
from newsweb import feed, page, rss, served
from rawweb import reply

NEWS = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://q.example/1</loc>
<news:news><news:publication><news:name>The Quay</news:name></news:publication>
<news:title>Ferry</news:title></news:news></url></urlset>"""
XML = "application/xml"
HTML = "text/html"


def test_a_dead_link_gives_way_to_the_next(console: Console) -> None:
    with served(rss=feed("Ferry"), home=page("Dead|/dead", "Live|/rss")) as web:
        said = console("add-source", web.url("/home"))
    assert said.lines[1] == f"1 entry seen at {web.url('/rss')}"


def test_an_anchor_is_followed_where_no_link_element_leads_to_a_feed(console: Console) -> None:
    body = b'<html><body><a href="/about">About</a><a href="/our/rss">RSS</a></body></html>'
    with served(home=reply(body, Content_Type=HTML)) as web:
        web.answers["/our/rss"] = feed("Ferry")
        assert console("add-source", web.url("/home"), "--json").json["url"] == web.url("/our/rss")
        assert [request.target for request in web.requests] == ["/home", "/our/rss"]


def test_a_feed_may_be_named_in_the_headers_alone(console: Console) -> None:
    """RFC 8288: several links in a header, and what they say beside where they lead."""
    links = (
        '</css>; rel="preload"; as=style, </about>; rel="alternate"; type="text/html", '
        '</other>; rel=alternate; type="application/atom+xml"; anchor="/elsewhere", '
        '</our/news>; rel="alternate"; type="application/atom+xml"; title="All news"'
    )
    body = b'<html><body><a href="/anchored/rss">RSS</a></body></html>'
    with served(home=reply(body, Content_Type=HTML, Link=links)) as web:
        web.answers["/our/news"] = feed("Ferry")
        assert console("add-source", web.url("/home"), "--json").json["url"] == web.url("/our/news")
        assert [request.target for request in web.requests] == ["/home", "/our/news"]


def test_what_is_no_page_may_name_a_feed_in_its_headers(console: Console) -> None:
    named = '</our/news>; rel="alternate"; type="application/atom+xml"'
    with served(home=reply(b"\x89PNG\r\n\x1a\n\x00", Content_Type="image/png", Link=named)) as web:
        web.answers["/our/news"] = feed("Ferry")
        assert console("add-source", web.url("/home"), "--json").json["url"] == web.url("/our/news")
        assert [request.target for request in web.requests] == ["/home", "/our/news"]


def test_a_document_that_is_cut_off_is_told_of_and_is_no_error(console: Console) -> None:
    cut = rss("Ferry", "Mole").rpartition(b"<description>")[0]
    with served(rss=reply(cut, Content_Type="application/rss+xml")) as web:
        said = console("add-source", web.url("/rss"))
    assert (said.code, said.lines[1]) == (0, f"1 entry seen at {web.url('/rss')}")
    assert said.err.startswith("its document is cut off: ")
    (told,) = console("list-sources", "--json").json
    assert (told["cut_off"], told["failures"], told["last_error"]) == (True, 0, None)
    assert "ok, but its document is cut off" in console("list-sources").out
    assert console("list-sources", "--failing", "--json").json == []


def test_the_usual_places_are_looked_at(console: Console) -> None:
    with served(home=page()) as web:
        web.answers["/feed.xml"] = feed("Ferry")
        said = console("add-source", web.url("/home"), "--json")
    assert (said.json["url"], said.json["found"]) == (web.url("/feed.xml"), "guessed")
    assert said.err == "the page names no feed; this one stands where feeds usually do\n"


def test_the_front_page_of_the_site_may_name_its_feed(console: Console) -> None:
    with served(story=page()) as web:
        web.answers["/"] = page("News|/all/news.xml")
        web.answers["/all/news.xml"] = feed("Ferry")
        said = console("add-source", web.url("/story"), "--json")
        asked = [request.target for request in web.requests]
    assert (said.json["url"], said.json["found"]) == (web.url("/all/news.xml"), "near")
    assert said.err == "the page names no feed; this one is what its site's front page names\n"
    assert asked[-2:] == ["/", "/all/news.xml"]


def test_the_front_page_itself_is_asked_for_once(console: Console) -> None:
    with served() as web:
        web.answers["/"] = page()
        assert console("add-source", web.url("/")).code == 1
        asked = [request.target for request in web.requests]
    assert asked.count("/") == 1


def test_a_news_sitemap_is_found_through_robots_txt_and_its_index(console: Console) -> None:
    with served(home=page()) as web:
        index = "".join(
            f"<sitemap><loc>{web.url(f'/{name}.xml')}</loc></sitemap>" for name in ("plain", "news")
        )
        web.answers |= {
            "/robots.txt": reply(f"Sitemap: {web.url('/index-of-all.xml')}".encode()),
            "/index-of-all.xml": reply(
                f"<sitemapindex>{index}</sitemapindex>".encode(), Content_Type=XML
            ),
            "/plain.xml": reply(b"<urlset/>", Content_Type=XML),
            "/news.xml": reply(NEWS.encode(), Content_Type=XML),
        }
        found = console("add-source", web.url("/home"), "--json").json
        assert (found["url"], found["kind"], found["title"]) == (
            web.url("/index-of-all.xml"),
            "sitemap",
            "The Quay",
        )
        assert console("add-source", web.url("/index-of-all.xml"), "--json").json["added"] is False
        report = console("update", 1, "--steps", "poll", "--json").json
        assert (report["polled"], report["failed"], report["entries_new"]) == (1, 0, 0)


def test_where_nothing_is_found_what_was_tried_is_told(console: Console) -> None:
    with served(home=page("Dead|/dead")) as web:
        said = console("add-source", web.url("/home"))
    assert said.code == 1
    assert "an HTML page, not a feed; and it names no feed. Tried: " in said.complaint
    assert f"{web.url('/dead')}: HTTP 404" in said.complaint
    assert f"{web.url('/rss.xml')}: HTTP 404" in said.complaint
