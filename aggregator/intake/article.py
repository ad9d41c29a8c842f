"""An entry becomes an article: the best text there is, and what matching needs of it.

Runs in the child processes: it is the costly half, and the pages are hostile.
"""

import re
from dataclasses import replace

from aggregator.errors import ParseError
from aggregator.intake.sanitize import plain_text
from aggregator.model import Article, Credit, Page
from aggregator.stories.credits import read_credits
from aggregator.stories.fingerprint import Fingerprint, fingerprint

_LINK = re.compile(r"<a\b[^>]*>.*?</a>", re.DOTALL | re.IGNORECASE)
# Search engines give lists of links where a summary should be.
_LEAST_OUTSIDE_LINKS = 0.4
# A page with less of the text than its feed is a notice to log in, pay or accept.
_LEAST_OF_FEED = 0.7


def article_from_page(
    stub: Article, feed_html: str, body: bytes, content_type: str, url: str
) -> tuple[Page, Fingerprint]:
    """Return the article on the page, or in the feed where that has more of it.

    `stub` is what the feed says of the entry, its text empty; `feed_html` is
    the entry's content or summary.

    Raises:
        ParseError: there is no article on the page.
    """
    # Those who only name this function to a child need not wait for trafilatura; the children have
    # it preloaded.
    from aggregator.intake.extract import extract_page  # noqa: PLC0415

    page = extract_page(body, content_type, url, stub.title)
    credited = dict.fromkeys((*page.credits, *_credits(feed_html)))
    page = replace(page, credits=tuple(credited))
    feed_text = text_of(feed_html)
    if len(page.text) < _LEAST_OF_FEED * len(feed_text):
        page = replace(page, text=feed_text, html=feed_html)
    return page, _fingerprint(stub, page)


def article_from_feed(stub: Article, feed_html: str) -> tuple[Page, Fingerprint]:
    """Return the article as the feed has it."""
    page = Page(
        text=text_of(feed_html), html=feed_html, lang=stub.lang, credits=_credits(feed_html)
    )
    return page, _fingerprint(stub, page)


def article_from_before(stub: Article, page: Page) -> tuple[Page, Fingerprint]:
    """Return the article as its page gave it before; `stub` is what the feed says of it now."""
    return page, _fingerprint(stub, page)


def text_of(feed_html: str) -> str:
    """Return the plain text of an entry's content; empty where it is a list of links."""
    text = plain_text(feed_html)
    outside = plain_text(_LINK.sub(" ", feed_html))
    return text if len(outside) >= _LEAST_OUTSIDE_LINKS * len(text) else ""


def _credits(feed_html: str) -> tuple[Credit, ...]:
    """Return what the lines of an entry's content credit: "The post … appeared first on …"."""
    if not feed_html:
        return ()
    from aggregator.intake.page import linked_lines, parse  # noqa: PLC0415 - as above

    try:
        tree = parse(f"<body><div>{feed_html}</div></body>".encode(), "text/html; charset=utf-8")
    except ParseError:
        return ()
    lines = linked_lines(tree, "")
    return read_credits([line for line in lines if line.text])


def _fingerprint(stub: Article, page: Page) -> Fingerprint:
    return fingerprint(
        replace(
            stub,
            text=page.text,
            lang=page.lang or stub.lang,
            canonical_url=page.canonical_url,
            captions=page.captions,
            credits=page.credits,
        )
    )
