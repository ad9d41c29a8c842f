import asyncio
from pathlib import Path

import pytest
from console import SETTINGS, Console
from newsweb import feed, page, rss, served, silence
from rawweb import raw_web, redirect, reply

from aggregator.clock import utc_now
from aggregator.demo.site import Site
from aggregator.desk import open_desk
from aggregator.settings import load_settings
from aggregator.store.database import Store
from aggregator.subscribe import Wish, subscribe


def test_a_feed_is_asked_for_once_and_told_about(console: Console, site: Site) -> None:
    url = site.feed_urls["jhq-adria"]
    said = console("add-source", url)
    assert said.code == 0
    assert said.lines == [
        "added source 1: Joint Headquarters Adria (rss)",
        f"6 entries seen at {url}",
    ]
    assert site.requests == (("/jhq-adria/feed.xml", 200),)


@pytest.mark.parametrize("outlet", ["security-lens", "baltic-watch", "jadranski-glas"])
def test_every_dialect_is_taken_on(console: Console, site: Site, outlet: str) -> None:
    found = console("add-source", site.feed_urls[outlet], "--json").json
    kinds = {"security-lens": "atom", "baltic-watch": "json", "jadranski-glas": "rdf"}
    assert found["kind"] == kinds[outlet]
    assert found["entries"] > 0
    assert found["added"] is True


def test_what_is_there_already_is_said_and_not_asked_again(console: Console) -> None:
    with served(rss=feed("Ferry")) as web:
        console("add-source", web.url("/rss"))
        said = console("add-source", f"  {web.url('/rss')} ")
        again = console("add-source", web.url("/rss"), "--json").json
    assert (said.code, said.err) == (0, "")
    assert said.lines[0] == "already there: source 1: The Quay (rss)"
    assert again["added"] is False
    assert len(web.requests) == 1


def test_a_removed_source_comes_back_under_its_number(console: Console) -> None:
    with served(rss=feed("Ferry")) as web:
        console("add-source", web.url("/rss"))
        assert console("remove-source", 1).code == 0
        assert console("add-source", web.url("/rss"), "--name", "Back").lines[0] == (
            "added source 1: Back (rss)"
        )


def test_a_page_gives_its_first_feed_and_names_the_others(console: Console) -> None:
    links = ("All comments|/comments", "News|rss", "Sport|/sport", "Bad|ftp://x/", "Gap|/a%20b c")
    with served(home=page(*links), rss=feed("Ferry", "Mole")) as web:
        said = console("add-source", web.url("/home"))
        known = console("add-source", web.url("/home"), "--json").json
    assert said.lines == [
        "added source 1: The Quay (rss)",
        f"2 entries seen at {web.url('/rss')}",
        f"the page also names {web.url('/sport')} Sport",
        f"the page also names {web.url('/a%20b%20c')} Gap",
        f"the page also names {web.url('/comments')} All comments",
    ]
    assert [request.target for request in web.requests] == ["/home", "/rss", "/home"]
    assert known["added"] is False
    assert known["others"] == [
        {"url": web.url("/sport"), "title": "Sport", "type": "application/rss+xml"},
        {"url": web.url("/a%20b%20c"), "title": "Gap", "type": "application/rss+xml"},
        {"url": web.url("/comments"), "title": "All comments", "type": "application/rss+xml"},
    ]


def test_an_address_that_leads_to_a_source_is_that_source(console: Console) -> None:
    with served(rss=feed("Ferry"), moved=redirect("/rss"), home=page("News|/moved")) as web:
        console("add-source", web.url("/rss"))
        for name in ("/moved", "/home"):
            said = console("add-source", web.url(name))
            assert (said.code, said.lines[0]) == (0, "already there: source 1: The Quay (rss)")
    assert len(console("list-sources", "--json").json) == 1


def test_what_may_surprise_is_remarked_on(console: Console) -> None:
    with served(rss=feed(), often=feed("Ferry")) as web:
        assert "holds no entries" in console("add-source", web.url("/rss")).err
        said = console("add-source", web.url("/often"), "--interval", "1s")
    assert said.code == 0
    assert said.err.startswith("polled every 5m: poll.min_interval")
    assert console("list-sources", "--json").json[1]["interval"] == "5m"
    assert "/interval/5m" in console("export-opml").out


def test_dry_run_stores_nothing(console: Console) -> None:
    with served(rss=feed("Ferry")) as web:
        said = console("add-source", web.url("/rss"), "--dry-run")
        told = console("add-source", web.url("/rss"), "--dry-run", "--json").json
    assert said.lines[0] == "would add source: The Quay (rss)"
    assert (told["id"], told["added"], told["entries"]) == (None, False, 1)
    assert console("list-sources", "--json").json == []
    assert console("ledger", "--json").json["seen"] == 0


def test_dry_run_of_what_is_there_says_so(console: Console) -> None:
    with served(rss=feed("Ferry")) as web:
        console("add-source", web.url("/rss"))
        said = console("add-source", web.url("/rss"), "--dry-run")
        told = console("add-source", web.url("/rss"), "--dry-run", "--json").json
    assert said.lines == [
        "already there: source 1: The Quay (rss)",
        f"1 entry seen at {web.url('/rss')}",
    ]
    assert (told["id"], told["added"]) == (1, False)


def test_the_same_command_again_says_that_it_is_there_and_no_more(console: Console) -> None:
    options = ("-C", "ports", "--interval", "1h", "--name", "New", "--role", "primary")
    with served(rss=feed("Ferry")) as web:
        console("add-source", web.url("/rss"), *options, "-C", "nato", "--no-full-text")
        said = console("add-source", web.url("/rss"), *options)
    assert said.lines[0] == "already there: source 1: New (rss)"
    assert said.err == ""


def test_options_for_what_is_there_are_not_dropped_in_silence(console: Console) -> None:
    options = ("--interval", "1h", "--name", "New", "--role", "primary", "--no-full-text")
    with served(rss=feed("Ferry")) as web:
        console("add-source", web.url("/rss"))
        for flag in ((), ("--dry-run",), ("--json",)):
            said = console("add-source", web.url("/rss"), "-C", "ports", *options, *flag)
            assert said.code == 0
            assert said.err == (
                "source 1 is already there and stays as it is: "
                "--category, --name, --role, --interval, --no-full-text not applied; "
                "to change it, `aggregator remove-source 1` and add it again\n"
            )
    assert console("list-sources", "--json").json[0]["title"] == "The Quay"


def test_options_stand_in_the_list(console: Console) -> None:
    options = ["--name", "Quay", "--role", "syndicator", "--interval", "1h30m", "--no-full-text"]
    with served(rss=feed("Ferry")) as web:
        said = console("add-source", web.url("/rss"), *options, "-C", "nato", "--category", "ports")
    assert said.err == (
        "category ports has no rule: its feed holds what is given to it; "
        "with a rule there are montenegro, nato\n"
    )
    (source,) = console("list-sources", "--json").json
    given = {name: source[name] for name in ("title", "role", "interval", "full_text")}
    assert given == {
        "title": "Quay",
        "role": "syndicator",
        "interval": "1h30m",
        "full_text": False,
    }
    assert source["categories"] == ["nato", "ports"]


def test_a_category_that_is_nearly_another_is_refused_before_anybody_is_asked(
    console: Console,
) -> None:
    with served(rss=feed("Ferry"), other=feed("Lights")) as web:
        said = console("add-source", web.url("/rss"), "-C", "ntao")
        assert said.code == 2
        assert said.complaint == (
            "no such category: ntao; did you mean nato? "
            "A new one of that name needs a rule in categories.toml"
        )
        assert console("list-sources", "--json").json == []
        assert console("add-source", web.url("/rss"), "-C", "harbours").code == 0
        said = console("add-source", web.url("/other"), "-C", "harbour")
        assert "did you mean harbours?" in said.complaint
        assert console("add-source", web.url("/other"), "-C", "harbours").code == 0


def test_only_new_knows_what_is_there_and_publishes_only_what_follows(console: Console) -> None:
    with served(rss=feed("Old ferry sinks")) as web:
        console("add-source", web.url("/rss"), "--only-new", "--no-full-text")
        first = console("update", "--force", "--json").json
        web.answers["/rss"] = feed("Old ferry sinks", "New mole opens in the north")
        second = console("update", "--force", "--json").json
    assert (first["stories_total"], first["entries_new"]) == (0, 0)
    assert (second["stories_new"], second["entries_new"]) == (1, 1)
    assert [story["title"] for story in console("stories", "--json").json] == [
        "New mole opens in the north"
    ]
    ledger = console("ledger", "--json").json
    assert ledger["holds"]
    assert ledger["seen"] == ledger["new"] + ledger["known"]
    assert ledger["new"] == 1


@pytest.mark.parametrize(
    "interval", ["15", "", "soon", "0s", "999ms", "-5m", "99999999999w", "1m1h", "15 m"]
)
def test_intervals_that_are_none(console: Console, interval: str) -> None:
    said = console("add-source", "http://127.0.0.1/", f"--interval={interval}")
    assert said.code == 2
    assert said.complaint.startswith(f"--interval {interval!r}: ")


@pytest.mark.parametrize("slug", ["all", "NATO", "a b", "a/b", "", "-x", "../x", "a--b", "š"])
def test_categories_that_are_none(console: Console, slug: str) -> None:
    said = console("add-source", "http://127.0.0.1/", f"--category={slug}")
    assert said.code == 2
    assert said.complaint.startswith(f"--category {slug!r}: allowed")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nato.int",
        "ftp://nato.int/",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://[::1/",
        "http://a:99999/",
        "http://a b/",
        "http://a/\x1b[2J",
        "http://a/\u202egpj",
        "javascript:alert(1)",
        "http://a/" + "x" * 2000,
    ],
)
def test_addresses_that_cannot_be_asked(console: Console, url: str) -> None:
    said = console("add-source", url)
    assert said.code == 2
    assert "address" in said.complaint
    assert said.complaint.isprintable()


def test_answers_that_are_no_feed(console: Console) -> None:
    html = {"Content_Type": "application/rss+xml"}
    with served(
        gone=reply(b"", "410 Gone"),
        empty=reply(b""),
        promised=reply(b"<html><body><p>Not found</p></body></html>", **html),
        prose=reply(b"Hello, world."),
        unasked=reply(b"", "304 Not Modified"),
        circle=redirect("/circle"),
        dead=page("News|/nothing"),
        liar=page("News|/prose"),
        blank=page("News|http://[x/", "More|javascript:x"),
    ) as web:
        for path in ["gone", "empty", "promised", "prose", "unasked", "circle", "blank", "404"]:
            said = console("add-source", web.url(f"/{path}"))
            assert said.code == 1, path
            assert said.complaint.startswith(web.url(f"/{path}: ")), path
        told = f"Tried: {web.url('/nothing')}: HTTP 404 Not Found, "
        assert told in console("add-source", web.url("/dead")).complaint
        liar = console("add-source", web.url("/liar"))
    assert liar.code == 1
    assert f"{web.url('/prose')}: " in liar.complaint
    assert console("list-sources", "--json").json == []


async def test_two_who_add_the_same_source_at_once(console: Console) -> None:
    settings = load_settings(console.config)
    with Store.open(f"sqlite:///{console.folder}/own.db") as store:
        async with raw_web(rss=feed("Ferry")) as web, open_desk(settings, store, utc_now) as desk:
            wish = Wish(web.url("/rss"))
            one, other = await asyncio.gather(subscribe(desk, wish), subscribe(desk, wish))
    assert {one.added, other.added} == {True, False}
    assert one.source.id == other.source.id == 1
    assert one.entries == other.entries == 1


def test_a_body_that_names_a_file_is_not_opened(console: Console, tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(rss("Secret"))
    with served(name=reply(str(secret).encode()), url=reply(secret.as_uri().encode())) as web:
        for path in ("/name", "/url"):
            said = console("add-source", web.url(path))
            assert said.code == 1
            assert "names no feed" in said.complaint


def test_a_server_that_never_answers(console: Console) -> None:
    console.prepare(SETTINGS.replace('timeout = "5s"', 'timeout = "300ms"'))
    with served(rss=silence) as web:
        said = console("add-source", web.url("/rss"))
    assert said.code == 1
    assert "300ms" in said.complaint or "0.3" in said.complaint


@pytest.mark.parametrize("where", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1"])
def test_addresses_within_are_refused_with_a_hint(console: Console, where: str) -> None:
    console.prepare(SETTINGS.replace('"127.0.0.0/8"', ""))
    said = console("add-source", f"http://{where}:9/rss")
    assert said.code == 1
    assert "fetch.allow_networks" in said.complaint


def test_a_page_cannot_send_us_within(console: Console) -> None:
    with served(home=page("News|http://10.0.0.1/rss")) as web:
        said = console("add-source", web.url("/home"))
    assert said.code == 1
    assert "fetch.allow_networks" in said.complaint


def html(body: str) -> bytes:
    return reply(f"<!doctype html><html>{body}</html>".encode(), Content_Type="text/html")


REFRESH = '<head><meta http-equiv="refresh" content="0; url=/en"></head>'
FRAMES = '<frameset><frame src="/menu"><frame src="/en"></frameset>'


@pytest.mark.parametrize("front", [REFRESH, FRAMES])
def test_a_page_that_sends_its_readers_on_is_followed(console: Console, front: str) -> None:
    menu = html("<p>Menu</p>")
    with served(home=html(front), menu=menu, en=page("News|/rss"), rss=feed("Ferry")) as web:
        said = console("add-source", web.url("/home"))
        assert said.lines[1] == f"1 entry seen at {web.url('/rss')}"
        asked = [request.target for request in web.requests]
    assert (said.code, said.err) == (0, "")
    assert [target for target in asked if target != "/menu"] == ["/home", "/en", "/rss"]


def test_the_page_on_which_a_site_lists_its_feeds_is_looked_through(console: Console) -> None:
    home, list_of_feeds = (
        '<a href="/rss">RSS</a>',
        '<a href="/1.xml">All RSS</a><a href="/2.rss">x</a>',
    )
    with served(home=html(home), rss=html(list_of_feeds)) as web:
        web.answers["/1.xml"] = feed("Ferry")
        said = console("add-source", web.url("/home"))
        assert said.lines[1] == f"1 entry seen at {web.url('/1.xml')}"
        assert [request.target for request in web.requests] == ["/home", "/rss", "/1.xml"]
    assert said.err == "the page names no feed; this one is among its links\n"


def test_pages_that_lead_in_a_circle_are_asked_for_once(console: Console) -> None:
    circle = html('<a href="/home">RSS</a><a href="/rss">RSS</a><a href="/feed">Feed</a>')
    with served(home=circle, rss=circle, feed=circle) as web:
        said = console("add-source", web.url("/home"))
        asked = [request.target for request in web.requests]
    assert said.complaint.startswith(f"{web.url('/home')}: an HTML page, not a feed; ")
    assert len(asked) == len(set(asked))


def test_a_base_that_leads_astray_does_not_hide_the_feed(console: Console) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="rss">'
    front = html(f'<head><base href="http://127.0.0.1:1/">{link}</head>')
    with served(home=front, rss=feed("Ferry")) as web:
        assert console("add-source", web.url("/home")).lines[1].endswith(web.url("/rss"))
