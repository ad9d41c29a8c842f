"""Slugs: safe in addresses and file names, whatever a folder is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.slugs import ALL, is_slug, slug_of


@pytest.mark.parametrize("text", ["nato", "eu-defence", "5g", "a" * 80])
def test_a_category_may_be_called_so(text: str) -> None:
    assert is_slug(text)


@pytest.mark.parametrize(
    "text", ["", ALL, "Nato", "a--b", "-a", "a-", "../x", "a/b", "a.b", "naïve", "a\n", "a" * 81]
)
def test_a_category_may_not_be_called_so(text: str) -> None:
    assert not is_slug(text)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Western Balkans", "western-balkans"),
        ("Западни Балкан", "zapadni-balkan"),
        ("Đukanović & co.", "dukanovic-co"),
        ("All", None),
        ("北约", None),
        ("…", None),
    ],
)
def test_a_name_becomes_a_slug(name: str, slug: str | None) -> None:
    assert slug_of(name) == slug


@given(st.text())
def test_what_becomes_of_a_name_is_a_slug_or_nothing(name: str) -> None:
    slug = slug_of(name)
    assert slug is None or is_slug(slug)
