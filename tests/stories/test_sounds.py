import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.folding import words
from aggregator.stories.sounds import MOST_LETTERS, sound


def of(name: str) -> str:
    return sound(words(name)[0])


@pytest.mark.parametrize(
    "spellings",
    [
        "Zhelyazkovski Zheliazkovsky Zeljazkovski",
        "\u0416\u0435\u043b\u0458\u0430\u0437\u043a\u043e\u0432\u0441\u043a\u0438 Zheliazkovsky",
        "Krastenberg Krastenbergs Krastenberga",
        "Kathleen Katleen",
        "Ryszard Richard",
        "Stojkovi\u0107 Stoykovich \u0421\u0442\u043e\u0458\u043a\u043e\u0432\u0438\u045b",
        "Ojaveer Ojaver Ojaveeri",
        "Bielawny Bielavny",
        "Χριστοδουλίδης Christodoulides",
        "Χατζησάββας Hatzisavvas",
        "Δευκαλίων Defkalion",
        "Γενεύη Geneva",
        "Ντόρα Dora",
        "Ουρανία Urania",
    ],
)
def test_one_name_has_one_sound(spellings: str) -> None:
    assert len({of(name) for name in spellings.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("Latvia", "Estonia"), ("Perovic", "Petrovic"), ("Bar", "Kotor"), ("Abel", "Ubel")],
)
def test_two_names_have_two(one: str, other: str) -> None:
    assert of(one) != of(other)


@given(st.text(st.characters(categories=["Ll", "Nd", "Lo"]), min_size=1))
def test_every_word_has_a_sound_of_some_letters(word: str) -> None:
    assert 1 <= len(sound(word)) <= MOST_LETTERS
