"""Sitemaps that are no news: lists of others, plain ones, damaged ones."""

import pickle

import pytest

from aggregator.errors import ParseError, SitemapIndexError
from aggregator.intake.parse import parse_feed

URL = "https://quay.example/sitemap.xml"


def test_an_index_names_its_sitemaps_the_newest_first() -> None:
    body = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <sitemap><loc>https://quay.example/1.xml</loc><lastmod>2026-03-01</lastmod></sitemap>
    <sitemap><loc> https://quay.example/2.xml </loc><lastmod>2026-04-01</lastmod></sitemap>
    <sitemap><lastmod>2026-05-01</lastmod></sitemap></sitemapindex>"""
    with pytest.raises(SitemapIndexError, match="a list of sitemaps") as told:
        parse_feed(body, "", URL)
    assert told.value.sitemaps == ["https://quay.example/2.xml", "https://quay.example/1.xml"]
    # It comes out of a child.
    assert pickle.loads(pickle.dumps(told.value)).sitemaps == told.value.sitemaps  # noqa: S301


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<urlset/>", "without news"),
        (b"<urlset><url><loc>https://quay.example/1</loc></url></urlset>", "without news"),
        (b"<urlset><url>", "damaged sitemap"),
        (b"<!DOCTYPE urlset [<!ENTITY a 'b'>]><urlset/>", "document type"),
    ],
)
def test_what_is_no_news_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        parse_feed(body, "text/xml", URL)
