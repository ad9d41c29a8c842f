# ruff: noqa: RUF001 - pages are written in Cyrillic and with typographic signs
"""Whole articles and none of the chrome, from pages of many makes."""

from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.intake.edges import Line, Shape, trim
from aggregator.intake.extract import extract_page
from aggregator.model import Page

PAGES = Path(__file__).parent / "pages"
SEEDS = Path(__file__).parents[2].parent / "shared" / "seeds"
URL = "https://ledger.example/a/b"


def read(name: str, charset: str = "utf-8") -> Page:
    text = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    return extract_page(text.encode(charset), "text/html", URL)


def starts(page: Page) -> list[str]:
    """Return the first three words of each paragraph, and all lines of lists and tables."""
    return [" ".join(line.split(" ")[:3]) for line in page.text.split("\n") if line]


def test_a_magazine_theme_yields_the_article_with_lists_tables_and_quotes() -> None:
    page = read("jnews")
    assert starts(page) == [
        "Four defence ministers",
        "What the depot",
        "The stores include",
        "Tents: for 900",
        "Pumps",
        "Country\tShare",
        "Albania\ta third",
        "We will not",
        "It opens in",
    ]
    assert "the related posts at the border" in page.text
    assert "<h2>What the depot holds</h2>" in page.html
    assert 'href="https://ledger.example/store"' in page.html
    assert "<td>a third</td>" in page.html
    assert "<blockquote>" in page.html


def test_a_page_states_its_facts() -> None:
    page = read("jnews")
    assert page.title == "Four Ministers Open Depot in Skopje"
    assert page.authors == ("Nora Field",)
    assert page.published == datetime(2025, 3, 13, 8, 30, tzinfo=UTC)
    assert page.lang == "en-US"
    assert page.image == "https://ledger.example/media/depot.jpg"
    assert page.canonical_url == "https://ledger.example/2025/03/depot/"


def test_captions_name_the_original_and_never_that_of_a_related_post() -> None:
    assert read("jnews").captions == (
        "Ministers cut a ribbon",
        "Allies open stockpile near Skopje – Harbour Gazette",
    )
    assert read("flat").captions == ("Storm leaves islands dark – Coast Wire",)


def test_semantic_markup_in_cyrillic() -> None:
    page = read("semantic")
    assert starts(page) == [
        "Мост код Бара",
        "Шта следи",
        "Радови на прилазу",
        "прилаз",
        "пруга",
        "Грађани су на",
    ]
    assert page.lang == "sr-Cyrl-RS"
    assert page.authors == ("Мила Перић",)
    assert page.published == datetime(2024, 11, 5, 18, tzinfo=UTC)
    assert page.captions == ("Мост на отварању; Фото: Јадрански лист",)


def test_boxes_without_meaning() -> None:
    assert starts(read("soup")) == [
        "The tallest crane",
        "A long silence",
        "Ships now wait",
        "What comes next",
        "A spare part",
        "Bearing: four tonnes",
        "Cable: nine hundred",
        "Until then the",
    ]


def test_plain_paragraphs_side_by_side() -> None:
    assert starts(read("flat")) == [
        "A storm cut",
        "Schools stay shut.",
        "The grid company",
        "Archives",
        "The islands have",
        "“We have candles,”",
    ]


def test_a_layout_table_with_line_breaks_in_windows_1251() -> None:
    page = read("layout", "windows-1251")
    assert starts(page) == ["Паром вернулся на", "Первыми на борт", "Билеты подорожали."]
    assert page.lang == "ru"
    assert page.title == "Паром вернулся на линию"


def test_lists_within_lists_and_lines_within_a_paragraph() -> None:
    prose = "The harbour was quiet on Monday, as it had been for most of the winter, people said. "
    body = f"""<title>Quiet</title><body><article>
      <ul><li>Share<ul><li>One of two</li></ul></li></ul>
      <p>{prose * 3}<br>A second line.</p><p><i>Slanted</i> words end it.</p></article>"""
    page = extract_page(body.encode(), "text/html", URL)
    assert page.text.startswith("One of two\n\nThe harbour")
    assert page.text.endswith("\nA second line.\n\nSlanted words end it.")
    assert "Share" not in page.html
    assert "<br>" in page.html
    assert "<em>Slanted</em>" in page.html


def test_a_table_of_contents_goes_and_its_doubled_headings_stay() -> None:
    prose = "The harbour was quiet on Monday, as it had been for most of the winter, people said."
    texts = [prose, "Contents", "Toggle", "• Ice", "• Thaw", "Ice", "Ice", prose, "Thaw", prose]
    kept = trim([Line(text) for text in texts]).kept
    assert [texts[i] for i in kept] == [prose, "Ice", "Ice", prose, "Thaw", prose]


@pytest.mark.parametrize("label", ["Comments", "Archives", "Tags", "Latest"])
def test_a_heading_of_the_article_stays_whatever_it_says(label: str) -> None:
    prose = "The harbour was quiet on Monday, as it had been for most of the winter, people said."
    lines = [Line(prose), Line(label, Shape.HEADING), Line(prose)]
    assert trim(lines).kept == (0, 1, 2)


@pytest.mark.parametrize("label", ["Related posts", "Next Post", "Категорије", "Tags: sea, ice"])
def test_a_list_of_other_articles_goes_to_the_end(label: str) -> None:
    prose = "The harbour was quiet on Monday, as it had been for most of the winter, people said."
    lines = [Line(prose), Line("They left."), Line(label), Line("Fish Prices Climb"), Line("Ports")]
    assert trim(lines).kept == (0, 1)


def test_text_of_nothing_but_short_lines_is_kept() -> None:
    assert trim([Line("ADVERTISEMENT"), Line("All clear."), Line("Go home.")]).kept == (1, 2)


@pytest.mark.parametrize("body", [b"", b"plain words", b"%PDF-1.7", b"<html><body></body></html>"])
def test_a_body_without_an_article_is_refused_in_one_line(body: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        extract_page(body, "text/html", URL)
    assert "\n" not in str(caught.value)


def test_a_page_with_far_too_many_elements_is_refused() -> None:
    with pytest.raises(ParseError, match="elements"):
        extract_page(b"<p>a</p>" * 120_000, "text/html", URL)


def test_deep_nesting_ends() -> None:
    with pytest.raises(ParseError):
        extract_page(b"<div>" * 50_000 + b"<p>Deep words.</p>", "text/html", URL)


PIECES = st.sampled_from(
    ["<p>", "</p>", "<div class=share>", "<table><tr><td>", "<br><br>", "<li>", "<ul>", "By Al",
     "a. ", "<nav>", "<img alt='a b'>", "<font>", "</div>", "<q>", "<article>", "Contents",
     "<h2>", "<a href=//[>", "\0"]
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(
    body=st.binary(max_size=400) | st.lists(PIECES, max_size=60).map(lambda p: "".join(p).encode())
)
def test_any_bytes_are_a_page_or_a_parse_error(body: bytes) -> None:
    try:
        page = extract_page(body, "text/html", URL)
    except ParseError:
        return
    assert page.text


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the sample pages lie beside some checkouts only")
@pytest.mark.parametrize("tag", ["p", "div"])
@pytest.mark.parametrize("name", ["000.txt", "002.txt", "003.txt"])
def test_found_pages_lose_their_chrome_and_nothing_else(name: str, tag: str) -> None:
    lines = [
        " ".join(line.split())
        for line in (SEEDS / name).read_text("utf-8").split("\n")
        if line.strip()
    ]
    title = max(lines[:14], key=lambda line: (30 < len(line) < 130, len(line)))
    rows = "".join(f"<{tag}>{escape(line)}</{tag}>" for line in lines)
    markup = f"<html><head><title>{escape(title)}</title></head><body>{rows}</body></html>"
    page = extract_page(markup.encode(), "text/html; charset=utf-8", URL)
    kept = page.text.split("\n")
    prose = [
        line for line in lines if len(line) > 150 and line[-1] in ".:,”" and "cookie" not in line
    ]
    assert not set(prose) - set(kept)
    chrome = (
        "ADVERTISEMENT|No Result|Related Posts|Related posts|Next Post|Categories|MTWTFSS|Toggle"
    )
    assert not set(chrome.split("|")) & set(kept)
