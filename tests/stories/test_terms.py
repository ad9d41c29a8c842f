import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.sounds import sound
from aggregator.stories.terms import (
    MOST_FIGURES,
    MOST_QUOTED,
    MOST_TERMS,
    SPACE,
    Terms,
    View,
    quoted_runs,
    stem,
    terms,
)
from aggregator.stories.text import digest, tokens


def terms_of(title: str, text: str) -> Terms:
    return terms(title, text, tokens(title), tokens(text))


def count(title: str, text: str, term: str, view: View) -> int:
    found = terms_of(title, text)
    ids, wanted = list(found.ids), digest(term, 4) % SPACE
    return found.counts[ids.index(wanted) * len(View) + view] if wanted in ids else 0


def test_each_view_counts_its_own() -> None:
    title, text = "Depot opens", "The depot holds 118 tanks. A depot, said Ranka Stojovic."
    assert [count(title, text, "depot", view) for view in View] == [3, 3, 1, 0, 0, 0]
    assert [count(title, text, "stojovic", view) for view in View] == [1, 1, 0, 0, 0, 0]
    assert [count(title, text, "~stvs", view) for view in View] == [0, 0, 0, 1, 1, 0]
    assert [count(title, text, "#118", view) for view in View] == [0, 0, 0, 0, 0, 2]


def test_what_stands_behind_the_lead_is_not_in_it() -> None:
    text = f"{'word ' * 200}Halasz brought 77 clerks and Imre Halasz left."
    assert count("Depot", text, "halasz", View.LEAD) == 0
    assert count("Depot", text, "halasz", View.FULL) == 2
    assert count("Depot", text, "#77", View.FIGURES) == 1


def test_a_capital_names_someone_except_where_a_sentence_begins() -> None:
    text = "Engineers met Imre Halasz. Ministers left with Mr Perovic on Monday."
    assert count("", text, "~imr", View.NAMES) == 1
    assert count("", text, "~prvs", View.NAMES) == 1
    for name in ("engineers", "ministers", "monday", "mr"):
        assert count("", text, f"~{sound(name)}", View.NAMES) == 0


def test_a_title_names_whom_its_text_names() -> None:
    assert count("Great Depot For Halasz", "The depot of Imre Halasz.", "~hls", View.NAMES) == 2
    assert count("Great Depot For Halasz", "The depot of Imre Halasz.", "~grt", View.NAMES) == 0
    assert count("The depot of Halasz", "", "~hls", View.NAMES) == 1


@pytest.mark.parametrize(
    "line",
    [
        "Why Preparedness Matters",
        "## Why Preparedness Matters",
        "**Preparedness in the Hour of Need:**",
        "Quick FAQ: Preparedness",
        "Is Preparedness a Must?",
    ],
)
def test_a_subheading_names_whom_the_rest_of_the_text_names(line: str) -> None:
    """Rewrites are padded under such lines; news has them, too."""
    prose = "They met Imre Halasz.\n\n"
    assert count("", f"{prose}{line}", "~hls", View.NAMES) == 1
    assert count("", f"{prose}{line}", f"~{sound('preparedness')}", View.NAMES) == 0
    assert count("", f"{prose}{line} Halasz", "~hls", View.NAMES) == 2


@pytest.mark.parametrize(
    "line",
    [
        "They Met Ranka Stojovic.",
        "They met Ranka Stojovic",
        "Ranka Stojovic, Imre Halasz,",
        f"Said Ranka Stojovic {'And Others Who Came ' * 5}",
    ],
)
def test_what_is_no_subheading_names_by_its_capitals(line: str) -> None:
    assert count("", f"They went home.\n{line}", "~stvs", View.NAMES) == 1
    assert count("", line.rstrip(".,"), "~stvs", View.NAMES) == 1


def test_a_list_of_names_is_no_list_of_subheadings() -> None:
    assert count("", "Ranka Stojovic\nImre Halasz\n", "~stvs", View.NAMES) == 1


def test_dates_years_and_small_numbers_are_no_figures() -> None:
    found = terms_of("", "On 13 March 2025 they met in 2 rooms, spent 1,500 euros and 2.5 hours.")
    figures = [
        term for term in range(len(found.ids)) if found.counts[term * len(View) + View.FIGURES]
    ]
    assert len(figures) == 2
    assert count("", "They spent 1,500 euros.", "#1500", View.FIGURES) == 2


def test_endings_make_no_difference() -> None:
    assert stem("meetings") == stem("meets") == stem("meet") == "meet"
    assert stem("bus") == "bus"
    assert stem("sing") == "sing"


def test_the_largest_texts_keep_their_titles_and_leads() -> None:
    text = " ".join(f"word{number} {number}" for number in range(4, 5000))
    found = terms_of("Depot in Bar", text)
    assert len(found.ids) <= MOST_TERMS + MOST_FIGURES
    assert list(found.ids) == sorted(set(found.ids))
    assert count("Depot in Bar", text, "depot", View.TITLE) == 1


def test_quotes_are_found_in_all_their_marks() -> None:
    said = "nobody redraws a map in our neighbourhood"
    marks = ('"{}"', "\u201c{}\u201d", "\u201e{}\u201c", "\u00ab{}\u00bb")
    assert len({tuple(quoted_runs(mark.format(said))) for mark in marks}) == 1
    assert len(quoted_runs(f'"{said}"')) == 3
    assert not quoted_runs(said)
    assert len(quoted_runs(" ".join(f'"{said} {n} {n} {n} {n}"' for n in range(99)))) == MOST_QUOTED


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_has_terms_in_order(title: str, text: str) -> None:
    found = terms_of(title, text)
    assert list(found.ids) == sorted(set(found.ids))
    assert len(found.counts) == len(found.ids) * len(View)
    assert all(term < SPACE for term in found.ids)
