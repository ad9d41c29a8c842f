"""Logs: one event, one line; nothing from outside gets out of it."""

import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from aggregator import logs
from aggregator.logs import configure_logs, get_logger
from aggregator.model import Role
from aggregator.store.errands import Errand
from aggregator.stories.hubs import Kind

ERRAND = Errand(
    id=1,
    epoch=1,
    kind=Kind.DELIVER,
    url="https://reader.example/callback",
    topic="all.atom",
    host="reader.example",
    tries=0,
    subscribes=True,
    secret="hunter2 'hunter2",  # noqa: S106 - the point of it
    lease=timedelta(days=1),
)


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    logs._waiting.configure = None


def logged(format_: str, facts: Mapping[str, object], event: str = "poll.finished") -> str:
    """Return what one event writes."""
    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        configure_logs("info", format_)
        get_logger("aggregator.poll").info(event, **facts)
        return sys.stderr.getvalue()
    finally:
        sys.stderr = stderr


@given(st.text(), st.text())
@pytest.mark.parametrize("format_", ["json", "console"])
def test_nothing_breaks_a_line_or_commands_a_terminal(format_: str, event: str, title: str) -> None:
    line = logged(format_, {"title": title, "tags": [title], "origin": {"title": title}}, event)
    assert line.endswith("\n")
    assert line[:-1].isprintable()


@given(st.text(), st.text())
def test_json_gives_back_what_was_logged(event: str, title: str) -> None:
    line = json.loads(logged("json", {"title": title}, event))
    assert line["event"] == event
    assert line["title"] == title
    assert line["level"] == "info"
    assert line["logger_name"] == "aggregator.poll"
    assert datetime.fromisoformat(line["timestamp"]).tzinfo is not None


@pytest.mark.parametrize("format_", ["json", "console"])
@pytest.mark.parametrize(
    "facts",
    [
        {"url": "https://user:hunter2@example.org/feed"},
        {"url": "https://hunter2@example.org/feed"},
        {"url": "https://example.org/feed?id=1&access_token=hunter2&x=1"},
        {"error": "no answer from http://u:hunter2@proxy:3128, giving up"},
        {"password": "hunter2"},
        {"headers": {"Proxy-Authorization": "Basic hunter2", "Cookie": "hunter2"}},
        {"tried": ["http://u:hunter2@a", ("http://u:hunter2@b",)]},
        {"url": "postgresql+psycopg://aggregator:hunter2@db/aggregator"},
        {"reason": "connection failed: host=db user=a password=hunter2"},
        {"reason": "connection failed: host=db password='hunter2, hunter2'"},
        {"url": "https://example.org/feed?key=hunter2"},
        {"url": "https://example.org/feed?x=1&X-Amz-Signature=hunter2&X-Amz-Credential=hunter2"},
        {"url": "https://example.org/feed?auth=hunter2#top"},
        {"work": repr(ERRAND)},
        {"path": "/websub/17/hunter2-hunter2"},
        {"X-Api-Key": "hunter2"},
        {"reason": 'the hub says {"hub.secret": "hunter2", "token" : "hunter2"}'},
        {"reason": "sent Authorization: Bearer hunter2"},
    ],
)
def test_secrets_are_struck_out(format_: str, facts: dict[str, object]) -> None:
    line = logged(format_, facts)
    assert "***" in line
    assert "hunter2" not in line


def test_addresses_with_an_at_sign_in_the_path_stay_readable() -> None:
    assert "https://example.org/@writer/1" in logged(
        "json", {"url": "https://example.org/@writer/1"}
    )


@pytest.mark.parametrize(
    "text",
    [
        "Cookie: how to bake one",
        "Basic training begins at the token gate",
        "https://example.org/?q=secret&page=2",
        "seven=7",
        'he said "secret": nothing more',
        "https://example.org/websub/about",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert json.loads(logged("json", {"title": text}))["title"] == text


@pytest.mark.parametrize("format_", ["json", "console"])
@pytest.mark.parametrize(
    "title", ["\U0001f600" * 300_000, ["\x1b"] * 5_000, "a=" * 100_000, "?token" * 50_000]
)
def test_no_title_makes_a_line_that_the_journal_would_cut(format_: str, title: object) -> None:
    line = logged(format_, {"title": title})
    assert len(line.encode()) < 48 * 1024


def test_a_long_traceback_keeps_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json")
    try:
        float("x" * 30_000 + " the end")
    except ValueError:
        get_logger("aggregator.daemon").exception("task.failed")
    told = json.loads(capsys.readouterr().err)["exception"]
    assert told.startswith("...")
    assert told.endswith(" the end'")
    assert len(told) < 13_000


@pytest.mark.parametrize("gone", ["full", "closed"])
def test_a_log_that_takes_nothing_more_costs_no_work(
    gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked = False
    with suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stderr", full)
        configure_logs("info", "json")
        if gone == "closed":
            full.close()
        get_logger("aggregator.poll").info("poll.finished")
        worked = True
    monkeypatch.undo()
    assert worked


def test_facts_become_plain_values() -> None:
    now = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    facts = {"role": Role.PRESS, "at": now, "entries": 3, "title": None, "seen": {"a"}}
    line = json.loads(logged("json", facts))
    assert line["role"] == "press"
    assert line["at"] == "2026-01-02T03:04:00+00:00"
    assert line["entries"] == 3
    assert line["title"] is None
    assert line["seen"] == ["a"]


@pytest.mark.parametrize("format_", ["json", "console"])
def test_an_exception_is_one_field(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", format_)
    try:
        int("http://u:hunter2@h\x1b[31m\nbroke")
    except ValueError:
        get_logger("aggregator.daemon").exception("task.failed")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].isprintable()
    assert "Traceback" in lines[0]
    assert "hunter2" not in lines[0]


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", "json")
    logger = get_logger("aggregator.poll")
    logger.info("poll.finished")
    assert capsys.readouterr().err == ""
    configure_logs("info", "json")
    logger.info("poll.finished")
    assert capsys.readouterr().err.count("\n") == 1


def test_libraries_speak_through_our_log_from_warning_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("debug", "json")
    configure_logs("debug", "json")
    library = logging.getLogger("apscheduler.executors")
    library.info("nobody wants to know")
    library.warning("job %s\nmissed", 3)
    library.log(35, "between two levels")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn("use the other\none", UserWarning, stacklevel=1)
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.err.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [("library.logged", "warning")] * 3
    assert lines[0]["logger_name"] == "apscheduler.executors"
    assert lines[0]["message"] == "job 3\nmissed"
    assert "use the other\none" in lines[2]["message"]
    assert captured.out == ""


def test_auto_is_json_unless_stderr_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert logged("auto", {}).startswith("{")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    configure_logs("info", "auto")
    get_logger("aggregator.poll").info("poll.finished", title="a\x1b[0mb")
    assert "\x1b[" in terminal.getvalue()
    assert "a\\x1b[0mb" in terminal.getvalue()


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    configure_logs("info", "auto")
    get_logger("aggregator.poll").info("poll.finished")
    assert "poll.finished" in terminal.getvalue()
    assert "\x1b" not in terminal.getvalue()
