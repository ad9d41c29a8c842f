"""One text of several outlets: a reprint under a headline of its own, or a notice on every page."""

from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from articles import DEPOT, NOTICE, Placed, beside, matching_story, print_of

from aggregator.labelled import read_documents
from aggregator.lexicon import general_terms
from aggregator.model import Kind
from aggregator.stories import reporting
from aggregator.stories.fingerprint import Fingerprint, fingerprint
from aggregator.stories.folding import words
from aggregator.stories.similarity import SIGNALS
from aggregator.stories.stream import compare_stream, sort_stream
from aggregator.stories.weighing import TermWeights

REPRINTS = Path(__file__).parents[2] / "benchmarks" / "reprints.jsonl"
WEIGH = TermWeights(general_terms())
# Tells neither who nor when: nothing but a headline shows it to be news.
PADDING = (
    "Small ports are finding that shared quays, shared tugs and shared pilots make them strong. "
    "What begins with a depot ends with a habit of trust, and trust is what the sea rewards. "
    "Crews that have learned to tie up beside one another learn to think beside one another, too. "
    "Nobody expects the great fleets to come tomorrow, but the lamps are lit, the pumps are "
    "primed, and whoever comes will find a berth, a hose and a friendly word at any hour."
)
SPOKEN_OF = "Small ports find that shared quays make them strong"


def headed(title: str, outlet: str, text: str = PADDING) -> Fingerprint:
    return print_of(title=title, text=text, outlet=outlet)


ORIGINAL = headed(SPOKEN_OF, "agency.example")
FIRST = headed("Oil and water", "one.example")
SECOND = headed("They kept their word", "two.example")


def reprint(text: str, other: str = "") -> float:
    """Return the signal for a text, or two, of two outlets under headlines that say nothing."""
    one = headed("Oil and water", "one.example", text)
    two = headed("They kept their word", "two.example", other or text)
    (found,) = SIGNALS["reprint"](beside(one, two, weigh=WEIGH))
    return float(found)


def test_reprints_are_one_story_and_notices_are_none() -> None:
    """Of notices that pass for news the first pages are one; no later one is lost."""
    documents = read_documents(REPRINTS)
    prints = [fingerprint(document.article) for document in documents]
    found, _ = sort_stream(compare_stream(prints, general_terms()))
    told, pages = defaultdict(set), defaultdict(set)
    for document, story in zip(documents, found, strict=True):
        told[document.story].add(story)
        pages[story].add(document.story)
    assert {story: len(places) for story, places in told.items() if len(places) > 1} == {}
    joined = sorted(sorted(stories) for stories in pages.values() if len(stories) > 1)
    assert joined == [["testimonial-0", "testimonial-1"]]


def test_a_text_that_says_who_said_something_or_what_came_when_is_a_reprint() -> None:
    told = DEPOT.replace("said", "hopes")
    figures = told.replace("nine thousand", "9,400")
    assert reprint(DEPOT) == reprint(figures) == 1.0
    assert reprint(told) == reprint(figures.replace(" on Monday", "")) == 0.0


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (NOTICE, NOTICE),
        (PADDING, PADDING),
        (f"{DEPOT} You can change your choice at any time.", ""),
        (" ".join(DEPOT.split()[:70]), ""),
        (DEPOT, f"{DEPOT} {PADDING} {PADDING} {PADDING}"),
        (DEPOT, " ".join([*DEPOT.split()[:60], *PADDING.split()[:40]])),
        (f"Ship 1,001: {DEPOT}", f"Ship 1,002: {DEPOT}"),
        (DEPOT, DEPOT.replace("Monday", "Sunday")),
        (DEPOT, DEPOT.replace("Bar", "Ulcinj").replace("Brindisi", "Durres")),
        (DEPOT, DEPOT.replace("keys", "locks").replace("ships", "boats").replace("crew", "gang")),
    ],
    ids=[
        "notice",
        "padding",
        "to readers",
        "brief",
        "digest",
        "half of it",
        "numbers",
        "days",
        "names",
        "light edit",
    ],
)
def test_what_may_be_no_reprint(text: str, other: str) -> None:
    assert reprint(text, other) == 0.0


BRIEF = (
    "A fire broke out at the Kronstadt yard near Petersburg in the night. Nobody was hurt, and the "
    "cause is unknown. The yard mends ships of the Baltic Fleet and is on the lists of Brussels."
)


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (("Fire at Kronstadt yard", "Blaze in a port of Russia"), 1.0),
        (("Flames above Kronstadt", "Sailors flee a yard at Kronstadt"), 1.0),
        (("Blaze in a port of Russia", "Night of fear on Kotlin"), 0.0),
        (("", ""), 1.0),
        (("", "Blaze in a port of Russia"), 0.0),
    ],
    ids=["one title", "half of both", "neither", "no titles", "a title of other words"],
)
def test_a_brief_is_a_reprint_where_its_titles_speak_of_it(
    titles: tuple[str, str], expected: float
) -> None:
    one, other = (
        headed(title, outlet, BRIEF)
        for title, outlet in zip(titles, ("one.example", "two.example"), strict=True)
    )
    for pair in ((one, other), (other, one)):
        lineup = beside(*pair, weigh=WEIGH)
        found = max(SIGNALS[name](lineup)[0] for name in ("reprint", "shingles"))
        assert found == expected
        assert SIGNALS["notice"](lineup)[0] == 1.0 - expected


def test_what_is_told_in_the_same_words_weeks_later_happened_again() -> None:
    for days, expected in ((3, 1.0), (4, 0.0)):
        after = timedelta(days=days)
        text = DEPOT.replace(" on Monday", "")
        one, other = (
            print_of(title=title, outlet=outlet, text=text, after=late)
            for title, outlet, late in (
                ("Oil and water", "one.example", timedelta()),
                ("They kept their word", "two.example", after),
            )
        )
        assert SIGNALS["reprint"](beside(one, other, weigh=WEIGH)) == expected
        assert SIGNALS["notice"](beside(one, other, weigh=WEIGH)) == 1.0 - expected


def test_an_edited_reprint_is_neither_taken_for_one_nor_for_a_notice() -> None:
    edited = headed("They kept their word", "two.example", DEPOT.replace("poured", "laid"))
    lineup = beside(headed("Oil and water", "one.example", DEPOT), edited, weigh=WEIGH)
    assert 0.6 < lineup.texts[0] < 1.0
    assert SIGNALS["notice"](lineup) == 0.0


def test_a_text_that_one_title_shows_to_be_news_is_news_under_all() -> None:
    assert matching_story(SECOND, [Placed(1, 7, FIRST)]).story_id is None
    verdict = matching_story(SECOND, [Placed(1, 7, ORIGINAL), Placed(2, 7, FIRST)])
    assert (verdict.story_id, verdict.kind) == (7, Kind.COPY)
    apart = [Placed(1, 7, FIRST), Placed(2, 8, SECOND)]
    verdict = matching_story(ORIGINAL, apart)
    assert {verdict.story_id, *verdict.joins} == {7, 8}


def test_a_text_that_one_outlet_has_under_two_titles_may_be_a_notice() -> None:
    again = headed("Morning has broken", "one.example")
    found = [Placed(1, 7, ORIGINAL), Placed(2, 7, FIRST), Placed(3, 8, again)]
    assert matching_story(SECOND, found).story_id is None
    assert not matching_story(ORIGINAL, found[1:]).joins
    depots = [headed(found.title[0], found.outlet, DEPOT) for found in (FIRST, SECOND, again)]
    assert matching_story(depots[1], [Placed(1, 7, depots[0])], weigh=WEIGH).story_id == 7
    two = [Placed(1, 7, depots[0]), Placed(2, 8, depots[2])]
    assert matching_story(depots[1], two, weigh=WEIGH).story_id is None


def test_a_light_edit_of_a_notice_is_not_vouched_for() -> None:
    edited = headed("They kept their word", "two.example", PADDING.replace("tugs", "cranes"))
    found = [Placed(1, 7, ORIGINAL), Placed(2, 8, FIRST)]
    (signals,) = [
        {signal.name for signal in each.signals}
        for each in matching_story(edited, found).candidates
        if each.entry_id == 2
    ]
    assert "notice" in signals


@pytest.mark.parametrize("listed", [reporting.SAID, reporting.WEEKDAYS, reporting.OWN])
def test_words_are_listed_as_they_are_folded(listed: str) -> None:
    assert words(listed) == listed.split()
