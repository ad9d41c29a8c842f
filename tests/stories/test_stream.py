from datetime import timedelta

import pytest
from articles import BRIDGE, DEPOT, lightly_edited, matching_story, print_of

from aggregator.lexicon import general_terms
from aggregator.model import Kind
from aggregator.stories.stream import compare_stream, sort_stream
from aggregator.stories.weights import LEARNED

ARTICLES = [
    print_of(),
    print_of(title="Pontoon bridge tested near Loznica", text=BRIDGE, outlet="drina.rs"),
    print_of(title="Depot for Bar", text=lightly_edited(DEPOT), outlet="else.example"),
]


def test_a_stream_is_sorted_into_stories() -> None:
    stories, verdicts = sort_stream(compare_stream(ARTICLES, general_terms()))
    assert stories == [0, 1, 0]
    assert [verdict.kind for verdict in verdicts] == [Kind.ORIGINAL, Kind.ORIGINAL, Kind.COPY]


def test_one_comparison_serves_many_thresholds() -> None:
    compared = list(compare_stream(ARTICLES, general_terms()))
    assert sort_stream(compared, threshold=1.0)[0] == [0, 1, 2]
    assert sort_stream(compared, model=LEARNED)[0] == [0, 1, 0]


def test_what_left_the_window_is_not_compared() -> None:
    late = print_of(text=lightly_edited(DEPOT), outlet="x.org", after=timedelta(days=20))
    assert list(compare_stream([print_of(), late], window=timedelta(days=14)))[1] == []


def test_titles_over_two_words_that_stand_under_each_share_nothing() -> None:
    depot = print_of(title="Depot in Bar is ready", text="Read more")
    bridge = print_of(title="Bridge near Loznica is tested", text="Read more", outlet="drina.rs")
    for pair in ((depot, bridge), (bridge, depot)):
        _, verdicts = sort_stream(compare_stream(pair, general_terms()))
        assert verdicts[-1].score < 0.4


def test_an_article_comes_with_how_many_of_its_language_there_were() -> None:
    said = [print_of(lang=lang) for lang in ("en", "sr", "en", "sr", "en")]
    found = list(compare_stream(said))
    assert [compared[0].sides.crowd for compared in found[1:]] == [0, 1, 1, 2]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)])
def test_stories_that_an_article_shows_to_be_one_are_joined(order: tuple[int, ...]) -> None:
    half = len(DEPOT.split()) // 2
    parts = " ".join(DEPOT.split()[:half]), " ".join(DEPOT.split()[half:])
    articles = [
        print_of(title="Depot in Bar: tanks and pumps", text=parts[0], outlet="one.example"),
        print_of(title="Bar: mullet and lights, says harbour", text=parts[1], outlet="two.example"),
        print_of(outlet="three.example"),
    ]
    stories, _ = sort_stream(compare_stream([articles[n] for n in order], general_terms()))
    assert stories == [0, 0, 0]


def test_a_verdict_is_that_of_the_daemon() -> None:
    compared = list(compare_stream(ARTICLES))
    assert not compared[0]
    verdict = sort_stream(compared)[1][0]
    assert verdict == matching_story(ARTICLES[0], [])
