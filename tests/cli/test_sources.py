import re
import time
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from console import CATEGORIES, SETTINGS, Console, Said
from newsweb import feed, served
from sqlalchemy import select

from aggregator.demo.site import Site
from aggregator.intake.opml import parse_opml
from aggregator.store.database import Session, Store
from aggregator.store.tables import SourceRow

KEYS = (
    "id url kind title outlet role categories interval next_poll_at last_success_at failures "
    "last_error entries enabled full_text first_url last_new_at cut_off stale websub"
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def opml(*outlines: str) -> str:
    return f'<opml version="2.0"><body>{"".join(outlines)}</body></opml>'


def import_list(console: Console, text: str, *options: str) -> Said:
    path = console.folder / "list.opml"
    path.write_text(text, encoding="utf-8")
    return console("import-opml", path, *options)


def import_text(console: Console, text: str, *options: str) -> dict[str, object]:
    found: dict[str, object] = import_list(console, text, "--json", *options).json
    return found


def test_the_list_has_its_keys_and_moments_in_utc(console: Console, site: Site) -> None:
    console("add-source", site.feed_urls["baltic-watch"])
    (source,) = console("list-sources", "--json").json
    assert list(source) == KEYS.split()
    assert source["kind"] == "json"
    assert (source["interval"], source["full_text"], source["last_error"]) == ("15m", None, None)
    assert (source["failures"], source["enabled"]) == (0, True)
    assert MOMENT.fullmatch(source["next_poll_at"])
    assert MOMENT.fullmatch(source["last_success_at"])


def test_the_list_is_empty_at_first(console: Console) -> None:
    assert console("list-sources", "--json").json == []
    said = console("list-sources")
    assert (said.code, said.out) == (0, "")
    assert said.err == "there are no sources yet: begin with `aggregator add-source URL`\n"


def test_the_list_can_show_only_what_fails(console: Console) -> None:
    with served(good=feed("Ferry"), bad=feed("Mole")) as web:
        console("add-source", web.url("/good"))
        console("add-source", web.url("/bad"))
        del web.answers["/bad"]
        said = console("update", "--force")
    assert said.code == 0
    assert said.err == f"failed: {web.url('/bad')}: HTTP 404 Not Found\n"
    (failing,) = console("list-sources", "--failing", "--json").json
    assert failing["url"] == web.url("/bad")
    assert (failing["failures"], failing["last_error"]) == (1, "HTTP 404 Not Found")
    (line,) = console("list-sources", "--failing").lines
    assert line.split("\t")[-2:] == ["HTTP 404 Not Found", web.url("/bad")]
    assert len(console("list-sources").lines) == 2


def test_where_nothing_is_to_be_listed_the_list_says_so(console: Console) -> None:
    with served(good=feed("Ferry")) as web:
        console("add-source", web.url("/good"))
    assert console("list-sources", "--failing").err == "no source fails\n"
    said = console("list-sources", "--stale", "--json")
    assert (said.json, said.err) == ([], "no source answers without news for long\n")


def test_who_answers_and_says_nothing_new_for_long_is_listed_as_stale(console: Console) -> None:
    with served(good=feed("Ferry"), busy=feed("Mole")) as web:
        console("add-source", web.url("/good"))
        console("add-source", web.url("/busy"))
    with Store.open(f"sqlite:///{console.state}/aggregator.db") as store:
        store.write_now(lambda session: age(session, web.url("/good")))
    (stale,) = console("list-sources", "--stale", "--json").json
    assert (stale["url"], stale["stale"], stale["last_error"]) == (web.url("/good"), True, None)
    (line,) = console("list-sources", "--stale").lines
    assert "stale: nothing new since 2026-01-02" in line.split("\t")
    console("pause-source", web.url("/good"))
    assert console("list-sources", "--stale", "--json").json == []


def age(session: Session, url: str) -> None:
    """Let a source be silent since long ago."""
    row = session.scalars(select(SourceRow).where(SourceRow.url == url)).one()
    row.last_new_at = datetime(2026, 1, 2, tzinfo=UTC)


def test_pausing_and_resuming_may_be_repeated(console: Console) -> None:
    with served(rss=feed("Ferry")) as web:
        console("add-source", web.url("/rss"))
        assert console("resume-source", 1).out == "already resumed: source 1: The Quay\n"
        assert console("pause-source", web.url("/rss")).out == "paused source 1: The Quay\n"
        assert console("pause-source", 1).out == "already paused: source 1: The Quay\n"
        asked = len(web.requests)
        assert console("update", "--force", "--json").json["polled"] == 0
        named = console("update", 1)
        assert len(web.requests) == asked
        assert console("list-sources", "--json").json[0]["enabled"] is False
        assert "paused" in console("list-sources").lines[0].split("\t")
        assert console("resume-source", 1).out == "resumed source 1: The Quay\n"
        assert console("update", "--json").json["polled"] == 1
    assert named.code == 2
    assert named.complaint == "source 1 is paused; `aggregator resume-source 1` first"


def test_a_removed_source_leaves_its_stories(newsdesk: Console) -> None:
    before = newsdesk("stories", "--json").json
    (source, *_) = newsdesk("list-sources", "--json").json
    assert newsdesk("remove-source", source["id"]).code == 0
    assert newsdesk("stories", "--json").json == before
    assert newsdesk("ledger").code == 0
    assert source not in newsdesk("list-sources", "--json").json
    for name in (source["id"], source["url"]):
        again = newsdesk("remove-source", name)
        assert (again.code, again.err) == (0, "")
        assert again.out == f"already removed: source {source['id']}: {source['title']}\n"
        paused = newsdesk("pause-source", name)
        assert paused.complaint.startswith(f"no such source: {name}; ")


@pytest.mark.parametrize("command", ["remove-source", "pause-source", "resume-source", "update"])
def test_sources_that_are_not_there(console: Console, command: str) -> None:
    for name in ("7", "http://nobody.example/rss", "", "--", "x\x1b[31m\ny", "٣"):
        said = console(command, "--", name)
        assert said.code == 2
        assert said.complaint.startswith("no such source: ")
        assert said.complaint.isprintable()


def test_folders_of_an_opml_become_categories(console: Console) -> None:
    found = import_text(
        console,
        opml(
            '<outline text="Western Balkans"><outline text="Luka" xmlUrl="https://luka.example/"/>',
            '</outline><outline text="Sova" xmlUrl="https://sova.example/f" '
            'category="/nato,/role/primary,/outlet/sova.int"/>',
        ),
    )
    assert found == {"added": 2, "known": 0, "refused": []}
    luka, sova = console("list-sources", "--json").json
    assert (luka["title"], luka["categories"]) == ("Luka", ["western-balkans"])
    assert (luka["role"], luka["outlet"]) == ("press", "luka.example")
    assert (sova["categories"], sova["role"], sova["outlet"]) == (["nato"], "primary", "sova.int")
    assert sova["kind"] is None
    assert console("list-sources").lines[1].split("\t")[8] == "not polled yet"


def test_what_an_import_leaves_out_is_counted_and_named(console: Console) -> None:
    addresses = ["http://a/", "http://a/", "ftp://b/", "c", "http://d/", "http://a b/"]
    text = opml(*(f'<outline text="x" xmlUrl="{each}"/>' for each in addresses))
    said = import_list(console, text)
    assert said.out == "2 added, 0 already there, 3 left out\n"
    assert [line.partition(": ")[0] for line in said.err.splitlines()] == ["left out"] * 3
    for address in ("ftp://b/", "'c'", "http://a b/"):
        assert address in said.err
    again = import_text(console, text)
    assert (again["added"], again["known"]) == (0, 2)


def test_an_import_names_what_is_no_source_but_seems_to_be_one(console: Console) -> None:
    outlines = (
        '<outline text="Quay" type="rss" xmlUrl="" htmlUrl="https://quay.example/"/>',
        '<outline text="&#27;[2JMole &lt;b&gt;News" type="rss"/>',
        '<outline text="More" type="include" url="https://x.example/list.opml"/>',
        '<outline text="Luka" xmlUrl="https://luka.example/"/>',
    )
    said = import_list(console, opml(*outlines))
    command = "`aggregator add-source https://quay.example/`"
    assert said.out == "1 added, 0 already there, 3 left out\n"
    assert said.err.splitlines() == [
        f"left out: Quay has no address of a feed: {command} looks for one",
        "left out: [2JMole News has no address of a feed",
        "left out: https://x.example/list.opml is another list: import it by itself",
    ]
    assert import_list(console, opml(outlines[2])).complaint == (
        f"{console.folder / 'list.opml'}: no OPML with sources: "
        "https://x.example/list.opml is another list: import it by itself"
    )


def test_an_import_says_which_roles_there_are_not(console: Console) -> None:
    outline = '<outline text="x" xmlUrl="https://{}.example/" category="/role/{}"/>'
    filed = [("a", "agency"), ("b", "primary"), ("c", "agency"), ("d", "\u202eaudio")]
    said = import_list(console, opml(*(outline.format(*each) for each in filed)))
    assert said.out == "4 added, 0 already there, 0 left out\n"
    there_are = "taken as press; there are primary, press, syndicator"
    assert said.err.splitlines() == [
        f"no such role: 'agency' (2 sources), {there_are}",
        f"no such role: '\\u202eaudio' (1 source), {there_are}",
    ]
    roles = [source["role"] for source in console("list-sources", "--json").json]
    assert roles == ["press", "primary", "press", "press"]


def test_an_import_says_what_it_does_not_understand(console: Console) -> None:
    outlines = [
        '<outline text="a" xmlUrl="https://a.example/" interval="often" fullText="Y"/>',
        '<outline text="b" xmlUrl="https://b.example/" category="/full-text/maybe"/>',
        '<outline text="c" xmlUrl="https://c.example/" interval="0s" category="/paused/perhaps"/>',
        '<outline text="d" xmlUrl="https://d.example/" interval="2h" category="/full-text/no"/>',
    ]
    said = import_list(console, opml(*outlines))
    assert said.out == "4 added, 0 already there, 0 left out\n"
    duration = "left out; it is a number and a unit, as in 15m or 2h"
    assert said.err.splitlines() == [
        f"no such interval: 'often' (1 source), {duration}",
        "no such full-text: 'maybe' (1 source), left out; it is yes or no",
        f"no such interval: '0s' (1 source), {duration}",
        "no such paused: 'perhaps' (1 source), left out; it is yes or no",
    ]
    listed = console("list-sources", "--json").json
    assert [source["enabled"] for source in listed] == [True] * 4


def test_an_import_says_which_categories_have_no_rule(console: Console) -> None:
    labelled = '<outline text="{0}" xmlUrl="https://{0}.example/" category="/{1}"/>'
    outlines = [("a", "ports"), ("b", "montenegr"), ("c", "nato"), ("d", "ports")]
    path = console.folder / "list.opml"
    path.write_text(opml(*(labelled.format(*each) for each in outlines)))
    assert console("import-opml", path).err == (
        "categories ports, montenegr (did you mean montenegro?) have no rule: "
        "their feeds hold what is given to them; with a rule there are montenegro, nato\n"
    )
    assert console("import-opml", path).err == ""


def test_who_takes_on_our_own_feeds_is_told(console: Console) -> None:
    with served(**{"feeds/nato.atom": feed("Ferry")}) as web:
        settings = SETTINGS + f'[publish]\nbase_url = "{web.url("/")}"\n'
        (console.folder / "config" / "aggregator.toml").write_text(settings)
        added = console("add-source", web.url("/feeds/nato.atom"))
    assert added.code == 0
    assert added.err == (
        "it is a feed of our own, with stories that stand here already; "
        "`aggregator remove-source` undoes it\n"
    )
    path = console.folder / "outputs.opml"
    path.write_text(console("export-opml", "--outputs").out)
    imported = console("import-opml", path)
    assert imported.code == 0
    assert imported.err.startswith("3 of these are feeds of our own, with stories that stand here")


def test_an_import_reads_stdin(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    body = opml('<outline text="Luka" xmlUrl="https://luka.example/"/>').encode("utf-16")
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(body)))
    assert console("import-opml", "-").out == "1 added, 0 already there, 0 left out\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"\xff\xfe\x00",
        b'{"version": 1}',
        b"<html><body/></html>",
        b'<opml version="2.0"><body/></opml>',
        b'<!DOCTYPE opml [<!ENTITY a "b">]><opml><body><outline text="&a;"/></body></opml>',
    ],
)
def test_an_import_of_what_is_no_opml(console: Console, body: bytes) -> None:
    path = console.folder / "list.opml"
    path.write_bytes(body)
    said = console("import-opml", path)
    assert said.code == 1
    assert "no OPML" in said.complaint
    assert said.complaint.startswith(str(path))
    assert said.complaint.endswith("an HTML page?") == (b"<html" in body)


def test_an_import_of_what_cannot_be_read(console: Console) -> None:
    for path in (console.folder / "nothing.opml", console.folder):
        said = console("import-opml", path)
        assert said.code == 1
        assert said.complaint.startswith(f"cannot read {path}: ")


def test_an_import_reads_no_more_than_a_list_can_be(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = console("import-opml", "/dev/zero")
    assert (said.code, said.complaint) == (
        1,
        "/dev/zero is larger than 50 MB: no list of sources",
    )
    text = opml('<outline text="Luka" xmlUrl="https://luka.example/"/>')
    monkeypatch.setattr("aggregator.cli.opml.LARGEST_OPML", len(text))
    assert import_text(console, text)["added"] == 1
    console.folder.joinpath("list.opml").write_text(f"{text} ")
    assert console("import-opml", console.folder / "list.opml").code == 1


def test_five_thousand_sources_are_imported_and_listed(console: Console) -> None:
    outlines = (
        f'<outline text="Feed {n}" xmlUrl="https://host{n % 900}.example/{n}/rss"/>'
        for n in range(5000)
    )
    text = opml('<outline text="nato">', *outlines, "</outline>")
    started = time.perf_counter()
    assert import_text(console, text)["added"] == 5000
    print(f"5,000 sources imported in {time.perf_counter() - started:.1f} s")  # noqa: T201
    assert len(console("list-sources", "--json").json) == 5000


def test_sources_survive_export_and_import(console: Console, tmp_path: Path) -> None:
    starter = Path(__file__).parents[2] / "config" / "sources.opml"
    said = console("import-opml", starter, "--json").json
    listed = parse_opml(starter.read_bytes())
    assert (said["added"], said["refused"]) == (len(listed), [])
    names = ("url", "title", "role", "outlet", "categories")
    before = [[source[name] for name in names] for source in _sources(console)]
    assert {source[2] for source in before} >= {"primary", "press", "syndicator"}
    assert not {slug for source in before for slug in source[4]} & {
        *("role", "outlet", "primary", "press", "syndicator")
    }
    exported = tmp_path / "exported.opml"
    exported.write_text(console("export-opml").out, encoding="utf-8")

    fresh = Console(tmp_path / "fresh", console.monkeypatch, console.capture)
    fresh.prepare()
    assert fresh("import-opml", exported, "--json").json["added"] == len(listed)
    assert [[source[name] for name in names] for source in _sources(fresh)] == before
    assert fresh("export-opml").out == exported.read_text(encoding="utf-8")


def test_what_an_operator_decided_comes_back_from_an_export(
    console: Console, tmp_path: Path
) -> None:
    with served(a=feed("Ferry"), b=feed("Mole"), c=feed("Quay")) as web:
        console("add-source", web.url("/a"), "--interval", "90m", "--no-full-text", "-C", "nato")
        console("add-source", web.url("/b"), "--full-text")
        console("add-source", web.url("/c"))
        console("pause-source", web.url("/b"))
    exported = tmp_path / "exported.opml"
    exported.write_text(console("export-opml").out, encoding="utf-8")
    fresh = Console(tmp_path / "fresh", console.monkeypatch, console.capture)
    fresh.prepare()
    fresh("import-opml", exported)
    found = [
        (s["interval"], s["full_text"], s["enabled"], s["categories"]) for s in _sources(fresh)
    ]
    assert found == [
        ("1h30m", False, True, ["nato"]),
        ("15m", True, False, []),
        ("15m", None, True, []),
    ]
    outline = next(ET.fromstring(fresh("export-opml").out).iter("outline"))  # noqa: S314
    assert outline.get("htmlUrl") == "https://outlet.example/"


def test_an_interval_that_is_none_is_left_to_us(console: Console) -> None:
    outlines = (
        f'<outline text="{n}" xmlUrl="https://{n}.example/" interval="{stated}" paused="{paused}"/>'
        for n, (stated, paused) in enumerate([("often", "maybe"), ("0s", "no"), ("2h", "true")])
    )
    import_text(console, opml(*outlines))
    found = [(source["interval"], source["enabled"]) for source in _sources(console)]
    assert found == [("15m", True), ("15m", True), ("2h", False)]


def _sources(console: Console) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = console("list-sources", "--json").json
    return found


def test_the_published_feeds_are_exported(console: Console) -> None:
    console.prepare(
        '[publish]\nbase_url = "https://news.example"\n[fetch]\nallow_networks=["127.0.0.0/8"]',
        CATEGORIES,
    )
    with served(rss=feed("Ferry")) as web:
        console("add-source", web.url("/rss"), "-C", "black-ports")
    body = ET.fromstring(console("export-opml", "--outputs").out)  # noqa: S314 - our own words
    outlines = {node.get("text"): node.attrib for node in body.iter("outline")}
    assert list(outlines) == ["All stories", "NATO", "Montenegro", "Black Ports"]
    assert outlines["NATO"]["xmlUrl"] == "https://news.example/feeds/nato.atom"
    assert outlines["NATO"]["htmlUrl"] == "https://news.example/categories/nato"
