"""What is alike by chance is doubted, and pieces of one story do not keep an article from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from articles import BRIDGE, DEPOT, print_of
from babble import babble

from aggregator.lexicon import general_terms
from aggregator.model import Verdict
from aggregator.stories.comparing import Comparison, compare
from aggregator.stories.fingerprint import Fingerprint, fingerprint
from aggregator.stories.lineup import Lineup
from aggregator.stories.matching import decide
from aggregator.stories.sides import weighed
from aggregator.stories.similarity import SIGNALS
from aggregator.stories.stream import compare_stream, sort_stream
from aggregator.stories.weighing import TermWeights
from aggregator.stories.weights import DOUBTS, Model

WEIGH = TermWeights(general_terms())
MANY = 800  # articles; more are held for no more
# `lead` is all the evidence, but for the doubt,
MODEL = Model(0.0, {"lead": 1.0, "by_chance": -1.0}, 0.6)
# or for what two have in common that are held against each other.
ALIKE = Model(0.0, {"lead": 1.0, "shingles": 6.0}, 0.6)
LONG = f"{DEPOT} {DEPOT}"


def chance(one: Fingerprint, other: Fingerprint, crowd: int = 1000) -> float:
    return value("by_chance", one, other, crowd)


def value(signal: str, one: Fingerprint, other: Fingerprint, crowd: int = 1000) -> float:
    found = SIGNALS[signal](Lineup(weighed(one, {1: other}, WEIGH, crowd=crowd)))
    return float(found[0])


def turned(text: str) -> str:
    """Return a text with its words from last to first: no run of words is kept, no name lost."""
    return " ".join(reversed(text.split()))


def test_texts_without_words_in_a_row_or_names_in_common_may_be_alike_by_chance() -> None:
    report, other = print_of(text=LONG), print_of(text=f"{BRIDGE} {BRIDGE} {BRIDGE}")
    assert chance(report, other) == chance(other, report) > 0.2
    assert chance(report, print_of(text=f"{BRIDGE} {DEPOT}")) == 0.0, "they share words in a row"
    assert chance(report, print_of(text=turned(LONG))) == 0.0, "they share names"
    assert chance(report, print_of(text=BRIDGE)) == 0.0, "a short text shares few words"
    two_languages = replace(report, lang="en"), replace(other, lang="sr")
    assert chance(*two_languages) == 0.0, "there are none to share"


def test_a_rewrite_has_no_words_of_its_original() -> None:
    padding = "and so the story goes on as stories of this kind do, at length. " * 9
    said = "Colonel Imre Halasz met Ranka Stojovic in Loznica on Friday, and Ana Perovic spoke. "
    report, later = print_of(text=said * 9), partial(print_of, after=timedelta(days=2))
    assert chance(report, later(text=f"In Loznica one met, {padding}")) == 0.0
    assert chance(report, later(text=padding)) > 0.0, "it names nobody whom the report names"
    names = "Danilo Markovic and Vesna Ilic of Tivat spoke to Petar Babic and Goran Lukic. " * 6
    reported = later(text=f"In Loznica one met. {names} {padding}")
    assert chance(report, reported) > 0.0, "it is no vaguer than reports are"


def test_among_strangers_only_what_is_as_vague_as_rewrites_is_one() -> None:
    padding = "and so the story goes on as stories of this kind do, at length. " * 9
    said = "Colonel Imre Halasz met Ranka Stojovic in Loznica on Friday, and Ana Perovic spoke. "
    town = "All said that Loznica and Loznica and Loznica. "
    report, later = print_of(text=said * 9), partial(print_of, after=timedelta(days=2))
    vague, reported = (later(text=f"In town one met. {town * many}{padding}") for many in (3, 4))
    assert value("vaguer", report, vague) > 0.3
    assert value("vaguer", report, reported) == 0.0, "a report that shares one name with another"
    assert chance(report, vague) == 0.0 < chance(report, reported)
    named = later(
        text=f"In town one met. {town * 3}Then came Ranka Stojovic. And Halasz. {padding}"
    )
    worded = later(text=f"In town one met. {town * 3}Imre Halasz met Ranka Stojovic. {padding}")
    for known in (named, worded):
        assert 0.0 < value("vaguer", report, known) < 0.3, "no stranger, and a little vaguer"


def test_two_names_that_are_hardly_known_are_few_in_a_small_stream() -> None:
    report, other = f"{LONG} They went to ", f"{BRIDGE} {BRIDGE} {BRIDGE} It was "
    for names, doubted in (("Kotor, Budva", True), ("Ranka, Kotor, Budva", False)):
        one = print_of(text=f"{report}{names.replace(', ', ', then to ')}.")
        two = print_of(text=f"{other}{names.replace(', ', ', or was it ')}.")
        assert (chance(one, two, crowd=1) > 0.0) is doubted
        assert chance(one, two, crowd=10**6) > 0.0, "of many articles some have both"


def test_more_is_alike_by_chance_among_many_articles_and_in_long_texts() -> None:
    report, other = print_of(text=LONG), print_of(text=f"{BRIDGE} {BRIDGE} {BRIDGE}")
    few, many = chance(report, other, crowd=100), chance(report, other, crowd=100_000)
    assert 0.0 < few < many
    assert chance(report, other, crowd=0) == few, "a stream of few articles is one of a hundred"
    assert chance(report, other, crowd=10**6) == many
    longer = print_of(text=LONG * 4), print_of(text=BRIDGE * 9)
    assert chance(*longer) > 1.2 * chance(report, other)
    assert chance(*longer, crowd=100_000) == 1.0
    named = print_of(text=f"{BRIDGE} {BRIDGE} {BRIDGE} Then Ranka Stojovic came.")
    assert chance(report, named, crowd=100) == 0.0 < chance(report, named, crowd=100_000), (
        "names that tell it from a hundred articles need not tell it from all"
    )


def test_one_run_of_words_in_a_hundred_and_thirty_is_shared_by_chance() -> None:
    run = "first of its kind"
    report, other = print_of(text=f"{LONG} {run}."), print_of(text=f"{BRIDGE} {BRIDGE} {run}")
    assert report.words >= 130 <= other.words
    assert chance(report, other) > 0.0
    shorter = print_of(text=f"{BRIDGE} {BRIDGE}".rsplit(" ", 40)[0] + f" {run}")
    assert 100 <= shorter.words < 130
    assert chance(report, shorter) == 0.0, "in a shorter text"


def test_in_a_stream_of_babble_nothing_meets_by_chance() -> None:
    documents = list(babble(400, seed=2))
    prints = [fingerprint(document.article) for document in documents]
    stories, _ = sort_stream(compare_stream(prints, general_terms()))
    assert len(set(stories)) == len(documents), "four met before"


@pytest.mark.parametrize("footer", ["The post first appeared here.", "All rights are reserved."])
def test_a_line_below_all_texts_lets_none_meet(footer: str) -> None:
    """A farm of sites that print one: by the run of words in common none was by chance."""
    documents = [
        replace(one.article, text=f"{one.article.text}\n\n{footer}") for one in babble(400, seed=2)
    ]
    prints = [fingerprint(article) for article in documents]
    stories, _ = sort_stream(compare_stream(prints, general_terms()))
    assert len(set(stories)) == len(documents)


def found(*candidates: tuple[Mapping[str, float], int]) -> list[Comparison]:
    """Return comparisons with some signals, each with so many word runs of the article."""
    others = {n: print_of(title=f"{n}", text=BRIDGE) for n in range(1, len(candidates) + 1)}
    compared = compare([weighed(print_of(), others, crowd=MANY)])[0]
    return [
        each._replace(values=values, runs=runs, conclusive=False, copied=False)
        for each, (values, runs) in zip(compared, candidates, strict=True)
    ]


def beside(texts: Sequence[str]) -> list[Comparison]:
    """Return an article beside others of so many papers, numbered from 1."""
    others = {
        number: print_of(title=text[:40], text=text, outlet=f"paper{number}.example")
        for number, text in enumerate(texts, start=1)
    }
    return compare([weighed(print_of(), others, WEIGH, crowd=MANY)])[0]


def test_stories_that_share_words_with_an_article_vie_less_than_others() -> None:
    """They are more often pieces of one: that there are two must not make a third of it."""
    stories = {1: 10, 2: 20}
    pieces = found(({"lead": 1.5}, 3), ({"lead": 1.5}, 2))
    assert decide(pieces, stories, model=MODEL).story_id == 10
    for runs in ((3, 1), (3, 0), (0, 2), (0, 0)):
        alike = [each._replace(runs=one) for each, one in zip(pieces, runs, strict=True)]
        assert decide(alike, stories, model=MODEL).story_id is None


def test_stories_that_are_alike_themselves_are_no_choice() -> None:
    """Where an article tells two that are surely one, that there are two must not make it a third.

    The article has no words in common with either, so that these show nothing.
    """

    def verdict(lead: float, *texts: str) -> Verdict:
        alike = [
            each._replace(values={"lead": lead}, runs=0, conclusive=False, copied=False)
            for each in beside(texts)
        ]
        return decide(alike, {1: 10, 2: 20}, model=ALIKE)

    piece, again = PIECES[0], f"{PIECES[0]} {BRIDGE[:60]}"
    strangers = verdict(1.0, piece, BRIDGE)
    pieces = verdict(1.0, piece, again)
    alone = decide(found(({"lead": 1.0}, 0)), {1: 10}, model=ALIKE).score
    assert strangers.story_id is None
    assert pieces.story_id == 10
    assert strangers.score < 0.5 < pieces.score < alone
    assert [each.score for each in pieces.candidates if each.story_id == 10] == [pieces.score]
    assert not pieces.joins, "they stand as they are: it tells neither surely"
    assert verdict(0.2, piece, again).story_id is None, "alone it would not be enough either"


# Two tellings of the depot in other words, and two stories with nothing in common.
PIECES = (
    f"In Bar a fuel depot was handed over. {DEPOT[:300]} The rest is a matter of the harbour.",
    f"Ranka Stojovic opened a depot for fuel in Bar. {DEPOT[200:]} So much for the eastern quay.",
)


@pytest.fixture
def between() -> Callable[..., Sequence[int]]:
    """Return what asks which stories an article joins, given the texts and signals of two."""

    def joined(
        texts: Sequence[str] = PIECES,
        runs: tuple[int, int] = (1, 1),
        keys: tuple[bool, bool] = (False, False),
        **values: float,
    ) -> Sequence[int]:
        alike = [
            each._replace(values={"lead": 2.6} | values, runs=shared, conclusive=key)
            for each, shared, key in zip(beside(texts), runs, keys, strict=True)
        ]
        doubting = replace(MODEL, bias=-0.5)
        return decide(alike, {1: 10, 2: 20}, model=doubting).joins

    return joined


def test_an_article_that_surely_tells_two_stories_shows_them_to_be_one(
    between: Callable[..., Sequence[int]],
) -> None:
    assert between() == (20,)
    assert not between(runs=(1, 0)), "not in words of one of them"
    assert not between(lead=2.0), "not surely"
    assert not between(apart=0.1), "at another time"
    assert not between(undated=1.0), "at a time that is not known"
    assert not between(keys=(True, False)), "a key tells of one"


def test_a_digest_joins_no_two_stories(between: Callable[..., Sequence[int]]) -> None:
    assert not between(texts=(DEPOT, BRIDGE))


@pytest.mark.parametrize("doubt", DOUBTS)
def test_what_is_doubted_vies_all_the_same(doubt: str) -> None:
    stories, model = {1: 10, 2: 20}, Model(0.0, {"lead": 1.0, doubt: -1.0}, 0.6)
    plain, doubted = {"lead": 1.0}, {"lead": 1.0, doubt: 1.0}
    alone = decide(found((plain, 0)), stories, model=model)
    assert alone.story_id == 10
    assert decide(found((doubted, 0)), stories, model=model).story_id is None
    two = [decide(found((plain, 0), (each, 0)), stories, model=model) for each in (plain, doubted)]
    assert two[0].score == pytest.approx(two[1].score)
