import re
from urllib.parse import urljoin, urlsplit

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake import sanitize
from aggregator.intake.sanitize import (
    _ABSOLUTE,
    clean_html,
    clean_line,
    first_image,
    legible,
    paragraphs,
    plain_text,
    web_address,
)

BASE = "https://gazette.example/a/b"
REL = 'rel="nofollow noopener noreferrer"'


@pytest.mark.parametrize(
    ("stated", "cleaned"),
    [
        ('<p class="x" id="y" style="z" onclick="e()">Text</p>', "<p>Text</p>"),
        ("<script>x()</script><style>y</style><title>z</title>Text", "Text"),
        (
            '<a href="../c?x=1&y=2">c</a>',
            f'<a href="https://gazette.example/c?x=1&amp;y=2" {REL}>c</a>',
        ),
        ('<a href="mailto:a@b.example">m</a>', f'<a href="mailto:a@b.example" {REL}>m</a>'),
        ('<a href="javascript:e()">j</a>', f"<a {REL}>j</a>"),
        ('<a href="java&#1;script:e()">j</a>', f"<a {REL}>j</a>"),
        ('<a href=" java\nscript:e()">j</a>', f"<a {REL}>j</a>"),
        ('<a href="http://[bad/">b</a>', f"<a {REL}>b</a>"),
        ('<img src="mailto:a@b.example">', ""),
        ('<img src="data:image/png;base64,AA">', ""),
        ('<img alt="no source">', ""),
        ('<img src="p.png" width="1" height="1">', ""),
        ('<img height="0" src="p.png" width="1px">', ""),
        (
            '<img src="p.png" width="10" height="1">',
            '<img src="https://gazette.example/a/p.png" width="10" height="1">',
        ),
        (
            '<img src="p q.png" alt="a > b">',
            '<img src="https://gazette.example/a/p%20q.png" alt="a &gt; b">',
        ),
        ('<noscript><img src="/n.png"></noscript>', '<img src="https://gazette.example/n.png">'),
        ("<nos<noscript>cript>x</noscript>", ""),
        ("bell &#7;\x07\ud800\ufffe", "bell"),
        (
            "<table><tr><td colspan=2>x</td></tr></table>",
            '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>',
        ),
        (
            "<figure><figcaption>c</figcaption></figure>",
            "<figure><figcaption>c</figcaption></figure>",
        ),
    ],
)
def test_html_keeps_what_an_article_is_made_of(stated: str, cleaned: str) -> None:
    assert clean_html(stated, BASE) == cleaned


@pytest.mark.parametrize("hidden", ["\x9b", "&#x9b;2J", "\u202e", "&#x202e;", "&#8294;"])
def test_html_steers_no_terminal_and_turns_no_line_round(hidden: str) -> None:
    cleaned = clean_html(f'<p>a{hidden}b<img src="/p.png" alt="{hidden}"></p>', BASE)
    assert not re.search("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]", cleaned)


def test_a_body_without_end_ends_wherever_that_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = clean_html(
        '<ul><li>a &amp; <a href="/c?x&amp;y">b &lt; <i>c</i></a></ul><p>d</p>', BASE
    )
    assert clean_html("<p>" + "word " * 49_998 + "</p>", BASE).count("word") == 49_998
    kept: list[str] = []
    for longest in range(1, len(whole)):
        monkeypatch.setattr(sanitize, "LONGEST_BODY", longest)
        cut = clean_html(whole, BASE)
        kept = plain_text(cut).removesuffix("…").split()
        assert plain_text(cut).endswith("…")
        assert plain_text(whole).split()[: len(kept)] == kept
        assert nh3.clean(cut, link_rel="nofollow noopener noreferrer") == cut
    assert kept == ["a", "&", "b", "<", "c", "d"]


def test_without_a_base_relative_addresses_are_dropped() -> None:
    assert clean_html('<img src="/p.png"><a href="c">c</a>', None) == f"<a {REL}>c</a>"


@given(st.text(st.sampled_from("<>/\"'=& \x01;#abhijmprsvct:\ud800")))
def test_cleaning_twice_is_cleaning_once(html: str) -> None:
    cleaned = clean_html(html, BASE)
    assert clean_html(cleaned, BASE) == cleaned
    assert not re.search(r"<[^>]*(?:javascript:|\son[a-z]+=|<)", cleaned)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One <b>two</b>\nthree</p><p>four</p>", "One two three\n\nfour"),
        ("line<br>break", "line\nbreak"),
        ("<ul><li>a<li>b</ul>tail", "a\n\nb\n\ntail"),
        ("Fish &amp; chips &lt;3", "Fish & chips <3"),
        ("<div><div>  </div></div><p>x</p>", "x"),
        ("<script>no</script><!-- no -->yes", "yes"),
        ("", ""),
    ],
)
def test_plain_text_keeps_the_paragraphs(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize("html", ["<" * 1_000_000, "<!--" * 70_000], ids=["brackets", "comments"])
def test_hostile_markup_comes_back(html: str) -> None:
    assert set(plain_text(html)) <= {"<"}
    assert set(clean_html(html, BASE)) <= set("&lt; …")


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("  two\n lines\t", "two lines"),
        ("<b>Bold</b> claim", "Bold claim"),
        ("&lt;i&gt;Twice&lt;/i&gt; &amp;amp; more", "Twice & more"),
        ("AT&T, R&D", "AT&T, R&D"),
        ("1 < 2", "1 < 2"),
        ("\u202eevil\u202c\u2066x\u2069\x00", "evilx"),
        ("x" * 1_000, "x" * 1_000),
        ("x" * 1_001, "x" * 999 + "…"),
    ],
)
def test_a_title_is_one_clean_line(title: str, line: str) -> None:
    assert clean_line(title) == line


@given(st.text())
def test_any_text_makes_a_line(text: str) -> None:
    line = clean_line(text)
    assert len(line) <= 1_000
    assert len(line.splitlines()) <= 1 or not line.isprintable()


def test_text_becomes_paragraphs() -> None:
    assert paragraphs(" a < b\n \n\nc \n") == "<p>a &lt; b</p><p>c</p>"
    assert paragraphs(" ") == ""


def test_the_first_picture_is_found_with_its_address_unescaped() -> None:
    cleaned = clean_html('<p>x<img alt="src=" src="/p?a=1&b=2"><img src="/q"></p>', BASE)
    assert first_image(cleaned) == "https://gazette.example/p?a=1&b=2"
    assert first_image("<p>none</p>") is None


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("c", "https://gazette.example/a/c"),
        ("//other.example/x", "https://other.example/x"),
        ("", None),
        ("mailto:a@b.example", None),
        ("http://", None),
        ("http://[bad", None),
        ("ftp://gazette.example/", None),
        ("https://gazette.example/" + "x" * 1_976, "https://gazette.example/" + "x" * 1_976),
        ("https://gazette.example/" + "x" * 1_977, None),
        ("x" * 3_000_000, None),
    ],
)
def test_only_the_web_is_linked(url: str, address: str | None) -> None:
    assert web_address(url, BASE) == address


def test_legible_text_fits_in_xml() -> None:
    assert legible("a\x7f\x80\x85\x9f\xa0b") == "a\xa0b"
    assert legible("a\x00\x0b\ud800\uffff\t\n\U0001f600") == "a\t\n\U0001f600"


@given(st.text() | st.text(st.sampled_from("ab \n\t\r\x7f\x80\xa0é\u202eЖ\u2028\ud800\U0001f600")))
def test_what_is_sound_is_told_as_letter_by_letter(text: str) -> None:
    assert sanitize._is_printable(text) == text.replace("\n", "").isprintable()


_PARTS = (
    "http://",
    "https://",
    "HTTP://",
    "a.example",
    ":80",
    "/",
    "..",
    "?",
    "#",
    ";",
    "%20",
    "[",
)


@given(st.lists(st.sampled_from(_PARTS) | st.sampled_from("aB~&=@:ø_-."), max_size=8).map("".join))
def test_an_address_that_is_whole_is_what_joining_it_gives(url: str) -> None:
    if _ABSOLUTE.fullmatch(url):
        parts = urlsplit(url)
        assert urljoin(BASE, url) == url
        assert parts.scheme in {"http", "https"}
        assert parts.hostname


def test_most_addresses_are_known_to_be_whole() -> None:
    assert _ABSOLUTE.fullmatch("https://a.example:8080/news/2026/a-b_c.html?id=1&x=%20;2")


_STATED = (
    *("<p>", "<a", "<img", "<q", "</a>", "<blockquote>", "<b title='", " x=' href=\"", "<a name"),
    *(
        " href=",
        " SRC = ",
        " cite=",
        " href",
        " href=''",
        " alt='",
        " width=1",
        "'",
        '"',
        ">",
        "/>",
    ),
    *("https://a.example/b", "http://a.example:8/c?d=1&e=;", "HTTPS://a.example", "/d", "../e f"),
    *(
        "?g&amp;h",
        "#i",
        "&quot;",
        "&copy=",
        "&nbsp;",
        "javascript:j()",
        "mailto:a@b.example",
        "<!--",
    ),
)


@given(st.lists(st.sampled_from(_STATED), max_size=12).map("".join))
def test_what_is_whole_is_as_if_it_had_been_joined(html: str) -> None:
    joining = sanitize._cleaner(BASE, joins=True)
    assert sanitize._sanitised(html, BASE) == joining.clean(html)


def test_html_whose_addresses_are_whole_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanitize, "_attribute", None)
    sanitize._cleaner.cache_clear()
    whole = "<a href='https://a.example/b?c=d&amp;e#f'>b</a><img src='http://a.example' alt='g'>"
    assert 'href="https://a.example/b?c=d&amp;e#f"' in clean_html(whole, BASE)
