import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.output.legal import legal_line, legal_text, legal_url

ANYTHING = st.text(st.characters(exclude_categories=()))


@given(ANYTHING)
def test_legal_text_is_what_lxml_takes_and_gives_back(text: str) -> None:
    element = etree.Element("a")
    element.text = legal_text(text)
    assert (etree.fromstring(etree.tostring(element)).text or "") == legal_text(text)


@given(ANYTHING)
def test_a_legal_line_is_one_line_and_stays_itself(text: str) -> None:
    line = legal_line(text)
    assert line.splitlines() in ([line], [])
    assert legal_line(line) == line


@given(ANYTHING.map("https://example.org/".__add__))
def test_a_legal_address_stays_itself(url: str) -> None:
    once = legal_url(url)
    assert legal_url(once) == once


@pytest.mark.parametrize(
    ("found", "legal"),
    [
        ("https://a.example/x?y=1&z=%20#f", "https://a.example/x?y=1&z=%20#f"),
        (" HTTPS://a.example/a b ", "https://a.example/a%20b"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://a.example/ž?q=[ž]", "https://a.example/%C5%BE?q=%5B%C5%BE%5D"),
        ("https://a.example/\ud800x", "https://a.example/x"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("https://новости.example/", "https://xn--b1amnebsh.example/"),
        ("https://straße.example:81/ä", "https://xn--strae-oqa.example:81/%C3%A4"),
        ("https://ü@ž.example/", "https://%C3%BC@xn--jha.example/"),
        ("https://ž_.example/", "https://%C5%BE_.example/"),
        ("https://a b.example/", None),
        ("http://[broken", None),
        ("https://", None),
        ("javascript:alert(1)", None),
        ("//a.example/x", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses(found: str | None, legal: str | None) -> None:
    assert legal_url(found) == legal
