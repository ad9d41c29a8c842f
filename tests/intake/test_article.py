"""What becomes of an entry's page and content: the better text of the two."""

from datetime import UTC, datetime

import pytest

from aggregator.errors import ParseError
from aggregator.intake.article import article_from_feed, article_from_page, text_of
from aggregator.model import Article, Credit
from aggregator.stories.fingerprint import fingerprint

STUB = Article(
    entry_id=7,
    title="Pontoon bridge holds",
    text="",
    outlet="ferry.example",
    published=datetime(2026, 3, 5, 9, tzinfo=UTC),
    link="https://ferry.example/bridge?utm_source=feed",
    lang="sr",
)
TEXT = (
    "A convoy of forty lorries crossed the pontoon bridge near Loznica on Thursday morning while "
    "observers from seven countries counted axles and minutes, and found them fewer than planned."
)
SECOND = (
    "The bridge was taken apart before dusk, and the farmers on both banks got back the meadow "
    "with a few more ruts in it than before; every one of them will be paid for, said the mayor."
)
PAGE = f"""<!doctype html><html lang="en"><head><title>Bridge</title>
<link rel="canonical" href="https://ferry.example/bridge"></head><body><article>
<h1>Pontoon bridge holds</h1>
<figure><img src="/b.jpg"><figcaption>Lorries hold their line - The Quay</figcaption></figure>
<p>{TEXT}</p><p>{SECOND}</p></article></body></html>""".encode()
URL = "https://ferry.example/bridge"
QUAY = "https://quay.example/2026/lorries"


def test_the_page_gives_text_language_captions_and_its_own_address() -> None:
    page, found = article_from_page(STUB, f"<p>{TEXT}</p>", PAGE, "text/html", URL)
    assert TEXT in page.text
    assert SECOND in page.text
    assert (page.lang, page.canonical_url) == ("en", URL)
    assert page.captions == ("Lorries hold their line - The Quay",)
    assert found.canonical == found.link
    assert [headline.words for headline in found.headlines] == ["lorries hold their line"]


def test_a_page_much_shorter_than_the_feed_gives_way_but_its_facts_are_kept() -> None:
    feed_html = f"<p>{TEXT}</p><p>{SECOND}</p>" * 3
    page, found = article_from_page(STUB, feed_html, PAGE, "text/html", URL)
    assert page.html == feed_html
    assert page.text.count(TEXT) == 3
    assert page.canonical_url == URL
    assert found == fingerprint(
        Article(
            **{name: getattr(STUB, name) for name in ("entry_id", "title", "outlet", "published")},
            text=page.text,
            link=STUB.link,
            lang="en",
            canonical_url=URL,
            captions=page.captions,
        )
    )


def test_a_page_about_as_long_as_the_feed_is_preferred() -> None:
    page, _ = article_from_page(STUB, f"<p>{TEXT}</p><p>{SECOND}</p>", PAGE, "text/html", URL)
    assert "Loznica" in page.text
    assert page.html != f"<p>{TEXT}</p><p>{SECOND}</p>"


def test_a_page_without_an_article_is_refused() -> None:
    with pytest.raises(ParseError):
        article_from_page(STUB, "", b"<html><body></body></html>", "text/html", URL)


POSTED = (
    '<p>The post <a href="https://quay.example/2026/lorries">Lorries hold their line</a> appeared '
    'first on <a href="https://quay.example">The Quay</a>.</p>'
)


def test_what_the_feed_credits_counts_beside_the_page() -> None:
    credited = Credit("Quay", "quay.example", "Lorries hold their line", QUAY)
    page, found = article_from_page(STUB, f"<p>{TEXT}</p>{POSTED}", PAGE, "text/html", URL)
    assert page.credits == (credited,)
    assert (len(found.originals), found.origins) == (1, ("quay.example", "Quay"))
    page, found = article_from_feed(STUB, f"<p>{TEXT}</p>{POSTED}")
    assert page.credits == (credited,)
    assert len(found.originals) == 1


@pytest.mark.parametrize(
    "html",
    ["", "<p></p>", "plain", "<" * 20, "\0", f"{'<br>' * 60_001}<p>Source: The Quay</p>"],
    ids=["nothing", "empty", "plain", "broken", "nul", "too-many-elements"],
)
def test_a_content_that_credits_nobody(html: str) -> None:
    assert article_from_feed(STUB, html)[0].credits == ()


def test_the_feed_gives_its_text_and_the_language_that_it_states() -> None:
    page, found = article_from_feed(STUB, f"<p>{TEXT}</p>")
    assert (page.text, page.html, page.lang) == (TEXT, f"<p>{TEXT}</p>", "sr")
    assert found.words == len(TEXT.split())


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>Plain and short.</p>", "Plain and short."),
        ('<p>Read <a href="/x">the whole story</a> in the evening paper of today.</p>', "Read the"),
        ('<ol><li><a href="/1">One headline</a></li><li><a href="/2">Another</a></li></ol>', ""),
        ('<A HREF="/1">One headline\nin two lines</A> and so on', ""),
    ],
    ids=["nothing", "plain", "a-link-in-it", "list-of-links", "upper-case"],
)
def test_a_list_of_links_is_no_text(html: str, text: str) -> None:
    found = text_of(html)
    assert found.startswith(text)
    assert bool(found) == bool(text)
