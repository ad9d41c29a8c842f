"""Who publishes a source, as far as its addresses tell."""

import pytest

from aggregator.stories.given import known_outlet


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
