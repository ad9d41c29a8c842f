import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from math import exp

import numpy as np
import pytest
from articles import BRIDGE, DEPOT, NOTICE, Placed, lightly_edited, matching_story, print_of

from aggregator.lexicon import general_terms
from aggregator.model import Kind, Signal, Verdict
from aggregator.stories.comparing import compare
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.index import Index
from aggregator.stories.matching import decide
from aggregator.stories.meaning import meaning_of
from aggregator.stories.sides import weighed
from aggregator.stories.similarity import HEADLINE_SIGNALS, LEARNED_SIGNALS, SIGNALS
from aggregator.stories.stored import handles
from aggregator.stories.weights import (
    DATED_OTHERWISE,
    FEW_ARTICLES,
    LEARNED,
    LEARNED_HEADLINES,
    LEARNED_WITH_MEANING,
    MEANING,
    TOLD_BEFORE,
    Model,
    bias_of,
)

LINK = "https://barharbour.me/2026/depot"
HEADLINE = "New fuel depot handed over in Bar"
ELSE = "else.example"


def against(fingerprint: Fingerprint, *placed: Fingerprint) -> Verdict:
    """Return the verdict on an article after others, each in a story of its own: 10, 20 ..."""
    candidates = [Placed(n, 10 * n, other) for n, other in enumerate(placed, start=1)]
    index = Index(general_terms())
    for candidate in candidates:
        index.add(handles(candidate.fingerprint), candidate.entry_id)
    return matching_story(fingerprint, candidates, weigh=index.weigh)


def signals_of(verdict: Verdict, entry_id: int) -> dict[str, Signal]:
    (found,) = (each for each in verdict.candidates if each.entry_id == entry_id)
    return {signal.name: signal for signal in found.signals}


def test_each_model_has_learned_the_signals_there_are() -> None:
    """In their order: one that is added, and not learned anew for each model, is found here."""
    assert list(LEARNED.likeness) == list(LEARNED_SIGNALS)
    assert list(LEARNED_WITH_MEANING.likeness) == [*LEARNED_SIGNALS, MEANING]
    assert list(LEARNED_HEADLINES.likeness) == list(HEADLINE_SIGNALS)
    assert SIGNALS.keys() ^ LEARNED_WITH_MEANING.weights.keys() == {
        "later", "same_words", "shared_words", TOLD_BEFORE, DATED_OTHERWISE, FEW_ARTICLES,
    }  # fmt: skip


def test_the_first_article_starts_a_story() -> None:
    assert against(print_of()) == Verdict(None, Kind.ORIGINAL, 0.0, LEARNED.threshold)


@pytest.mark.parametrize(
    "copy",
    [
        print_of(outlet=ELSE),
        print_of(title="Harbour takes over fuel tanks", outlet=ELSE),
        print_of(text=lightly_edited(DEPOT), outlet=ELSE),
        print_of(title="Live: fuel depot in Bar", text=lightly_edited(DEPOT), outlet=ELSE),
        print_of(title="Harbour takes over fuel tanks", text=lightly_edited(DEPOT), outlet=ELSE),
        print_of(title=f"{HEADLINE}, officials say", text=lightly_edited(DEPOT)),
        print_of(title="Fuel in Bar: depot ready", link=f"{LINK}?utm_source=rss"),
    ],
)
def test_copies_are_found(copy: Fingerprint) -> None:
    verdict = against(copy, print_of(title="Another story", text=BRIDGE), print_of(link=LINK))
    assert (verdict.story_id, verdict.kind) == (20, Kind.COPY)
    assert verdict.score >= LEARNED.threshold


def test_a_spun_page_is_found_by_its_caption() -> None:
    spun = print_of(
        title="How a Tiny Port Is Changing the Game",
        text=BRIDGE,
        outlet="farm.example",
        captions=(f"{HEADLINE} | Bar Harbour",),
    )
    for one, other in ((spun, print_of()), (print_of(), spun)):
        verdict = against(one, other)
        assert (verdict.story_id, verdict.kind) == (10, Kind.RETELLING)


def test_a_page_that_names_its_original_is_found() -> None:
    original = print_of(link=LINK)
    spun = print_of(title="Bar Is Changing", text=BRIDGE, outlet=ELSE, canonical_url=LINK)
    syndicated = print_of(title="Bar has tanks", text="", outlet=ELSE, canonical_url=LINK)
    assert against(spun, original).kind is Kind.RETELLING
    assert against(syndicated, original).kind is Kind.COPY


def test_headlines_alone_must_do_where_there_is_no_text() -> None:
    verdict = against(print_of(text="", outlet=ELSE, after=timedelta(days=1)), print_of())
    assert (verdict.story_id, verdict.kind) == (10, Kind.RETELLING)


def of_a_headline(title: str, outlet: str, hours: float = 0) -> Fingerprint:
    return print_of(title=title, text="", outlet=outlet, after=timedelta(hours=hours))


REUNION = "Reunion of Danube ferrymen draws thousands to Vukovar quay"


def test_headlines_of_one_story_that_stands_as_several_do_not_vie() -> None:
    told = [
        of_a_headline("Thousands at the Vukovar quay for reunion of ferrymen", "one.example", 1),
        of_a_headline("Danube ferrymen draw thousands to a Vukovar reunion", "two.example", 2),
        of_a_headline("Ferrymen hold reunion, thousands fill the Vukovar quay", "three.example", 3),
    ]
    alone = against(of_a_headline(REUNION, ELSE, 4), told[0])
    among = against(of_a_headline(REUNION, ELSE, 4), *told)
    assert alone.story_id == 10
    assert among.story_id is not None
    assert among.score >= alone.score - 0.05


@pytest.mark.parametrize(
    ("one", "other", "counts"),
    [
        ("", "", True),
        (DEPOT[:300], DEPOT[:350], False),
        (DEPOT[:300], DEPOT[280:], True),
    ],
    ids=["titles alone", "copies", "reports"],
)
def test_among_many_articles_one_must_have_more_in_common(
    one: str, other: str, *, counts: bool
) -> None:
    earlier = print_of(title="Depot in Bar", text=one, outlet=ELSE)
    later = print_of(title="Bar depot", text=other, outlet="two.example")

    def verdict(crowd: int) -> Verdict:
        (compared,) = compare([weighed(later, {1: earlier}, crowd=crowd)])
        return decide(compared, {1: 10})

    verdicts = [verdict(crowd) for crowd in (1, 60, 100, 250, 400, 800, 40_000)]
    scores = [each.score for each in verdicts]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == (5 if counts else 1)
    few = [signals_of(each, 1).get(FEW_ARTICLES) for each in verdicts]
    assert few[-2:] == [None, None]
    assert [bool(signal) for signal in few[:-2]] == [counts] * 5
    if counts:
        assert few[0] == few[1] == Signal(FEW_ARTICLES, 1.0, LEARNED.weights[FEW_ARTICLES])


def test_what_is_of_a_day_long_past_is_among_many_in_any_window() -> None:
    earlier = print_of(title="Depot in Bar", text=DEPOT[:300], outlet=ELSE)
    later = print_of(title="Bar depot", text=DEPOT[280:], outlet="two.example")
    dated_back = replace(later, told_day=earlier.published.toordinal())
    signals = [
        signals_of(matching_story(article, [Placed(1, 10, earlier)]), 1)
        for article in (later, dated_back)
    ]
    assert [FEW_ARTICLES in found for found in signals] == [True, False]


def test_what_has_no_date_may_be_like_any_day_s_news_in_any_window_but_for_titles() -> None:
    for one, other, counts in ((DEPOT[:300], DEPOT[280:], False), ("", "", True)):
        earlier = print_of(title="Depot in Bar", text=one, outlet=ELSE)
        later = print_of(title="Bar depot", text=other, outlet="two.example")
        for undated in (
            (later, replace(earlier, dated=False)),
            (replace(later, dated=False), earlier),
        ):
            verdict = matching_story(undated[0], [Placed(1, 10, undated[1])])
            assert (FEW_ARTICLES in signals_of(verdict, 1)) is counts


def test_headlines_of_another_week_are_of_another_match() -> None:
    later = "Ferrymen reunite on the Danube"
    soon, late = (
        against(of_a_headline(later, ELSE, hours), of_a_headline(REUNION, "one.example"))
        for hours in (1, 14 * 24)
    )
    assert (soon.story_id, late.story_id) == (10, None)


def test_headlines_without_a_date_find_each_other() -> None:
    told = "Danube ferrymen draw thousands to a reunion at Vukovar quay"
    titles = ((told, ELSE), (REUNION, "one.example"))
    one, other = (replace(of_a_headline(*title), dated=False) for title in titles)
    assert against(one, other).story_id == 10


@pytest.mark.parametrize(
    ("title", "second", "loose"),
    [
        (
            "First ship of the Anchor mission arrives in Nuuk",
            "Second ship of the Anchor mission arrives in Nuuk",
            "Ship of the Anchor mission arrives in Nuuk harbour",
        ),
        (
            "EU and Montenegro close cluster six on external relations",
            "EU and Albania close cluster six on external relations",
            "Cluster six on external relations closed by EU",
        ),
    ],
)
def test_a_headline_that_contradicts_a_member_tells_another_story(
    title: str, second: str, loose: str
) -> None:
    prints = [of_a_headline(title, "one.example"), of_a_headline(loose, "two.example", 1)]
    article = of_a_headline(second, ELSE, 2)
    index = Index(general_terms())
    for number, found in enumerate(prints):
        index.add(handles(found), number)
    first, other = (Placed(number, 7, found) for number, found in enumerate(prints))
    assert matching_story(article, [other], weigh=index.weigh).story_id == 7
    assert matching_story(article, [first, other], weigh=index.weigh).story_id is None


STRANGERS = {
    "a notice under two titles": (
        print_of(title="Depot in Bar is ready", text=NOTICE),
        print_of(title="Bridge near Loznica is tested", text=NOTICE),
    ),
    "a notice of two outlets of one owner": (
        print_of(title="Depot in Bar is ready", text=NOTICE),
        print_of(title="Bridge near Loznica is tested", text=NOTICE, outlet=ELSE),
    ),
    "read more": (
        print_of(title="Depot in Bar is ready", text="Read more"),
        print_of(title="Bridge near Loznica is tested", text="Read more", outlet=ELSE),
    ),
    "a home page as canonical link": (
        print_of(canonical_url="https://barharbour.me/"),
        print_of(title="Bridge", text=BRIDGE, canonical_url="https://barharbour.me/"),
    ),
    "one canonical link on many pages": (
        print_of(canonical_url=LINK),
        print_of(title="Bridge", text=BRIDGE, canonical_url=LINK),
    ),
    "the same small guid": (print_of(guid="1"), print_of(title="Bridge", text=BRIDGE, guid="1")),
    "a daily title": (
        print_of(title="Morning briefing 12 March", text=""),
        print_of(title="Morning briefing 13 March", text=""),
    ),
    "a daily title, a daily text": (
        print_of(title="War in Ukraine: day 1,001"),
        print_of(title="War in Ukraine: day 1,002"),
    ),
    "the next package": (
        print_of(title="Council adopts 12th package of sanctions"),
        print_of(title="Council adopts 13th package of sanctions", outlet=ELSE),
    ),
    "another place": (
        print_of(title="Patrol discovers weapons cache near Zubin Potok"),
        print_of(title="Patrol discovers weapons cache near Leposavić", outlet=ELSE),
    ),
    "announced, then made": (
        print_of(title="Secretary General to visit Bosnia next Thursday", text=DEPOT),
        print_of(title="Secretary General visits Bosnia", text=BRIDGE, outlet=ELSE),
    ),
    "one title twice in one outlet": (
        print_of(title="Finland sends more arms", text=f"{DEPOT} {BRIDGE}"),
        print_of(title="Finland sends more arms", text=f"{BRIDGE[:200]} {NOTICE}"),
    ),
    "nothing at all": (print_of(title="", text=""), print_of(title="", text="", outlet=ELSE)),
    "one word": (print_of(title="Live", text="Live"), print_of(title="Live", text="Live")),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_strangers_are_not_joined(name: str) -> None:
    one, other = STRANGERS[name]
    for verdict in (against(one, other), against(other, one)):
        assert (verdict.story_id, verdict.kind) == (None, Kind.ORIGINAL)
        assert verdict.score < LEARNED.threshold


def test_what_contradicts_a_member_contradicts_its_story() -> None:
    twelfth = print_of(title="Alliance opens 12th fuel depot", text=BRIDGE)
    copy = print_of(title="Harbour authority takes the keys")
    article = print_of(title="Alliance opens 13th fuel depot", outlet=ELSE)
    assert matching_story(article, [Placed(2, 7, copy)]).story_id == 7
    verdict = matching_story(article, [Placed(1, 7, twelfth), Placed(2, 7, copy)])
    assert verdict.story_id is None
    assert verdict.score < LEARNED.threshold


def test_who_has_told_a_story_rarely_tells_it_again() -> None:
    wire, other = "wire.example", "other.example"
    told = [
        Placed(1, 10, print_of(outlet=other)),
        Placed(2, 10, print_of(title="Fuel depot", text=DEPOT[:200], outlet=wire)),
    ]

    def verdict(outlet: str, text: str, title: str = "Depot in Bar") -> Verdict:
        return matching_story(print_of(title=title, text=text, outlet=outlet), told)

    report = "The harbour of Bar has a depot for the fuel of the Alliance, the minister said."
    stranger, again = verdict(ELSE, report), verdict(wire, report)
    first = next(each for each in again.candidates if each.entry_id == 1)
    before = next(signal for signal in first.signals if signal.name == TOLD_BEFORE)
    assert before.value * before.weight < -1.0
    (alone,) = (each for each in stranger.candidates if each.entry_id == 1)
    assert again.score < stranger.score
    assert {signal.name for signal in first.signals} == {
        TOLD_BEFORE, *(signal.name for signal in alone.signals)
    }  # fmt: skip
    # Its own article, brought up to date, is that story all the same.
    assert verdict(wire, DEPOT, "Fuel depot").story_id == 10


UNDATED = DEPOT[DEPOT.index("Minister") :][:300]


def on_day(number: int) -> str:
    return f"On {number} February the harbour was told. {UNDATED}"


@pytest.mark.parametrize(
    ("text", "days", "expected"),
    [
        (on_day(26), [22], 1.0),
        (on_day(23), [22], 0.5),
        (on_day(23), [12, 22], 0.5),
        (on_day(22), [22], None),
        (on_day(26), [22, 26], None),
        (on_day(26), [], None),
        (UNDATED, [22], None),
    ],
)
def test_where_a_story_is_of_another_day_so_are_its_tellings_that_name_none(
    text: str, days: list[int], expected: float | None
) -> None:
    """An original says "22 February": who copies it without the date tells of that day, too."""
    rest = DEPOT[DEPOT.index("The depot") :]
    telling = Placed(1, 10, print_of(title="Depot", text=rest, outlet="one.example"))
    others = [
        Placed(n, 10, print_of(title="Fuel", text=on_day(day), outlet=f"{n}.example"))
        for n, day in enumerate(days, start=2)
    ]
    article = print_of(title="Bar depot", text=text, outlet=ELSE)
    verdict = matching_story(article, [telling, *others])
    said = signals_of(verdict, 1).get(DATED_OTHERWISE)
    assert (said and said.value) == expected
    if said:
        assert said.weight == LEARNED.weights[DATED_OTHERWISE] < -1.0
    for other in others:
        assert DATED_OTHERWISE not in signals_of(verdict, other.entry_id)


def test_the_best_member_of_a_story_counts_most() -> None:
    """A report is told by brief ones, too, but what is like one telling by chance is no report."""
    article = print_of(title="Bar depot", text=DEPOT[:300], outlet=ELSE)
    alike = print_of(title="Fuel depot in Bar", text=DEPOT[250:600], outlet="one.example")
    less = [
        print_of(title="Bridge", text=f"{BRIDGE} {DEPOT[:at]}", outlet=f"{at}.example")
        for at in (60, 40, 20)
    ]

    def verdict_on(*members: Fingerprint) -> Verdict:
        return matching_story(article, [Placed(n, 7, found) for n, found in enumerate(members)])

    def evidence(verdict: Verdict) -> list[float]:
        return [
            LEARNED.bias + sum(signal.value * signal.weight for signal in each.signals)
            for each in verdict.candidates
        ]

    for count, shares in ((0, [1]), (1, [4, 1]), (2, [4, 1, 1]), (3, [4, 1, 1])):
        verdict = verdict_on(alike, *less[:count])
        mean = float(np.average(evidence(verdict)[: len(shares)], weights=shares))
        assert verdict.score == pytest.approx(1 / (1 + exp(-mean)))


def test_to_its_rivals_a_story_counts_by_its_best_member() -> None:
    """What its brief or foreign tellings leave out makes an article no likelier to be another's."""
    article = print_of(title="Bar depot", text=DEPOT[:300], outlet=ELSE)
    rival = Placed(1, 10, print_of(title="Bar", text=f"{NOTICE} {DEPOT[:90]}", outlet="1.example"))
    best = Placed(2, 20, print_of(title="Fuel depot in Bar", text=DEPOT[250:600], outlet="2.test"))
    less = [
        Placed(
            at,
            20,
            print_of(title="Harbour", text=f"{NOTICE[:90]} {DEPOT[:at]}", outlet=f"{at}.test"),
        )
        for at in (60, 40, 20)
    ]

    def score(*members: Placed) -> float:
        found = matching_story(article, [rival, *members]).candidates
        return next(each.score for each in found if each.entry_id == rival.entry_id)

    assert score(best, *less) == score(best) < score()


def test_an_outlet_that_names_one_original_everywhere_is_not_believed() -> None:
    original = Placed(1, 7, print_of(link=LINK))
    first = print_of(title="Bridge tested", text=BRIDGE, outlet=ELSE, canonical_url=LINK)
    second = print_of(title="Vote on Sunday", text=NOTICE, outlet=ELSE, canonical_url=LINK)
    assert matching_story(first, [original]).story_id == 7
    assert matching_story(second, [original, Placed(2, 7, first)]).story_id is None


def test_a_corrected_title_keeps_its_address_and_its_story() -> None:
    verdict = against(
        print_of(title="Depot in Bar holds 9 tanks", link=LINK),
        print_of(title="Depot in Bar holds 6 tanks", link=LINK),
    )
    assert (verdict.story_id, verdict.kind) == (10, Kind.COPY)


def test_of_two_stories_the_better_one_is_chosen_in_any_order() -> None:
    placed = [
        Placed(1, 10, print_of(text=lightly_edited(DEPOT))),
        Placed(2, 20, print_of()),
        Placed(3, 30, print_of(title="Bridge", text=BRIDGE)),
    ]
    verdicts = {matching_story(print_of(outlet=ELSE), order) for order in permutations(placed)}
    assert [verdict.story_id for verdict in verdicts] == [20]
    assert [found.entry_id for found in verdicts.pop().candidates] == [2, 1, 3]


def on_the_quay(captions: tuple[str, ...]) -> Fingerprint:
    text = "A new era dawns where ships once queued, and the whole region looks on in wonder."
    return print_of(title="A game changer for the quay", text=text, outlet=ELSE, captions=captions)


def test_of_equal_stories_the_nearest_in_time_is_chosen() -> None:
    week = timedelta(days=7)
    spun = on_the_quay(captions=(f"{HEADLINE} | Bar",))
    assert against(spun, print_of(after=-week), print_of(), print_of(after=week)).story_id == 20


def test_a_candidate_shows_its_reasons() -> None:
    (candidate,) = against(print_of(outlet=ELSE), print_of()).candidates
    reasons = {signal.name: signal.value for signal in candidate.signals}
    for name in ("same_text", "shingles", "lead", "length"):
        assert reasons[name] == pytest.approx(1.0, abs=0.02), name
    assert not {"same_link", "caption", "apart", "names"} & reasons.keys()
    evidence = sum(signal.value * signal.weight for signal in candidate.signals)
    assert candidate.score == pytest.approx(1 / (1 + exp(-LEARNED.bias - evidence)))


def test_the_threshold_decides() -> None:
    model = replace(LEARNED, threshold=1.1)
    strict = matching_story(print_of(outlet=ELSE), [Placed(1, 10, print_of())], model=model)
    assert strict.story_id is None
    assert strict.threshold == 1.1


STREAM = """
from articles import DEPOT, BRIDGE, Placed, lightly_edited, matching_story, print_of
from aggregator.stories.index import Index
from aggregator.stories.stored import handles
index, prints, stories = Index(), {}, {}
texts = [DEPOT, BRIDGE, lightly_edited(DEPOT), lightly_edited(BRIDGE)] * 10
for n, text in enumerate(texts):
    title = " ".join(text.split()[n : n + 7])
    article = print_of(title=title, text=text, outlet=f"outlet{n}.example")
    found = [Placed(i, stories[i], prints[i]) for i in index.candidates([(n, handles(article))])[0]]
    verdict = matching_story(article, found, weigh=index.weigh)
    index.add(handles(article), n)
    prints[n] = article
    stories[n] = n if verdict.story_id is None else verdict.story_id
    print(verdict)
"""


def test_the_same_stream_gives_the_same_stories_whatever_the_hash_seed() -> None:
    answers = {
        subprocess.run(  # noqa: S603  # our own interpreter, our own code
            [sys.executable, "-c", STREAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1


def test_a_flood_of_one_text_is_one_story() -> None:
    index, stories = Index(), set()
    prints: list[Fingerprint] = []
    for number in range(150):
        article = print_of(outlet=f"outlet{number}.example", link=f"{LINK}/{number}")
        (candidates,) = index.candidates([(number, handles(article))])
        found = [Placed(i, 1, prints[i]) for i in candidates]
        stories.add(matching_story(article, found, weigh=index.weigh).story_id)
        index.add(handles(article), number)
        prints.append(article)
    assert stories == {None, 1}


def half_alike(number: int) -> Fingerprint:
    """Return a report that shares some of its lead with the depot's, in words of its own."""
    words = " ".join(f"vessel{number}w{each} of the eastern quay" for each in range(40))
    return print_of(
        title=f"Minister Ranka Stojovic on fuel in Bar, part {number}", text=words, outlet=ELSE
    )


def test_an_article_tells_one_story_at_most() -> None:
    alone = against(print_of(), half_alike(1))
    many = against(print_of(), *(half_alike(number) for number in range(1, 9)))
    assert many.score < alone.score / 2
    assert many.score <= 1 / 8


def test_the_model_of_a_pair_is_one_for_the_signals_that_it_has() -> None:
    read, other = (
        print_of(outlet=outlet, meaning=meaning_of("x", np.ones(3, np.float32)))
        for outlet in ("one.example", "other.example")
    )
    unread = print_of(outlet="other.example")
    signals = {}
    for name, found, model in (
        ("with", other, LEARNED_WITH_MEANING),
        ("without", unread, LEARNED_WITH_MEANING),
        ("off", other, LEARNED),
    ):
        (candidate,) = matching_story(read, [Placed(1, 10, found)], model=model).candidates
        signals[name] = {signal.name: signal.weight for signal in candidate.signals}
        expected = LEARNED_WITH_MEANING if name == "with" else LEARNED
        assert bias_of(candidate) == expected.bias
        assert all(expected.weights[signal] == at for signal, at in signals[name].items())
    assert "meaning" in signals["with"]
    assert signals["without"] == signals["off"]


@pytest.mark.parametrize("model", [LEARNED, LEARNED_WITH_MEANING], ids=["without", "with"])
def test_titles_that_stand_alone_have_one_model_whatever_has_read_them(model: Model) -> None:
    one, other = (
        print_of(outlet=outlet, text="", meaning=meaning_of("x", np.ones(3, np.float32)))
        for outlet in ("one.example", "other.example")
    )
    (candidate,) = matching_story(one, [Placed(1, 10, other)], model=model).candidates
    assert bias_of(candidate) == LEARNED_HEADLINES.bias
    weights = {signal.name: signal.weight for signal in candidate.signals}
    assert weights == {name: LEARNED_HEADLINES.weights[name] for name in weights}
    assert "meaning" not in weights
