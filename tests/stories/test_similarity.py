from datetime import timedelta
from functools import partial

import pytest
from articles import BRIDGE, DEPOT, NOTICE, Facts, lightly_edited, print_of
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Origin
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.pair import Pair
from aggregator.stories.similarity import SIGNALS

LINK = "https://barharbour.me/2026/depot"
HEADLINE = "New fuel depot handed over in Bar"
on_the_bridge = partial(
    print_of, title="Pontoon bridge tested near Loznica", text=BRIDGE, outlet="drina.rs"
)
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
    return SIGNALS[name](Pair(one, other))


@given(PRINTS, PRINTS)
def test_signals_are_symmetric_and_between_zero_and_one(
    one: Fingerprint, other: Fingerprint
) -> None:
    for name, signal in SIGNALS.items():
        assert 0.0 <= signal(Pair(one, other)) <= 1.0, name
        assert signal(Pair(one, other)) == signal(Pair(other, one)), name


def test_every_signal_says_what_it_is() -> None:
    assert all(signal.__doc__ for signal in SIGNALS.values())


@pytest.mark.parametrize("key", ["guid", "link"])
def test_one_address_is_one_article(key: str) -> None:
    one, other = (
        print_of(guid=f"{LINK}{mark}", link=f"{LINK}{mark}") for mark in ("", "?utm_source=x")
    )
    assert value(f"same_{key}", one, other) == 1.0
    assert value(f"same_{key}", one, print_of(guid="1", link="nowhere")) == 0.0


def test_an_address_that_leads_to_two_articles_is_none() -> None:
    one = print_of(link=LINK)
    assert value("same_link", one, print_of(title="Bridge tested", text=BRIDGE, link=LINK)) == 0.0
    assert value("same_link", one, print_of(title="Ships may now refuel", link=LINK)) == 1.0
    assert value("same_link", one, print_of(title="", text="", link=LINK)) == 1.0


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


def test_titles_are_weighed_by_the_rarity_of_their_words() -> None:
    one, other = print_of(title="depot in Bar"), print_of(title="depot in Ulcinj")
    assert Pair(one, other).titles == pytest.approx(2 / 4)
    rare_places = Pair(one, other, lambda word: 9.0 if word in {"bar", "ulcinj"} else 1.0)
    assert rare_places.titles == pytest.approx(2 / 20)


def test_shingles_see_through_edits_and_cuts() -> None:
    copy = print_of(title="Harbour news of the depot", text=lightly_edited(DEPOT), outlet="x.org")
    assert value("shingles", print_of(), copy) > 0.7
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
    assert 0.0 < value("shingles", print_of(), digest) < 0.5


def test_a_few_words_in_common_are_chance() -> None:
    assert value("shingles", print_of(text="Read more of this"), print_of(text="Read more")) == 0.0


def test_without_texts_one_headline_is_enough_for_some_days() -> None:
    one = print_of(text="")
    again: Facts = {"text": "", "outlet": "else.example"}
    assert value("headline", one, print_of(**again, after=timedelta(days=2))) == 1.0
    assert value("headline", one, print_of(**again, after=timedelta(days=5))) == 0.0
    assert value("headline", one, print_of(text="")) == 0.0
    assert value("headline", print_of(), print_of(outlet="else.example")) == 0.0
    assert value("headline", print_of(title="Live", text=""), print_of(**again)) == 0.0


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


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Council adopts 12th package", "Council adopts 13th package", 1.0),
        ("Council adopts twelfth package", "Council adopts 13th package", 1.0),
        ("War in Ukraine: day 1,001", "War in Ukraine: day 1,002", 1.0),
        ("Morning briefing 12 March", "Morning briefing 13 March", 1.0),
        ("Council adopts 12th package", "Council adopts twelfth package", 0.0),
        ("Council adopts 12th package", "Council adopts package", 0.0),
        ("Council adopts 12th package", "Navy drills with 13 ships near Bar", 0.0),
        ("", "", 0.0),
    ],
)
def test_numbers_contradict(one: str, other: str, expected: float) -> None:
    assert value("numbers", print_of(title=one), print_of(title=other)) == expected


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


def test_length_is_the_shorter_over_the_longer() -> None:
    one, other = print_of(text="one two"), print_of(text="one two three four")
    assert value("length", one, other) == 0.5
    assert value("length", print_of(text=""), print_of(text="")) == 0.0


def test_one_outlet_is_known() -> None:
    assert value("same_outlet", print_of(), print_of()) == 1.0
    assert value("same_outlet", print_of(), print_of(outlet="else.example")) == 0.0
