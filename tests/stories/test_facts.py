"""One form of words for two events, and the light edit of a text on one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from articles import Placed, beside, matching_story, print_of
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.lexicon import general_terms
from aggregator.stories.facts import exchanged
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.sides import weighed
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


SCRAMBLE = (
    "Fighters took off from Siauliai to meet {planes} over the sea off Ventspils, the ministry in "
    "Vilnius said. They flew without a plan and without a signal at {speed}, and turned back to "
    "Kaliningrad when the pilots had shown themselves. Such flights have become common since the "
    "war began, and a meeting goes by calmly as a rule. {speaker} thanked the crews, who are on "
    "watch by day and night, and said that they would be as many as are needed at any hour."
)


def scramble(hours: float = 0, *, lang: str = "en", more: str = "", **filled: str) -> Fingerprint:
    facts = {"planes": "two Sukhois", "speed": "900 kilometres an hour", "speaker": "The minister"}
    text = SCRAMBLE.format_map(facts | filled) + more
    return print_of(
        title="Fighters meet aircraft off Ventspils", text=text, lang=lang,
        outlet=f"{len(text)}.example", after=timedelta(hours=hours),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("filled", "hours", "expected"),
    [
        ({"planes": "five Sukhois"}, 17, 0.0),
        ({"planes": "five Sukhois"}, 18, 1.0),
        ({"planes": "pięć Sukhois"}, 18, 1.0),
        ({"planes": "2 Sukhois"}, 18, 0.0),
        ({"planes": "a pair of Sukhois"}, 18, 0.0),
        ({"planes": "two Tupolevs"}, 17, 0.0),
        ({"planes": "two Tupolevs"}, 18, 1.0),
        ({"planes": "five Tupolevs"}, 1, 1.0),
        ({"speed": "560 miles an hour"}, 18, 0.0),
        ({"speed": "860 kilometres an hour"}, 18, 1.0),
        ({"speaker": "The king"}, 90, 0.0),
    ],
)
def test_a_day_later_other_facts_are_those_of_another_event(
    filled: dict[str, str], hours: int, expected: float
) -> None:
    assert other_facts(scramble(), scramble(hours, **filled)) == expected


def test_where_it_is_not_known_when_it_was_published_no_day_has_passed() -> None:
    one, other = scramble(), scramble(90, planes="five Sukhois")
    assert other_facts(one, other) == 1.0
    assert other_facts(one, replace(other, dated=False)) == 0.0


def test_a_toll_may_rise_for_days_where_both_say_when_it_was() -> None:
    day = " It was the first time on Monday that nobody had been warned."
    one, later = scramble(more=day), scramble(60, planes="five Sukhois", more=day)
    assert other_facts(one, later) == 0.0
    assert other_facts(one, scramble(24 * 7 + 60, planes="five Sukhois", more=day)) == 1.0
    tag = " Am Montag war es zum ersten Mal so still, dass niemand gewarnt wurde."
    one, later = (
        scramble(more=tag, lang="de"),
        scramble(60, planes="five Jaks", more=tag, lang="de"),
    )
    assert other_facts(one, later) == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Minister Kaunas said", "President Nauseda said"),
        ("Defence Minister Kaunas waved", "Deputy Kaunas waved"),
        ("Vitali Klitschko waved", "Vitaliy Klychko waved"),
    ],
    ids=["somebody else says it", "another office", "another spelling"],
)
def test_a_toll_that_rose_may_be_told_by_somebody_else(one: str, other: str) -> None:
    first = scramble(more=f" At noon {one} so.")
    second = scramble(more=f" At noon {other} so.", planes="five Sukhois")
    assert other_facts(first, second) == 0.0


def test_what_was_printed_at_another_hour_is_no_other_event() -> None:
    one, other = (
        scramble(more=" 4 / 2 / 2026 9:30 am."),
        scramble(40, more=" 4 / 3 / 2026 11:45 pm."),
    )
    assert other_facts(one, other) == 0.0
    assert other_facts(one, scramble(40, more=" Day 43 of 60.")) == 0.0


def test_days_later_no_name_stands_in_place_of_another() -> None:
    ports = " The ports of Liepaja and Ventspils are open, and that of {} may be closed."
    one = scramble(more=ports.format("Liepaja"))
    for hours, expected in ((72, 0.0), (73, 1.0)):
        later = scramble(hours, more=ports.format("Ventspils"))
        assert other_facts(one, later) == expected


def test_where_nouns_have_capitals_they_name_nobody() -> None:
    text = " Am Hafen haben die Boote zwei Stunden gewartet und mit den Lichtern gegrüßt."
    edited = text.replace("Boote", "Schiffe").replace("Lichtern", "Lampen").replace("zwei", "drei")
    assert other_facts(scramble(lang="de", more=text), scramble(lang="de", more=edited)) == 0.0
    place = text.replace("Am Hafen", "In Danzig"), text.replace("Am Hafen", "In Gdingen")
    boats = [
        each.replace("zwei", count) for each, count in zip(place, ("zwei", "drei"), strict=True)
    ]
    assert other_facts(*(scramble(lang="de", more=each) for each in boats)) == 1.0


@settings(max_examples=20)
@given(st.permutations(SCRAMBLE.split()), st.permutations(FORM.split()))
def test_what_is_exchanged_is_the_same_both_ways(one: list[str], other: list[str]) -> None:
    first, second = (print_of(text=" ".join(words)) for words in (one, other))
    sides = [weighed(first, {1: second}, WEIGH)[number] for number in (0, 1)]
    assert exchanged(*sides) == exchanged(*reversed(sides))


@pytest.mark.parametrize(
    ("counts", "day", "expected"),
    [
        ((4, 6), "on Wednesday", 0.0),
        ((6, 4), "on Wednesday", 1.0),
        ((4, 6), "at last", 1.0),
        ((4, 4.5), "on Wednesday", 0.0),
    ],
    ids=["rose", "fell", "no day", "in parts"],
)
def test_titles_of_a_toll_that_rose_do_not_contradict_each_other(
    counts: tuple[float, float], day: str, expected: float
) -> None:
    text = (
        "A blast at the plant in Kazanlak killed {} workers {}, the Ministry of the Interior said. "
        "It broke windows up to two kilometres away, and the army sent experts. The Prime Minister "
        "spoke with the families in the town hall. Nobody may go near until the smoke is gone."
    )
    first, later = (
        print_of(
            title=f"Blast at plant in Kazanlak kills {count}",
            text=text.format(count, day),
            after=timedelta(days=2, hours=9 * number),
        )
        for number, count in enumerate(counts)
    )
    for pair in ((first, later), (later, first)):
        assert SIGNALS["numbers"](beside(*pair, weigh=WEIGH)) == expected
