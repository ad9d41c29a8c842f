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
from aggregator.model import Credit, Page

PAGES = Path(__file__).parent / "pages"
SEEDS = Path(__file__).parents[2].parent / "shared" / "seeds"
URL = "https://ledger.example/a/b"
PROSE = "The harbour was quiet on Monday, as it had been for most of the winter, people said."


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


FARMED = f"""<html lang="en"><head><title>Quiet joy | Farm Daily</title>
  <meta property="og:site_name" content="Farm Daily">
  <meta property="og:image:alt" content="Harbour rests for the winter – Harbour Gazette">
  <link rel="canonical" href="https://gazette.example/2026/harbour-rests"></head><body>
  <article><h1>Quiet joy</h1><img src="q.jpg" alt="Quiet joy in the harbour | Farm Daily">
  <figure><img src="w.jpg"><figcaption>Boats at rest, by A. Most</figcaption></figure>
  <p>{PROSE * 2}</p>
  <p>Read also: <a href="/wind">Originally published by nobody</a></p>
  <a href="/wind"><img alt="Wind turns to the north – Coast Wire"></a><p>{PROSE}</p>
  <p><em>This article was originally published on <a href="https://gazette.example">Harbour
  Gazette</a>. Read the <a href="https://gazette.example/2026/harbour-rests">original</a>.</em></p>
  <h3>Related posts</h3><p>Source: Coast Wire</p></article>
  <div class="story-source">Izvor: <a href="https://tug.example/">Tug</a></div>
  <footer><p>Originally published by The Footer</p></footer></body></html>"""


def test_pictures_and_lines_tell_where_an_article_comes_from() -> None:
    page = extract_page(FARMED.encode(), "text/html; charset=utf-8", "https://farm.example/joy")
    assert page.captions == (
        "Harbour rests for the winter – Harbour Gazette",
        "Quiet joy in the harbour",
        "Boats at rest, by A. Most",
    )
    original = "https://gazette.example/2026/harbour-rests"
    assert page.credits == (
        Credit("gazette.example", "gazette.example", url=original, shown_by="canonical"),
        Credit("Harbour Gazette", "gazette.example", url=original),
    )


@pytest.mark.parametrize(
    ("canonical", "foreign"),
    [
        ("https://gazette.example/2026/rest", True),
        ("https://gazette.example/", False),
        ("https://en.ledger.example/a/b", False),
        ("https://localhost/a/b", False),
        ("", False),
    ],
)
def test_a_canonical_link_to_another_outlet_credits_it(canonical: str, *, foreign: bool) -> None:
    body = f'<title>Rest</title><link rel="canonical" href="{canonical}"><body><p>{PROSE}</p>'
    assert bool(extract_page(body.encode(), "text/html", URL).credits) is foreign


def test_a_source_right_behind_the_article_is_read() -> None:
    body = f"""<title>Rest</title><body><div class="article-body"><p>{PROSE}</p><p>{PROSE}</p></div>
      <div class="story-source">Izvor: <a href="https://tug.example/2026/rest">Tug</a></div>"""
    page = extract_page(body.encode(), "text/html", URL)
    assert page.credits == (
        Credit("Tug", "tug.example", url="https://tug.example/2026/rest", firm=False),
    )


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
    texts = [PROSE, "Contents", "Toggle", "• Ice", "• Thaw", "Ice", "Ice", PROSE, "Thaw", PROSE]
    kept = trim([Line(text) for text in texts]).kept
    assert [texts[i] for i in kept] == [PROSE, "Ice", "Ice", PROSE, "Thaw", PROSE]


@pytest.mark.parametrize("label", ["Comments", "Archives", "Tags", "Latest"])
def test_a_heading_of_the_article_stays_whatever_it_says(label: str) -> None:
    lines = [Line(PROSE), Line(label, Shape.HEADING), Line(PROSE)]
    assert trim(lines).kept == (0, 1, 2)


@pytest.mark.parametrize("label", ["Related posts", "Next Post", "Категорије", "Tags: sea, ice"])
def test_a_list_of_other_articles_goes_to_the_end(label: str) -> None:
    lines = [Line(PROSE), Line("They left."), Line(label), Line("Fish Prices Climb"), Line("Ports")]
    assert trim(lines).kept == (0, 1)


def test_text_of_nothing_but_short_lines_is_kept() -> None:
    assert trim([Line("ADVERTISEMENT"), Line("All clear."), Line("Go home.")]).kept == (1, 2)


def kept_of(*texts: str, titles: tuple[str, ...] = ()) -> list[str]:
    """Return which of the lines are the article's."""
    return [texts[i] for i in trim([Line(text) for text in texts], titles).kept]


def test_what_stands_before_the_last_title_goes() -> None:
    title = "Harbour Rests for the Winter"
    page = (title, "THE QUAY", title, "All through the winter", PROSE)
    assert kept_of(*page, titles=("Something else", f"{title} | The Quay")) == [*page[3:]]
    markup = "".join(f"<p>{line}</p>" for line in ("THE QUAY", title, PROSE))
    found = extract_page(f"<body>{markup}</body>".encode(), "text/html", URL, title)
    assert found.text == PROSE


def test_a_headline_that_ends_as_a_sentence_does_goes_like_any_other() -> None:
    title = "Will the harbour rest for all of the winter, as its masters and its pilots have asked?"
    markup = f"<p>By Nora Field</p><h1>{title}</h1><p>13 March 2025</p><p>{PROSE}</p>"
    found = extract_page(f"<article>{markup}</article>".encode(), "text/html", URL, title)
    assert found.text == PROSE
    again = extract_page(f"<p>{title}</p><p>{PROSE}</p>".encode(), "text/html", URL, title)
    assert again.text == f"{title}\n\n{PROSE}", "a paragraph of which the feed made the title"


def test_a_line_that_only_begins_the_title_is_not_the_title() -> None:
    title = "Montenegro Rests for the Winter"
    page = (title, "A short word on lamps.", "Montenegro", PROSE)
    assert kept_of(*page, titles=(title, "")) == [*page[1:]]


@pytest.mark.parametrize(
    "label", ["Table of Contents", "Table of Contents Toggle", "Contents [hide]", "Садржај"]
)
def test_the_heading_of_a_table_of_contents_goes_though_its_links_are_gone(label: str) -> None:
    assert kept_of(PROSE, label, "Ice", PROSE) == [PROSE, "Ice", PROSE]
    assert kept_of(PROSE, label, "Ice", PROSE, "Ice", PROSE) == [PROSE, PROSE, "Ice", PROSE]


def test_a_heading_called_contents_stays() -> None:
    lines = [Line(PROSE), Line("Contents", Shape.HEADING), Line(PROSE)]
    assert trim(lines).kept == (0, 1, 2)


@pytest.mark.parametrize(
    "signed", [["Ana Kos, March 1, 2025"], ["Ana Kos", "1 March 2025"], ["Ана Кос | 1. март 2025"]]
)
def test_a_name_before_a_date_is_a_by_line(signed: list[str]) -> None:
    title = "Harbour Rests"
    page = [title, *signed, "Quiet Winter Days", PROSE, "It rained.", signed[0][:7]]
    assert kept_of(*page, titles=(title,)) == ["Quiet Winter Days", PROSE, "It rained."]


@pytest.mark.parametrize("label", ["Tags: sea, ice", "Previous Post", "About the author"])
def test_prose_behind_an_articles_end_goes_and_within_it_stays(label: str) -> None:
    assert kept_of(*[PROSE] * 4, label, "Wind Turns North", PROSE) == [PROSE] * 4
    assert kept_of(PROSE, label, PROSE, PROSE) == [PROSE] * 3


def test_an_article_may_say_what_chrome_says() -> None:
    said = ["(c) the right to be heard;", "Copyright reform was adopted.", "Copyright"]
    assert kept_of(PROSE, *said, "Copyright 2024 The Quay", f"© {PROSE * 4}") == [PROSE, *said[:2]]
    listed = [Line("Telegram", Shape.ITEM), Line("Facebook", Shape.HEADING)]
    buttons = [Line("Telegram"), Line("Facebook", Shape.ITEM, linked=True)]
    assert trim([Line(PROSE), *listed, *buttons]).kept == (0, 1, 2)


def test_a_date_that_heads_a_part_of_the_article_stays() -> None:
    day = Line("March 2025", Shape.HEADING)
    lines = [Line(PROSE), day, Line("Ice came."), day, Line("Fish Prices Climb")]
    assert trim(lines).kept == (0, 1, 2, 4)


def test_a_paragraph_of_many_short_lines_is_many_lines() -> None:
    listed = "<br>".join(["Contents", *[f"• The ice of {year}" for year in range(1990, 2020)]])
    parts = "".join(f"<h2>The ice of {year}</h2><p>{PROSE}</p>" for year in range(1990, 2020))
    markup = f"<title>Ice</title><body><p>{PROSE}</p><p>{listed}</p>{parts}</body>"
    text = extract_page(markup.encode(), "text/html", URL).text
    assert text.startswith(f"{PROSE}\n\nThe ice of 1990\n\n{PROSE}")
    assert "•" not in text


def test_typed_text_is_prose_where_its_lines_are_long() -> None:
    typed = f"<pre>No Result\n{PROSE * 3}\n\n{PROSE * 4}<br>Related posts\nWind &amp; ice</pre>"
    page = extract_page(f"<title>Ice</title><body>{typed}".encode(), "text/html", URL)
    assert page.text == f"{PROSE * 3}\n\n{PROSE * 4}"
    code = f"<p>{PROSE}</p><pre>set lamp = on\nset horn = off</pre><p>{PROSE}</p>"
    page = extract_page(f"<title>Ice</title><body>{code}".encode(), "text/html", URL)
    assert page.text == f"{PROSE}\n\nset lamp = on set horn = off\n\n{PROSE}"


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


@pytest.mark.parametrize(
    ("stated", "authors"),
    [
        ("Press and Information Office", ["Press and Information Office"]),
        ("Ana Most, Petar L. Luka", ["Ana Most", "Petar L. Luka"]),
        ("Ana Most; Reuters", ["Ana Most", "Reuters"]),
        ("Most, Ana", ["Most, Ana"]),
        ("Ministry of Culture, Press Office", ["Ministry of Culture, Press Office"]),
        ("by Ана Мост", ["Ана Мост"]),
        ("https://social.example/ana", []),
    ],
)
@pytest.mark.parametrize(
    "head",
    [
        "<meta name=author content='{}'>",
        '<script type="application/ld+json">{{"author": {{"name": "{}"}}}}</script>',
    ],
)
def test_authors_are_those_that_the_head_names(head: str, stated: str, authors: list[str]) -> None:
    text = "The harbour was closed to all ships on Monday, said the port captain. " * 9
    markup = f"<html><head>{head.format(stated)}</head><body><p>{text}</p></body></html>"
    page = extract_page(markup.encode(), "text/html; charset=utf-8", URL)
    assert list(page.authors) == authors


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
