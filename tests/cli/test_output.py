"""What is printed, where, and that nothing a source says gets out of its place."""

import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from functools import partial
from importlib import import_module
from types import ModuleType

import pytest
import typer
from console import SETTINGS, Console
from newsweb import feed, served, silence
from rich.console import Console as Screen
from typer.main import get_group

from aggregator.__main__ import main as run_program
from aggregator.cli.commands import MODULES
from aggregator.cli.printing import looking_at
from aggregator.cli.screen import progress_bar

# Control characters but for what parts cells and lines, and what turns the reading direction.
COMMANDS_A_TERMINAL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
HOSTILE = (
    "\x1b]0;owned\x07 \x1b[31mred\x1b[0m \x9b2J",
    "first line\nsecond line\rthird\u2028fourth\x85fifth",
    "\u202egpj.exe \u2066x\u2069 \u061c\u200f",
    "[bold]x[/bold] :smile: {y} %s \\n",
    "Почела обнова касарни Пљевља — шљунак, 軍事",
)


def spoilt(newsdesk: Console) -> Console:
    """Return the place with hostile titles, addresses and errors put in behind every filter."""
    with closing(sqlite3.connect(newsdesk.state / "aggregator.db")) as database:
        for number, text in enumerate(HOSTILE):
            change = "UPDATE entry SET title = ?, outlet = ? WHERE id % ? = ?"
            database.execute(change, (text, text, len(HOSTILE), number))
            change = "UPDATE source SET title = ?, last_error = ?, failures = 1 WHERE id % ? = ?"
            database.execute(change, (text, text, len(HOSTILE), number))
            for table in ("source_category", "story_category"):
                change = (
                    f"UPDATE OR IGNORE {table} SET slug = ? "  # noqa: S608
                    "WHERE slug <> 'all' AND rowid % ? = ?"
                )
                database.execute(change, (text, len(HOSTILE), number))
        database.commit()
    return newsdesk


COMMANDS = [
    ("stories",),
    ("search", "the"),
    ("list-sources",),
    ("explain", "1"),
    ("explain", "3"),
    ("ledger",),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_titles_command_no_terminal_and_break_no_line(
    newsdesk: Console, command: tuple[str, ...]
) -> None:
    count = len(newsdesk(*command).lines)
    said = spoilt(newsdesk)(*command)
    assert said.code == 0
    assert not COMMANDS_A_TERMINAL.search(said.out + said.err)
    assert len(said.out.split("\n")) - 1 == count


def test_json_keeps_hostile_titles_escaped(newsdesk: Console) -> None:
    spoilt(newsdesk)
    for command in COMMANDS:
        said = newsdesk(*command, "--json")
        assert not COMMANDS_A_TERMINAL.search(said.out + said.err)
        json.loads(said.out)
    titles = {source["title"] for source in newsdesk("list-sources", "--json").json}
    assert titles == set(HOSTILE)


def test_what_a_page_names_commands_no_terminal(console: Console) -> None:
    links = b"".join(
        b'<link rel="alternate" type="application/rss+xml" href="/%d" title="%s">'
        % (number, text.replace('"', "").encode())
        for number, text in enumerate(HOSTILE)
    )
    body = b"<html><head><meta charset=utf-8>" + links + b"</head><body><p>x</p></body></html>"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body)
    with served() as web:
        web.answers |= {"/home": head + body, "/0": feed("\x9b2J Ferry \u202e")}
        said = console("add-source", web.url("/home"))
    assert said.code == 0
    assert len(said.lines) == 1 + len(HOSTILE)
    assert not COMMANDS_A_TERMINAL.search(said.out + said.err)


def test_a_terminal_shows_titles_as_they_are(newsdesk: Console) -> None:
    shown = spoilt(newsdesk).on_terminal("stories", columns=200)
    assert "[bold]x[/bold] :smile: {y} %s \\n" in shown
    assert "Почела обнова касарни Пљевља — шљунак, 軍事" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n")
    assert not COMMANDS_A_TERMINAL.search(plain)


@pytest.mark.parametrize("columns", [200, 40])
def test_tables_fit_the_terminal(newsdesk: Console, columns: int) -> None:
    shown = newsdesk.on_terminal("list-sources", columns=columns, NO_COLOR="1")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    # Whatever room there is, what is typed or pasted again stands in one piece.
    for source in newsdesk("list-sources", "--json").json:
        assert re.search(rf"(?m)(^| ){re.escape(source['url'])}( |\r?$)", plain)
    lines = [line for line in plain.splitlines() if not line.startswith("url ")]
    assert max(map(len, lines)) <= max(columns, 48)


def test_a_table_has_its_columns_named(newsdesk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = newsdesk("stories", "--limit", 1).out
    assert all(name in shown for name in ("published", "title", "outlet", "tellings", "story"))


def test_progress_is_shown_on_a_terminal_only(newsdesk: Console) -> None:
    shown = newsdesk.on_terminal("update", "--force")
    assert all(step in shown for step in ("poll", "read", "place", "publish", "10/10"))
    assert "/100" not in shown
    assert newsdesk("update", "--force").err == ""


def test_a_bar_is_drawn_with_its_total_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[float] = []

    def add_task(*_: object, total: float = 100) -> int:
        drawn.append(total)
        return 0

    monkeypatch.setattr("aggregator.cli.screen.Progress.add_task", add_task)
    monkeypatch.setattr("aggregator.cli.screen.Progress.update", lambda *_, **__: None)
    with progress_bar() as progress:
        progress("poll", 0, 7)
    assert drawn == [7]


@pytest.mark.parametrize("terminal", [True, False])
def test_what_is_looked_at_is_shown_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, *, terminal: bool
) -> None:
    shown = io.StringIO()
    screen = partial(Screen, file=shown, force_terminal=terminal)
    monkeypatch.setattr("aggregator.cli.screen.Console", lambda **_: screen())
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    with looking_at() as asking:
        asking("https://quay.example/[b]/feed")
    assert ("looking at https://quay.example/[b]/feed" in shown.getvalue()) == terminal


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_streams_that_were_closed_before_we_began(newsdesk: Console, closed: str) -> None:
    def run(words: str) -> tuple[int, str, str]:
        said = subprocess.run(  # noqa: S602 - only a shell closes streams
            f"{sys.executable} -m aggregator {words} {closed}",
            shell=True,
            check=False,
            env=newsdesk.variables(),
            capture_output=True,
            text=True,
        )
        return said.returncode, said.stdout, said.stderr

    code, out, err = run("stories")
    assert (code, err) == (0, "")
    assert bool(out) == ("1" not in closed)
    code, out, err = run("import-opml -" if closed == "0<&-" else "pause-source nothing")
    assert (code, out) == (1 if closed == "0<&-" else 2, "")
    assert err.startswith("error: ") or (err == "" and "2" in closed)


@pytest.mark.parametrize(("command", "unbuffered"), [("stories", "1"), ("export-opml", "")])
def test_a_reader_who_has_seen_enough(newsdesk: Console, command: str, unbuffered: str) -> None:
    with newsdesk.started(command, PYTHONUNBUFFERED=unbuffered) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


def test_a_reader_who_has_seen_enough_of_this_process(
    newsdesk: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with suppress(BrokenPipeError), os.fdopen(writer, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        said = newsdesk("stories")
        assert (said.code, said.err) == (1, "")


def test_an_output_that_is_no_file(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert console("--version").code == 0


def test_an_interrupt_while_the_program_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "aggregator.cli", Interrupted("aggregator.cli"))
    with pytest.raises(SystemExit) as ended:
        run_program()
    assert ended.value.code == 130


def test_an_interrupt_before_a_command(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aggregator.cli.app", interrupt)
    assert console("stories").code == 130


@pytest.mark.parametrize(("command", "unbuffered"), [("export-opml", ""), ("--version", "1")])
def test_a_full_disk_behind_stdout(newsdesk: Console, command: str, unbuffered: str) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        said = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "aggregator", command],
            check=False,
            env=newsdesk.variables() | {"PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (said.returncode, said.stderr) == (1, "error: No space left on device\n")


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_letters_that_the_locale_does_not_know(newsdesk: Console, locale: dict[str, str]) -> None:
    plain = newsdesk.apart("stories", **locale)
    assert (plain.code, plain.err) == (0, "")
    assert "касарне" in plain.out or "\\u043a\\u0430" in plain.out
    told = newsdesk.apart("stories", "--json", **locale).json
    assert any("касарне" in story["title"] for story in told)


def test_arguments_that_are_no_text(newsdesk: Console) -> None:
    for command in ("explain", "pause-source", "stories -C", "add-source http://a/ --name"):
        said = newsdesk(*command.split(), "a\udcff")
        assert said.code == 2
        assert said.complaint == (
            "the command line holds what is no text: 'a\\udcff'; write it in UTF-8"
        )


def test_an_interrupted_round_says_nothing(console: Console) -> None:
    with served(rss=feed("Ferry")) as web:
        console("add-source", web.url("/rss"))
        web.answers["/rss"] = silence
        with console.started("update", "--force", AGGREGATOR_FETCH__TIMEOUT="60s") as process:
            while len(web.requests) < 2:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert console("list-sources", "--json").json[0]["failures"] == 0


def test_a_database_that_another_process_writes_to(
    newsdesk: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.store.dialect.BUSY_TIMEOUT_MS", 50)
    with closing(sqlite3.connect(newsdesk.state / "aggregator.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert newsdesk("stories").code == 0
        said = newsdesk("pause-source", 1)
    assert (said.code, said.complaint) == (1, "database: database is locked")


def test_a_state_that_cannot_be_had(pristine: Console) -> None:
    pristine.state.write_bytes(b"in the way")
    for command in ("stories", "update", "publish", "ledger"):
        said = pristine(command)
        assert said.code == 1
        assert said.complaint.startswith(f"cannot make {pristine.state}: ")
    pristine.state.unlink()
    pristine.state.mkdir()
    pristine.state.joinpath("aggregator.db").write_bytes(b"no database" * 1000)
    said = pristine("stories")
    assert said.code == 1
    assert said.complaint.startswith(f"database: {pristine.state}/aggregator.db is no SQLite ")
    pristine.prepare('[database]\nurl = "oracle://x"\n' + SETTINGS)
    assert pristine("stories").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["frobnicate"],
        ["stories", "--nope"],
        ["merge", "x"],
        ["stories", "--limit", "0"],
        ["stories", "--limit", "9" * 30],
        ["add-source"],
        ["demo", "--port", "0"],
        ["add-source", "https://quay.example/", "--role", "owner"],
    ],
)
def test_wrong_usage(console: Console, words: list[str]) -> None:
    said = console(*words)
    assert said.code == 2
    assert "; see `aggregator" in said.complaint
    assert "Value error" not in said.complaint


def test_help_and_version(console: Console) -> None:
    assert re.fullmatch(r"aggregator \d{4}\.\d+\.\d+\n", console("--version").out)
    told = console("--help").out
    delivered = (
        "run add-source list-sources remove-source pause-source resume-source update publish "
        "stories explain merge split import-opml export-opml ledger check-config demo"
    )
    for command in delivered.split():
        assert command in told
        assert console(command, "--help").code == 0
    assert console.apart("--version").code == 0
    assert os.environ.get("STATE_DIRECTORY") == str(console.state)


@pytest.mark.parametrize("module", MODULES)
def test_a_command_is_looked_for_in_the_module_that_has_it(module: str) -> None:
    part = typer.Typer()
    import_module(f"aggregator.cli.{module}").add_to(part)
    commands = get_group(part).commands
    told = {name: str(command.help).partition("\n\n")[0] for name, command in commands.items()}
    assert {name: " ".join(text.split()) for name, text in told.items()} == MODULES[module]


@pytest.mark.parametrize("module", MODULES)
def test_each_argument_is_written_in_capitals_and_explained(module: str) -> None:
    part = typer.Typer()
    import_module(f"aggregator.cli.{module}").add_to(part)
    for name, command in get_group(part).commands.items():
        for argument in command.params:
            if argument.param_type_name == "argument":
                told = vars(argument)
                assert str(told["metavar"]).isupper(), (name, argument.name)
                assert told["help"], (name, argument.name)


def test_a_misspelt_command_gets_the_nearest(console: Console) -> None:
    said = console("lst-sources")
    assert said.code == 2
    assert "list-sources" in said.err


# What fetches, parses, compares, writes feeds, serves, draws or migrates: packages that take long.
HEAVY = {
    "aiohttp", "aiohttp.web", "alembic", "apscheduler", "feedgen", "feedparser", "jinja2", "lxml",
    "nh3", "numpy", "pebble", "prometheus_client", "protego", "rich", "sqlalchemy",
    "sqlalchemy.dialects.postgresql", "structlog", "trafilatura", "uvloop",
    "aggregator.store.arrivals", "aggregator.store.composed", "aggregator.store.corrections",
    "aggregator.store.errands", "aggregator.store.health", "aggregator.store.websub",
    "aggregator.stories.tracking",
}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ("--version", set()),
        ("--help", {"rich"}),
        ("list-sources", {"aggregator.store.websub", "sqlalchemy"}),
        ("update --steps poll", {"aiohttp", "prometheus_client", "sqlalchemy", "uvloop"}),
    ],
)
def test_a_command_imports_nothing_that_it_does_not_need(
    newsdesk: Console, words: str, needed: set[str]
) -> None:
    program = (
        "import sys; from aggregator.cli import app\n"
        f"try: app({words.split()}, standalone_mode=False)\n"
        f"finally: print(*sorted({HEAVY} & set(sys.modules)), sep=', ', file=sys.stderr)"
    )
    said = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", program],
        check=True,
        env=newsdesk.variables(),
        capture_output=True,
        text=True,
    )
    assert said.stdout
    assert set(filter(None, said.stderr.splitlines()[-1].split(", "))) <= needed
