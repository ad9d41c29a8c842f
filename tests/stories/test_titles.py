import pytest
from articles import DEPOT, beside, print_of
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.titles import same_words, shared_words

WORDS = st.sampled_from(
    ["tokio", "tokiju", "tokija", "kosarka", "kosarkarji", "kosarkarjev", "zlato", "zlata", "1"]
)
TITLES = st.lists(WORDS, max_size=9).map(" ".join)


def title(words: str) -> Fingerprint:
    return print_of(title=words, text="")


def shared(one: str, other: str) -> float:
    return float(shared_words(beside(title(one), title(other)))[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Slovenski košarkar odhaja", "Odhajajo slovenski košarkarji"),
        ("Медведев проиграл Пекин", "Поражение Медведева, Пекину"),
        ("الملعب الذهبي", "للملعب وبالذهبية"),
        ("المدينة", "مدينة"),
        ("Basketballer gewinnen", "Basketball: gewinnende"),
    ],
)
def test_a_word_is_found_whatever_its_ending(one: str, other: str) -> None:
    assert shared(one, other) == pytest.approx(shared(one, one), abs=0.15)
    assert shared(one, other) > 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("International", "Interview"),
        ("Goal", "Gold"),
        ("Mir", "Mira"),
        ("بيت", "كتاب"),
    ],
)
def test_a_few_letters_in_common_are_no_word_in_common(one: str, other: str) -> None:
    assert shared(one, other) == 0.0


def test_one_word_in_common_is_no_likeness() -> None:
    one, other = title("Depot opened"), title("Depot closed")
    assert same_words(beside(one, other))[0] == 0.0
    assert same_words(beside(one, one))[0] == pytest.approx(1.0)


def test_where_there_is_a_text_the_titles_are_not_all_there_is() -> None:
    one, other = title("Depot opened in Bar"), print_of(title="Depot opened in Bar", text=DEPOT)
    assert same_words(beside(one, other))[0] == shared_words(beside(one, other))[0] == 0.0


@given(TITLES, TITLES)
def test_the_same_comes_of_it_whichever_is_first(one: str, other: str) -> None:
    for signal in (same_words, shared_words):
        (there,), (back,) = (
            signal(beside(title(first), title(second)))
            for first, second in ((one, other), (other, one))
        )
        assert there == back
        assert 0.0 <= there <= 1.0


def test_a_character_is_half_a_word_of_chinese() -> None:
    assert shared("东京", "东京") == pytest.approx(shared("Tokyo", "Tokyo"))
    assert shared("东京奥运", "东京奥运") > shared("东京", "东京奥运")


def test_a_title_of_a_thousand_words_is_not_read_to_its_end() -> None:
    long = " ".join(f"word{number}" for number in range(1000))
    assert shared(long, long) == shared(long, long.partition(" word99 ")[0])
