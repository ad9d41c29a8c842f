"""Who publishes a source, as far as its addresses tell."""

import pytest

from aggregator.stories.given import checked_url, known_outlet


@pytest.mark.parametrize(
    ("site_url", "url", "outlet"),
    [
        ("https://www.outlet.example/", "https://feeds.host.example/x", "outlet.example"),
        (None, "https://www.outlet.example/feed", "outlet.example"),
        ("http://10.0.0.7/", "https://outlet.example/feed", "outlet.example"),
        ("http://10.0.0.7/", "http://10.0.0.7:8801/feed", "The Outlet"),
        (None, "http://[::1]/feed", "The Outlet"),
    ],
)
def test_an_outlet_is_known_by_its_host_or_by_its_title(
    site_url: str | None, url: str, outlet: str
) -> None:
    assert known_outlet(site_url, url, "The Outlet") == outlet


def test_where_nothing_tells_the_address_does() -> None:
    assert known_outlet(None, "http://10.0.0.7:8801/feed", "") == "10.0.0.7:8801"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("feed://quay.example/rss", "http://quay.example/rss"),
        (" feed:https://quay.example/rss ", "https://quay.example/rss"),
        ("https://quay.example/feed:rss", "https://quay.example/feed:rss"),
    ],
)
def test_the_scheme_of_subscriptions_is_none(given: str, url: str) -> None:
    assert checked_url(given) == url
