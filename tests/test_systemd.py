"""The service: its units, and what the daemon and systemd say to each other."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from newsdesk import changed, listening
from program import eventually
from sample_view import Newsroom
from sqlalchemy import text as sql

from aggregator import systemd
from aggregator.daemon import Daemon
from aggregator.errors import SettingsError
from aggregator.model import Role, Source
from aggregator.pulse import STUCK_AFTER_S, WEDGED_AFTER_S, Pulse
from aggregator.settings import Settings, load_settings
from aggregator.store import sources
from aggregator.store.database import Store
from aggregator.web.app import application
from aggregator.web.server import serving

UNITS = sorted(
    path
    for path in (Path(__file__).parents[1] / "systemd").iterdir()
    if path.suffix in {".service", ".socket", ".timer"}
)
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


def analyze(*arguments: str | Path) -> str:
    """Return all that systemd-analyze says."""
    assert ANALYZE
    command = [ANALYZE, *map(str, arguments)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return told.stdout + told.stderr


@needs_systemd
def test_systemd_has_nothing_to_say_against_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        # The program is not installed here, and that is all that may be wrong.
        text = unit.read_text(encoding="utf-8").replace(
            "/opt/aggregator/bin/aggregator", "/bin/true"
        )
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    assert analyze("verify", *(tmp_path / unit.name for unit in UNITS)) == ""


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_the_services_are_hardly_exposed(unit: Path) -> None:
    told = analyze("security", "--offline=true", unit)
    level = re.search(r"exposure level for \S+: ([0-9.]+)", told)
    assert level, told
    assert float(level[1]) <= 1.5


class FakeManager:
    """A service manager's end of the notify socket."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.setblocking(False)  # noqa: FBT003 - the only argument there is
        self.heard: list[str] = []

    def has_heard(self, *assignments: str) -> bool:
        """Return whether these were told, in this order, among others."""
        while True:
            try:
                self.heard += self.socket.recv(4096).decode().split("\n")
            except BlockingIOError:
                break
        told = iter(self.heard)
        return all(any(line.startswith(wanted) for line in told) for wanted in assignments)

    async def hears(self, *assignments: str) -> None:
        await asyncio.to_thread(eventually, lambda: self.has_heard(*assignments))


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeManager]:
    address = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    manager = FakeManager(address)
    yield manager
    manager.socket.close()


MANY = 200


async def test_the_manager_hears_of_everything_and_an_end_amid_many_polls_is_quick(
    settings: Settings, manager: FakeManager
) -> None:
    settings = changed(settings, fetch={"concurrency": MANY, "timeout": timedelta(minutes=5)})
    refusal: list[SettingsError] = [SettingsError("aggregator.toml:3: nonsense")]

    def read_again() -> Settings:
        if refusal:
            raise refusal.pop()
        return settings

    with socket.create_server(("", 0), backlog=MANY) as silent, listening():
        port = silent.getsockname()[1]
        with Store.open(settings.database.url) as store:
            ended = asyncio.create_task(Daemon(settings, read_again).run())
            await manager.hears("READY=1", "STATUS=pages at http://127.0.0.1:", "WATCHDOG=1")
            manager.heard.clear()
            os.kill(os.getpid(), signal.SIGHUP)
            refused = "; the last reload was refused: aggregator.toml:3: nonsense"
            await manager.hears("RELOADING=1", "MONOTONIC_USEC=", "READY=1", "STATUS=")
            assert any(line.endswith(refused) for line in manager.heard)
            manager.heard.clear()
            os.kill(os.getpid(), signal.SIGHUP)
            await manager.hears("RELOADING=1", "READY=1", "STATUS=", "WATCHDOG=1", "STATUS=")
            assert not manager.heard[-1].endswith(refused)
            many = [silent_source(number, port) for number in range(MANY)]
            store.write_now(partial(sources.add_sources, sources=many, now=datetime.now(UTC)))
            await asyncio.to_thread(
                eventually, lambda: manager.has_heard() and in_flight(store) == MANY
            )
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(ended, 10)
            assert in_flight(store) == 0
        assert manager.has_heard("STOPPING=1")


def silent_source(number: int, port: int) -> Source:
    """Return a source on a host of its own, where nobody ever answers."""
    host = f"127.0.1.{number + 1}"
    url = f"http://{host}:{port}/"
    return Source(id=0, url=url, title="", outlet=host, role=Role.PRESS)


def in_flight(store: Store) -> int:
    query = "SELECT count(*) FROM source WHERE lease_until IS NOT NULL"
    return int(store.read_now(lambda session: session.execute(sql(query)).scalar_one()))


async def test_the_watchdog_is_fed_while_the_database_answers_and_no_tick_hangs(
    settings: Settings, manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = Daemon(settings, lambda: settings)
    with Store.open(settings.database.url) as store, listening() as events:
        await daemon._show_life(store)
        assert manager.has_heard("WATCHDOG=1")
        manager.heard.clear()
        store.write_now(lambda session: session.execute(sql("ALTER TABLE meta RENAME TO gone")))
        await daemon._show_life(store)
        assert manager.has_heard("WATCHDOG=1")
        assert [event["event"] for event in events()] == ["database.failed"]
        manager.heard.clear()
        daemon._pulse.begin("place")
        started = daemon._pulse._ended["place"]
        monkeypatch.setattr("aggregator.pulse.monotonic", lambda: started + WEDGED_AFTER_S + 1)
        await daemon._show_life(store)
        assert not manager.has_heard("WATCHDOG=1")
        daemon._pulse.failed("place", "the disk is full")
        await daemon._show_life(store)
        assert manager.has_heard("WATCHDOG=1", "STATUS=pages at /; stuck: place")


def test_who_is_watched_by_nobody_tells_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    manager = systemd.ServiceManager()
    manager.ready("")
    assert manager.watchdog is None
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    assert systemd.ServiceManager().watchdog == timedelta(seconds=30)
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert systemd.ServiceManager().watchdog is None


def test_an_abstract_address_is_reached_and_a_status_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = f"@aggregator-test-{os.getpid()}"
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    fake = FakeManager(address)
    systemd.ServiceManager().status("two\nREADY=1 lines")
    assert fake.has_heard("STATUS=two READY=1 lines")
    assert len(fake.heard) == 1
    fake.socket.close()
    systemd.ServiceManager().status("nobody listens any more")


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX])
async def test_a_socket_that_was_handed_over_is_served(
    family: socket.AddressFamily, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = socket.socket(family)
    opened.bind(("127.0.0.1", 0) if family == socket.AF_INET else str(tmp_path / "door"))
    opened.listen()
    monkeypatch.setattr(systemd, "_FIRST_HANDED", opened.detach())
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", "1")
    assert systemd.handed_socket() is None
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    handed = systemd.handed_socket()
    assert handed
    async with serving(application(Newsroom(), lambda: tmp_path), "", 0, handed) as address:
        if family == socket.AF_INET:
            port = int(address.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        else:
            reader, writer = await asyncio.open_unix_connection(address.removeprefix("unix:"))
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await asyncio.wait_for(reader.read(), 10)).endswith(b"ok\n")
        writer.close()
        await writer.wait_closed()


def test_credentials_are_settings_of_their_own_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("AGGREGATOR_DATABASE__URL", raising=False)
    secret = tmp_path / "aggregator.database.url"
    secret.write_text("postgresql+psycopg://me:hush@db/news\n")
    (tmp_path / "other.service.key").write_text("not ours")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "aggregator.toml").write_text('[database]\nurl = "sqlite:///x.db"\n')
    assert load_settings(tmp_path / "config").database.url == secret.read_text().strip()
    monkeypatch.setenv("AGGREGATOR_DATABASE__URL", "sqlite:////tmp/y.db")
    assert load_settings(tmp_path / "config").database.url == "sqlite:////tmp/y.db"
    monkeypatch.delenv("AGGREGATOR_DATABASE__URL")
    secret.write_text("mysql://me:hush@db/news")
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path / "config")
    assert str(secret) in str(refused.value)
    assert "hush" not in str(refused.value)
    secret.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(tmp_path / "config")
    secret.unlink()
    (tmp_path / "aggregator.serve.prot").write_text("80")
    with pytest.raises(SettingsError, match=r"did you mean serve\.port"):
        load_settings(tmp_path / "config")


def test_a_pulse_that_never_beat_is_not_ready() -> None:
    pulse = Pulse()
    assert pulse.readiness()["reasons"] == ["the ticks have not begun yet"]
    assert not pulse.is_wedged()


def test_a_tick_that_is_rare_is_silent_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    pulse, now = Pulse(), 1000.0
    monkeypatch.setattr("aggregator.pulse.monotonic", lambda: now)
    pulse.begin("place", 1)
    pulse.begin("prune", 3600)
    now += STUCK_AFTER_S + 2
    assert [*pulse.stuck()] == ["place"]
    now += 3600
    assert [*pulse.stuck()] == ["place", "prune"]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_the_services_user_is_one_that_the_installation_makes(unit: Path) -> None:
    made = (unit.parent / "sysusers.conf").read_text(encoding="utf-8")
    users = re.findall(r"^u (\S+) ", made, re.MULTILINE)
    assert re.findall(r"^User=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE) == users
