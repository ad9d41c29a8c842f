import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.provenance import attributed, names_outlet


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
    ],
)
def test_an_outlet_is_known_by_its_name(name: str, outlet: str, *, expected: bool) -> None:
    assert names_outlet(name, outlet) is expected
