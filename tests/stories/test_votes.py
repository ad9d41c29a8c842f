"""How a vote went tells one vote from another."""

# ruff: noqa: RUF001 - letters that look alike are Cyrillic

from datetime import timedelta

import pytest
from articles import Placed, beside, matching_story, print_of
from hypothesis import given
from hypothesis import strategies as st

from aggregator.lexicon import general_terms
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.openings import opening
from aggregator.stories.similarity import SIGNALS
from aggregator.stories.votes import tell_two_votes, tells_a_vote
from aggregator.stories.weighing import TermWeights

WEIGH = TermWeights(general_terms())
FIRST = (
    "The Seimas today ratified the Treaty of Nida on mutual aid by 104 votes to 9, with 6 "
    "abstentions. It was signed on 4 March 2026, and comes into force in 90 days."
)
SECOND = (
    "The Saeima today ratified the Treaty of Nida on mutual aid. In the final vote 71 members "
    "were in favour and 15 against. It was signed on 4 March 2026, and comes into force in 90 days."
)
SAME = [
    "Lithuania's deputies voted 104 to 9 for a treaty of mutual aid.",
    "104 Abgeordnete gaben ihre Stimmen für den Vertrag, 9 dagegen.",
    "Po trzech godzinach debaty 104 posłów było za. Przeciw głosowało 9.",
    "A motion to postpone was voted down by 88 votes to 17; then 104 of 119 said yes, and 9 no.",
]


def two_votes(one: str, other: str) -> bool:
    found, back = (
        tell_two_votes(opening(first), opening(second))
        for first, second in ((one, other), (other, one))
    )
    assert found == back
    return found


def test_other_numbers_of_votes_are_another_vote() -> None:
    assert two_votes(FIRST, SECOND)
    assert not two_votes(FIRST, FIRST)


@pytest.mark.parametrize("text", SAME)
def test_the_same_numbers_are_the_same_vote_however_told(text: str) -> None:
    assert not two_votes(FIRST, text)


@pytest.mark.parametrize(
    "text",
    [
        "Med 268 röster mot 43 godkände riksdagen fördraget.",
        "Za ratyfikacją głosowało 397 posłów, przeciw 31.",
        "Der Bundestag stimmte zu: mit 412 zu 187 Stimmen.",
        "Le Sénat l'a approuvé par 287 voix contre 41.",
        "El Senado lo aprobó por 142 votos contra 98.",
        "Il Senato ha approvato con 118 voti contro 61.",
        "Собранието го ратификува со 74 гласа за и 19 против.",
        "Верховна Рада ухвалила: 241 голосів за, 12 проти.",
        "The committee backed it, by fifteen votes to nine.",
    ],
    ids=["sv", "pl", "de", "fr", "es", "it", "mk", "uk", "spelled"],
)
def test_votes_are_read_in_the_languages_of_the_region(text: str) -> None:
    assert tells_a_vote(opening(text))
    assert two_votes(FIRST, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The vote is on Thursday.",
        "Talks went on from 9 to 11, before 250 guests.",
        "They will vote in 2026 against what was decided in 1998.",
        "It won 62.4 per cent of the votes, against 31.1 four years ago.",
        "The vote on 12 ships was long. "
        + "It was said again and again. " * 3
        + "19 were against.",
    ],
)
def test_where_no_vote_is_counted_nothing_is_told(text: str) -> None:
    assert not tells_a_vote(opening(text))
    assert not two_votes(FIRST, text)


@given(st.text(), st.text())
def test_it_is_the_same_whichever_comes_first(one: str, other: str) -> None:
    two_votes(one, other)
    assert not two_votes(one, one)


def told(title: str, text: str, outlet: str, hours: int) -> Fingerprint:
    return print_of(title=title, text=text, outlet=outlet, after=timedelta(hours=hours))


def test_two_votes_are_two_stories_also_where_one_telling_counts_none() -> None:
    """Whatever else of the first story the report of the second is like."""
    first = told("Vilnius says yes to mutual aid", FIRST, "one.example", 0)
    spared = SECOND.replace("71 members", "Most")
    vague = told("Neighbours pledge help within hours", spared, "two.example", 1)
    second = told("Treaty of Nida passes in Riga", SECOND, "three.example", 2)
    assert SIGNALS["votes"](beside(second, first, vague)).tolist() == [1.0, 0.0]
    assert SIGNALS["votes"](beside(first, first)).tolist() == [0.0]
    assert matching_story(second, [Placed(2, 1, vague)], weigh=WEIGH).story_id == 1
    both = [Placed(1, 1, first), Placed(2, 1, vague)]
    assert matching_story(second, both, weigh=WEIGH).story_id is None
