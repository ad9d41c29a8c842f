import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_stories import story, telling

from aggregator.model import Credit, Kind, Provenance
from aggregator.stories.provenance import (
    attributed,
    is_own,
    names_outlet,
    original_of,
    plain_name,
    provenance_of,
    without_own_name,
)


@pytest.mark.parametrize("separator", [" - ", " \N{EN DASH} ", " \N{EM DASH} ", " | "])
def test_a_headline_is_parted_from_its_outlet(separator: str) -> None:
    text = f"Depot opens at Rača{separator}Drina Courier"
    assert attributed(text) == ("Depot opens at Rača", "Drina Courier")


def test_the_last_separator_counts() -> None:
    assert attributed("Energy in Bosnia - a profile - Our World") == (
        "Energy in Bosnia - a profile",
        "Our World",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Depot opens at Rača",
        "EU-NATO co-ordination is up",
        "Two words - Outlet",
        "Depot opens at Rača - ",
        "Depot opens at Rača - and the whole town came to see it",
        "Season 2024\N{EN DASH}2025 opens at Rača",
    ],
)
def test_what_attributes_nothing_is_left_alone(text: str) -> None:
    assert attributed(text) is None


@given(st.text())
def test_attributed_parts_come_from_the_text(text: str) -> None:
    found = attributed(text)
    assert found is None or all(part in text for part in found)


@pytest.mark.parametrize(
    ("name", "outlet", "expected"),
    [
        ("Drina Courier", "drinacourier.ba", True),
        ("drina-courier.ba", "drina-courier.ba", True),
        ("Courier", "courier.co.uk", True),
        ("Drina", "drinacourier.ba", False),
        ("ba", "drinacourier.ba", False),
        ("Sava Post", "drinacourier.ba", False),
        ("The Drina Courier", "drinacourier.ba", True),
        ("Дрина Курир", "drinakurir.rs", True),
        ("The", "the.example", True),
        ("", "drinacourier.ba", False),
        ("—", "drinacourier.ba", False),
    ],
)
def test_an_outlet_is_known_by_its_name(name: str, outlet: str, *, expected: bool) -> None:
    assert names_outlet(name, outlet) is expected


def test_names_are_compared_without_their_article() -> None:
    assert plain_name("Das Küstenblatt") == plain_name("kustenblatt")


def test_its_own_name_is_taken_off_a_title() -> None:
    title = "Depot opens at Rača | Drina Courier"
    assert without_own_name(title, ["drinacourier.ba"]) == "Depot opens at Rača"
    assert without_own_name(title, ["savapost.ba", ""]) == title
    assert without_own_name("Depot opens at Rača", ["drinacourier.ba"]) == "Depot opens at Rača"


@pytest.mark.parametrize(
    ("credit", "own"),
    [
        (Credit("Drina Courier"), True),
        (Credit("Us", "en.drinacourier.ba"), True),
        (Credit("Sava Post", "savapost.ba"), False),
    ],
)
def test_who_credits_itself(credit: Credit, *, own: bool) -> None:
    assert is_own(credit, "drinacourier.ba") is own


TITLE = "Diesel joy for all who sail"
CAPTION = "Engineers hand over a depot in Bar – Harbour Gazette"  # noqa: RUF001 - as farms print it
SHOWN = Provenance("Harbour Gazette", "Engineers hand over a depot in Bar", None, "caption")
URL = "https://harbourgazette.example/2026/depot"


@pytest.mark.parametrize(
    ("title", "captions", "credited", "expected"),
    [
        (TITLE, (), (), None),
        (TITLE, (CAPTION,), (), SHOWN),
        (CAPTION, (), (), Provenance(*(SHOWN.outlet, SHOWN.headline), None, "title")),
        (
            TITLE,
            (CAPTION,),
            (Credit("Harbour Gazette", "harbourgazette.example", url=URL),),
            Provenance("Harbour Gazette", SHOWN.headline, URL, "line"),
        ),
        (
            TITLE,
            (CAPTION,),
            (Credit("Quay", "quay.example", "", "https://quay.example/1", shown_by="canonical"),),
            Provenance("Quay", "", "https://quay.example/1", "canonical"),
        ),
        (TITLE, (), (Credit("Harbour Gazette"),), Provenance("Harbour Gazette", "", None, "line")),
        (
            TITLE,
            (),
            (Credit("Quay"), Credit("Pier", headline="Depot opens")),
            Provenance("Pier", "Depot opens", None, "line"),
        ),
        (
            TITLE,
            (),
            (Credit("Quay", "quay.example", firm=False),),
            Provenance("Quay", "", None, "line"),
        ),
        (TITLE, (), (Credit("Ministry of Defence", firm=False),), None),
        (TITLE, (), (Credit("The Farm"), Credit("Us", "farm.example", url=URL)), None),
        (TITLE, ("Engineers hand over a depot in Bar | The Farm",), (), None),
        (TITLE, ("Engineers hand over a depot in Bar - Archive photo",), (), None),
        (TITLE, ("Engineers hand over a depot in Bar - and leave",), (), None),
        (TITLE, ("A depot in Bar - Agency",), (), None),
        (TITLE, (f"{TITLE} - Agency",), (), None),
    ],
)
def test_what_an_article_reveals_of_its_original(
    title: str,
    captions: tuple[str, ...],
    credited: tuple[Credit, ...],
    expected: Provenance | None,
) -> None:
    assert provenance_of(title, "farm.example", captions, credited) == expected


def test_the_original_is_the_one_that_is_named_and_else_the_first_told() -> None:
    first, late = telling(1), telling(2, title="Engineers hand over a depot in Bar")
    told = story(tellings=(first, late))
    assert original_of(told) == first
    by_address = Provenance("Late", "", "https://outlet2.example/frigate?utm_source=x", "line")
    for found in (SHOWN, by_address):
        spun = telling(3, kind=Kind.RETELLING, provenance=found)
        assert original_of(story(tellings=(first, late, spun))) == late
    strangers = Provenance("Quay", "", "https://quay.example/", "line")
    borrowed = telling(1, provenance=strangers)
    assert original_of(story(tellings=(borrowed, late))) is None
    hasty = telling(1, kind=Kind.COPY), telling(2, kind=Kind.ORIGINAL)
    assert original_of(story(tellings=hasty)) is None, "it came out after the lead"
    vain = telling(1, title=SHOWN.headline, provenance=SHOWN)
    assert original_of(story(tellings=(vain, telling(2)))) is None
