from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.folding import fold, words


@given(st.text(st.characters(max_codepoint=127)))
def test_words_in_ascii_are_what_they_are_among_others(text: str) -> None:
    assert words(f"{text} \u00e9\u5317") == [*words(text), "e\u5317"]


def test_letters_marks_and_scripts_are_folded_away() -> None:
    assert fold("\u0110ukanovi\u0107`s Stra\u00dfe") == "dukanovic's strasse"
    assert fold("nai\u0308ve soft\u00adly") == fold("na\u00efve softly") == "naive softly"
    assert words("\ufb01nance, \u0130zmir: \u5317\u7d04") == ["finance", "izmir", "\u5317\u7d04"]
