import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.output.legal import legal_line, legal_text, legal_url, normal_url, plain

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
        ("http://a@b@c.example/x", "http://a%40b@c.example/x"),
        ("https://a b.example/", None),
        ("http://[broken", None),
        ("https://ho%st.example/", None),
        ("https://a.example:abc/", None),
        ("https://a.example:99999/", None),
        ("https://a.example:80:80/", None),
        (f"https://{'a' * 64}.example/", None),
        (f"https://{'u' * 64}@{'a' * 63}.example/", f"https://{'u' * 64}@{'a' * 63}.example/"),
        ("https://", None),
        ("http://:443/x", None),
        ("https://user@/x", None),
        ("http://../x", None),
        ("https://ß[::ffff:192.0.2.1]/", None),
        ("javascript:alert(1)", None),
        ("//a.example/x", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses(found: str | None, legal: str | None) -> None:
    assert legal_url(found) == legal


@pytest.mark.parametrize(
    ("found", "legal"),
    [
        ("Caf\xc3\xa9 \xc2\xa35", "Café £5"),
        ("Caf\xc3\x83\xc2\xa9", "Café"),
        ("Caf\xc3\xa9 ž", "Caf\xc3\xa9 ž"),  # no Latin-1: nobody read it as that
        ("AMANH\xc3 \xa9", "AMANH\xc3 \xa9"),
        ("«GARÇON\xc3»", "«GARÇON\xc3»"),  # Latin-1, and no UTF-8
        ("a\x85b\ufdd0\ufdef\ufffe\U0010ffff", "ab"),
        ("\xc3\xa9 \xef\xbf\xbe", "é "),
    ],
)
def test_texts(found: str, legal: str) -> None:
    assert legal_text(found) == legal


def test_a_line_is_mended_between_its_elements() -> None:
    assert legal_text("<p>Caf\xc3\xa9</p>\n<p>ž</p>") == "<p>Café</p>\n<p>ž</p>"


@pytest.mark.parametrize("text", ["R&D", "AT&T", "Q & A", "M&S&", "a && b", "&", "&ž"])
def test_what_is_no_sign_of_html_stays(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    "text", ["5&6", "&1", "A&E2024", "R&copy", "&regional", "&_x", "&#", "&#x", "&#8217", "&x;"]
)
def test_what_might_be_a_sign_of_html_is_none(text: str) -> None:
    assert plain(text) == (text if text == "&#" else text.replace("&", "\N{FULLWIDTH AMPERSAND}"))


@pytest.mark.parametrize(
    ("legal", "normal"),
    [
        ("https://a.example", "https://a.example/"),
        ("https://A.example:443/X", "https://a.example/X"),
        ("https://a.example:444/", "https://a.example:444/"),
        ("http://a.example/%7eu/%d0%bd?q=%c3%2f#%5b", "http://a.example/~u/%D0%BD?q=%C3%83%2F#%5B"),
        ("http://a.example/a/./b/%2e%2e/c", "http://a.example/a/c"),
        ("http://a.example//b/../c", "http://a.example//b/../c"),
        ("http://A.example:/x", "http://a.example/x"),
        ("http://a.example:080/", "http://a.example/"),
        ("http://a.example:08080/", "http://a.example:8080/"),
        ("http://a.example./", "http://a.example/"),
        ("https://@a.example/", "https://a.example/"),
        ("https://u@a.example/", "https://u@a.example/"),
        ("https://[2001:DB8::1]:0443/", "https://[2001:db8::1]/"),
        ("https://[2001:db8::80]/", "https://[2001:db8::80]/"),
        ("http://a.example/a%CC%8A", "http://a.example/%C3%A5"),
        ("http://a.example/%E2%84%AB?%2F%2e", "http://a.example/%C3%85?%2F."),
        ("http://a.example/%FF%FE", "http://a.example/%C3%BF%C3%BE"),
    ],
)
def test_an_id_is_spelled_in_one_way(legal: str, normal: str) -> None:
    assert normal_url(legal) == normal == normal_url(normal)
