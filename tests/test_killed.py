"""`kill -9` at any moment of a round: nothing is lost, nothing comes twice, no file is torn.

KILLED_ROUNDS=50 takes as many rounds instead of the few of every day.
"""

import os
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from program import Program, eventually, session_of
from rfc4287 import ATOM, parsed

from aggregator.demo.newsroom import Newsroom
from aggregator.demo.site import Site

ROUNDS = int(os.environ.get("KILLED_ROUNDS", "2"))
SEED = 20261122
# The first that holds says what the round was at.
PHASES = {
    "poll": "SELECT 1 FROM source WHERE lease_until IS NOT NULL",
    "read": "SELECT 1 FROM entry WHERE page_due_at IS NOT NULL",
    "place": "SELECT 1 FROM article WHERE NOT placed",
    "publish": "SELECT 1 FROM feed WHERE revision <> rendered_revision UNION ALL"
    " SELECT 1 FROM story WHERE revision <> edited_revision",
}


@pytest.fixture
def site(newsroom: Newsroom) -> Iterator[Site]:
    hidden = [piece.id for piece in newsroom.pieces]
    with Site(newsroom, now=datetime.now(UTC), hidden=hidden) as site:
        yield site


@pytest.fixture
def program(tmp_path: Path, site: Site) -> Program:
    program = Program(tmp_path / "state", {"AGGREGATOR_CONFIG": str(tmp_path)})
    (tmp_path / "categories.toml").write_text('[nato]\ntitle = "NATO"\nquery = "nato OR kfor"\n')
    outlines = "".join(
        f'<outline text="{slug}" xmlUrl="{url}" outlet="{slug}.example"/>'
        for slug, url in site.feed_urls.items()
    )
    opml = tmp_path / "sources.opml"
    opml.write_text(f"<opml><body>{outlines}</body></opml>")
    program.run("import-opml", str(opml))
    return program


@pytest.mark.timeout(120 + 15 * ROUNDS)
def test_whenever_it_is_killed_every_story_is_published_exactly_once(
    program: Program, site: Site, newsroom: Newsroom
) -> None:
    chance = random.Random(SEED)
    news = in_order_of_appearance(newsroom)
    usual = program.json("update")["seconds"]["total"]
    phases: Counter[str] = Counter()
    for number in range(ROUNDS):
        site.reveal(*part(news, number))
        kill_amid_a_round(program, site, chance.uniform(0, 2 * usual))
        phases[phase(program)] += 1
        assert_nothing_is_lost_doubled_or_torn(program)
    program.run("update", "--force")
    assert_nothing_is_lost_doubled_or_torn(program)
    assert stories_published(program, site) == stories_told(newsroom)
    print(f"killed amid {dict(phases)}")  # noqa: T201 - shown by `pytest -rP`


def part(news: list[str], number: int) -> list[str]:
    """Return what appears in this round."""
    return news[len(news) * number // ROUNDS : len(news) * (number + 1) // ROUNDS]


def in_order_of_appearance(newsroom: Newsroom) -> list[str]:
    return [piece.id for piece in sorted(newsroom.pieces, key=lambda piece: -piece.age)]


def kill_amid_a_round(program: Program, site: Site, delay: float) -> None:
    """Kill a round so many seconds after its first request."""
    asked = len(site.requests)
    with program.start("update", "--force") as process:
        eventually(lambda: len(site.requests) > asked)
        time.sleep(delay)
        process.kill()
    eventually(lambda: session_of(process) == [])


def rows(program: Program, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(program.folder / "aggregator.db")) as database:
        return database.execute(query).fetchall()


def phase(program: Program) -> str:
    """Return what the round was at when it was killed."""
    left = (name for name, query in PHASES.items() if rows(program, query))
    return next(left, "start or end")


def assert_nothing_is_lost_doubled_or_torn(program: Program) -> None:
    account = program.json("ledger")
    assert account["seen"] == account["new"] + account["known"]
    twice = "SELECT key FROM entry GROUP BY source_id, key HAVING count(*) > 1"
    assert rows(program, twice) == []
    assert rows(program, "PRAGMA integrity_check") == [("ok",)]
    for path in program.feeds.glob("*.atom"):
        entries = [*parsed(path.read_bytes()).iter(f"{ATOM}entry")]
        ids = [entry.findtext(f"{ATOM}id") for entry in entries]
        links = [entry.find(f"{ATOM}link[@rel='alternate']") for entry in entries]
        pages = [link.get("href") for link in links if link is not None]
        assert len(set(ids)) == len(ids)
        assert len(set(pages)) == len(pages) == len(entries)


def stories_published(program: Program, site: Site) -> Counter[frozenset[str]]:
    """Return for each published story the pieces that tell it."""
    edition = site.edition
    piece_at = {edition.url(piece): piece.id for piece in edition.newsroom.pieces}
    return Counter(
        frozenset(piece_at[telling["url"]] for telling in story["tellings"])
        for story in program.json("stories", "--limit", "1000")
    )


def stories_told(newsroom: Newsroom) -> Counter[frozenset[str]]:
    """Return for each story of the newsroom the pieces that tell it."""
    stories: dict[str, set[str]] = {}
    for piece in newsroom.pieces:
        stories.setdefault(piece.story, set()).add(piece.id)
    return Counter(map(frozenset, stories.values()))
