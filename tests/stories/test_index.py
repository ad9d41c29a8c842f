from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest
from articles import BRIDGE, DEPOT, NOON, lightly_edited, print_of
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.index import MOST_CANDIDATES, Index
from aggregator.stories.meaning import Meaning, meaning_of
from aggregator.stories.stored import handles

NEW = 10**5  # the id of what is looked up


def index_of(fingerprints: Iterable[Fingerprint]) -> Index:
    index = Index()
    for entry_id, fingerprint in enumerate(fingerprints, start=1):
        index.add(handles(fingerprint), entry_id)
    return index


def found_in(index: Index, fingerprint: Fingerprint) -> list[int]:
    return index.candidates([(NEW, handles(fingerprint))])[0]


def other(number: int) -> Fingerprint:
    """Return one of many unrelated articles."""
    return print_of(
        title=f"Bread prices: report number{number}",
        text=" ".join(f"{word.lower()}{number}" for word in BRIDGE.split()),
    )


OTHERS = [other(number) for number in range(200)]


def test_an_empty_index_has_no_candidates() -> None:
    assert found_in(Index(), print_of()) == []


def test_a_text_finds_its_edited_copy_under_another_title() -> None:
    index = index_of([print_of(), *OTHERS])
    copy = print_of(title="Harbour news", text=lightly_edited(DEPOT), outlet="else.example")
    assert found_in(index, copy)[0] == 1


def test_a_caption_finds_the_headline_that_it_names() -> None:
    index = index_of([print_of(text=""), *OTHERS])
    spun = print_of(
        title="A Game Changer", text="", captions=("New fuel depot handed over in Bar | Harbour",)
    )
    assert found_in(index, spun) == [1]


def test_keys_find_what_words_do_not() -> None:
    link = "https://example.org/depot"
    index = index_of([*OTHERS, print_of(title="One", text="", link=link)])
    found = found_in(index, print_of(title="Two", text="", canonical_url=f"{link}?utm_source=x"))
    assert found == [len(OTHERS) + 1]


def test_rare_words_count_more() -> None:
    rare, common = print_of(title="Depot in Ulcinj", text=""), print_of(title="Bread prices")
    index = index_of([common, rare, *OTHERS])
    assert found_in(index, print_of(title="Bread for Ulcinj", text=""))[0] == 2


def test_there_are_never_too_many_candidates() -> None:
    assert len(found_in(index_of(OTHERS), other(1000))) == MOST_CANDIDATES


def test_an_entry_is_added_once() -> None:
    index = index_of([print_of()])
    index.add(handles(other(1)), 1)
    index.load([(1, handles(other(1))), (2, handles(other(2))), (2, handles(other(3)))])
    assert len(index) == 2
    assert [entry_id in index for entry_id in (0, 1, 2, 3, 10**6)] == [0, 1, 1, 0, 0]
    assert found_in(index, print_of()) == [1]
    assert found_in(index, other(2))[0] == 2


def test_what_is_past_is_forgotten() -> None:
    index = index_of(print_of(after=timedelta(days=day)) for day in range(5))
    index.forget(NOON.toordinal() + 2)
    assert sorted(found_in(index, print_of())) == [3, 4, 5]
    assert 2 not in index
    index.forget(NOON.toordinal() + 9)
    assert len(index) == 0
    assert found_in(index, print_of()) == []
    assert not index.weigh._known[:, 1].any()
    for postings in (index._terms, index._keys):
        assert len(postings) == 0


def test_those_of_a_language_that_are_in_are_counted() -> None:
    said = [print_of(lang=lang, after=timedelta(days=day)) for day, lang in enumerate("ababbc")]
    index, loaded = index_of(said), Index()
    loaded.load((number, handles(found)) for number, found in enumerate(said, start=1))
    for each in (index, loaded):
        assert [each.crowd(lang) for lang in "abcd"] == [2, 3, 1, 0]
        each.forget(NOON.toordinal() + 2)
        assert [each.crowd(lang) for lang in "abcd"] == [1, 2, 1, 0]


def vector(*components: float) -> Meaning:
    return meaning_of("x", np.array(components, np.float32))


def test_meanings_are_seen_from_the_middle_of_the_days_that_are_in() -> None:
    past, present, one = vector(1, 5, 0), vector(1, 0, 0), vector(1, 1, 0)
    new = [print_of(after=timedelta(days=2), meaning=present), print_of(after=timedelta(days=2))]
    index = index_of([print_of(meaning=past), *new])
    loaded = Index()
    loaded.load((entry_id, handles(found)) for entry_id, found in enumerate(new))
    assert index.see(one).tolist() != loaded.see(one).tolist()
    index.forget(NOON.toordinal() + 1)
    assert index.see(one).tolist() == loaded.see(one).tolist() != one.vector.tolist()


def test_a_flood_of_one_text_leads_to_its_newest_copies() -> None:
    flood = print_of()
    index = index_of(replace(flood, link=number) for number in range(2000))
    assert found_in(index, flood) == list(range(2000, 2000 - MOST_CANDIDATES, -1))


def answers(index: Index) -> list[object]:
    """Return what an index says of some articles, and of the weights of their terms."""
    asked = [handles(article) for article in (*OTHERS[:3], print_of(), other(1000))]
    weights = [index.weigh(article.terms).tolist() for article in asked]
    return [len(index), weights, [index.candidates([(NEW, article)]) for article in asked]]


STREAM = [replace(each, published=NOON + timedelta(days=n % 4)) for n, each in enumerate(OTHERS)]


@given(
    st.permutations(range(40)),
    st.lists(st.integers(0, 40), max_size=4),
    st.sampled_from([1, 3, 256]),
    st.integers(0, 4),
)
@pytest.mark.no_cover  # traced, it takes twice as long
def test_it_answers_the_same_however_it_was_built(
    order: list[int], cuts: list[int], waiting: int, past: int
) -> None:
    """One by one, in parts, all at once after a restart; with days dropped, or never there."""
    stream = [(number, handles(STREAM[number])) for number in order]
    begins = NOON.toordinal() + past
    with patch("aggregator.stories.postings._WAITING", waiting):
        one_by_one, in_parts, restarted = Index(), Index(), Index()
        for number, article in stream:
            one_by_one.add(article, number)
        for start, end in pairwise([0, *sorted(cuts), len(stream)]):
            in_parts.load(stream[start:end])
            in_parts.forget(begins)
        one_by_one.forget(begins)
        restarted.load([(number, article) for number, article in stream if article.day >= begins])
        in_parts.forget(begins)
        assert answers(one_by_one) == answers(in_parts) == answers(restarted)
        for index in (one_by_one, restarted):
            index.add(handles(print_of()), 99)
        assert answers(one_by_one) == answers(restarted)


FLOOD = [replace(print_of(), link=number) for number in range(3)]


@given(
    st.lists(st.sampled_from([*OTHERS[:20], *FLOOD]), min_size=1, max_size=30),
    st.integers(1, 9),
    st.sampled_from([1, 3, 256]),
)
@pytest.mark.no_cover
def test_articles_that_ask_together_find_what_each_finds_after_those_before_it(
    articles: list[Fingerprint], together: int, waiting: int
) -> None:
    # Ids in no order, as entries are placed by their days.
    stream = [(number * 7 % 31, handles(article)) for number, article in enumerate(articles)]
    one_by_one, in_groups = Index(), Index()
    with patch("aggregator.stories.postings._WAITING", waiting):
        for start in range(0, len(stream), together):
            group = stream[start : start + together]
            found = in_groups.candidates(group)
            assert len(in_groups) == start
            for (entry_id, article), candidates in zip(group, found, strict=True):
                assert one_by_one.candidates([(entry_id, article)]) == [candidates]
                one_by_one.add(article, entry_id)
                in_groups.add(article, entry_id)
