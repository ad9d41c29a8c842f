"""What a page says of its feeds, its pictures and itself."""

import codecs

import pytest

from aggregator.intake import head, page
from aggregator.stories.credits import Link, LinkedLine

URL = "https://ledger.example/a/b"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("Ћирилица".encode("windows-1251"), "text/html; charset=windows-1251"),
        (b'<meta charset="windows-1251">' + "Ћирилица".encode("windows-1251"), "text/html"),
        (codecs.BOM_UTF16_LE + "<p>Ћирилица".encode("utf-16-le"), "text/html; charset=utf-8"),
        (codecs.BOM_UTF8 + "Ћирилица".encode(), "text/html; charset=windows-1251"),
        ("<p>Ћирилица".encode(), "text/html; charset=utf-16"),
        ("Ћирилица".encode(), "text/html"),
        ("Ћирилица".encode(), "text/html; charset=rot13"),
        ("Ћирилица".encode(), "text/html; charset=no-such"),
        (
            b'<meta charset="windows-1251">' + "Ћирилица".encode("windows-1251"),
            "text/html; charset=utf-8",
        ),
    ],
)
def test_the_charset_is_the_one_stated(body: bytes, content_type: str) -> None:
    whole = body if body.startswith(codecs.BOM_UTF16_LE) else body + b"<p>"
    assert "Ћирилица" in page.words(page.parse(whole, content_type))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("stated", ["", "; charset=utf-16le", "; charset=utf-8"])
def test_wide_charsets_show_by_how_a_page_begins(encoding: str, stated: str) -> None:
    body = "<!doctype html><p>Ћирилица".encode(encoding)
    assert page.words(page.parse(body, f"text/html{stated}")) == "Ћирилица"


def test_bytes_in_no_charset_are_still_read() -> None:
    assert page.words(page.parse(b"<p>caf\xe9", "text/html")) == "café"
    assert "caf" in page.words(page.parse(b"<p>caf\xe9", "text/html; charset=utf-8"))


@pytest.mark.parametrize(
    ("markup", "tag"),
    [
        ('<html lang="en_us"><body>', "en-US"),
        ('<html lang="sr-latn-rs"><body>', "sr-Latn-RS"),
        ('<html lang="?"><head><meta property="og:locale" content="mk_MK"><body>', "mk-MK"),
        ('<html><head><meta http-equiv="Content-Language" content="sq"><body>', "sq"),
        ("<html><body>", None),
    ],
)
def test_languages_are_stated_not_guessed(markup: str, tag: str | None) -> None:
    assert head.language(page.parse(markup.encode(), "")) == tag


@pytest.mark.parametrize(
    "script", ['{"a": [{"datePublished": "2025-01-02T03:04Z"}]}', "{", "[" * 100_000]
)
def test_linked_data_may_be_broken(script: str) -> None:
    markup = f'<script type="application/ld+json">{script}</script><body>a'
    stated = head.published(page.parse(markup.encode(), ""))
    assert (stated is not None) == ("2025" in script)


def test_captions_pass_over_file_names_and_pictures_beyond_the_article() -> None:
    tree = page.parse(
        b"""<body><div id=a><img alt="img_01 final.jpg"><img alt="IMG_01.jpg">
        <img alt="A quay" title="A quay">
        <figure><figcaption>Ships at dawn</figcaption></figure><p>Text.</p>
        <amp-img alt="A tug at noon"></amp-img></div>
        <img alt="Far away"></body>""",
        "",
    )
    assert page.captions(tree, tree.find(".//div"), URL) == (
        "img_01 final.jpg",
        "A quay",
        "Ships at dawn",
        "A tug at noon",
    )
    assert page.words(tree) == "Text."


@pytest.mark.parametrize(
    ("href", "counts"),
    [
        ("/a/another", False),
        ("https://ledger.example/c?id=4", False),
        ("/media/quay.jpg?size=big", True),
        ("/a/b#top", True),
        ("https://gazette.example/2026/quay", True),
        ("#", True),
    ],
)
def test_a_picture_that_leads_to_another_page_of_the_site_is_that_ones(
    href: str, *, counts: bool
) -> None:
    tree = page.parse(
        f"""<body><div><a href="{href}"><img alt="Second quay opens"></a>
        <figure><a href="{href}"><img></a><figcaption>A quay of stone</figcaption></figure>
        <figure><img><figcaption>A tug <a href="/photos">by us</a></figcaption></figure>
        </div></body>""".encode(),
        "",
    )
    found = page.captions(tree, tree.find(".//div"), URL)
    assert found == (*(("Second quay opens", "A quay of stone") if counts else ()), "A tug by us")


def test_lines_are_parted_by_paragraphs_and_breaks_and_keep_their_links() -> None:
    tree = page.parse(
        b"""<body><div><p>Quiet <b>at <a href="/x">the quay</a></b>.</p>
        <p>Source: <a href="https://gazette.example/1">Gazette</a><br>Photo: <a>nobody</a></p>
        <blockquote><p>One.</p></blockquote></div></body>""",
        "",
    )
    lines = [line for line in page.linked_lines(tree.find(".//div"), URL) if line.text]
    assert lines == [
        LinkedLine("Quiet at the quay.", (Link("the quay", "https://ledger.example/x"),)),
        LinkedLine("Source: Gazette", (Link("Gazette", "https://gazette.example/1"),)),
        LinkedLine("Photo: nobody"),
        LinkedLine("One."),
    ]
