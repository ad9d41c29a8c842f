"""What people type to find a story, read."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import RuleError
from aggregator.stories.search import MOST_TERMS, Search, Term, parse_search


def one(*words: str, prefix: bool = False) -> tuple[Term, ...]:
    return (Term(words, prefix),)


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        ("Frigate", Search((one("frigate"),))),
        ("  два  Београд ", Search((one("dva"), one("beograd")))),
        ('"Baltic Sea" patrol', Search((one("baltic", "sea"), one("patrol")))),
        ('"left open', Search((one("left", "open"),))),
        ("anti-tank", Search((one("anti", "tank"),))),
        ("drone*", Search((one("drone", prefix=True),))),
        ("a OR b c", Search(((*one("a"), *one("b")), one("c")))),
        ("OR a", Search((one("a"),))),
        ("a OR", Search((one("a"),))),
        ('a -b -"c d"', Search((one("a"),), (*one("b"), *one("c", "d")))),
        ("a AND b -AND c", Search((one("a"), one("b"), one("c")), one("and"))),
        ("a and b", Search((one("a"), one("and"), one("b")))),
        ("a !!! ( ) b", Search((one("a"), one("b")))),
    ],
)
def test_what_is_sought(text: str, sought: Search) -> None:
    assert parse_search(text) == sought


@pytest.mark.parametrize("text", ["title:split", 'a -outlet:"Baltic Wire"', "OR lang:sr"])
def test_fields_are_for_rules(text: str) -> None:
    with pytest.raises(RuleError, match=r"no fields, .*leave out (title|outlet|lang):"):
        parse_search(text)


def test_a_word_before_a_colon_is_a_word() -> None:
    assert parse_search("nato:summit") == Search((one("nato", "summit"),))
    assert parse_search('"title: split"') == Search((one("title", "split"),))


@pytest.mark.parametrize("text", ["", "  ", "-frigate", '""', "***", "OR", "- - -"])
def test_nothing_to_look_for_is_said(text: str) -> None:
    with pytest.raises(RuleError, match="nothing to look for"):
        parse_search(text)


def test_too_much_to_look_for_is_said() -> None:
    with pytest.raises(RuleError, match=f"more than {MOST_TERMS} words"):
        parse_search(" ".join(f"w{n}" for n in range(MOST_TERMS + 1)))


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    with suppress(RuleError):
        found = parse_search(text)
        assert all(term.words for group in found.groups for term in group)
