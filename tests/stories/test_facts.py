"""One form of words for two events, and the light edit of a text on one."""

from datetime import timedelta

import pytest
from articles import Placed, beside, matching_story, print_of

from aggregator.lexicon import general_terms
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.similarity import SIGNALS
from aggregator.stories.weighing import TermWeights

WEIGH = TermWeights(general_terms())
FORM = (
    "Customs officers in {place} arrested {who} on {day} on suspicion of passing the timetables of "
    "military trains to a foreign service, the prosecutor said. The suspect had worked for {firm} "
    "for {years} years and had photographed {count} wagons from the window of a signal box. "
    "Investigators searched two flats and took away telephones, a notebook and a camera. The court "
    "has ordered that nothing be said of the files until the trial, which is to begin in spring."
)
FACTS = {
    "place": "Narva", "who": "Juhan Tamm", "day": "Monday", "firm": "Estrail", "years": "14",
    "count": "310",
}  # fmt: skip
OTHERS = {
    "place": "Rezekne", "who": "Andris Kalve", "day": "Sunday", "firm": "Latvrail", "years": "22",
    "count": "475",
}  # fmt: skip


def arrest(outlet: str, title: str, *changed: str, hours: int = 0) -> Fingerprint:
    text = FORM.format_map(FACTS | {name: OTHERS[name] for name in changed})
    return print_of(title=title, text=text, outlet=outlet, after=timedelta(hours=hours))


ONE = arrest("one.example", "Railwayman held over trains")


def other_facts(one: Fingerprint, other: Fingerprint) -> float:
    found, back = (
        float(SIGNALS["other_facts"](beside(*pair, weigh=WEIGH))[0])
        for pair in ((one, other), (other, one))
    )
    assert found == back
    return found


@pytest.mark.parametrize(
    "changed",
    [("place", "who"), ("who", "firm"), ("day", "years", "count"), tuple(OTHERS)],
    ids=["where", "who", "day and figures", "all"],
)
def test_one_form_of_words_filled_in_twice_is_two_stories(changed: tuple[str, ...]) -> None:
    other = arrest("two.example", "Spy suspect taken from signal box", *changed, hours=20)
    assert other_facts(ONE, other) == 1.0
    for first, second in ((ONE, other), (other, ONE)):
        assert matching_story(second, [Placed(1, 7, first)], weigh=WEIGH).story_id is None


def test_figures_alone_may_be_those_of_a_toll_that_rose() -> None:
    assert other_facts(ONE, arrest("two.example", "Spy suspect held", "years", "count")) == 0.0


@pytest.mark.parametrize(
    "edits",
    [
        {"arrested": "detained", "searched": "combed", "nothing": "little", "trial": "hearing"},
        {"Juhan Tamm": "a signalman", "310": "hundreds of"},
        {"in Narva ": "", "notebook": "diary", "spring": "May"},
        {"Estrail": "Estonian Rail", "officers": "men", "suspicion": "charges", "took": "bore"},
    ],
    ids=["words", "facts left out", "place left out", "a name in other words"],
)
def test_a_light_edit_keeps_its_story(edits: dict[str, str]) -> None:
    text = FORM.format_map(FACTS)
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    copy = print_of(
        title="Railwayman is held over trains", text=text, outlet="two.example",
        after=timedelta(hours=3),
    )  # fmt: skip
    assert other_facts(ONE, copy) == 0.0
    for first, second in ((ONE, copy), (copy, ONE)):
        assert matching_story(second, [Placed(1, 7, first)], weigh=WEIGH).story_id == 7


def test_more_is_told_of_one_event_and_not_of_another() -> None:
    other = " ".join([FORM.format_map(OTHERS), FORM.format_map(OTHERS)[:200]])
    longer = print_of(title="Spy suspect held", text=other, outlet="two.example")
    assert other_facts(ONE, longer) == 0.0
