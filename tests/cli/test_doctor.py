"""What the doctor finds, and what it says to do about it."""

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from console import SETTINGS, Console, Said

from aggregator import doctor


def verdicts(said: Said) -> dict[str, str]:
    """Return the verdict on each thing that is not well."""
    assert "Traceback" not in said.err
    lines = (line.split(maxsplit=1) for line in said.lines)
    return {told.partition(":")[0]: verdict for verdict, told in lines if verdict != "ok"}


@pytest.fixture(autouse=True)
def _all_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine that the tests run on have nothing that the doctor would find."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", doctor.SOUND_SQLITE)
    monkeypatch.setattr(doctor, "LOCK", Path("no such lock"))
    usage = SimpleNamespace(free=doctor.LITTLE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)


def change(console: Console, statement: str) -> None:
    with closing(sqlite3.connect(console.state / "aggregator.db")) as database, database:
        database.execute(statement)


def test_a_newsdesk_is_well(newsdesk: Console) -> None:
    assert verdicts(newsdesk("doctor")) == {}
    told = newsdesk("doctor", "--json").json
    assert told["verdict"] == "ok"
    assert {tuple(check) for check in told["checks"]} == {("check", "verdict", "found", "advice")}
    names = [check["check"] for check in told["checks"]]
    assert names[:7] == ["settings", "database", "schema", "ledger", "leases", "clock", "files"]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE source SET entries_seen = entries_seen + 1", {"ledger": "error"}),
        ("UPDATE source SET lease_until = '2020-01-01 00:00:00.000000'", {"leases": "warning"}),
        ("UPDATE source SET last_polled_at = '2120-01-01 00:00:00.000000'", {"clock": "error"}),
        ("UPDATE alembic_version SET version_num = '9999'", {"schema": "error"}),
        ("UPDATE alembic_version SET version_num = '0005'", {"schema": "warning"}),
        ("UPDATE telling SET story_id = 99999", {"database": "error"}),
    ],
)
def test_what_the_database_holds(newsdesk: Console, statement: str, found: dict[str, str]) -> None:
    change(newsdesk, statement)
    said = newsdesk("doctor")
    assert verdicts(said) == found
    assert said.code == (1 if "error" in found.values() else 0)


def test_the_feeds_of_a_category_that_is_gone(newsdesk: Console) -> None:
    newsdesk.prepare(SETTINGS, '[nato]\ntitle = "NATO"\nquery = "nato"\n')
    said = newsdesk("doctor")
    assert verdicts(said) == {"files": "warning"}
    assert "montenegro.atom" in said.out


def gone(path: Path) -> None:
    path.unlink()


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 50_000)


def nonsense(path: Path) -> None:
    path.write_bytes(b"\xff" * 8192)


@pytest.mark.parametrize("spoil", [gone, torn, nonsense])
def test_a_database_that_cannot_be_read_is_one_line(
    newsdesk: Console, spoil: Callable[[Path], None]
) -> None:
    spoil(newsdesk.state / "aggregator.db")
    said = newsdesk("doctor")
    assert said.code == 1
    assert verdicts(said) == {"database": "error"}
    assert said.err == ""


def test_files_folders_and_times(newsdesk: Console) -> None:
    (newsdesk.feeds / "gone.atom").write_text("")
    database = newsdesk.state / "aggregator.db"
    database.chmod(0o666)
    ahead = time.time() + 7200
    os.utime(database, (ahead, ahead))
    assert verdicts(newsdesk("doctor")) == {
        "files": "warning",
        "database-permissions": "error",
        "file-times": "warning",
    }
    shutil.rmtree(newsdesk.feeds)
    assert verdicts(newsdesk("doctor"))["feeds-permissions"] == "error"


@pytest.mark.parametrize(
    ("modes", "verdict", "advice"),
    [
        ((0o640, 0o640, 0o640), "ok", ""),
        ((0o644, 0o640, 0o644), "warning", "chmod o-rwx {0} {2}"),
        ((0o600, 0o604, 0o600), "warning", "chmod o-rwx {1}"),
        ((0o644, 0o642, 0o600), "error", "chmod o-rwx {1}"),
    ],
)
def test_who_may_read_the_database(
    tmp_path: Path, modes: Sequence[int], verdict: str, advice: str
) -> None:
    files = [tmp_path / f"news.db{suffix}" for suffix in ("", "-wal", "-shm")]
    for file, mode in zip(files, modes, strict=True):
        file.touch()
        file.chmod(mode)
    found = doctor._privacy(files[0])
    assert (found.verdict, found.advice) == (verdict, advice.format(*files))


def test_a_file_beside_the_database_that_may_not_be_written_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, beside = tmp_path / "news.db", tmp_path / "news.db-shm"
    for file in (database, beside):
        file.touch(mode=0o600)
    monkeypatch.setattr(os, "access", lambda file, _: file != beside)  # root may anything
    found = doctor._privacy(database)
    assert (found.verdict, found.found) == ("error", f"{beside} cannot be written by us")


@pytest.mark.parametrize(
    ("publish", "verdict"),
    [
        ("http://127.0.0.1:8080", {"address": "warning"}),
        ("http://localhost:8080", {"address": "warning"}),
        ("http://127.0.0.1:8090", {}),
        ("http://127.0.0.1", {}),  # a proxy
        ("https://news.example:8443", {}),
    ],
)
def test_links_that_lead_to_a_port_that_is_not_ours(
    newsdesk: Console, monkeypatch: pytest.MonkeyPatch, publish: str, verdict: dict[str, str]
) -> None:
    monkeypatch.setenv("AGGREGATOR_SERVE__PORT", "8090")
    monkeypatch.setenv("AGGREGATOR_PUBLISH__BASE_URL", publish)
    said = newsdesk("doctor")
    assert verdicts(said) == verdict
    assert ("set publish.base_url" in said.out) == bool(verdict)


def test_a_folder_that_the_first_round_makes_is_no_fault(
    newsdesk: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(newsdesk, "DELETE FROM feed")
    shutil.rmtree(newsdesk.feeds)
    monkeypatch.setenv("AGGREGATOR_NOPE", "1")
    said = newsdesk("doctor")
    assert verdicts(said) == {"variables": "warning"}
    assert "the first round makes it" in said.out
    newsdesk.feeds.touch()
    assert verdicts(newsdesk("doctor"))["feeds-permissions"] == "error"


def test_a_full_disk_and_old_versions(
    newsdesk: Console, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock = tmp_path / "run.txt"
    lock.write_text("typer==0.0.1 \\\n    --hash=x\nno-such-thing[all]==1 \\\n")
    monkeypatch.setattr(doctor, "LOCK", lock)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    free = SimpleNamespace(free=doctor.TOO_LITTLE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    said = newsdesk("doctor")
    disks = {"feeds-disk", "state-disk"}
    assert verdicts(said) == dict.fromkeys({"sqlite", "libraries", *disks}, "warning")
    assert "no-such-thing missing instead of 1" in said.out
    free.free -= 1
    assert {name for name, told in verdicts(newsdesk("doctor")).items() if told == "error"} == disks


def test_faulty_settings_are_findings(console: Console) -> None:
    console.prepare("[serve]\nport = -1\n[cat]\n")
    said = console("doctor", "--json")
    assert said.code == 1
    told: dict[str, Any] = json.loads(said.out)
    assert told["verdict"] == "error"
    assert [check["check"] for check in told["checks"]] == ["settings", "settings"]
    assert "serve.port" in told["checks"][0]["found"] + told["checks"][1]["found"]
