import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.stories.urls import canonical_url, host_of, outlet_of, related

ARTICLE = "https://example.org/news/12"

PARTS = st.lists(
    st.sampled_from(
        (
            *(
                "amp",
                "AMP",
                ".amp",
                ".html",
                "..",
                ".",
                "/",
                "//",
                "%",
                "%2e",
                "%2F",
                "%41",
                "a",
                "#!",
                "+",
            ),
            *("index.html", "?", "&", "=", "utm_source", "#", ";", " ", "[", "]", ":", "@", "ž"),
        )
    )
).map("".join)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/news/12",
        "HTTPS://WWW.Example.ORG:443/news/12/",
        "http://m.example.org:80/news//12#comments",
        "https://amp.example.org/news/12",
        "https://www.example.org/amp/news/12",
        "https://example.org/news/12/amp/",
        "https://example.org/news/12.amp",
        "https://example.org/news/12?amp=1",
        "https://example.org/news/12?amp",
        "https://example.org/news/12/index.html",
        "https://example.org/x/../news/./%31%32",
        "https://example.org/news/12?utm_source=rss&utm_medium=feed&fbclid=abc",
        "https://example.org/news/12?at_medium=RSS&at_campaign=KARANGA",
        "https://example.org/news/12?mc_cid=1&gclid=2",
        "https://reader@example.org./news/12",
        "  https://example.org/news/12\n",
        "https://example.org/news/12?ref=twitter",
        "https://example.org/news/12?ref=other.example&REF_SRC=twsrc",
        "https://example.org/news/12?ysclid=1&srsltid=2&_openstat=3&mkt_tok=4&hsCtaTracking=5",
        "https://example.org/news/12?WT.mc=a&__s=b&bsft_clkid=c&campaign_name=d",
        "https://example.org/news/12?s_cid=1&ml_subscriber=2&__hstc=3&_gl=4&ttclid=5",
        "https://example.org/news/12?utm=1&utm-source=2&utm_social-type=3&cm_mmca1=4&cx_recsOrder=5",
        "https://example.org/news/12?ir_adid=1&irgwc=2&usqp=3&wtmc=4&sfmc_id=5&dpg_source=6",
        "https://example.org/news/12;jsessionid=0A1B2C",
        "https://example.org/news/12?PHPSESSID=0a1b2c",
        "https://example.org/news/12/default.aspx",
        "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/amp/news/12",
        "https://www.google.com/amp/s/example.org/news/12?amp=1",
        "https://www.google.com/url?sa=t&url=https%3A%2F%2Fexample.org%2Fnews%2F12&usg=x",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fnews%2F12%3Ffbclid%3Dx&h=y",
    ],
)
def test_spellings_of_one_address_have_one_key(url: str) -> None:
    assert canonical_url(url) == ARTICLE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/?p=1", "https://example.org/?p=2"),
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("http://example.org:8080/a", "http://example.org:8081/a"),
        ("https://sport.example.org/a", "https://example.org/a"),
        ("https://example.org/camp", "https://example.org/c"),
        ("https://example.org/doc?ref=A-12", "https://example.org/doc?ref=A-13"),
        ("https://example.org/#!/news/12", "https://example.org/#!/news/13"),
        ("https://example.org/?id=1&lang=en", "https://example.org/?id=1&lang=sr"),
        ("https://example.org/?source=1", "https://example.org/?source=2"),
        ("https://example.org/?cid=1", "https://example.org/?cid=2"),
        ("https://example.org/?campaign=1", "https://example.org/?campaign=2"),
        ("https://example.org/?story_fbid=1", "https://example.org/?story_fbid=2"),
        ("https://example.org/?v=a", "https://example.org/?v=b"),
        ("https://google.com/url?q=x", "https://google.com/url?q=y"),
    ],
)
def test_different_articles_have_different_keys(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "p",
        "page",
        "article",
        "article_id",
        "story",
        "v",
        "q",
        "s",
        "lang",
        "hl",
        "source",
        "src",
        "cid",
        "campaign",
        "clickid",
        "tag",
        "category",
        "date",
        "from",
        "to",
        "year",
        "nr",
        "no",
        "num",
        "sid",
        "aid",
        "t",
        "view",
        "print",
        "section",
        "type",
        "file",
        "doc",
        "key",
        "code",
        "title",
        "mbid",
        "trk",
        "cmp",
        "partner",
        "output",
        "eid",
        "rss",
    ],
)
def test_what_selects_content_counts(name: str) -> None:
    one, other = (f"https://example.org/news?{name}={value}" for value in ("12", "13"))
    assert canonical_url(one) != canonical_url(other)
    assert canonical_url(one) == f"{one}"


@pytest.mark.parametrize(
    "parameters",
    [
        "igsh=x&igshid=y&_kx=z&_bhlid=1&bbeml=2&unicorn_click_id=3&ymclid=4&ysclid=5",
        "mkcid=1&mkevt=2&mkrid=3&pcrid=4&zanpid=5&gps_adid=6&gs_l=7&sms_click=8",
        "elqTrackId=1&elqaid=2&elq=3&trkCampaign=4&trk_msg=5&nr_email_referer=1&dm_i=6",
        "WT.mc_id=1&wt_zmc=2&intcmp=3&int_cid=4&soc_src=5&soc_trk=6&.tsrc=rss&ref_=nv_sr_1",
        "sc_campaign=1&sc_channel=2&sc_cid=3&s_cid=4&guce_referrer_sig=5&srsltid=6",
        "partner=rss&emc=rss",
        "emc=edit_na_20260402&partner=rssnyt&CMP=share_btn_tw&output=amp",
    ],
)
def test_what_trackers_and_newspapers_add_makes_no_difference(parameters: str) -> None:
    assert canonical_url(f"{ARTICLE}?{parameters}") == ARTICLE


def test_the_order_of_the_query_makes_no_difference() -> None:
    expected = "https://example.org/a?id=1&page=2"
    assert canonical_url("http://example.org/a?page=2&id=1&") == expected


def test_international_addresses_have_one_key() -> None:
    expected = "https://xn--e1afmkfd.xn--p1ai/%D0%B6"
    assert canonical_url("https://пример.рф/ж") == expected
    assert canonical_url("https://xn--e1afmkfd.xn--p1ai/%d0%b6") == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no address",
        "ftp://example.org/a",
        "mailto:editor@example.org",
        "https://",
        "https://example.org",
        "https://www.example.org/",
        "https://example.org/index.html?utm_source=rss",
        "https://example.org/amp/",
        "https://example.org:port/a",
        "https://[::1/a",
        "https://exa mple.org/a",
        f"https://{'long' * 20}.org/a",
    ],
)
def test_what_leads_to_no_article_has_no_key(url: str) -> None:
    assert canonical_url(url) is None


@given(st.one_of(st.text(), PARTS, PARTS.map("https://www.example.org/".__add__)))
@example("http://example.org/...amp")
@example("http://example.org/x.amp/amp")
@example("http://example.org/%%341")
@example("http://example.org/\ud800")
def test_canonical_url_is_idempotent_and_never_raises(url: str) -> None:
    key = canonical_url(url)
    assert key is None or canonical_url(key) == key


@given(PARTS.map("https://www.example.org/".__add__))
def test_tracking_never_changes_the_key(url: str) -> None:
    plain = url.partition("#")[0].strip()
    tracked = plain + ("&" if "?" in plain else "?") + "utm_source=x"
    assert canonical_url(tracked) == canonical_url(plain)


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://www.nato.int/rss", "nato.int"),
        ("http://feeds.example.org/all", "example.org"),
        ("http://rss.m.example.co.uk/all", "example.co.uk"),
        ("https://feeds.org/all", "feeds.org"),
        ("http://127.0.0.1:8801/feed", "127.0.0.1:8801"),
        ("http://[::1]:8801/feed", "[::1]:8801"),
        ("http://example.org:8801/feed", "example.org"),
        ("https://пример.рф/", "xn--e1afmkfd.xn--p1ai"),
        ("nothing", ""),
        ("https://[broken", ""),
    ],
)
def test_the_outlet_is_the_host_without_its_prefixes(url: str, outlet: str) -> None:
    assert outlet_of(url) == outlet


@given(st.text())
def test_outlet_of_never_raises(url: str) -> None:
    assert outlet_of("https://" + url) == outlet_of("https://" + url)


def test_the_host_is_where_an_address_leads() -> None:
    assert host_of("https://www.Example.org:8080/a") == "www.example.org"
    assert host_of("nowhere") == ""


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("gazette.example", "gazette.example", True),
        ("gazette.example", "en.gazette.example", True),
        ("sr.gazette.example", "en.gazette.example", True),
        ("gazette.example", "quay.example", False),
        ("council.europe.example", "commission.europe.example", False),
        ("gazette.co.uk", "quay.co.uk", False),
        ("news.gazette.co.uk", "gazette.co.uk", True),
        ("ette.example", "gazette.example", False),
        ("", "gazette.example", False),
        ("", "", False),
    ],
)
def test_hosts_of_one_publisher(one: str, other: str, *, expected: bool) -> None:
    assert related(one, other) is related(other, one) is expected
