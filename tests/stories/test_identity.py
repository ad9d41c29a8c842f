"""Permanent ids: valid `tag:` URIs, whatever the base address is."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.identity import feed_uri, story_uri, tagging_entity

DAY = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
# RFC 4151 section 2.1.
TAG = re.compile(r"tag:[a-z0-9]([a-z0-9.-]*[a-z0-9])?,\d{4}-\d\d-\d\d:(story|feed)/[a-z0-9-]+")


@pytest.mark.parametrize(
    ("base_url", "authority"),
    [
        ("https://news.example", "news.example"),
        ("https://News.Example:8443/feeds/", "news.example"),
        ("http://127.0.0.1:8080", "127.0.0.1"),
        ("http://localhost", "localhost"),
        ("http://[::1]:8080", "aggregator.invalid"),
        ("https://новости.example", "aggregator.invalid"),
        ("nonsense", "aggregator.invalid"),
    ],
)
def test_the_authority_is_the_host_where_a_tag_may_name_it(base_url: str, authority: str) -> None:
    assert tagging_entity(base_url, DAY) == f"tag:{authority},2026-01-31"


@given(st.from_regex(r"https?://[^/?#\[\]@\x00-\x20]{0,30}", fullmatch=True))
def test_every_id_is_a_valid_tag(base_url: str) -> None:
    entity = tagging_entity(base_url, DAY)
    assert TAG.fullmatch(story_uri(entity, "0a1b2c"))
    assert TAG.fullmatch(feed_uri(entity, "black-sea"))


def test_what_is_named_is_the_last_part() -> None:
    entity = "tag:news.example,2026-01-31"
    assert story_uri(entity, "0a1b2c") == f"{entity}:story/0a1b2c"
    assert feed_uri(entity, "nato") == f"{entity}:feed/nato"
