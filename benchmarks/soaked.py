"""The daemon of a soak: the real one, but time runs faster for it and a table resolves its names.

soak.py starts it in processes of its own, and kills them.
"""

import argparse
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from aggregator import daemon, desk, dispatch, ticks
from aggregator.cli.loop import run_loop
from aggregator.intake import names
from aggregator.intake.children import Children
from aggregator.logs import configure_logs
from aggregator.settings import Settings
from aggregator.stories.addresses import parse_opening

START = datetime(2026, 4, 2, 6, tzinfo=UTC)
SUFFIX = ".press.test"
# Of our own time: an answer, a parser.
SECONDS = 5.0
# Of a parser's processor time: were it as long, documents that use all of it would wait for hours
# of the daemon's, and the memory that they take until then could not be told from a leak.
PARSER_S = 1.0
# As long as the system's resolver tries name servers that do not answer.
RESOLVER_S = 10.0


@dataclass(frozen=True)
class Clock:
    """Time that runs `scale` times as fast, and may be set: by a file that all look at."""

    folder: Path
    scale: float
    origin: float

    def __call__(self) -> datetime:
        """Return the moment that the wall clock shows."""
        return START + timedelta(seconds=self.steady() + self.leap())

    def steady(self) -> float:
        """Return the seconds since the beginning; nobody sets these."""
        return self.since_origin(time.monotonic())

    def since_origin(self, moment: float) -> float:
        """Return the seconds from the beginning to a moment of the monotonic clock."""
        return (moment - self.origin) * self.scale

    def words(self) -> list[str]:
        """Return what tells another process of it on the command line."""
        return [str(self.folder), str(self.scale), str(self.origin)]

    def leap(self) -> float:
        """Return by how many seconds the clock is set."""
        with suppress(FileNotFoundError, struct.error):
            (seconds,) = struct.unpack("d", (self.folder / "leap").read_bytes())
            return float(seconds)
        return 0.0

    def set_by(self, seconds: float) -> None:
        """Set the clock."""
        (self.folder / "leap.new").write_bytes(struct.pack("d", seconds))
        (self.folder / "leap.new").rename(self.folder / "leap")


def settings_in(folder: Path) -> Settings:
    """Return the usual settings, but for loopback and the seconds of ours."""
    usual = Settings(state=folder)
    lives: dict[str, dict[str, object]] = {
        "database": {"url": f"sqlite:///{folder / 'aggregator.db'}"},
        "publish": {"directory": folder / "feeds"},
        "fetch": {
            "allow_networks": (parse_opening("127.0.0.0/8"),),
            "host_gap": timedelta(),
            "per_host": 8,
            "timeout": timedelta(seconds=SECONDS),
        },
        "serve": {"port": 0, "admin": "127.0.0.1:0"},
    }
    changed = {name: getattr(usual, name).model_copy(update=new) for name, new in lives.items()}
    return usual.model_copy(update=changed)


def answering(folder: Path, host: str) -> str:
    """Return where a host of the farm is, as the resolver of a daemon on this stage says."""
    waited = 0.0
    while (folder / "wedged").exists():
        time.sleep(0.05)
        waited += 0.05
        if waited > RESOLVER_S:
            raise socket.gaierror(socket.EAI_AGAIN, "no name server answers")
    return f"127.0.1.{host.removesuffix(SUFFIX)}" if host.endswith(SUFFIX) else host


def live(folder: Path, clock: Clock) -> None:
    """Be a daemon for which time runs faster."""
    found = names._resolve  # noqa: SLF001 - the place where the system is asked

    def resolve(host: str, port: int, family: int) -> list[names.Found]:
        return found(answering(folder, host), port, socket.AddressFamily(family))

    names._resolve = resolve  # noqa: SLF001
    ticks.monotonic = clock.steady  # type: ignore[attr-defined]
    dispatch.LEASE *= clock.scale
    cpu, wall = timedelta(seconds=PARSER_S), timedelta(seconds=SECONDS)
    desk.Children = partial(Children, cpu=cpu, wall=wall)  # type: ignore[assignment,attr-defined]
    configure_logs("info", "json")
    run_loop(daemon.Daemon(settings_in(folder), lambda: settings_in(folder), clock).run())


def main() -> None:
    """Be the daemon that the command line asks for."""
    words = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    words.add_argument("folder", type=Path)
    words.add_argument("scale", type=float)
    words.add_argument("origin", type=float)
    given = words.parse_args()
    live(given.folder, Clock(given.folder, given.scale, given.origin))
