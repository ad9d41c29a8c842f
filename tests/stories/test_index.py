from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from articles import BRIDGE, DEPOT, NOON, lightly_edited, print_of
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.index import MOST_CANDIDATES, Index


def index_of(fingerprints: Iterable[Fingerprint]) -> Index:
    index = Index()
    for entry_id, fingerprint in enumerate(fingerprints, start=1):
        index.add(fingerprint, entry_id)
    return index


def other(number: int) -> Fingerprint:
    """Return one of many unrelated articles."""
    return print_of(
        title=f"Bread prices: report number{number}",
        text=" ".join(f"{word.lower()}{number}" for word in BRIDGE.split()),
    )


OTHERS = [other(number) for number in range(200)]


def test_an_empty_index_has_no_candidates() -> None:
    assert Index().candidates(print_of()) == []


def test_a_text_finds_its_edited_copy_under_another_title() -> None:
    index = index_of([print_of(), *OTHERS])
    copy = print_of(title="Harbour news", text=lightly_edited(DEPOT), outlet="else.example")
    assert index.candidates(copy)[0] == 1


def test_a_caption_finds_the_headline_that_it_names() -> None:
    index = index_of([print_of(text=""), *OTHERS])
    spun = print_of(
        title="A Game Changer", text="", captions=("New fuel depot handed over in Bar | Harbour",)
    )
    assert index.candidates(spun) == [1]


def test_keys_find_what_words_do_not() -> None:
    link = "https://example.org/depot"
    index = index_of([*OTHERS, print_of(title="One", text="", link=link)])
    found = index.candidates(print_of(title="Two", text="", canonical_url=f"{link}?utm_source=x"))
    assert found == [len(OTHERS) + 1]


def test_rare_words_count_more() -> None:
    rare, common = print_of(title="Depot in Ulcinj", text=""), print_of(title="Bread prices")
    index = index_of([common, rare, *OTHERS])
    assert index.candidates(print_of(title="Bread for Ulcinj", text=""))[0] == 2


def test_there_are_never_too_many_candidates() -> None:
    assert len(index_of(OTHERS).candidates(other(1000))) == MOST_CANDIDATES


def test_an_entry_is_added_once() -> None:
    index = index_of([print_of()])
    index.add(other(1), 1)
    assert len(index) == 1
    assert index.fingerprint(1) == print_of()
    index.remove(1)
    assert index.candidates(other(1)) == index.candidates(print_of()) == []


def test_what_is_removed_leaves_nothing_behind() -> None:
    index = index_of([print_of(), print_of(), *OTHERS])
    for entry_id in range(len(OTHERS) + 3):
        index.remove(entry_id)
    assert len(index) == 0
    assert vars(index._keys)["_entries"] == vars(index._runs)["_entries"] == {}
    assert vars(index._terms)["_entries"] == {}
    assert not index.weigh._holders.any()


def test_what_is_past_is_forgotten() -> None:
    index = index_of(print_of(after=timedelta(hours=hour)) for hour in range(5))
    assert index.forget(NOON + timedelta(hours=2)) == [1, 2]
    assert sorted(index.candidates(print_of())) == [3, 4, 5]


def test_a_flood_of_one_text_leads_to_its_newest_copies() -> None:
    flood = print_of()
    index = index_of(replace(flood, link=number) for number in range(2000))
    assert index.candidates(flood) == list(range(2000, 2000 - MOST_CANDIDATES, -1))
    assert all(
        len(found) <= 512
        for postings in (index._keys, index._runs, index._terms)
        for found in postings._entries.values()
        if not isinstance(found, int)
    )


@given(st.permutations(range(12)))
def test_what_was_removed_makes_no_difference(order: list[int]) -> None:
    index, fresh = Index(), Index()
    for number in order:
        index.add(OTHERS[number], number)
    for number in order[::2]:
        index.remove(number)
    for number in order[1::2]:
        fresh.add(OTHERS[number], number)
    assert index.candidates(OTHERS[0]) == fresh.candidates(OTHERS[0])
