from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from articles import print_of
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Credit, Origin
from aggregator.stories.fingerprint import Headline
from aggregator.stories.meaning import Meaning
from aggregator.stories.stored import (
    MARK,
    VERSION,
    Handles,
    from_bytes,
    handles,
    stored_handles,
    to_bytes,
)

TEXTS = st.text(max_size=300)
MEANINGS = st.none() | st.builds(Meaning, st.text(min_size=1, max_size=9), st.binary(max_size=99))
STORED = to_bytes(print_of())
FOREIGN, LATER = MARK[::-1] + STORED[2:], bytes([VERSION + 1]) + STORED[1:]


@given(title=TEXTS, text=TEXTS, caption=TEXTS, guid=TEXTS)
def test_what_is_stored_is_what_comes_back(title: str, text: str, caption: str, guid: str) -> None:
    before = print_of(
        title=title, text=text, captions=(caption,), guid=guid, after=timedelta(microseconds=7)
    )
    assert from_bytes(to_bytes(before)) == before


def test_a_full_fingerprint_comes_back_whole() -> None:
    before = print_of(
        title="KFOR finds 12 rifles near Zubin Potok",
        captions=("Rifles found near the town | Ibar Post",),
        guid="tag:ibarpost.rs,2026:1",
        link="https://ibarpost.rs/1",
        canonical_url="https://kfor.example/1",
        origin=Origin("KFOR", "https://www.kfor.example/feed"),
        credits=(Credit("Other", "other.example", url="https://other.example/1"),),
    )
    after = from_bytes(to_bytes(before))
    assert after == before
    assert after.numbers == ("12",)
    assert after.names == ("potok", "zubin")
    assert after.headlines == (Headline("rifles found near the town", "Ibar Post"),)
    assert after.origins == ("kfor.example", "other.example", "Other")
    assert len(after.originals) == 1
    assert len({after.guid, after.link, after.canonical, after.text, None}) == 5


@given(text=TEXTS, meaning=MEANINGS)
def test_a_meaning_is_stored_with_it(text: str, meaning: Meaning | None) -> None:
    before = print_of(text=text, meaning=meaning)
    assert from_bytes(to_bytes(before)) == before


def test_what_is_no_field_is_not_read() -> None:
    assert not hasattr(from_bytes(STORED), "wording")


def test_without_a_meaning_nothing_more_is_stored() -> None:
    stored = to_bytes(print_of(meaning=Meaning("name", bytes(384))))
    assert len(stored) == len(STORED) + len("name") + 384


def test_the_stored_form_is_the_same_in_every_process() -> None:
    assert to_bytes(print_of()) == to_bytes(print_of())
    assert print_of().shingles[:2].tolist() == [29_330_605, 45_136_924]


@pytest.mark.parametrize("stored", [b"", FOREIGN, LATER])
def test_another_version_is_computed_anew(stored: bytes) -> None:
    assert from_bytes(stored) is None
    assert stored_handles(stored) is None


@given(title=TEXTS, text=TEXTS, days=st.integers(-30_000, 30_000), meaning=MEANINGS)
def test_what_is_found_by_is_read_from_the_stored_form_alone(
    title: str, text: str, days: int, meaning: Meaning | None
) -> None:
    article = print_of(title=title, text=text, after=timedelta(days=days), meaning=meaning)
    read = stored_handles(to_bytes(article))
    assert read is not None
    assert said_by(read) == said_by(handles(article))
    assert read.day == article.published.toordinal()
    assert read.meaning == meaning
    assert read.keys.tolist() == article.keys.tolist()
    assert sorted(read.terms.tolist()) == article.terms.ids.tolist()


def said_by(found: Handles) -> list[object]:
    parts = (found.keys, found.terms, found.held, found.often)
    return [found.day, *(part.tolist() for part in parts)]


def test_a_day_is_one_of_utc() -> None:
    late = datetime(2026, 3, 1, 23, tzinfo=timezone(timedelta(hours=-5)))
    found = handles(replace(print_of(), published=late))
    assert found.day == datetime(2026, 3, 2, tzinfo=UTC).toordinal()
    read = stored_handles(to_bytes(replace(print_of(), published=late)))
    assert read is not None
    assert read.day == found.day
