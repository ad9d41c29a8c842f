"""How long a publish round takes that changes or adds one story among years of archives.

    python benchmarks/publish.py [--folder DIR] [--rounds 20]

Forty categories, each with a full live feed and an archive for each of sixty months, in a daemon's
place: one publisher, round after round, each with one story told by one more outlet or with a new
one. Of this month thousands stand in the archives of `all`.
"""

import argparse
import statistics
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert, text, update

from aggregator.logs import configure_logs
from aggregator.model import Category
from aggregator.publish import Publisher
from aggregator.settings import Settings
from aggregator.store.database import Session, Store
from aggregator.store.feed_tables import FeedRow, StoryCategoryRow
from aggregator.store.merging import touch
from aggregator.store.tables import (
    ArticleRow,
    EntryRow,
    FingerprintRow,
    SourceRow,
    StoryRow,
    TellingRow,
)

CATEGORIES, ENTRIES, MONTHS, TELLINGS = 40, 100, 60, 3
EACH_MONTH = 2
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
WORDS = "The frigate has joined the patrol of the strait, the ministry said on Friday. " * 5


def main() -> None:
    """Stock a newsroom, publish it, then measure rounds that change one story."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    configure_logs("error", "plain")
    with TemporaryDirectory(dir=options.folder) as folder:
        measure(Path(folder), options.rounds)


def measure(folder: Path, rounds: int) -> None:
    """Print the seconds of the first publish and the milliseconds of the rounds after it."""
    slugs = [f"category-{number:02}" for number in range(CATEGORIES)]
    plain = Settings(state=folder)
    publish = plain.publish.model_copy(update={"directory": folder / "feeds"})
    categories = tuple(Category(slug, slug.title(), f'"{slug}"') for slug in slugs)
    settings = plain.model_copy(update={"publish": publish, "categories": categories})
    with Store.open(f"sqlite:///{folder}/aggregator.db", checkpoints=True) as store:
        store.write_now(partial(stock, slugs=slugs))
        publisher = Publisher(store, settings)
        begun = time.perf_counter()
        publisher.publish(NOW, everything=True)
        files = sum(path.is_file() for path in publish.directory.rglob("*"))
        print(f"everything: {files} files in {time.perf_counter() - begun:.1f} s")
        spans, idle, entered = [], [], []
        for number in range(rounds):
            store.write_now(partial(tell_once_more, number=number))
            spans.append(timed(publisher, number))
            idle.append(timed(publisher, number))
            store.write_now(partial(tell_news, number=number, slug=slugs[-1]))
            entered.append(timed(publisher, number))
    lines = {"one story changed": spans, "nothing changed": idle, "one story new": entered}
    for name, found in lines.items():
        found.sort()
        print(
            f"{name}: median {statistics.median(found) * 1000:.0f} ms, "
            f"worst {found[-1] * 1000:.0f} ms"
        )


def timed(publisher: Publisher, number: int) -> float:
    """Return how long a round takes, in seconds."""
    begun = time.perf_counter()
    publisher.publish(NOW + timedelta(minutes=number + 1))
    return time.perf_counter() - begun


def stock(session: Session, slugs: list[str]) -> None:
    """Fill each category, and its archives of five years; each story stands in `all` as well."""
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    session.add(
        SourceRow(
            id=1, url="https://a.example/feed", host="a.example", title="A", outlet="a.example",
            role="press", only_new=False, enabled=True, added_at=NOW, next_poll_at=NOW,
            last_polled_at=NOW,
        )
    )  # fmt: skip
    session.flush()
    months = [f"{2021 + n // 12}-{n % 12 + 1:02}" for n in range(10, 10 + MONTHS)]
    shelves: list[tuple[str, str | None]] = [
        *((slug, month) for slug in slugs for month in months for _ in range(EACH_MONTH)),
        *((slug, None) for slug in slugs for _ in range(ENTRIES)),
    ]
    for number, (slug, month) in enumerate(shelves, start=1):
        add_story(session, number, slug, month)
        if number % 2000 == 0:
            session.flush()
    last = months[-1]
    archives: list[dict[str, object]] = [
        {
            "name": f"{slug}/{month}",
            "opened": number,
            "closed_at": None if month == last else NOW - timedelta(days=31),
            "stamps": {},
        }
        for slug in (*slugs, "all")
        for number, month in enumerate(months, start=1)
    ]
    session.execute(insert(FeedRow), archives)


def add_story(session: Session, number: int, slug: str, month: str | None) -> None:
    """Add a story with three tellings that appeared long ago, or lately where it stands live."""
    moment = NOW - timedelta(minutes=100_000 - number)
    appeared = datetime.fromisoformat(f"{month}-15T00:00:00+00:00") if month else moment
    first = number * TELLINGS
    for entry in range(first, first + TELLINGS):
        add_entry(session, entry, moment, slug)
    session.add(
        StoryRow(
            id=number, uri=f"tag:a.example,2026:story/{number}", key=f"k{number}",
            created_at=moment, appear_at=moment, appeared_at=appeared, published_at=moment,
            updated_at=moment, lead_entry_id=first, edited_revision=1,
        )
    )  # fmt: skip
    for entry in range(first, first + TELLINGS):
        session.add(
            TellingRow(
                id=entry, entry_id=entry, story_id=number, kind="original", score=1.0,
                threshold=0.8, evidence=[], placed_at=moment,
            )
        )  # fmt: skip
    session.add(StoryCategoryRow(slug=slug, story_id=number, archive=month))
    session.add(StoryCategoryRow(slug="all", story_id=number, archive=month))


def add_entry(session: Session, number: int, moment: datetime, slug: str) -> None:
    """Add an entry with its article of some hundred words."""
    session.add(
        EntryRow(
            id=number, source_id=1, key=f"e{number}", link=f"https://a.example/{number}",
            host="a.example", title=f"Frigate {number} joins the patrol: {slug}", authors=["A"],
            published_at=moment, seen_at=moment, summary="", content="", tags=["navy"],
            outlet=f"outlet{number % 7}.example", baseline=False, fetch_page=False,
        )
    )  # fmt: skip
    session.add(
        ArticleRow(
            entry_id=number, text=WORDS, html=f"<p>{WORDS}</p>", authors=[], captions=[],
            read_at=moment, placed=True,
        )
    )  # fmt: skip
    # Whoever leads was chosen long ago: what matching needs is not looked at.
    session.add(FingerprintRow(entry_id=number, published_at=moment, fingerprint=b""))


def tell_once_more(session: Session, number: int) -> None:
    """Give a live story one more telling, of another outlet."""
    story = CATEGORIES * (MONTHS * EACH_MONTH + ENTRIES) - number
    last = 10_000_000 + number
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    add_entry(session, last, NOW, f"category-{CATEGORIES - 1:02}")
    session.flush()
    session.add(
        TellingRow(
            id=last, entry_id=last, story_id=story, kind="copy", score=0.9, threshold=0.8,
            evidence=[], placed_at=NOW,
        )
    )  # fmt: skip
    session.execute(
        update(EntryRow).where(EntryRow.id == last).values(outlet=f"new{number}.example")
    )
    touch(session, story)


def tell_news(session: Session, number: int, slug: str) -> None:
    """Add a story that appears."""
    first = 20_000_000 + number
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    add_entry(session, first, NOW, slug)
    session.add(
        StoryRow(
            id=first, uri=f"tag:a.example,2026:story/{first}", key=f"k{first}",
            created_at=NOW, appear_at=NOW, published_at=NOW, lead_entry_id=first,
        )
    )  # fmt: skip
    session.add(
        TellingRow(
            id=first, entry_id=first, story_id=first, kind="original", score=1.0,
            threshold=0.8, evidence=[], placed_at=NOW,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
