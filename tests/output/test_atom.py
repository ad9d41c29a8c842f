from dataclasses import replace
from datetime import datetime, timedelta, timezone
from random import Random
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from rfc4287 import ATOM, LANG, faults, parsed
from sample_stories import FEED, NOW, rendered_atom, story, telling, told_by_four

from aggregator.model import Kind, Provenance, Story, Telling
from aggregator.output.legal import plain

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)
ADDRESS = st.one_of(
    st.none(), ANYTHING, ANYTHING.map("https://x.example/".__add__), ANYTHING.map("http://".__add__)
)
TELLING = st.builds(
    Telling,
    entry_id=st.integers(1, 3),
    title=ANYTHING,
    url=ADDRESS,
    outlet=ANYTHING,
    kind=st.sampled_from(Kind),
    score=st.just(1.0),
    published=st.just(NOW),
    placed_at=st.sampled_from([NOW, NOW + timedelta(hours=1)]),
    provenance=st.none()
    | st.builds(Provenance, ANYTHING, ANYTHING, ADDRESS, st.sampled_from(["line", "caption"])),
)
STORY = st.builds(
    Story,
    id=st.just(1),
    uri=st.just("tag:news.example,2026:story/1"),
    key=ANYTHING,
    title=ANYTHING,
    link=ADDRESS,
    html=ANYTHING,
    published=st.just(NOW),
    updated=st.just(NOW),
    lead_entry_id=st.just(1),
    tellings=st.lists(TELLING, max_size=3).map(lambda more: (telling(1), *more)),
    categories=st.lists(ANYTHING, max_size=2).map(tuple),
    authors=st.lists(ANYTHING, max_size=2).map(tuple),
    tags=st.lists(ANYTHING, max_size=2).map(tuple),
    lang=st.none() | ANYTHING,
    rights=st.none() | ANYTHING,
    source_title=ANYTHING,
    source_url=ADDRESS,
)


def entry_of(told: Story) -> ET.Element:
    entry = parsed(rendered_atom(FEED, [told])).find(f"{ATOM}entry")
    assert entry is not None
    return entry


def links_of(told: Story) -> list[tuple[str | None, str | None, str | None]]:
    found = entry_of(told).findall(f"{ATOM}link")
    return [(link.get("rel"), link.get("href"), link.get("title")) for link in found]


def content_of(told: Story) -> str:
    return entry_of(told).findtext(f"{ATOM}content") or ""


def test_a_second_source_of_the_leads_own_address_is_no_other_report() -> None:
    lead = telling(1)
    echo, other = replace(telling(2), url=lead.url), telling(3)
    told = replace(story(), tellings=(lead, echo, other), link=lead.url)
    rels = [rel for rel, _, _ in links_of(told)]
    assert rels.count("related") == 1
    assert content_of(told).count("<li") == 1


@given(STORY, ANYTHING, ANYTHING)
def test_no_text_in_any_field_can_break_the_document(told: Story, title: str, label: str) -> None:
    feed = replace(FEED, title=title, category_titles=dict.fromkeys(told.categories, label))
    document = rendered_atom(feed, [told])
    etree.fromstring(document)
    assert faults(document) == []


def test_the_same_stories_give_the_same_bytes_in_whatever_order_they_come() -> None:
    stories = [story(n, published=NOW - timedelta(minutes=n // 3)) for n in range(20)]
    shuffled = Random(7).sample(stories, len(stories))
    assert rendered_atom(FEED, shuffled) == rendered_atom(FEED, stories)


def test_the_zone_that_a_time_is_given_in_changes_no_byte() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    abroad = story(published=NOW.astimezone(zone), updated=NOW.astimezone(zone))
    assert rendered_atom(FEED, [abroad]) == rendered_atom(FEED, [story()])


def test_other_tellings_are_related_and_the_original_is_via() -> None:
    assert links_of(told_by_four()) == [
        ("alternate", "https://outlet2.example/frigate?a=1&b=2", None),
        (
            "related",
            "https://outlet1.example/frigate",
            plain("Navy Press Office: HNoMS Example joins <Baltic> patrol"),
        ),
        (
            "via",
            "https://outlet1.example/frigate",
            plain("Navy Press Office: HNoMS Example joins <Baltic> patrol"),
        ),
        (
            "related",
            "https://outlet4.example/frigate",
            "Late Gazette: Frigate joins the Baltic patrol",
        ),
    ]


def test_an_original_that_leads_is_no_via() -> None:
    assert [rel for rel, _, _ in links_of(story())] == ["alternate"]


GAZETTE = "https://gazette.example/2026/frigate"


def test_an_original_that_is_nobodys_entry_is_via() -> None:
    spun = telling(1, provenance=Provenance("Gazette", "Frigate sails", GAZETTE, "caption"))
    assert links_of(story(tellings=(spun,)))[1:] == [("via", GAZETTE, "Gazette: Frigate sails")]
    twice = telling(2, provenance=Provenance("Gazette", "", f"{GAZETTE}?utm_source=x", "line"))
    assert [rel for rel, _, _ in links_of(story(tellings=(spun, twice)))].count("via") == 1
    nameless = telling(1, provenance=Provenance("", "", GAZETTE, "line"))
    assert links_of(story(tellings=(nameless,)))[1:] == [("via", GAZETTE, "(untitled)")]


def test_an_original_without_an_address_is_no_via() -> None:
    for url in (None, "javascript:alert(1)"):
        spun = telling(1, provenance=Provenance("Gazette", "Frigate sails", url, "caption"))
        assert [rel for rel, _, _ in links_of(story(tellings=(spun,)))] == ["alternate"]


def test_a_lead_that_others_name_is_no_via_and_the_first_told_that_borrows_is_none() -> None:
    lead = telling(2, url=GAZETTE, kind=Kind.RETELLING)
    farm = telling(1, provenance=Provenance("Gazette", "", GAZETTE, "line"))
    told = story(link=GAZETTE, lead_entry_id=2, tellings=(farm, lead))
    assert [rel for rel, _, _ in links_of(told)] == ["alternate", "related"]


def test_no_address_is_linked_twice_under_one_relation() -> None:
    early = NOW - timedelta(hours=1)
    twin = story(
        tellings=(
            telling(1, kind=Kind.COPY),
            telling(2, url="https://outlet1.example/frigate"),
            telling(3, url="https://third.example/"),
            telling(4, url="https://third.example/", kind=Kind.ORIGINAL, published=early),
        )
    )
    assert [(rel, href) for rel, href, _ in links_of(twin)] == [
        ("alternate", "https://outlet1.example/frigate"),
        ("related", "https://third.example/"),
        ("via", "https://third.example/"),
    ]


def test_a_story_without_link_points_to_its_page() -> None:
    assert links_of(story(7, link=None)) == [
        ("alternate", "https://news.example/stories/0007", None)
    ]


def test_a_late_telling_changes_links_but_neither_body_nor_date() -> None:
    early = story(tellings=(telling(1), telling(2)))
    late = replace(early, tellings=(*early.tellings, telling(3, placed_at=NOW + timedelta(1))))
    assert content_of(early) == content_of(late)
    assert entry_of(early).findtext(f"{ATOM}updated") == entry_of(late).findtext(f"{ATOM}updated")
    assert len(links_of(late)) == len(links_of(early)) + 1


def test_a_telling_placed_at_the_very_moment_of_the_update_is_named() -> None:
    assert "Outlet 2" in content_of(story(tellings=(telling(1), telling(2, placed_at=NOW))))


def test_the_body_names_other_tellings_escaped_and_linked_where_they_can_be() -> None:
    assert content_of(told_by_four()) == (
        "<p>A frigate has joined the patrol.</p>\n<p>Also reported by</p>\n<ul>\n"
        '<li dir="auto"><a href="https://outlet1.example/frigate">'
        "Navy Press Office: HNoMS Example joins &lt;Baltic&gt; patrol</a></li>\n"
        '<li dir="auto">Coast Daily: Frigate joins the Baltic patrol</li>\n</ul>'
    )


def test_our_categories_carry_scheme_and_label_and_tags_only_a_term() -> None:
    found = entry_of(told_by_four()).findall(f"{ATOM}category")
    scheme = "https://news.example/categories"
    assert [category.attrib for category in found] == [
        {"term": "nato", "scheme": scheme, "label": "NATO"},
        {"term": "baltic", "scheme": scheme, "label": "The Baltic"},
        {"term": "Navy"},
        {"term": "Baltic Sea"},
    ]


def test_the_source_is_the_leads_and_complete() -> None:
    source = entry_of(story()).find(f"{ATOM}source")
    assert source is not None
    assert {child.tag.removeprefix(ATOM): child.text for child in source} == {
        "id": "https://outlet1.example/rss",
        "title": "Outlet 1 News",
        "updated": "2026-11-22T06:01:00+00:00",
        "link": None,
    }


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://reader:s3cret@a.example/feed?lang=en", "https://a.example/feed?lang=en"),
        ("https://a.example/feed?lang=en&auth_token=s3cret", "https://a.example/feed"),
    ],
)
def test_what_lets_us_in_at_a_source_is_not_published(address: str, shown: str) -> None:
    written = rendered_atom(FEED, [story(source_url=address)])
    assert b"s3cret" not in written
    assert f"<id>{shown}</id>".encode() in written


def test_a_source_without_address_is_left_out() -> None:
    assert entry_of(story(source_url=None)).find(f"{ATOM}source") is None


@pytest.mark.parametrize(
    ("authors", "shown"), [((), ["Outlet 1"]), (("Ann", "Ben", "Ann"), ["Ann", "Ben"])]
)
def test_an_entry_without_author_names_the_outlet(
    authors: tuple[str, ...], shown: list[str]
) -> None:
    found = entry_of(story(authors=authors)).iterfind(f"{ATOM}author/{ATOM}name")
    assert [name.text for name in found] == shown


@pytest.mark.parametrize(("lang", "shown"), [("sr-Latn", "sr-Latn"), ("no language", None)])
def test_a_language_is_stated_only_as_a_language_tag(lang: str, shown: str | None) -> None:
    assert entry_of(story(lang=lang)).get(LANG) == shown


def test_the_feed_is_as_new_as_its_newest_entry_or_as_it_says() -> None:
    later = NOW + timedelta(days=1)
    full = parsed(rendered_atom(FEED, [story(1, updated=later), story(2)]))
    empty = parsed(rendered_atom(FEED, []))
    assert _updated(full) == later
    assert _updated(empty) == NOW


def _updated(feed: ET.Element) -> datetime:
    return datetime.fromisoformat(feed.findtext(f"{ATOM}updated") or "")


def test_a_title_of_a_megabyte_comes_through_whole() -> None:
    title = "Frigate " * 131_072
    assert entry_of(story(title=title)).findtext(f"{ATOM}title") == title.strip()
