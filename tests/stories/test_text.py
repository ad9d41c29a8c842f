import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.text import (
    digest,
    digests,
    is_number,
    mentions,
    names,
    numbers,
    shingles,
    tokens,
)


def test_tokens_are_folded_words() -> None:
    assert tokens("Ђукановић и Đukanović, 5 km") == ["dukanovic", "i", "dukanovic", "5", "km"]


def test_characters_stand_for_words_where_a_script_has_no_spaces() -> None:
    assert tokens("NATO 北約峰會") == ["nato", "北", "約", "峰", "會"]


def test_digests_are_the_same_in_every_process() -> None:
    assert digest("Bar") == 831_611_376_703_250_887
    assert digest("Bar", 4) < 2**32


def test_many_digests_are_those_of_each() -> None:
    texts = ["Bar", "Рача", "\ud800", ""]
    assert digests(texts) == tuple(digest(text, 4) for text in texts)


def test_shingles_are_the_runs_of_four_words() -> None:
    assert shingles(["a", "b", "c"]) == set()
    assert shingles(["a", "b", "c", "d"]) == {digest("a b c d", 4)}
    assert len(shingles(list("abcdef"))) == 3
    assert len(shingles(["a"] * 50)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the 12th package", {"12"}),
        ("the twelfth package", {"12"}),
        ("day 1,001 and day 1 002", {"1001", "1002"}),
        ("2.5 per cent by 2029", {"2.5", "2029"}),
        ("F-16, KFOR30", {"16", "30"}),
        ("no number", set()),
        ("", set()),
    ],
)
def test_numbers(text: str, expected: set[str]) -> None:
    assert numbers(text) == expected


def test_numbers_are_known_as_words() -> None:
    assert [word for word in ("13", "second", "31st", "depot") if is_number(word)] == [
        "13",
        "second",
        "31st",
    ]


def test_mentions_look_beyond_endings() -> None:
    assert mentions(["engineers", "in", "bar"], ["engineering"])
    assert not mentions(["in", "bar"], ["bar", "in", "depot"])
    assert not mentions([], [])


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Depot opens in Bar", "", {"bar"}),
        ("Latvian crew boards tanker", "They said the Latvian crew was calm.", {"latvian"}),
        ("Crew boards tanker", "They said the Crew was calm, the crew.", set()),
        ("Crew Boards Tanker Near Bar", "They met in Bar and the tanker left.", {"bar"}),
        ("Crew Boards Tanker Near Bar", "", set()),
        ("Zubin Potok's mayor resigns", "", {"potok"}),
        ("", "", set()),
        ("12", "12", set()),
    ],
)
def test_names(title: str, text: str, expected: set[str]) -> None:
    assert names(title, text) == expected


@given(st.text(), st.text())
def test_any_text_will_do(title: str, text: str) -> None:
    assert all(names(title, text))
    assert all(numbers(text))
    assert shingles(tokens(text)) == shingles(tokens(text))
