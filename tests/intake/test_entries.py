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


def test_authors_are_few_and_unique() -> None:
    authors = ["Ana Most", "Ana Most", *map("Author {}".format, range(3000))]
    found = entry_from(Stated(base_url=BASE, guid="g", authors=authors)).authors
    assert found[:2] == ("Ana Most", "Author 0")
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
def test_distinct_gives_each_key_once_and_loses_no_story(entries: list[Entry]) -> None:
    kept = distinct(entries)
    keys = [entry.key for entry in kept]
    assert len(keys) == len(set(keys))
    assert {(entry.title, entry.guid and entry.link) for entry in kept} == {
        (entry.title, entry.guid and entry.link) for entry in entries
    }
    assert distinct(kept) == kept


def test_one_guid_and_link_for_several_titles_are_several_entries() -> None:
    stated = [
        Stated(base_url=BASE, guid="g", links=[link], title=title)
        for link, title in [("/1", "a"), ("/1", "b"), ("/1", "a"), ("/2", "c")]
    ]
    same_link = distinct(map(entry_from, stated[:3]))
    assert [entry.key for entry in same_link] == ['g "a"', 'g "b"']
    assert [entry.key for entry in distinct(map(entry_from, stated))] == [
        'g https://gazette.example/1 "a"',
        'g https://gazette.example/1 "b"',
        "g https://gazette.example/2",
    ]
    assert distinct(map(entry_from, [stated[0], stated[2]]))[0].key == "g"


def test_what_is_too_long_to_be_kept_is_not() -> None:
    long = "https://gazette.example/" + "x" * 3_000
    entry = entry_from(Stated(base_url=BASE, guid=long, links=[long], images=[long], title="Storm"))
    assert (entry.link, entry.image, entry.title) == (None, None, "Storm")
    assert entry.guid == entry.key
    assert len(entry.key) == 64
    assert entry_from(Stated(base_url=BASE, guid=long + "y", title="Storm")).key != entry.key
