"""`kill -9` by the thousand, amid ingest: what was acknowledged is there, once; no file is torn.

    .venv/bin/python benchmarks/chaos.py --kills 10000

A daemon, or a round of `update`, polls a farm that keeps score (scorekeeper.py), reads, places and
publishes, and is killed at a random moment. The next one begins with what it finds. After some of
these lives comes a reckoning, and then another season, with an empty folder. Each life is a fork of
this process, so that it costs no start of an interpreter, and its ticks come twenty times a second;
parsers run within it: they remember nothing that a kill could hurt.
"""

import argparse
import asyncio
import gc
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar
from xml.etree import ElementTree as ET

from scorekeeper import Account, Control, scorekeeper, unreadable

from aggregator import daemon, desk
from aggregator.cli.loop import run_loop
from aggregator.cli.run import serve
from aggregator.clock import utc_now
from aggregator.desk import open_desk
from aggregator.dispatch import Dispatch, at_work
from aggregator.intake.article import article_from_page  # noqa: F401 - imported before all forks
from aggregator.intake.children import Children
from aggregator.logs import configure_logs
from aggregator.model import Role, Source
from aggregator.output.files import sweep
from aggregator.round import run_round
from aggregator.settings import Settings
from aggregator.store import ledger, sources
from aggregator.store.database import Session, Store
from aggregator.stories.addresses import parse_opening
from aggregator.stories.urls import outlet_of

FEEDS = 6
SEASON = 100  # kills between two reckonings
ENTRIES_A_LIFE = 3
TICK_S = 0.05
LOOK_EACH = 4  # a look heals the database's log: most lives are to begin with it as it was left
ATOM = "{http://www.w3.org/2005/Atom}"
PHASES = {
    "poll": "SELECT 1 FROM source WHERE lease_until IS NOT NULL",
    "read": "SELECT 1 FROM entry WHERE page_due_at IS NOT NULL",
    "place": "SELECT 1 FROM article WHERE NOT placed",
    "publish": "SELECT 1 FROM feed WHERE revision <> rendered_revision UNION ALL"
    " SELECT 1 FROM story WHERE revision <> edited_revision",
}

P = ParamSpec("P")
T = TypeVar("T")


class Within(Children):
    """Parses in this process, beside the loop."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function returns."""
        return await asyncio.to_thread(function, *args, **kwargs)

    run_together = run


@dataclass
class Figures:
    """What all seasons come to."""

    kills: int = 0
    ended: int = 0
    served: int = 0
    acknowledged: int = 0
    stories: int = 0
    looks: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the figures in a line."""
        return (
            f"{self.kills} kills (amid {dict(self.phases)}; {self.ended} lives ended before), "
            f"{self.served} entries served, {self.acknowledged} acknowledged, "
            f"{self.stories} stories, {self.looks} looks at files: {len(self.faults)} faults"
        )


@dataclass(frozen=True)
class Newsroom:
    """The folder of one season, and the lives in it."""

    folder: Path

    @property
    def settings(self) -> Settings:
        """Return settings by which all is due at once."""
        plain = Settings(state=self.folder)
        changes: dict[str, dict[str, object]] = {
            "database": {"url": f"sqlite:///{self.database}"},
            "publish": {"directory": self.feeds, "hold": timedelta(), "entries": 20},
            "poll": {
                "interval": timedelta(seconds=TICK_S),
                "min_interval": timedelta(seconds=TICK_S),
                "max_interval": timedelta(seconds=1),
            },
            "fetch": {
                "allow_networks": (parse_opening("127.0.0.0/8"),),
                "host_gap": timedelta(),
                "per_host": 8,
            },
            "serve": {"port": 0},
        }
        sections = {
            name: getattr(plain, name).model_copy(update=new) for name, new in changes.items()
        }
        return plain.model_copy(update=sections)

    @property
    def database(self) -> Path:
        """Return the database's file."""
        return self.folder / "aggregator.db"

    @property
    def feeds(self) -> Path:
        """Return where feeds are published."""
        return self.folder / "feeds"

    @property
    def log(self) -> Path:
        """Return what the lives said."""
        return self.folder / "log"

    def open(self, urls: list[str]) -> None:
        """Take the sources on."""

        def work(session: Session) -> None:
            for number, url in enumerate(urls):
                told = Source(
                    id=0,
                    url=url,
                    title="",
                    outlet=outlet_of(url),
                    role=Role.PRESS,
                    categories=(f"desk-{number % 2}",),
                )
                sources.add_source(session, told, utc_now())

        with Store.open(self.settings.database.url) as store:
            store.write_now(work)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return what the database says."""
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute(query).fetchall()

    def live(self, life: Callable[["Newsroom"], None]) -> int:
        """Begin a life in a fork of this process; return its number."""
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, sys.stderr.fileno())
            configure_logs("error", "json")
            life(self)
            code = 0
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            sys.stderr.write(f"Traceback: {error!r}\n")
            sys.stderr.flush()
        finally:
            os._exit(code)
        return 0


def run_daemon(newsroom: Newsroom) -> None:
    """Be a daemon whose ticks come quickly."""
    daemon.WORK_EVERY_S = daemon.PUBLISH_EVERY_S = TICK_S  # type: ignore[assignment]
    run_loop(serve(newsroom.settings, lambda: newsroom.settings))


def run_update(newsroom: Newsroom) -> None:
    """Be a round of `update`, of all sources."""
    settings = newsroom.settings

    async def work(store: Store) -> None:
        async with open_desk(settings, store, utc_now) as open_:
            dispatch = Dispatch(open_)
            await run_round(open_, dispatch, force=True)
            await dispatch.stop(timedelta())

    with Store.open(settings.database.url) as store, at_work(store):
        run_loop(work(store))


def warm_up(control: Control) -> None:
    """Do once in this process what every fork of it would have to load or compile anew."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as text:
        newsroom = Newsroom(Path(text))
        newsroom.open(list(control.begin(0, SEASON, newsroom.feeds).urls))
        run_update(newsroom)
    gc.collect()
    gc.freeze()


def season(control: Control, kills: int, seed: int, figures: Figures) -> None:
    """Kill so many lives on one folder; then reckon."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="chaos-") as text:
        newsroom = Newsroom(Path(text))
        texts = (kills + 2) * ENTRIES_A_LIFE
        begun = control.begin(seed, texts, newsroom.feeds)
        newsroom.open(list(begun.urls))
        usual = finish(newsroom)
        entries = 0
        for number in range(kills):
            control.allow(ENTRIES_A_LIFE)
            life = chance.choice((run_daemon, run_daemon, run_update))
            figures.ended += not killed(newsroom, life, chance.uniform(0, usual))
            figures.kills += 1
            if number % LOOK_EACH:
                continue
            now = len(newsroom.rows("SELECT id FROM entry"))
            if now < entries:
                figures.faults.append(f"{entries - now} committed entries are gone")
            entries = now
            figures.phases[phase(newsroom)] += 1
        before = list(lost(newsroom, control.allow(0)))
        finish(newsroom)
        finish(newsroom)
        account = control.account()
        figures.faults += [f"season {seed}: {fault}" for fault in before]
        figures.faults += [f"season {seed}: {fault}" for fault in faults(newsroom, account)]
        figures.served += len(account.served)
        figures.acknowledged += len(account.acknowledged)
        figures.looks += account.looks
        figures.stories += len(newsroom.rows("SELECT id FROM story WHERE merged_into_id IS NULL"))


def killed(newsroom: Newsroom, life: Callable[[Newsroom], None], delay: float) -> bool:
    """Kill a life after so many seconds; return whether it was still alive."""
    child = newsroom.live(life)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def finish(newsroom: Newsroom) -> float:
    """Let a whole round come to its end; return how many seconds it took."""
    begun = time.monotonic()
    _, status = os.waitpid(newsroom.live(run_update), 0)
    if status:
        message = f"a round ended with {status}: {newsroom.log.read_text()[-2000:]}"
        raise RuntimeError(message)
    return time.monotonic() - begun


def phase(newsroom: Newsroom) -> str:
    """Return what a life was at when it was killed."""
    return next((name for name, query in PHASES.items() if newsroom.rows(query)), "start or end")


def lost(newsroom: Newsroom, account: Account) -> Iterator[str]:
    """Yield which entries were acknowledged and are not there."""
    there = {key for (key,) in newsroom.rows("SELECT guid FROM entry")}
    yield from (f"{key} was acknowledged and is lost" for key in set(account.acknowledged) - there)


def faults(newsroom: Newsroom, account: Account) -> Iterator[str]:
    """Yield what does not hold at the end of a season."""
    yield from lost(newsroom, account)
    there = Counter(key for (key,) in newsroom.rows("SELECT guid FROM entry"))
    yield from (f"{key} was served and is not there" for key in set(account.served) - there.keys())
    yield from (f"{key} is there {times} times" for key, times in there.items() if times > 1)
    yield from account.torn
    sweep(newsroom.feeds)  # as a daemon does at its start
    yield from (f"{path.name} is left" for path in newsroom.feeds.rglob(".*"))
    for (fault,) in newsroom.rows("PRAGMA integrity_check"):
        if fault != "ok":
            yield f"database: {fault}"
    with Store.open(newsroom.settings.database.url) as store:
        account_ = store.read_now(ledger.draw_up)
    yield from account_.faults
    if account_.unplaced:
        yield f"{account_.unplaced} entries stand in no story"
    yield from told_twice(newsroom)
    yield from misprints(newsroom)
    if newsroom.log.exists():
        said = newsroom.log.read_text()
        yield from (line for line in said.splitlines() if "Traceback" in line)


def told_twice(newsroom: Newsroom) -> Iterator[str]:
    """Yield the copies that stand in another story than what they are made from."""
    told = "SELECT guid, story_id FROM entry JOIN telling ON telling.entry_id = entry.id"
    stories = {str(key): story for key, story in newsroom.rows(told)}
    for key, story in stories.items():
        feed, _, number = key.partition("-")
        other = stories.get(f"{int(feed) + 1}-{number}")
        if int(feed) % 2 == 0 and other not in {None, story}:
            yield f"{key} is told twice"


def misprints(newsroom: Newsroom) -> Iterator[str]:
    """Yield how the published stories differ from those that there are."""
    stories = {
        str(uri) for (uri,) in newsroom.rows("SELECT uri FROM story WHERE merged_into_id IS NULL")
    }
    printed: Counter[str] = Counter()
    for path in [newsroom.feeds / "all.atom", *(newsroom.feeds / "all").glob("*.atom")]:
        if (fault := unreadable(path)) is None:
            ids = ET.parse(path).getroot().iterfind(f"{ATOM}entry/{ATOM}id")  # noqa: S314 - our own
            printed.update(str(each.text) for each in ids)
        else:
            yield f"{path.name}: {fault}"
    yield from (f"{uri} is not published" for uri in stories - printed.keys())
    yield from (f"{uri} is published and no story" for uri in printed.keys() - stories)
    yield from (f"{uri} is published {times} times" for uri, times in printed.items() if times > 1)


def main() -> int:
    """Kill; print what came of it."""
    words = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    words.add_argument("--kills", type=int, default=10_000)
    words.add_argument("--seed", type=int, default=20261129)
    given = words.parse_args()
    configure_logs("error", "console")
    desk.Children = Within  # type: ignore[attr-defined]
    figures = Figures()
    begun = time.monotonic()
    with scorekeeper(FEEDS) as control:
        warm_up(control)
        while figures.kills < given.kills and not figures.faults:
            number = figures.kills // SEASON
            season(control, min(SEASON, given.kills - figures.kills), given.seed + number, figures)
            used = sum(os.times()[:4])
            print(f"{time.monotonic() - begun:.0f} s, {used:.0f} s of CPU: {figures}", flush=True)
    for fault in figures.faults:
        print(fault)
    return bool(figures.faults)


if __name__ == "__main__":
    sys.exit(main())
