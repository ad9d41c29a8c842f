"""The printer: feeds written side by side, each whole or with the reason why not."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread

import pytest

from aggregator.errors import StoreError
from aggregator.output.files import write_published
from aggregator.output.printer import AHEAD, Printed, Printer, digest_of

FEEDS = {f"feed-{n}": {f"feed-{n}.atom": b"<feed/>", f"feed-{n}.rss": b"<rss/>"} for n in range(20)}


def test_what_is_written_is_told_in_order_and_remembered(tmp_path: Path) -> None:
    printer = Printer(tmp_path)
    assert printer.is_new
    told = list(printer.write(FEEDS.items()))
    assert [feed for feed, _ in told] == list(FEEDS)
    for feed, printed in told:
        assert isinstance(printed, Printed)
        assert printed.changed
        assert printed.digests[f"{feed}.rss"] == digest_of(b"<rss/>")
        assert printer.saw(FEEDS[feed])
        assert Printer(tmp_path).finds(FEEDS[feed], printed.stamps)
    assert {path.name for path in tmp_path.iterdir()} == {
        f for files in FEEDS.values() for f in files
    }
    assert not printer.is_new
    again = [printed for _, printed in printer.write(FEEDS.items())]
    assert not any(isinstance(printed, StoreError) or printed.changed for printed in again)


def test_a_file_that_another_hand_changed_is_not_as_it_was_seen(tmp_path: Path) -> None:
    printer = Printer(tmp_path)
    [(_, printed)] = printer.write([("nato", {"nato.atom": b"<feed/>"})])
    assert isinstance(printed, Printed)
    (tmp_path / "nato.atom").write_bytes(b"other")
    assert not printer.saw(["nato.atom"])
    assert not printer.finds(["nato.atom"], printed.stamps)
    (tmp_path / "nato.atom").unlink()
    assert not printer.saw(["nato.atom"])


def test_a_feed_whose_file_cannot_be_written_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "feed-3.rss").mkdir()
    printer = Printer(tmp_path)
    told = dict(printer.write(FEEDS.items()))
    faults = {feed: fault for feed, fault in told.items() if isinstance(fault, StoreError)}
    assert list(faults) == ["feed-3"]
    assert "feed-3.rss: cannot be published" in str(faults["feed-3"])
    assert (tmp_path / "feed-3.atom").read_bytes() == b"<feed/>"
    assert not printer.saw(FEEDS["feed-3"])
    assert printer.saw(FEEDS["feed-4"])


def test_few_feeds_are_in_memory_at_once(tmp_path: Path) -> None:
    taken: list[str] = []

    def feeds() -> Iterator[tuple[str, Mapping[str, bytes]]]:
        for feed in FEEDS.items():
            taken.append(feed[0])
            yield feed

    for told, (feed, _) in enumerate(Printer(tmp_path).write(feeds())):
        assert feed == list(FEEDS)[told]
        assert len(taken) <= told + AHEAD + 1


def test_who_waits_for_an_archive_waits_for_none_that_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(path: Path, body: bytes) -> bool:
        if path.name == "2026-05.atom":
            time.sleep(0.05)
        return write_published(path, body)

    monkeypatch.setattr("aggregator.output.printer.write_published", slowly)
    slugs = ("all", "ports")
    feeds: list[tuple[str, Mapping[str, bytes]]] = [
        *((slug, {f"{slug}/2026-05.atom": b"<feed/>"}) for slug in slugs),
        *(
            (slug, {f"{slug}.{kind}": b"<feed/>" for kind in ("atom", "rss", "x")})
            for slug in slugs
        ),
        *((slug, {f"{slug}/2026-04.atom": b"<feed/>"}) for slug in slugs),
    ]
    told: list[object] = []
    work = Thread(target=lambda: told.extend(Printer(tmp_path).write(feeds)), daemon=True)
    work.start()
    work.join(timeout=20)
    assert len(told) == len(feeds)


def test_an_error_of_our_own_is_not_swallowed(tmp_path: Path) -> None:
    written = Printer(tmp_path).write([("nato", {"nato\0.atom": b"<feed/>"})])
    with pytest.raises(ValueError, match="null"):
        list(written)
