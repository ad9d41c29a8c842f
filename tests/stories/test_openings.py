"""How a text begins, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.openings import opening, read_opening


@given(st.text(max_size=900))
def test_each_word_has_a_look(text: str) -> None:
    words, looks = read = read_opening(opening(text))
    assert len(words) == len(looks) == len(read.sentences) <= 160
    assert all(words)
    assert read.sentences == sorted(read.sentences)


def test_what_a_word_looks_like() -> None:
    read = read_opening(opening('The men (of "Saber 7") left, said Ivo Kern. They\u2019ll return.'))
    assert " ".join(read.words) == "the men of saber 7 left said ivo kern theyll return"
    capitals = [word for place, word in enumerate(read.words) if read.has_capital(place)]
    assert capitals == ["the", "saber", "ivo", "kern", "theyll"]
    first = [word for place, word in enumerate(read.words) if read.begins(place)]
    assert first == ["the", "saber", "left", "theyll"]
    apart = [word for place, word in enumerate(read.words) if not read.is_joined(place)]
    assert apart == ["the", "of", "saber", "left", "said", "theyll"]
    assert read.sentences == [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4]


def test_no_word_is_cut() -> None:
    text = "Norcormo has 755 men. " * 40
    for begun in (text, text[2:], text[5:], text[9:]):
        words = read_opening(opening(begun)).words
        assert set(words[1:]) == {"norcormo", "has", "755", "men"}
    assert read_opening(opening("a" * 800)).words == ["a" * 700]


def test_hours_and_dates_in_figures_are_left_out() -> None:
    assert opening("Updated 4 / 2 / 2026 9:30 p.m. Brno: 3 of 1,200").startswith("updated")
    assert read_opening(opening("At 21:05 on 4/2/2026, 3 of 1,200")).words == [
        "at",
        "on",
        "3",
        "of",
        "1200",
    ]
