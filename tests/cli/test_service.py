import json
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest
from console import SETTINGS, Console

from aggregator.demo.newsroom import Newsroom
from aggregator.demo.newsroom import load as load_newsroom

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def _temporary_files_stay_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("tmp").mkdir()
    here = partial(tempfile.mkdtemp, dir=tmp_path / "tmp")
    monkeypatch.setattr("aggregator.cli.demo.mkdtemp", here)


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_sound_configuration(console: Console) -> None:
    assert console("check-config").out == (
        f"the configuration is sound: {console.config}, 2 categories\n"
    )
    assert console("check-config", "--json").json == {
        "valid": True,
        "folder": str(console.config),
        "categories": ["nato", "montenegro"],
    }


def test_every_fault_of_a_configuration_with_its_line(console: Console) -> None:
    console.prepare(
        '[fetch]\n\ntimeout = "soon"\nshout = true\n[poll]\ninterval = 15\n',
        '[nato]\ntitle = "NATO"\nquery = "(nato"\n',
    )
    said = console("check-config")
    settings, categories = console.config / "aggregator.toml", console.config / "categories.toml"
    assert said.code == 2
    assert said.out == ""
    places = [line.split(": ")[1] for line in said.err.splitlines()]
    assert sorted(places) == sorted([*(f"{settings}:{n}" for n in (3, 4, 6)), f"{categories}:3"])
    told = console("check-config", "--json")
    assert told.code == 2
    assert '"valid": false' in told.out
    assert console("update").err == said.err


@pytest.mark.parametrize(
    ("sources", "faults"),
    [
        ("<opml><body>", ["no OPML with sources: no element found in line 1, column 13"]),
        (
            '<opml>\n<outline xmlUrl="ftp://a.example/"/><outline xmlUrl="https://b.example/"/></o>',
            [
                "mismatched tag in line 2, column 77",
                "not a web address: 'ftp://a.example/'; allowed: http://… and https://…",
            ],
        ),
    ],
)
def test_a_list_of_sources_that_is_broken(
    console: Console, sources: str, faults: list[str]
) -> None:
    path = console.config / "sources.opml"
    path.write_text(sources)
    said, told = console("check-config"), console("check-config", "--json")
    assert said.err.splitlines() == [f"error: {path}: {fault}" for fault in faults]
    assert (said.code, told.code, said.out, told.err) == (2, 2, "", "")
    assert json.loads(told.out)["faults"] == [f"{path}: {fault}" for fault in faults]
    path.unlink()
    path.mkdir()
    assert console("check-config").complaint == f"{path}: cannot be read: Is a directory"


def test_where_the_configuration_is_looked_for(console: Console) -> None:
    beside = console.apart("check-config", AGGREGATOR_CONFIG="")
    assert beside.out == "the configuration is sound: config, 2 categories\n"
    console.config.rename(console.folder / "elsewhere")
    assert console.apart("check-config").code == 2
    named = console.apart("--config", "elsewhere", "check-config", AGGREGATOR_CONFIG="/nowhere")
    assert named.out == "the configuration is sound: elsewhere, 2 categories\n"
    if not Path("/etc/aggregator").exists():
        plain = console.apart("check-config", AGGREGATOR_CONFIG="")
        assert plain.out.startswith("the configuration is sound: the built-in defaults, ")
        unread = console.apart(
            "stories",
            AGGREGATOR_CONFIG="",
            AGGREGATOR_DATABASE__URL=f"sqlite:///{console.state}/none.db",
            STATE_DIRECTORY="",
        )
        assert "so the defaults hold: `--config " in unread.err
    absent = console.apart("--config", "nowhere", "check-config")
    assert (absent.code, len(absent.err.splitlines())) == (2, 1)


def test_the_demo_tells_what_it_did_and_where_to_look(
    pristine: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.setenv("AGGREGATOR_FETCH__PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("AGGREGATOR_FETCH__TRUST_ENV", "true")
    with taken_port() as port:
        pass
    said = pristine("demo", "--once", "--port", port)
    assert (said.code, said.err) == (0, "")
    assert said.lines[0].startswith("10 outlets published 55 entries; they tell 25 stories. ")
    assert len(said.lines) == 1 + 25 + 2
    folder = Path(said.lines[-2].removeprefix("The feeds lie in "))
    assert said.lines[-1] == f"The folder {folder.parent} stays until you remove it"
    published = {path.name.partition(".")[0] for path in folder.iterdir()}
    assert published == {"all", "nato", "montenegro", "health", "outputs"}
    assert f"http://127.0.0.1:{port}/".encode() in folder.joinpath("all.atom").read_bytes()
    assert "read pages" not in said.out
    assert not pristine.state.exists()


def test_the_demo_needs_no_configuration_and_tells_it_as_one_document(pristine: Console) -> None:
    pristine.config.rename(pristine.folder / "elsewhere")
    # Not in the test's own folder: that may be too deep for the parsers' socket.
    said = pristine.apart("demo", "--once", "--json", AGGREGATOR_CONFIG="")
    report = said.json
    assert Path(report["feeds"]).joinpath("all.atom").exists()
    shutil.rmtree(Path(report["feeds"]).parent)
    assert (report["outlets"], report["entries"], len(report["stories"])) == (10, 55, 25)
    assert report["address"] is None, "nobody serves it any more"
    assert sum(story["tellings"] for story in report["stories"]) == report["entries"]
    assert "stays until you remove it" in said.err
    assert not pristine.state.exists()


def test_the_demo_is_served_until_it_is_ended(console: Console, tmp_path: Path) -> None:
    with taken_port() as port:
        pass
    served: list[tuple[int, bytes]] = []

    def visit() -> None:
        for _ in range(600):
            with suppress(OSError):
                connection = HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/feeds/all.atom")
                answer = connection.getresponse()
                served.append((answer.status, answer.read()))
                connection.close()
                os.kill(os.getpid(), signal.SIGTERM)
                return
            time.sleep(0.05)

    visitor = threading.Thread(target=visit)
    visitor.start()
    said = console("demo", "--port", port)
    visitor.join()
    assert said.code == 0
    assert said.lines[-1].startswith(f"While the demo runs, read pages at http://127.0.0.1:{port}/")
    assert f"reading pages at http://127.0.0.1:{port}/" in said.err
    ((status, body),) = served
    assert status == 200
    assert b"Mount Rumija" in body
    assert list(tmp_path.joinpath("tmp").glob("aggregator-demo-*")) == []


async def _serve_nobody(*_: object) -> None:
    """Stand in for a daemon that was ended at once."""


def test_the_demo_moves_aside_unless_told_where(
    console: Console, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    newsroom = load_newsroom()
    brief = Newsroom(newsroom.outlets, newsroom.pieces[:1], ())
    monkeypatch.setattr("aggregator.cli.demo.load_newsroom", lambda: brief)
    with taken_port() as port:
        for flags in ((), ("--once",), ("--once", "--json")):
            said = console("demo", "--port", port, *flags)
            assert said.code == 1
            assert said.complaint == f"--port {port}: cannot listen there; name another, or none"
        monkeypatch.setattr("aggregator.cli.demo.DEMO_PORT", port)
        with monkeypatch.context() as patch:
            patch.setattr("aggregator.cli.demo.serve", _serve_nobody)
            aside = console("demo")
        assert f"http://127.0.0.1:{port}/" not in aside.out
        assert aside.err.startswith(f"port {port} is in use: the demo is served on ")
        assert aside.err.split()[-2] in aside.lines[-1]
        # Somebody may come between the look and the listening.
        monkeypatch.setattr("aggregator.cli.demo.free_port", lambda wanted: wanted)
        before = set(tmp_path.joinpath("tmp").iterdir())
        late = console("demo")
    assert late.code == 1
    assert late.err.splitlines()[-1].startswith(f"error: cannot listen on 127.0.0.1:{port}: ")
    assert set(tmp_path.joinpath("tmp").iterdir()) == before


def test_no_port_at_all(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr("aggregator.demo.tour.socket.socket.bind", refuse)
    said = console("demo")
    assert (said.code, said.complaint) == (1, "no free port on 127.0.0.1")


def test_the_daemon_does_not_start_where_somebody_listens(console: Console) -> None:
    with taken_port() as port:
        console.prepare(SETTINGS.replace("port = 0", f"port = {port}"))
        said = console("run")
    assert said.code == 1
    assert said.err.splitlines()[-1].startswith(f"error: cannot listen on 127.0.0.1:{port}: ")


def test_a_full_disk(newsdesk: Console) -> None:
    resource = pytest.importorskip("resource")
    newsdesk.feeds.joinpath("all.atom").write_bytes(b"")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
    try:
        said = newsdesk("publish", "--all")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert said.code == 1
    assert "all.atom" in said.complaint
    assert "check publish.directory and its disk" in said.complaint
    assert newsdesk("publish", "--all", "--json").json["feeds_written"] == 1
