"""Titles as text, as HTML and as what many a feed makes of both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.headline import headline
from aggregator.intake.parse import parse_feed

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>F</title>
<updated>2026-03-01T08:00:00Z</updated><entry><id>urn:e</id><title {}>{}</title>
<updated>2026-03-01T08:00:00Z</updated><link href="https://gazette.example/1"/></entry></feed>"""
RSS = "<rss version='2.0'><channel><title>F</title><item><title>{}</title></item></channel></rss>"
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


@pytest.mark.parametrize(
    ("attributes", "stated"),
    [
        ("", "What &lt;title> costs"),
        ('type="text"', "What &#60;title> costs"),
        ('type="text"', "<![CDATA[What <title> costs]]>"),
        ('type="html"', "What &amp;lt;title> costs"),
        ('type="html"', "What &#38;lt;title&#62; costs"),
        ('type="html"', "<![CDATA[What &lt;title> costs]]>"),
        ('type="html"', "<![CDATA[What <b>&lt;title&gt;</b> costs]]>"),
        ('type="xhtml"', XHTML.format("What &lt;title> <b>costs</b>")),
        ('type="xhtml"', XHTML.format("What &#60;title> costs")),
    ],
)
def test_the_same_title_of_each_type_comes_out_the_same(attributes: str, stated: str) -> None:
    assert _title(ATOM.format(attributes, stated)) == "What <title> costs"


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("The &lt;defence> tag, 5 &lt; 6", "The <defence> tag, 5 < 6"),
        ("The &lt;title> tag of the &lt;script> kind", "The <title> tag of the <script> kind"),
        ("AT&amp;amp;T buys &lt;Nord>", "AT&T buys <Nord>"),
        ("A &lt;b>bold&lt;/b> &lt;o:p>plan&lt;/o:p>", "A bold plan"),
        ("&lt;p>A plan&lt;br/>in two lines", "A plan in two lines"),
        ("A plan&lt;/p>", "A plan"),
        ("&lt;meta>A &lt;embed>plan", "A plan"),
        ("A &lt;object id='x'>plan &lt;x-card title=\"b\">of ours", "A plan of ours"),
        ("Where a=1 &lt;b=2>", "Where a=1 <b=2>"),
        ("Russia &lt;a threat to NATO", "Russia <a threat to NATO"),
        ("&lt;Map of Ukraine: who holds what", "<Map of Ukraine: who holds what"),
        ("Cut off: &lt;a href='https://x.example/", "Cut off:"),
        ("A &lt;!-- short -->plan &lt;!-- 12 dead", "A plan <!-- 12 dead"),
        ("Price &lt;? up, winter &lt;/3 in Kyiv", "Price <? up, winter </3 in Kyiv"),
        ("&lt;![CDATA[A &lt;b>plan&lt;/b>]]> of &lt;![CDATA[ours", "A plan of <![CDATA[ours"),
        ("A &lt;script>x()&lt;/script>plan", "A plan"),
        ("&amp;lt;i&amp;gt;A&amp;lt;/i&amp;gt; &amp;amp;amp; B", "A & B"),
    ],
)
def test_what_html_does_not_know_is_no_markup(stated: str, title: str) -> None:
    assert _title(RSS.format(stated)) == title


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("Why <b> is gone, and </b> too", "Why is gone, and too"),  # mislabelled, as many are
        ("Why <b> is gone", "Why <b> is gone"),
        ("Ends in </b>", "Ends in </b>"),
        ("</b> before <b>", "</b> before <b>"),
        ("One<br>two", "One two"),
        ("Winter </3 in Kyiv: 12 dead", "Winter </3 in Kyiv: 12 dead"),
        ("NATO <!-- 12 dead", "NATO <!-- 12 dead"),
        ("The <img tag: all of it", "The <img tag: all of it"),
        ("Q&amp;A", "Q&A"),
    ],
)
def test_text_is_believed_until_an_element_is_whole(stated: str, title: str) -> None:
    assert headline(stated, is_text=True) == title


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<a ", "</b", "<![CDATA[", "<a b='", "<!---->", "a"]
)
def test_a_hostile_title_is_read_in_time_linear_in_it(piece: str) -> None:
    assert len(headline(piece * 100_000)) <= 1_000
    assert len(headline("<" + piece * 100_000)) <= 1_000


@given(st.text(st.sampled_from("<>/ab&;lt! "), max_size=40), st.booleans())
def test_what_stands_before_markup_stays_and_text_without_any_too(
    stated: str,
    is_text: bool,  # noqa: FBT001 - hypothesis gives it by place
) -> None:
    whole = f"x{stated}"
    assert headline(whole, is_text=is_text).startswith("x")
    without = whole.replace("<", " ").replace("&", " ")
    assert headline(without, is_text=is_text) == " ".join(without.split())


def _title(document: str) -> str:
    [entry] = parse_feed(
        document.encode(), "application/xml", "https://gazette.example/feed"
    ).entries
    return entry.title


@pytest.mark.parametrize(
    "document",
    [
        ATOM.replace("<title>F<", "<title>Ada &amp; Co &lt;Quay><", 1),
        RSS.replace("<title>F<", "<title>Ada &amp; Co &lt;Quay><", 1),
        '{"title": "Ada & Co <Quay>", "items": []}',
    ],
)
def test_a_feed_is_called_what_it_calls_itself(document: str) -> None:
    feed = parse_feed(document.encode(), "", "https://gazette.example/feed")
    assert feed.title == "Ada & Co <Quay>"
