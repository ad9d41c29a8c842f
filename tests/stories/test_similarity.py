from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Unpack

import numpy as np
import pytest
from articles import ARTICLE, BRIDGE, DEPOT, NOTICE, Facts, beside, lightly_edited, print_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from aggregator.lexicon import general_terms
from aggregator.model import Credit, Origin
from aggregator.stories.comparing import compare
from aggregator.stories.evidence import BY_IDENTITY, BY_TEXT, BY_TITLE
from aggregator.stories.fingerprint import Fingerprint, fingerprint
from aggregator.stories.pair import Pair
from aggregator.stories.sides import weighed
from aggregator.stories.similarity import SIGNALS
from aggregator.stories.terms import SPACE
from aggregator.stories.text import digest
from aggregator.stories.weighing import TermWeights

LINK = "https://barharbour.me/2026/depot"
HEADLINE = "New fuel depot handed over in Bar"
on_the_bridge = partial(
    print_of, title="Pontoon bridge tested near Loznica", text=BRIDGE, outlet="drina.rs"
)
WEIGH = TermWeights(general_terms())
TITLES = st.sampled_from(
    ["", "Depot", HEADLINE, "12th package adopted in Bar", "13th package adopted in Kotor"]
)
TEXTS = st.sampled_from(["", "Depot.", DEPOT, lightly_edited(DEPOT), BRIDGE, NOTICE, DEPOT * 9])
CAPTIONS = st.sampled_from(["", f"{HEADLINE} | Bar Harbour", "Ships call at Bar | Agency"])
PRINTS = st.builds(
    lambda title, text, outlet, caption, link, canonical: print_of(
        title=title,
        text=text,
        outlet=outlet,
        captions=(caption,),
        link=link,
        canonical_url=canonical,
        guid=canonical,
        origin=Origin("", "https://drina.rs/feed"),
    ),
    TITLES,
    TEXTS,
    st.sampled_from(["barharbour.me", "drina.rs"]),
    CAPTIONS,
    st.sampled_from([LINK, "https://drina.rs/1"]),
    st.sampled_from([LINK, "https://drina.rs/1", ""]),
)


def value(name: str, one: Fingerprint, other: Fingerprint) -> float:
    return float(SIGNALS[name](beside(one, other, weigh=WEIGH))[0])


@given(PRINTS, PRINTS)
def test_signals_are_symmetric_and_between_zero_and_one(
    one: Fingerprint, other: Fingerprint
) -> None:
    for name, signal in SIGNALS.items():
        (found,) = signal(beside(one, other))
        assert 0.0 <= found <= 1.0, name
        assert found == pytest.approx(signal(beside(other, one))[0]), name


@given(PRINTS, st.lists(PRINTS, min_size=1, max_size=6))
def test_who_else_is_compared_makes_no_difference(
    article: Fingerprint, others: list[Fingerprint]
) -> None:
    together = beside(article, *others, weigh=WEIGH)
    for name, signal in SIGNALS.items():
        alone = [value(name, article, other) for other in others]
        assert signal(together).tolist() == alone, name


@given(st.lists(st.tuples(PRINTS, st.lists(PRINTS, max_size=3)), max_size=5))
def test_what_is_compared_together_is_as_it_is_one_by_one(
    asked: list[tuple[Fingerprint, list[Fingerprint]]],
) -> None:
    questions = [weighed(one, dict(enumerate(others, 1)), WEIGH) for one, others in asked]
    alone = [compare([question])[0] for question in questions]
    assert compare(questions) == alone


@given(PRINTS, st.lists(PRINTS, min_size=1, max_size=6))
def test_who_is_not_judged_would_have_been_found_nothing(
    article: Fingerprint, others: list[Fingerprint]
) -> None:
    lineup = beside(article, *others, weigh=WEIGH)
    for judge in (*BY_IDENTITY, *BY_TITLE, *BY_TEXT):
        judged = [judge(Pair(lineup, row)) for row in range(len(others))]
        assert SIGNALS[judge.__name__](lineup).tolist() == judged, judge


def test_every_signal_says_what_it_is() -> None:
    assert all(signal.__doc__ for signal in SIGNALS.values())


@pytest.mark.parametrize("key", ["guid", "link"])
def test_one_address_is_one_article(key: str) -> None:
    one, other = (
        print_of(guid=f"{LINK}{mark}", link=f"{LINK}{mark}") for mark in ("", "?utm_source=x")
    )
    assert value(f"same_{key}", one, other) == 1.0
    assert value(f"same_{key}", one, print_of(guid="1", link="nowhere")) == 0.0


@pytest.mark.parametrize(
    ("facts", "other", "expected"),
    [
        ({}, {"title": "Bridge tested", "text": BRIDGE}, 0.0),
        ({}, {"text": BRIDGE}, 0.0),
        ({}, {"title": "Ships may now refuel"}, 1.0),
        ({}, {"title": "", "text": ""}, 1.0),
        ({"title": ""}, {"text": BRIDGE}, 0.0),
        ({"title": "", "text": "Depot."}, {"text": "Bridge."}, 0.0),
        ({"text": ""}, {"text": ""}, 1.0),
        ({"text": "", "title": "Minister meets envoy of Serbia"},
         {"text": "", "title": "Minister meets envoy of Croatia"}, 0.0),
        ({"text": "", "title": "Council adopts 12th package"},
         {"text": "", "title": "Council adopts 13th package"}, 0.0),
        ({"text": "", "title": "Exercise opens in Norway"},
         {"text": "", "title": "Summit opens in Ankara"}, 0.0),
    ],
)  # fmt: skip
def test_an_address_is_given_twice(facts: Facts, other: Facts, expected: float) -> None:
    at_link: Facts = {"link": LINK}
    one, two = (print_of(**(given | at_link)) for given in (facts, other))
    assert value("same_link", one, two) == expected


def test_a_page_that_names_its_original() -> None:
    original = print_of(link=LINK)
    spun = print_of(
        title="Bar: A New Era Dawns",
        text=BRIDGE,
        outlet="farm.example",
        link="https://farm.example/1",
        canonical_url=LINK,
    )
    assert value("same_canonical", original, spun) == 1.0


def test_careless_canonical_links_are_no_evidence() -> None:
    front = print_of(link=LINK, canonical_url=LINK)
    same_outlet = print_of(
        title="Bar bridge tested", text=BRIDGE, link=f"{LINK}2", canonical_url=LINK
    )
    assert value("same_canonical", front, same_outlet) == 0.0
    assert value("careless_link", front, same_outlet) == 1.0
    stranger = print_of(title="Vote", text=NOTICE, outlet="else.example", canonical_url=LINK)
    assert value("same_canonical", same_outlet, stranger) == 0.0
    assert value("careless_link", same_outlet, stranger) == 0.0


def test_the_same_text_means_the_same_under_one_title_or_from_two_outlets() -> None:
    copy = print_of(title="Harbour authority takes over", outlet="else.example")
    assert value("same_text", print_of(), copy) == 1.0
    assert value("same_text", print_of(), print_of(outlet="else.example")) == 1.0


def test_a_notice_in_place_of_the_text_means_nothing() -> None:
    one = print_of(text=NOTICE)
    for outlet in ("barharbour.me", "else.example"):
        other = print_of(title="Pontoon bridge tested near Loznica", text=NOTICE, outlet=outlet)
        assert value("same_text", one, other) == value("shingles", one, other) == 0.0


def test_a_long_text_of_two_outlets_is_a_copy_whatever_its_title() -> None:
    """Of a column, a briefing or a quoted title, the text may have no word at all."""
    one = print_of(title="Weekend reading", text=BRIDGE)
    same = print_of(title="Weekend reading", text=BRIDGE, outlet="else.example")
    assert value("same_text", one, same) == 1.0
    headed = "Convoy of lorries crosses the pontoon bridge"
    headed_otherwise = print_of(title=headed, text=BRIDGE, outlet="else.example")
    assert value("same_text", one, headed_otherwise) == 1.0
    assert value("notice", one, headed_otherwise) == 0.0
    unheaded = print_of(title="They get their way at last", text=f"{BRIDGE} " * 4, outlet="x.org")
    assert value("same_text", print_of(title="Weekend reading", text=f"{BRIDGE} " * 4), unheaded)
    # But one outlet's column is not all its columns, and a short notice is none.
    brief = print_of(title="Interview", text=NOTICE, outlet="else.example")
    assert value("same_text", print_of(title="Interview", text=NOTICE), brief) == 0.0
    assert value("same_text", one, print_of(title="Weekend reading", text=BRIDGE)) == 0.0


def test_titles_are_weighed_by_the_rarity_of_their_words() -> None:
    one, other = print_of(title="depot in Bar"), print_of(title="depot in Ulcinj")
    assert beside(one, other).titles[0] == pytest.approx(2 / 4)
    depot = digest("depot", 4) % SPACE

    def weigh(ids: NDArray[np.uint32]) -> NDArray[np.float32]:
        return np.where(ids == depot, np.float32(9.0), np.float32(1.0))

    rare_depot = beside(one, other, weigh=weigh)
    assert rare_depot.titles[0] == pytest.approx(10 / 12)


def test_shingles_see_through_edits_and_cuts() -> None:
    copy = print_of(title="Harbour news of the depot", text=lightly_edited(DEPOT), outlet="x.org")
    assert value("shingles", print_of(), copy) > 0.6
    assert beside(print_of(), copy).texts[0] > value("shingles", print_of(), copy)
    assert value("shingles", print_of(), on_the_bridge()) == 0.0


def test_shingles_see_a_short_text_in_a_very_long_one() -> None:
    long = print_of(text=DEPOT + " ".join(f"filler{number}" for number in range(300)))
    assert value("shingles", print_of(), long) == 1.0


def test_a_digest_of_the_day_is_not_each_of_its_pieces() -> None:
    digest = print_of(
        title="The depot and all other news of the day",
        text="\n".join([DEPOT, *(BRIDGE.replace("e", mark) for mark in "abcdfghijk")]),
        outlet="digest.example",
    )
    assert 0.0 <= value("shingles", print_of(), digest) < 0.5 < beside(print_of(), digest).texts[0]


def test_a_statement_that_two_quote_is_no_copy() -> None:
    statement = DEPOT[: len(DEPOT) // 5]
    one, other = (
        print_of(title=f"Bar: {text[:30]}", text=f"{statement} {text}", outlet=text[:5])
        for text in (BRIDGE, NOTICE)
    )
    assert 0.0 < beside(one, other).texts[0] < 0.3
    assert value("shingles", one, other) == 0.0


def test_one_text_under_two_titles_that_it_does_not_speak_of_is_a_notice() -> None:
    one, other = print_of(text=NOTICE), on_the_bridge(text=NOTICE)
    assert value("notice", one, other) == 1.0
    assert value("notice", one, print_of(text=NOTICE)) == 0.0
    assert value("notice", print_of(), print_of(outlet="x.org", title="Harbour depot")) == 0.0


def test_what_rewrites_are_padded_with_speaks_against_them() -> None:
    """The more, the less else there is; under one title it is news."""

    def padded(title: str, text: str, outlet: str) -> Fingerprint:
        return print_of(title=title, text=f"{text} {NOTICE}", outlet=outlet)

    bridge = padded("Bridge tested", BRIDGE, "x.org")
    much, less = (padded("Oil and water", DEPOT[:end], "else.example") for end in (300, 500))
    assert 0.0 < value("padding", bridge, less) < value("padding", bridge, much) < 1.0
    assert value("padding", on_the_bridge(), much) == 0.0
    assert value("padding", print_of(), print_of(text=DEPOT[:500], outlet="x.org")) == 0.0


def test_who_says_next_to_nothing_could_speak_of_anything() -> None:
    alone = print_of(text="")
    for title in ("Live", "Statement by the Press Office", "What you need to know today"):
        kicker = print_of(title=title, text="")
        assert value("thin", kicker, print_of()) == 1.0, title
    assert value("thin", alone, print_of()) == 0.0


def test_of_titles_alone_a_few_telling_words_will_do() -> None:
    kicker, alone = print_of(title="Live", text=""), print_of(title="Loznica quay", text="")
    assert value("thin", kicker, kicker) == 1.0
    assert value("thin", alone, alone) == 0.0
    assert value("thin", alone, print_of()) == 1.0


def test_a_few_words_in_common_are_chance() -> None:
    assert value("shingles", print_of(text="Read more of this"), print_of(text="Read more")) == 0.0


def test_without_texts_one_headline_is_enough_for_some_days() -> None:
    one = print_of(text="")
    again: Facts = {"text": "", "outlet": "else.example"}
    assert value("headline", one, print_of(**again, after=timedelta(days=2))) == 1.0
    assert value("headline", one, print_of(**again, after=timedelta(days=5))) == 0.0
    assert value("headline", one, print_of(text="")) == 0.0
    assert value("headline", print_of(), print_of(outlet="else.example")) == 0.0
    for title in ("Live", "What you need to know today"):
        kicker: Facts = {"title": title, "text": ""}
        assert value("headline", print_of(**kicker), print_of(**(again | kicker))) == 0.0


def crediting(url: str, **facts: Unpack[Facts]) -> Fingerprint:
    """Return the fingerprint of a page on something else that says it stood first at `url`."""
    plain: Facts = {
        "title": "Vote",
        "text": NOTICE,
        "outlet": "farm.example",
        "credits": (Credit("Somebody", "somebody.example", url=url),),
    }
    return print_of(**plain | facts)


def test_a_line_leads_to_the_original() -> None:
    original = print_of(link=LINK)
    spun = crediting(f"{LINK}?utm_source=farm", text="Bar has its depot, thanks to Stojovic. " * 9)
    assert value("credit", original, spun) == 1.0
    assert value("credit", print_of(canonical_url=LINK), spun) == 1.0
    assert value("credit", print_of(link=f"{LINK}2"), spun) == 0.0


def test_a_line_that_leads_to_a_stranger_is_no_evidence_but_short_texts_are_none() -> None:
    original = print_of(link=LINK)
    assert value("credit", original, crediting(LINK)) == 0.0
    assert value("credit", original, crediting(LINK, text="Read on.")) == 1.0


def test_a_digest_credits_many_and_retells_none() -> None:
    credited = (Credit("Here", "here.example", url=LINK), ABROAD)
    digest_of_two = print_of(title="Bar today", outlet="farm.example", credits=credited)
    assert value("credit", print_of(link=LINK), digest_of_two) == 0.0


def test_within_an_outlet_a_line_refers_to_another_article() -> None:
    assert value("credit", print_of(link=LINK), print_of(credits=(ABROAD,))) == 0.0
    assert value("credit", print_of(link=ABROAD.url or ""), print_of(credits=(ABROAD,))) == 0.0


def test_two_that_credit_one_address_must_agree_and_within_an_outlet_they_are_careless() -> None:
    one, other = print_of(credits=(ABROAD,)), print_of(outlet="else.example", credits=(ABROAD,))
    assert value("credit", one, other) == 1.0
    stranger = crediting(ABROAD.url or "")
    assert value("credit", one, stranger) == 0.0
    assert value("careless_link", one, stranger) == 0.0
    assert value("careless_link", one, crediting(ABROAD.url or "", outlet=one.outlet)) == 1.0
    assert value("careless_link", one, replace(one, title=("depot",))) == 0.0


ABROAD = Credit("Abroad", "abroad.example", url="https://abroad.example/2026/depot")


def test_a_search_engine_shows_the_outlets_own_headline_for_some_days() -> None:
    plain = print_of()
    for suffix in ("Bar Harbour", "barharbour.me"):
        shown = print_of(title=f"{HEADLINE} - {suffix}", text="")
        assert shown.title == plain.title
        assert value("caption", plain, shown) == value("caption", shown, shown) == 1.0
    by_source = Origin("The Harbour of Bar", "https://barharbour.me")
    named = print_of(title=f"{HEADLINE} - The Harbour of Bar", origin=by_source, text="")
    assert named.title == plain.title
    elsewhere = print_of(title=f"{HEADLINE} - Quay", text="", outlet="quay.example")
    assert value("caption", named, elsewhere) == value("caption", plain, elsewhere) == 0.0
    assert value("headline", named, elsewhere) == 1.0
    late = print_of(title=f"{HEADLINE} - Bar Harbour", text="", after=timedelta(days=7))
    assert value("caption", plain, late) == 0.0


def test_a_caption_with_the_outlets_own_name_is_of_another_article() -> None:
    today = on_the_bridge(outlet="barharbour.me", captions=(f"{HEADLINE} | Bar Harbour",))
    assert value("caption", print_of(), today) == 0.0


def test_an_outlet_by_name_and_by_host_is_one() -> None:
    by_name = print_of(outlet="The Bar Harbour")
    assert value("same_outlet", print_of(), by_name) == 1.0
    assert value("same_outlet", print_of(outlet="bar-harbour.example"), print_of()) == 0.0


def test_a_credit_gives_a_headline_as_a_caption_does() -> None:
    spun = on_the_bridge(credits=(Credit("Someone", headline=HEADLINE),))
    assert value("caption", print_of(), spun) == 1.0


def test_a_caption_names_the_headline_of_its_original() -> None:
    spun = on_the_bridge(captions=(f"{HEADLINE} | Someone",))
    assert value("caption", print_of(), spun) == 1.0
    assert value("caption", print_of(title=f"{HEADLINE} today"), spun) == 0.0


def test_a_short_headline_needs_its_outlet() -> None:
    original = print_of(title="Depot in Bar")
    for outlet, expected in (("Bar Harbour", 1.0), ("Drina", 0.0)):
        spun = on_the_bridge(captions=(f"Depot in Bar | {outlet}",))
        assert value("caption", original, spun) == expected


def test_a_caption_in_common_is_half_a_reason_between_outlets() -> None:
    captions = ("Ships at anchor near Bar | Agency",)
    one, two = print_of(captions=captions), print_of(captions=captions, outlet="else.example")
    assert value("caption", one, two) == 0.5
    assert value("caption", one, one) == 0.0


def test_an_entry_names_its_source() -> None:
    named = print_of(origin=Origin("Harbour", "https://www.barharbour.me/rss"), outlet="news.org")
    assert value("origin", print_of(), named) == 1.0
    assert value("origin", print_of(title="Another"), named) == 0.0
    line = print_of(credits=(Credit("Bar Harbour", firm=False),), outlet="news.org")
    assert value("origin", print_of(), line) == 1.0
    assert value("origin", print_of(title="Another"), line) == 0.0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Council adopts 12th package", "Council adopts 13th package", 1.0),
        ("Council adopts twelfth package", "Council adopts 13th package", 1.0),
        ("War in Ukraine: day 1,001", "War in Ukraine: day 1,002", 1.0),
        ("Morning briefing 12 March", "Morning briefing 13 March", 1.0),
        ("Council adopts 12th package", "Council adopts twelfth package", 0.0),
        ("Council adopts 12th package", "Council adopts package", 0.0),
        ("Alliance holds 12th Bar regatta", "Alliance holds 2026 Bar regatta", 0.0),
        ("Alliance holds 2025 Bar regatta", "Alliance holds 2026 Bar regatta", 1.0),
        ("Alliance holds 12th Bar regatta", "Alliance holds 2026 Bar regatta, the 13th", 1.0),
        ("Council adopts 12th package", "Navy drills with 13 ships near Bar", 0.0),
        ("", "", 0.0),
    ],
)
def test_numbers_contradict(one: str, other: str, expected: float) -> None:
    assert value("numbers", print_of(title=one), print_of(title=other)) == expected


def test_of_titles_alone_any_number_contradicts_another() -> None:
    one, other = (
        print_of(title=f"Alliance holds {which} Bar regatta", text="") for which in ("12th", "2026")
    )
    assert value("numbers", one, other) == 1.0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Patrol finds weapons near Zubin Potok", "Patrol finds weapons near Leposavić", 1.0),
        ("Chief welcomes President of Latvia", "Chief welcomes President of Estonia", 1.0),
        ("Chief welcomes President Zelensky", "Chief welcomes President Zelenskyy", 0.0),
        ("Patrol finds weapons near Zubin Potok", "Patrol finds weapons", 0.0),
        ("Patrol finds weapons near Bar", "Ministers meet in Kotor on Monday", 0.0),
    ],
)
def test_names_contradict(one: str, other: str, expected: float) -> None:
    assert value("names", print_of(title=one), print_of(title=other)) == expected


@pytest.mark.parametrize(("place", "expected"), [("Zubin Potok", 0.0), ("Leposavić", 1.0)])
def test_the_outlet_behind_a_title_names_nobody_in_the_news(place: str, expected: float) -> None:
    one = print_of(title="Patrol finds weapons near Zubin Potok | Cyprus Herald")
    other = print_of(title=f"Patrol finds weapons near {place} | Egypt Monitor")
    assert value("names", one, other) == value("names", other, one) == expected


def test_titles_alone_contradict_where_they_are_the_same_but_for_what_they_name() -> None:
    title, other = "Chief welcomes President of Latvia", "Chief greets President of Estonia"
    for text, expected in ((DEPOT, 1.0), ("", 0.0)):
        one = print_of(title=title, text=text)
        assert value("names", one, print_of(title=other, text=text)) == expected
    same = title.replace("Latvia", "Estonia")
    assert value("names", print_of(title=title, text=""), print_of(title=same, text="")) == 1.0


def test_in_german_a_capital_tells_no_name() -> None:
    titles = "Zwei Judoka holen erstes Gold", "Zwei Ringer holen erstes Silber"
    for lang, text, expected in (("de", "", 0.0), ("fr", "", 1.0)):
        one, other = (print_of(title=title, text=text, lang=lang) for title in titles)
        assert value("names", one, other) == expected, (lang, text)


def test_titles_alone_are_of_the_day() -> None:
    title = print_of(text="")
    later = [
        value("later", title, print_of(text="", after=timedelta(hours=hours)))
        for hours in (1, 7, 24, 48, 20 * 24, 99 * 24)
    ]
    assert later[:5] == sorted(set(later))
    assert (later[0], *later[4:]) == (0.0, 1.0, 1.0)
    assert later[3] < value("later", title, replace(title, dated=False)) < 1.0
    assert value("later", title, print_of(after=timedelta(days=9))) == 0.0


def test_a_name_that_the_other_lead_has_contradicts_nothing() -> None:
    ministry = told("The ministry opened it in Latvia.", title="Ministry opens tender for towers")
    country = told("In Riga the ministry opened it.", title="Latvia opens tender for Riga towers")
    other = told("The ministry opened it.", title="Estonia opens tender for Tartu towers")
    assert value("names", ministry, country) == 0.0
    assert value("names", country, other) == 1.0
    later = f"The ministry opened it. {'And so on. ' * 90} As Latvia did in Riga."
    assert (
        value("names", country, told(later, title="Estonia opens tender for Tartu towers")) == 1.0
    )


def test_length_is_the_shorter_over_the_longer() -> None:
    one, other = print_of(text="one two"), print_of(text="one two three four")
    assert value("length", one, other) == 0.5
    assert value("length", print_of(text=""), print_of(text="")) == 0.0


def test_one_outlet_is_known() -> None:
    assert value("same_outlet", print_of(), print_of()) == 1.0
    assert value("same_outlet", print_of(), print_of(outlet="else.example")) == 0.0


def told(sentence: str, **facts: Unpack[Facts]) -> Fingerprint:
    """Return an article of one sentence."""
    return print_of(**({"title": "", "text": sentence} | facts))


def test_names_in_common_are_found_in_other_words() -> None:
    one = told("On Friday the minister Ranka Stojovic met Colonel Imre Halasz in Loznica.")
    other = told("A visit: Imre Halasz was received; Ranka Stojovic spoke of roads and of money.")
    fewer = value("shared_names", one, told("To Ranka Vukov and to all others."))
    assert value("shared_names", one, other) > fewer > 0.0
    assert value("missing_actors", one, other) < 0.5
    assert (
        value("missing_actors", one, told("In Podgorica Danilo Markovic met Ana Perovic.")) == 1.0
    )


def test_a_name_is_the_same_however_it_is_spelled() -> None:
    one = told("On Friday Plamen Zhelyazkovski met Uldis Krastenbergs at the port.")
    other = told("The port saw Plamen Zheliazkovsky and Uldis Krastenberg shake hands.")
    strangers = told("The port saw Danilo Markovic and Ana Perovic shake hands.")
    assert value("shared_names", one, other) > 2 * value("shared_names", one, strangers)
    assert value("missing_actors", one, other) == 0.0


def test_one_word_alone_makes_no_two_leads_alike() -> None:
    village = "Halwesport"
    one, other = (
        told(f"{words} at {village}. {village}, {village}!", title=village)
        for words in ("Farmers sowed barley", "Divers raised an anchor")
    )
    assert value("lead", one, other) ** 2 < 0.5 * beside(one, other, weigh=WEIGH).leads[0]
    assert value("lead", print_of(), print_of()) > 0.9
    assert value("lead", told("Halwesport"), told("Halwesport")) == 0.0


def test_names_cross_the_border_of_languages() -> None:
    one, other = print_of(), print_of()
    assert value("foreign", one, other) == value("foreign_names", one, other) == 0.0
    local = replace(other, lang="sr")
    assert value("foreign", replace(one, lang="en"), local) == 1.0
    assert value("foreign_names", replace(one, lang="en"), local) == pytest.approx(1.0)
    assert value("foreign", one, local) == 0.0


def test_figures_agree_and_contradict() -> None:
    one = told("The package of 118 million euros holds 24 guns, said Ranka Stojovic of Kotor.")
    same = told("It is 118 million, said Ranka Stojovic in Kotor: guns, 24 of them.")
    unnamed = told("It is 118 million, said the ministry: guns, 24 of them.")
    other = told("The package of 96 million euros holds 31 guns.")
    assert value("figures", one, same) > 0.0 == value("other_figures", one, same)
    assert value("figures", one, unnamed) < value("figures", one, same) / 2
    assert value("other_figures", one, other) > 0.0 == value("figures", one, other)
    assert value("other_figures", one, told("The package holds guns.")) == 0.0


def test_a_rewrite_is_later_and_vaguer_and_names_nobody_else() -> None:
    padding = "and so the story goes on as stories of this kind do, at length. " * 9
    said = "Colonel Imre Halasz met Ranka Stojovic in Loznica on Friday, and Ana Perovic spoke. "
    later = partial(print_of, title="", after=timedelta(days=2))
    report, rewrite = told(said * 9), later(text=f"In Loznica one met Ranka Stojovic; {padding}")
    assert value("vaguer", report, rewrite) > 0.5
    other = later(text=f"In Loznica one met Danilo Markovic; {padding}")
    assert value("vaguer", report, other) < value("vaguer", report, rewrite) / 2
    assert value("vaguer", told(said * 4), rewrite) < value("vaguer", report, rewrite)
    assert value("vaguer", told(f"In Loznica {padding}"), rewrite) == 0.0
    assert value("vaguer", report, later(text=padding)) == 0.0
    assert value("vaguer", report, later(text="In Loznica one met Ranka Stojovic.")) == 0.0
    late = replace(rewrite, published=report.published + timedelta(days=9))
    assert value("vaguer", report, late) < value("vaguer", report, rewrite)
    assert value("vaguer", report, replace(rewrite, dated=False)) == 0.0
    assert value("vaguer", report, replace(rewrite, published=report.published)) == 0.0
    assert value("vaguer", rewrite, later(text=said * 9, after=timedelta(days=4))) == 0.0


def test_what_was_there_before_is_no_rewrite() -> None:
    padding = "and so the story goes on as stories of this kind do, at length. " * 9
    said = "Colonel Imre Halasz met Ranka Stojovic in Loznica on Friday, and Ana Perovic spoke. "
    report, vague = print_of(text=said * 9), f"In Loznica one met Ranka Stojovic; {padding}"
    later, earlier = (print_of(text=vague, after=timedelta(hours=hours)) for hours in (9, -9))
    assert value("vague_before", report, earlier) > 0.5
    assert value("vague_before", earlier, report) == value("vague_before", report, earlier)
    assert value("vague_before", report, later) == 0.0
    assert value("vague_before", report, replace(earlier, dated=False)) == 0.0
    assert value("vague_before", later, earlier) == 0.0, "it is as vague"


def test_quotes_in_common_are_counted() -> None:
    quote = "nobody redraws a map in our neighbourhood any more"
    one, other = (
        told(f'"{quote}," he said.'),
        told(f"He told them: \u201c{quote}\u201d. They left."),
    )
    assert value("quotes", one, other) > 0.5
    assert value("quotes", one, told(f"He said that {quote}.")) == 0.0


def test_days_agree_and_contradict() -> None:
    one = told("The talks took place on 27 February.")
    assert value("other_days", one, told("On February 27th they met.")) == 0.0
    assert value("other_days", one, told("On 28 February they met.")) == 0.5
    assert value("other_days", one, told("On 1 March they met.")) == 1.0
    assert value("other_days", one, told("On 20 February they met.")) == 1.0
    assert value("other_days", one, told("They met.")) == 0.0


@pytest.mark.parametrize("far_off", ["They meet on 9 March.", "They met on 9 January."])
def test_who_names_a_day_far_off_tells_of_it_when_others_do(far_off: str) -> None:
    """A mandate that ends in June is renewed today; but two that end on two days are two."""
    assert value("other_days", told(far_off), told("On 2 March it was said.")) == 0.0
    assert value("other_days", told(far_off), told("On 1 March it was said.")) == 0.5
    assert value("other_days", told(far_off), told("On 28 February it was said.")) == 1.0
    assert value("other_days", told(far_off), told("They meet on 12 March.")) == 1.0
    undated = fingerprint(replace(ARTICLE, title="", text=far_off, dated=False))
    assert value("other_days", undated, told("On 2 March it was said.")) == 1.0


def test_which_monday_is_not_known_of_a_text_of_unknown_date() -> None:
    one, other = "They met on Monday.", "They met on Thursday."
    assert value("other_days", told(one), told(other)) > 0.5
    undated = fingerprint(replace(ARTICLE, title="", text=other, dated=False))
    assert value("other_days", told(one), undated) == 0.0
    by_date = fingerprint(replace(ARTICLE, title="", text="On 26 February they met.", dated=False))
    assert value("other_days", told("They met on 2 March."), by_date) == 1.0


def test_time_goes_by() -> None:
    gaps = [
        value("apart", print_of(), print_of(after=timedelta(days=days))) for days in (3, 4, 7, 10)
    ]
    assert gaps == sorted(set(gaps))
    assert gaps[0] == 0.0
    assert gaps[-1] == pytest.approx(1.0)
    assert value("apart", print_of(), print_of(after=timedelta(days=99))) == 1.0
    undated = replace(print_of(after=timedelta(days=7)), dated=False)
    assert (value("apart", print_of(), undated), value("undated", print_of(), undated)) == (0, 1)
    assert value("undated", print_of(), print_of()) == 0.0


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        ("short", {"text": "Six words, all of them few."}, 1.0),
        ("short", {}, 0.0),
        ("untold", {"text": ""}, 0.0),
        ("lead", {}, 1.0),
    ],
)
def test_what_is_said_of_an_article_beside_the_depot(
    name: str, facts: Facts, expected: float
) -> None:
    assert value(name, print_of(), print_of(**facts)) == pytest.approx(expected, abs=0.1)


def test_titles_alone_are_untold() -> None:
    assert value("untold", print_of(text="Read more"), print_of(text="")) == 1.0
    assert value("untold", print_of(text=""), print_of(text="")) == 1.0


def test_figures_alone_are_chance() -> None:
    found = {}
    for name, text in (("alike", lightly_edited(BRIDGE)), ("by chance", DEPOT)):
        figures = f"Of 118 it was 24, then 96. {'And so on. ' * 90} So Ana Perovic in Kotor."
        one, other = (told(f"{words} {figures}") for words in (BRIDGE, text))
        found[name] = value("figures", one, other)
    assert 0.0 < found["by chance"] < 0.95 * found["alike"]


def test_where_no_date_is_known_the_lead_tells_more() -> None:
    undated = replace(print_of(), dated=False)
    assert value("undated_lead", print_of(), print_of()) == 0.0
    assert value("undated_lead", print_of(), undated) == value("lead", print_of(), undated) > 0.9
