"""Encodings: what a document says, what its header says, and what its bytes say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.charset import as_utf8
from aggregator.intake.parse import parse_feed

TITLE = "Ćevap, naïve ø"
FEED = "<rss version='2.0'><channel><title>{}</title><item><title>{}</title></item></channel></rss>"
URL = "https://gazette.example/feed"


def title_in(body: bytes, content_type: str) -> str:
    (entry,) = parse_feed(body, content_type, URL).entries
    return entry.title


def feed(title: str, declared: str = "") -> str:
    declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    return declaration + FEED.format(title, title)


@pytest.mark.parametrize("content_type", ["text/xml", "application/rss+xml", "text/html", ""])
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
def test_unicode_in_every_form_needs_no_header(encoding: str, content_type: str) -> None:
    assert title_in(feed(TITLE).encode(encoding), content_type) == TITLE
    assert title_in(feed(TITLE, encoding).encode(encoding), content_type) == TITLE


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("iso-8859-2", "Šibenik"),
        ("iso-8859-5", "Ниш"),
        ("iso-8859-7", "Σκόπια"),
        ("iso-8859-9", "İzmir"),
        ("iso-8859-15", "5 €"),
        ("windows-1250", "Čačak"),
        ("windows-1251", "Мост"),
        ("windows-1257", "Klaipėda"),
        ("koi8-r", "Порт"),
        ("koi8-u", "Львів"),
        ("mac-cyrillic", "Порт"),
        ("cp866", "Порт"),
        ("cp037", "Quay"),
        ("shift_jis", "港の灯"),
        ("euc-jp", "港の灯"),
        ("iso-2022-jp", "港の灯"),
        ("gb2312", "海港"),
        ("gb18030", "海港€"),
        ("hz", "海港"),
        ("big5", "海港"),
        ("euc-kr", "항구"),
        ("utf-7", "Порт"),
    ],
)
def test_what_is_declared_or_stated_is_read(encoding: str, title: str) -> None:
    assert title_in(feed(title, encoding).encode(encoding), "text/xml") == title
    if encoding != "cp037":
        stated = f'text/xml; charset="{encoding}"'
        assert title_in(feed(title).encode(encoding), stated) == title


def test_the_header_goes_before_the_declaration_and_what_the_bytes_prove_before_both() -> None:
    cyrillic = feed("Мост", "iso-8859-1").encode("windows-1251")
    assert title_in(cyrillic, "text/xml; charset=windows-1251") == "Мост"
    assert title_in(feed("Мост", "windows-1251").encode(), "text/xml; charset=koi8-r") == "Мост"
    assert title_in(feed("Мост", "iso-8859-1").encode("utf-16"), "text/xml") == "Мост"


@pytest.mark.parametrize("filler", ["", " "], ids=["even", "odd"])
@pytest.mark.parametrize("declared", ["utf-16", "UTF-16LE", "utf-32", "utf-16be", "cp037"])
def test_what_is_written_by_the_byte_is_no_utf_16_whatever_it_says(
    declared: str, filler: str
) -> None:
    plain = feed("The quay of Bar", declared) + filler
    assert title_in(plain.encode(), "text/xml") == "The quay of Bar"
    assert title_in(plain.encode(), f"text/xml; charset={declared}") == "The quay of Bar"
    accented = feed("naïve", declared) + filler
    assert title_in(accented.encode("windows-1252"), "text/xml") == "naïve"


@pytest.mark.parametrize(
    "label",
    [
        "punycode",
        "undefined",
        "idna",
        "rot13",
        "base64",
        "hex",
        "zip",
        "nonsense",
        "unicode_escape",
    ],
)
def test_a_label_that_names_no_charset_counts_for_nothing(label: str) -> None:
    assert title_in(feed(TITLE).encode(), f"text/xml; charset={label}") == TITLE
    assert title_in(feed("naïve").encode("windows-1252"), f"text/xml; charset={label}") == "naïve"
    assert title_in(feed("naïve", label).encode("windows-1252"), "text/xml") == "naïve"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("windows-1251", "Министр обороны объявил о новых учениях на Балтике"),  # noqa: RUF001 - its own letters
        ("koi8-r", "Министр обороны объявил о новых учениях на Балтике"),  # noqa: RUF001 - its own letters
        ("windows-1253", "Ο υπουργός ανακοίνωσε νέες ασκήσεις στο Αιγαίο"),  # noqa: RUF001 - its own letters
        ("windows-1255", "שר הביטחון הודיע על תרגילים חדשים בים"),
        ("shift_jis", "防衛相が新しい演習を発表した"),
        ("euc-kr", "국방부 장관이 새로운 훈련을 발표했다"),
        ("big5", "國防部長宣布新的演習計畫"),
    ],
)
def test_a_script_is_known_by_its_letters_where_nobody_names_the_encoding(
    encoding: str, title: str
) -> None:
    assert title_in(feed(title).encode(encoding), "text/xml") == title


@pytest.mark.parametrize("title", ["naïve", "São Paulo não", "À l'été", "Hærværk på havnen"])
def test_a_few_letters_are_the_wests_where_nobody_names_the_encoding(title: str) -> None:
    assert title_in(feed(title).encode("windows-1252"), "text/xml") == title


def test_western_text_that_calls_itself_latin_1_is_the_code_page_of_windows() -> None:
    assert title_in(feed("“5 €”", "iso-8859-1").encode("windows-1252"), "text/xml") == "“5 €”"


def test_one_bad_byte_costs_itself_alone() -> None:
    broken = feed("Мост", "utf-8").encode() + b"\xff"
    assert title_in(broken, "text/xml; charset=utf-8") == "Мост"


@given(st.binary(max_size=200), st.sampled_from(["", "text/xml; charset=utf-16", "a;charset=hz"]))
def test_whatever_comes_is_utf_8_afterwards(body: bytes, content_type: str) -> None:
    as_utf8(body, content_type).decode()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=50))
def test_utf_8_stays_as_it_is(text: str) -> None:
    body = f"<a>{text}</a>".encode()
    assert as_utf8(body, "application/xml") == body
