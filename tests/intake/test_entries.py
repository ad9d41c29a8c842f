import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.entries import Stated, distinct, entry_from, language
from aggregator.model import Entry

BASE = "https://gazette.example/feed"
SMALL = st.text("ab", min_size=1, max_size=1)
ENTRIES = st.builds(Entry, key=SMALL, title=SMALL, guid=SMALL | st.none(), link=SMALL | st.none())


@pytest.mark.parametrize(
    ("stated", "tag"),
    [
        ("en", "en"),
        ("EN-us", "en-US"),
        ("sr_latn_rs", "sr-Latn-RS"),
        ("cnr", "cnr"),
        ("sl-rozaj", "sl-rozaj"),
        ("english", None),
        ("", None),
        ("x-default", None),
        ("en us", None),
    ],
)
def test_language_tags_get_their_usual_letters(stated: str, tag: str | None) -> None:
    assert language(stated) == tag


def test_the_key_is_guid_then_link_then_a_hash_of_what_is_said() -> None:
    guid = entry_from(Stated(base_url=BASE, guid="g", links=["/1"], title="t"))
    link = entry_from(Stated(base_url=BASE, links=["", "/1"], title="t"))
    hashed = [entry_from(Stated(base_url=BASE, title=title)).key for title in "tut"]
    assert (guid.key, link.key) == ("g", "https://gazette.example/1")
    assert len(set(hashed)) == 2
    assert all(len(key) == 64 for key in hashed)


def test_a_key_fits_an_index_and_stays_distinct() -> None:
    keys = {entry_from(Stated(base_url=BASE, guid="g" * 600 + end)).key for end in "ab"}
    assert {len(key) for key in keys} == {64}
    assert len(keys) == 2


def test_tags_are_few_short_and_unique() -> None:
    tags = ["<b>Sea</b>", "Sea", " ", "x" * 300, *map(str, range(50))]
    found = entry_from(Stated(base_url=BASE, guid="g", tags=tags)).tags
    assert found[:2] == ("Sea", "x" * 100)
    assert len(found) == 30


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Ana Most", "Ana Most"),
        ("ana@most.example (Ana Most)", "Ana Most"),
        ("Ana Most <ana@most.example>", "Ana Most"),
        ("Ana Most (ana@most.example)", "Ana Most"),
        ("Ana Most (Photo)", "Ana Most (Photo)"),
        ("ana@most.example", "ana@most.example"),
        ("<b>Ana</b>", "Ana"),
    ],
)
def test_authors_lose_the_address_beside_their_name(author: str, name: str) -> None:
    assert entry_from(Stated(base_url=BASE, authors=[author])).authors == (name,)


@given(st.lists(ENTRIES))
def test_distinct_gives_each_key_once_and_loses_no_link(entries: list[Entry]) -> None:
    kept = distinct(entries)
    keys = [entry.key for entry in kept]
    assert len(keys) == len(set(keys))
    assert {entry.link for entry in kept} == {entry.link for entry in entries} or any(
        entry.guid is None for entry in entries
    )
    assert distinct(kept) == kept
