import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from console import Console, opml_of
from newsdesk import claim_polls
from newsweb import feed, served

from aggregator.clock import utc_now
from aggregator.demo.newsroom import load
from aggregator.demo.site import Site
from aggregator.dispatch import at_work
from aggregator.store.database import Store

KEYS = (
    "sources polled not_modified failed entries_seen entries_new articles copies retellings "
    "stories_new stories_total feeds_written seconds"
)
SOME = ("defence-press-room", "security-lens", "newsdeck")


@pytest.fixture
def late(site: Site) -> Iterator[tuple[Site, str]]:
    """Yield a site that still keeps one piece back, and the piece."""
    piece = next(piece.id for piece in load().pieces if piece.outlet == "baltic-watch")
    with Site(load(), now=site.edition.now, hidden=[piece]) as late:
        yield late, piece


def subscribed(console: Console, site: Site, *outlets: str) -> None:
    """Have these outlets of the site, or all, as sources that were never polled."""
    chosen = {slug: site.feed_urls[slug] for slug in outlets or site.feed_urls}
    path = console.folder / "list.opml"
    path.write_text(opml_of(chosen))
    assert console("import-opml", path).code == 0


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return bytes and time of every published file."""
    return {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("folder", ["", "/deep" * 20], ids=["", "no place for a socket"])
def test_a_round_that_has_nothing_to_parse_leaves_no_process(
    console: Console, folder: str, tmp_path: Path
) -> None:
    """What parses is started while the round is: that nobody needs it is no fault."""
    (tmp_path / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
    said = subprocess.Popen(
        [sys.executable, "-m", "aggregator", "update", "--steps", "poll"],
        env=console.variables() | {"TMPDIR": f"{tmp_path}{folder}"},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    out, err = said.communicate(timeout=60)
    assert (said.returncode, err) == (
        0,
        "there are no sources yet: begin with `aggregator add-source URL`\n",
    ), out
    for _ in range(100):
        if not in_session(said.pid):
            return
        time.sleep(0.05)
    pytest.fail(f"still there: {in_session(said.pid)}")


def in_session(leader: int) -> list[int]:
    """Return the processes that are alive of a session."""
    alive = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, session, *_ = stat.read_text().rpartition(")")[2].split()
            if int(session) == leader and state != "Z":
                alive.append(int(stat.parent.name))
    return alive


def test_a_round_reports_what_it_did(console: Console, site: Site) -> None:
    subscribed(console, site)
    report = console("update", "--json").json
    assert list(report) == KEYS.split()
    assert list(report["seconds"]) == ["poll", "read", "place", "publish", "total"]
    outlets, pieces = len(load().outlets), len(load().pieces)
    assert (report["sources"], report["polled"]) == (outlets, outlets)
    assert (report["not_modified"], report["failed"]) == (0, 0)
    assert report["entries_seen"] == report["entries_new"] == report["articles"] == pieces
    assert report["stories_new"] + report["copies"] + report["retellings"] == pieces
    assert report["stories_new"] == report["stories_total"] == 25
    feeds = {name.rpartition(".")[0] for name in files(console.feeds)}
    assert report["feeds_written"] == len(feeds) == 3 * len(("live", "confirmed", "folded")) + 2
    assert report["seconds"]["total"] >= report["seconds"]["poll"] > 0
    assert len(console("stories", "--json").json) == 25


def test_a_round_without_news_writes_and_parses_nothing(console: Console, site: Site) -> None:
    subscribed(console, site, *SOME)
    console("update")
    before, stories = files(console.feeds), console("stories", "--json").json
    asked = len(site.requests)

    again = console("update", "--json").json
    assert (again["sources"], again["polled"], len(site.requests)) == (0, 0, asked)

    forced = console("update", "--force", "--json").json
    assert forced["sources"] == forced["polled"] == forced["not_modified"] == 3
    assert (forced["entries_seen"], forced["articles"], forced["feeds_written"]) == (0, 0, 0)
    assert [status for _, status in site.requests[asked:]] == [304, 304, 304]
    assert files(console.feeds) == before
    assert console("stories", "--json").json == stories


def test_only_what_is_named_is_polled_due_or_not(console: Console, late: tuple[Site, str]) -> None:
    site, piece = late
    subscribed(console, site, "baltic-watch", "newsdeck")
    urls = site.feed_urls
    first = console("update", urls["baltic-watch"], "--json").json
    assert (first["sources"], first["polled"]) == (1, 1)
    assert {path.split("/")[1] for path, _ in site.requests} == {"baltic-watch", "robots.txt"}
    site.reveal(piece)
    assert console("update", 1, 1, "--json").json["entries_new"] == 1
    assert console("update", "--json").json["polled"] == 1


def test_steps_one_by_one_come_to_the_same(console: Console, site: Site, tmp_path: Path) -> None:
    subscribed(console, site, *SOME)
    whole = console("update", "--json").json
    apart = Console(tmp_path / "apart", console.monkeypatch, console.capture)
    apart.prepare()
    subscribed(apart, site, *SOME)
    # The wrong way round nothing is due yet.
    early = apart("update", "--steps", "publish,place, read", "--json").json
    assert early["polled"] == early["articles"] == early["stories_new"] == 0
    steps = ("poll", "read", "place", "publish")
    reports = [apart("update", f"--steps={step}", "--json").json for step in steps]
    for step, report in zip(steps, reports, strict=True):
        assert {name for name, spent in report["seconds"].items() if spent} <= {step, "total"}
    for name in ["entries_new", "articles", "copies", "retellings", "stories_new"]:
        assert sum(report[name] for report in reports) == whole[name]
    assert _told(apart) == _told(console)


def _told(console: Console) -> list[tuple[object, ...]]:
    return sorted(
        (
            story["title"],
            story["published"],
            *sorted(telling["url"] for telling in story["tellings"]),
        )
        for story in console("stories", "--json").json
    )


@pytest.mark.parametrize("steps", ["", "pol", "poll,,read", "poll;read", "all"])
def test_steps_that_are_none(console: Console, steps: str) -> None:
    said = console("update", f"--steps={steps}")
    assert said.code == 2
    assert said.complaint.endswith("allowed: poll, read, place, publish")


def test_single_sources_may_fail(console: Console) -> None:
    with served(good=feed("Ferry runs again"), bad=feed("Mole")) as web:
        console("add-source", web.url("/good"), "--no-full-text")
        console("add-source", web.url("/bad"), "--no-full-text")
        web.answers["/bad"] = b"SMTP\x1b[2J\r\n\r\n"
        said = console("update", "--force", "--json")
        plain = console("update", "--force")
    assert (said.json["polled"], said.json["failed"]) == (2, 1)
    assert said.json["stories_total"] == 2
    (line,) = said.err.splitlines()
    assert line.startswith(f"failed: {web.url('/bad')}: ")
    assert line.isprintable()
    assert plain.code == 0
    assert plain.lines[0].startswith("2 sources polled: 1 not modified, 1 failed; ")
    assert re.fullmatch(r"0 feeds written; the whole round took [\d.]+ s", plain.lines[2])


def test_one_is_counted_in_the_singular(console: Console) -> None:
    with served(rss=feed("Ferry runs again")) as web:
        console("add-source", web.url("/rss"), "--no-full-text")
        web.answers["/rss"] = feed("Ferry runs again", "A mole is dug in the north")
        said = console("update", "--force")
    assert said.lines[0] == "1 source polled: 0 not modified, 0 failed; 1 new of 2 entries"
    assert said.lines[1].endswith("0 copies, 0 retellings; 2 stories in all")
    assert console("update").err == "no source is due yet; `--force` asks all of them now\n"


def test_a_round_without_sources_says_how_to_begin(console: Console) -> None:
    said = console("update")
    assert said.code == 0
    assert said.err == "there are no sources yet: begin with `aggregator add-source URL`\n"


def test_what_another_process_polls_is_left_to_it_and_said(console: Console, site: Site) -> None:
    subscribed(console, site, *SOME[:2])
    with Store.open(f"sqlite:///{console.state}/aggregator.db") as store, at_work(store):
        assert len(claim_polls(store, utc_now(), only=[1])) == 1
        said = console("update", "--force")
    assert said.lines[0].startswith("1 source polled")
    assert "1 source more is being polled by another process" in said.err


def test_a_round_skips_the_hold_and_publishing_by_itself_does_not(
    console: Console, late: tuple[Site, str]
) -> None:
    site, piece = late
    subscribed(console, site, "baltic-watch")
    console("update")
    shown = len(console("stories", "--json").json)
    site.reveal(piece)
    console("update", "--force", "--steps", "poll,read,place")
    assert console("publish", "--json").json == {"stories_appeared": 0, "feeds_written": 0}
    held = console("stories", "--json")
    assert len(held.json) == shown
    assert held.err.startswith("1 more is held back for copies to come in; ")
    assert console("update", "--json").json["feeds_written"] > 0
    assert len(console("stories", "--json").json) == shown + 1


def test_publishing_writes_what_is_missing_and_leaves_what_is_right(newsdesk: Console) -> None:
    before = files(newsdesk.feeds)
    assert newsdesk("publish").out == "0 stories appeared, 0 feeds written\n"
    assert newsdesk("publish", "--all", "--json").json["feeds_written"] == 0
    newsdesk.feeds.joinpath("nato.atom").unlink()
    assert newsdesk("publish").out == "0 stories appeared, 1 feed written\n"
    newsdesk.feeds.joinpath("all.atom").write_bytes(b"spoilt")
    assert newsdesk("publish", "--all", "--json").json["feeds_written"] == 1
    assert {name: body for name, (body, _) in files(newsdesk.feeds).items()} == {
        name: body for name, (body, _) in before.items()
    }


def test_a_folder_that_cannot_be_written(newsdesk: Console) -> None:
    newsdesk.feeds.joinpath("nato.atom").unlink()
    blocked = newsdesk.folder / "file"
    blocked.write_bytes(b"")
    newsdesk.prepare(f'[publish]\ndirectory = "{blocked / "feeds"}"\n')
    for command in (("publish",), ("update",), ("publish", "--all", "--json")):
        said = newsdesk(*command)
        assert said.code == 1
        assert "publish.directory" in said.complaint


def test_a_category_feed_holds_what_its_rule_and_its_sources_give(newsdesk: Console) -> None:
    listed = newsdesk("stories", "-C", "nato", "--json").json
    everything = newsdesk("stories", "--json").json
    assert listed == [story for story in everything if "nato" in story["categories"]]
    assert 0 < len(listed) < len(everything)
    assert b"tag:" in newsdesk.feeds.joinpath("nato.atom").read_bytes()
    assert datetime.fromisoformat(listed[0]["published"]).tzinfo == UTC
