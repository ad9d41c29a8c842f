"""How fast an article finds its story, in windows of different sizes, beside other ways to look.

    .venv/bin/python benchmarks/placing.py [--sizes 1000 10000 100000]

Windows are made up (`crowd.py`) and written into a SQLite file, from which the daemon's own code
builds its index, and with which it places articles: new ones, copies and retellings by turns.
MinHashLSH of datasketch looks the same articles up by their word runs (128 permutations, a Jaccard
index of .5 or more), where it is installed: `.venv/bin/pip install datasketch`. A plain scan
compares an article with each one of the window. Each line is a process of its own on one core.
Times are the processor's, so that what else a machine does counts little; compare them within one
run.
"""

import argparse
import gc
import resource
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING

from crowd import PERIOD, START, Crowd
from sqlalchemy import insert

from aggregator.lexicon import general_terms
from aggregator.memory import uncollected
from aggregator.place import BATCH, Editor
from aggregator.settings import DatabaseSettings, Settings
from aggregator.store import prints
from aggregator.store.database import Session, Store
from aggregator.store.tables import (
    ArticleRow,
    EntryRow,
    ExactKeyRow,
    FingerprintRow,
    SourceRow,
    StoryRow,
    TellingRow,
)
from aggregator.stories.comparing import AT_ONCE, compare
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.index import Index
from aggregator.stories.matching import decide
from aggregator.stories.sides import weighed
from aggregator.stories.stored import Handles, from_bytes, handles, stored_handles, to_bytes
from aggregator.stories.weights import LEARNED
from aggregator.window import Window

if TYPE_CHECKING:
    from aggregator.store.base import Base

PLACED = 600
SCANNED = 3
COMPARED_AT_ONCE = 500
LARGEST_ELSEWHERE = 100_000
WRITTEN_AT_ONCE = 5_000
PERMUTATIONS, LEAST_JACCARD = 128, 0.5
TEXT = "So long is the text of an article of four hundred words, give or take some. " * 32
STRIDE = 7919  # a prime: those that are copied and retold lie all over the window


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; `times` in seconds, one for each article, and `bytes` for an entry.

    Of articles that are decided together, each time is the same share of theirs.
    """

    times: Sequence[float]
    found: int
    asked: int
    looked: Sequence[float] = ()
    bytes: float | None = None
    started: float | None = None
    written: float | None = None


def main() -> None:
    """Print a line for each way to look and each size of the window."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000], metavar="N"
    )
    sizes = sorted(parser.parse_args().sizes)
    print("| way | window | placed/s | look-up ms | p99 ms | found | stored/s | bytes | start s |")
    print("|---|---|---|---|---|---|---|---|---|")
    ways: dict[str, Callable[[int], Figures | None]] = {
        "ours": ours,
        "MinHashLSH": minhash_lsh,
        "plain scan": plain_scan,
    }
    for name, way in ways.items():
        for size in sizes:
            if way is ours or size <= LARGEST_ELSEWHERE:
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                    figures = apart.submit(way, size).result()
                if figures:
                    print(_line(name, size, figures), flush=True)


def ours(size: int) -> Figures:
    """Measure the daemon's own code, from the database and into it."""
    with TemporaryDirectory(prefix="placing-") as folder:
        database = DatabaseSettings(url=f"sqlite:///{Path(folder) / 'window.db'}")
        settings = Settings(state=Path(folder)).model_copy(update={"database": database})
        now = Crowd(size).published(size + PLACED)
        with Store.open(database.url, checkpoints=True) as store:
            store.write_now(_add_source)
            for start in range(0, size + PLACED, WRITTEN_AT_ONCE):
                numbers = range(start, min(start + WRITTEN_AT_ONCE, size + PLACED))
                store.write_now(partial(_write, size=size, numbers=numbers))
            gc.freeze()  # as the daemon does at its start
            window, before, begun = Window(), _resident(), process_time()
            store.read_now(partial(window.catch_up, oldest=now - PERIOD))
            started, grown = process_time() - begun, _resident() - before
            look = partial(_decide, window=window, size=size)
            looked, times, found = store.read_now(look)
            del window
            editor = Editor(store, settings)
            stored = editor.place(now).total
            begun = process_time()
            while batch := editor.place(now).total:
                stored += batch
            written = (stored - BATCH) / (process_time() - begun)
    return Figures(times, found, PLACED // 3 * 2, looked, grown / size, started, written)


def _decide(
    session: Session, window: Window, size: int
) -> tuple[Sequence[float], Sequence[float], int]:
    waiting = prints.unplaced(session, PLACED)
    looked, times, found = [], [], 0
    asking = [(each.entry_id, _handles(each.fingerprint)) for each in waiting]
    for start in range(0, PLACED, AT_ONCE):
        together, begun = asking[start : start + AT_ONCE], process_time()
        window.index.candidates(together)
        looked += [(process_time() - begun) / len(together)] * len(together)
    for start in range(0, PLACED, BATCH):  # as the editor takes them
        batch = waiting[start : start + BATCH]
        with uncollected():
            decisions, begun = window.decide(session, batch, LEARNED), process_time()
            # Of those that are compared together each takes its share of the time.
            while some := list(islice(decisions, AT_ONCE)):
                times += [(process_time() - begun) / len(some)] * len(some)
                for decision in some:
                    original = _original(size, decision.entry_id - 1)
                    found += original is not None and decision.verdict.story_id == original + 1
                begun = process_time()
    return looked, times, found


def minhash_lsh(size: int) -> Figures | None:
    """Measure datasketch's MinHashLSH, None where that is not installed."""
    try:
        from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - who measures installs it
    except ImportError:
        return None

    def sketch(article: Fingerprint) -> MinHash:
        sketched = MinHash(PERMUTATIONS, hashfunc=int)
        sketched.update_batch(article.shingles)
        return sketched

    before, started = _resident(), 0.0
    lsh = MinHashLSH(threshold=LEAST_JACCARD, num_perm=PERMUTATIONS)
    for number in range(size):
        sketched, begun = sketch(Crowd(size).article(number)), process_time()
        lsh.insert(number, sketched)
        started += process_time() - begun
    grown, times, found = _resident() - before, [], 0
    for number in range(size, size + PLACED):
        sketched, begun = sketch(_article(size, number)), process_time()
        candidates = lsh.query(sketched)
        times.append(process_time() - begun)
        found += _original(size, number) in candidates
    return Figures(times, found, PLACED // 3 * 2, times, grown / size, started)


def plain_scan(size: int) -> Figures:
    """Measure the comparison of an article with each one of the window."""
    index = Index(general_terms())
    stored = []
    for number in range(size):
        article = Crowd(size).article(number)
        index.load([(number, handles(article))])
        stored.append(to_bytes(article))
    stories = {number: number for number in range(size)}
    times, found = [], 0
    for number in range(size, size + SCANNED):
        article, compared, took = _article(size, number), [], 0.0
        for start in range(0, size, COMPARED_AT_ONCE):
            chunk = stored[start : start + COMPARED_AT_ONCE]
            others = {place: _read(form) for place, form in enumerate(chunk, start)}
            begun = process_time()
            compared += compare([weighed(article, others, index.weigh)])[0]
            took += process_time() - begun
        begun = process_time()
        verdict = decide(compared, stories)
        times.append(took + process_time() - begun)
        found += verdict.story_id is not None and verdict.story_id == _original(size, number)
    return Figures(times, found, SCANNED // 3 * 2)


def _original(size: int, number: int) -> int | None:
    """Return which one of the window an article beyond it copies or retells, if any."""
    beyond = number - size
    return beyond * STRIDE % size if beyond % 3 else None


def _article(size: int, number: int) -> Fingerprint:
    crowd = Crowd(size)
    original = _original(size, number) if number >= size else None
    if original is None:
        return crowd.article(number)
    return (crowd.copy if (number - size) % 3 == 1 else crowd.retelling)(number, original)


def _read(stored: bytes) -> Fingerprint:
    found = from_bytes(stored)
    assert found is not None  # noqa: S101 - we wrote it
    return found


def _handles(stored: bytes) -> Handles:
    found = stored_handles(stored)
    assert found is not None  # noqa: S101 - we wrote it
    return found


def _add_source(session: Session) -> None:
    source = SourceRow(
        url="https://outlet.example/feed", host="outlet.example", title="", outlet="outlet.example",
        role="press", only_new=False, enabled=True, added_at=START, next_poll_at=START,
    )  # fmt: skip
    session.add(source)


def _write(session: Session, size: int, numbers: range) -> None:
    """Write articles, each of the window in a story of its own."""
    articles = {number + 1: _article(size, number) for number in numbers}
    placed = [entry_id for entry_id in articles if entry_id <= size]
    rows: dict[type[Base], Iterable[Mapping[str, object]]] = {
        EntryRow: (_entry(entry_id, article) for entry_id, article in articles.items()),
        ArticleRow: (
            {
                "entry_id": entry_id, "text": TEXT, "html": f"<p>{TEXT}</p>", "authors": [],
                "captions": [], "read_at": START, "placed": entry_id <= size,
            }
            for entry_id in articles
        ),
        FingerprintRow: (
            {
                "entry_id": entry_id, "published_at": article.published,
                "fingerprint": to_bytes(article),
            }
            for entry_id, article in articles.items()
        ),
        ExactKeyRow: (
            {"key": key, "entry_id": entry_id}
            for entry_id, article in articles.items()
            for key in sorted(article.exact_keys)
        ),
        StoryRow: (
            {
                "id": entry_id, "uri": f"tag:{entry_id}", "key": f"{entry_id}",
                "created_at": START, "appear_at": START, "revision": 1, "edited_revision": 0,
            }
            for entry_id in placed
        ),
        TellingRow: (
            {
                "entry_id": entry_id, "story_id": entry_id, "kind": "original", "score": 0.0,
                "threshold": LEARNED.threshold, "evidence": [], "placed_at": START,
            }
            for entry_id in placed
        ),
    }  # fmt: skip
    for table, values in rows.items():
        if found := list(values):
            session.execute(insert(table), found)


def _entry(entry_id: int, article: Fingerprint) -> Mapping[str, object]:
    return {
        "id": entry_id, "source_id": 1, "key": f"{entry_id}", "host": "outlet.example",
        "title": " ".join(article.title), "authors": [], "published_at": article.published,
        "seen_at": article.published, "summary": "", "content": "", "tags": [],
        "outlet": article.outlet, "baseline": False, "fetch_page": False, "page_tries": 0,
        "epoch": 0,
    }  # fmt: skip


def _line(name: str, size: int, figures: Figures) -> str:
    times = sorted(figures.times)
    numbers = (
        f"{len(times) / sum(times):.3g}",
        f"{sum(figures.looked) / len(figures.looked) * 1e3:.2f}" if figures.looked else "",
        f"{times[-1 - len(times) // 100] * 1e3:.1f}",
        f"{figures.found} of {figures.asked}",
        f"{figures.written:.0f}" if figures.written else "",
        f"{figures.bytes:.0f}" if figures.bytes else "",
        f"{figures.started:.1f}" if figures.started else "",
    )
    return f"| {name} | {size:,} | {' | '.join(numbers)} |"


def _resident() -> int:
    """Return the bytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
