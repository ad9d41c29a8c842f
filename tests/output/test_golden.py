"""Feeds out, compared byte for byte.

After a change that is meant: `RENEW_GOLDEN=1 pytest tests/output/test_golden.py`,
then read the difference.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import feedparser
import pytest
from feed_formats import json_feed_faults, rss_faults
from rfc4287 import faults
from sample_stories import FEED, NOW, story, telling, told_by_four
from w3c import atom_warnings, rss_warnings

from aggregator.model import Story
from aggregator.output.atom import render_atom
from aggregator.output.entry import out_entries
from aggregator.output.feed import OutFeed, OutLink
from aggregator.output.jsonfeed import render_json
from aggregator.output.rss import render_rss

GOLDEN = Path(__file__).parent.parent / "golden" / "out"
CASES: dict[str, tuple[OutFeed, Sequence[Story]]] = {
    "empty": (FEED, ()),
    "hub": (replace(FEED, hubs=("https://hub.example/",)), (story(),)),
    "archive": (
        replace(
            FEED,
            self_url="https://news.example/feeds/nato/2026-10.atom",
            title="NATO, 2026-10",
            subtitle="What left the live feed",
            style_url="../../static/feed.css",
            archive=True,
            archives=(
                OutLink("current", "https://news.example/feeds/nato.atom"),
                OutLink("prev-archive", "https://news.example/feeds/nato/2026-09.atom"),
                OutLink("next-archive", "https://news.example/feeds/nato/2026-11.atom"),
            ),
        ),
        (story(),),
    ),
    # What only the strictest complain of: signs of HTML that end in nothing, letters encoded
    # twice, numbers that Unicode keeps free, hosts in brackets, ids spelled in another way, a
    # language that the old lists lack, a tag that is called as a category of ours.
    "all-but-right": (
        replace(FEED, title="Caf\xc3\xa9 5&6", category_titles={"nato": "R&copy NATO"}),
        (
            story(
                title="Brigades 5&6 at Caf\xc3\xa9 A&E2024",
                link="http://[2001:db8::1]/frigate",
                image="http://[2001:db8::1]/frigate.jpg",
                html="<p>Twice: Caf\xc3\xa9</p>\n<p>Once: “Café”\ufdd0\U0001fffe</p>",
                authors=("Ren\xc3\xa9 &6",),
                tags=("NATO", "R&copy NATO", "B&1"),
                lang="cnr",
                rights="5&6",
                source_title="Q&Q &sect",
                source_url="HTTP://Outlet.example:80/%7eb/../%d0%bd",
                tellings=(telling(1), telling(2, title="&lt 5&6", url="http://[::1]/x")),
            ),
            story(2, updated=NOW + timedelta(minutes=2), source_url="http://[::1]:8080/feed"),
        ),
    ),
    "told-by-four": (FEED, (told_by_four(),)),
    "late-original": (
        FEED,
        (
            story(
                lead_entry_id=2,
                link="https://outlet2.example/frigate",
                tellings=(telling(2), telling(1, placed_at=NOW + timedelta(days=1))),
            ),
        ),
    ),
    "order": (
        FEED,
        (
            story(3),
            story(1, published=NOW - timedelta(hours=1), updated=NOW + timedelta(hours=1)),
            story(2, updated=NOW + timedelta(minutes=1)),
        ),
    ),
    "nothing-stated": (
        FEED,
        (
            story(
                title=" ",
                link=None,
                html="",
                image="data:x",
                tellings=(telling(1, title="", outlet=""),),
            ),
        ),
    ),
    "right-to-left": (
        FEED,
        (
            story(
                title="الفرقاطة تنضم إلى دورية البلطيق",
                html='<p dir="rtl">انضمت فرقاطة إلى الدورية.</p>',
                lang="ar",
                tellings=(telling(1, outlet="وكالة"), telling(2, title="הפריגטה מצטרפת")),
            ),
        ),
    ),
    "hostile": (
        replace(FEED, title="NATO\x00 \ud800<b>"),
        (
            story(
                title="]]>\x00</title><script>alert(1)</script>\ufffe\x85 &amp;",
                link="javascript:alert(1)",
                html="<p>]]>\x0b\x1b[31m &lt;script&gt;</p>",
                tags=("<a>", "\x07", '"quoted"'),
                authors=("\x00", "<i>Ann</i>", "ann@x.example", "Bob <bob@x.example>"),
                rights="a\r\nb",
                image='https://x.example/"onload=alert(1)',
                lang='en" onload="x',
                source_url="https://outlet1.example/a feed?q=ž&r=[1]#100%#x",
                tellings=(
                    telling(1),
                    telling(2, url="http://[broken", outlet="<b>", title='"><img src=x>'),
                    telling(3, url='https://x.example/"><script>', title="\ud83d"),
                    telling(4, url="data:text/html,x", title="a\nb"),
                ),
            ),
        ),
    ),
}


RENDERERS = {"atom": render_atom, "rss": render_rss, "json": render_json}
VERSIONS = {"atom": "atom10", "rss": "rss20"}


def rendered(name: str, kind: str) -> bytes:
    feed, stories = CASES[name]
    self_url = feed.self_url.replace(".atom", f".{kind}")
    feed = replace(feed, self_url=self_url)
    return RENDERERS[kind](feed, out_entries(feed, stories))


@pytest.mark.parametrize("kind", RENDERERS)
@pytest.mark.parametrize("name", CASES)
def test_the_bytes_are_those_we_agreed_on(name: str, kind: str) -> None:
    golden = GOLDEN / f"{name}.{kind}"
    if os.environ.get("RENEW_GOLDEN"):
        golden.write_bytes(rendered(name, kind))
    assert rendered(name, kind) == golden.read_bytes()


@pytest.mark.parametrize("kind", VERSIONS)
@pytest.mark.parametrize("name", CASES)
def test_feedparser_reads_it_back_without_complaint(name: str, kind: str) -> None:
    read = feedparser.parse(BytesIO(rendered(name, kind)))
    assert not read.bozo
    assert read.version == VERSIONS[kind]
    assert {entry.id for entry in read.entries} == {told.uri for told in CASES[name][1]}


@pytest.mark.parametrize("name", CASES)
def test_it_holds_what_rfc_4287_demands(name: str) -> None:
    assert faults(rendered(name, "atom")) == []


@pytest.mark.parametrize("name", CASES)
def test_it_holds_what_rss_2_demands(name: str) -> None:
    assert rss_faults(rendered(name, "rss")) == []


@pytest.mark.parametrize("name", CASES)
def test_the_w3c_validator_would_find_nothing_to_warn_of(name: str) -> None:
    address = CASES[name][0].self_url
    assert atom_warnings(rendered(name, "atom"), address) == []
    assert rss_warnings(rendered(name, "rss"), address.replace(".atom", ".rss")) == []


@pytest.mark.parametrize("name", CASES)
def test_it_holds_what_json_feed_demands(name: str) -> None:
    assert json_feed_faults(rendered(name, "json")) == []


def test_of_each_fault_its_rule_would_warn() -> None:
    """A rule that knows no fault finds none."""
    address, tidy = FEED.self_url, rendered("all-but-right", "atom").decode()
    spoiled = {
        "BadCharacters": ("Café A", "Caf\xc3\xa9 A"),
        "ContainsHTML": ("René \N{FULLWIDTH AMPERSAND}6", "René &amp;6"),
        "InvalidLanguage": ('xml:lang="sr-ME"', 'xml:lang="cnr"'),
        "NonCanonicalURI": ("%D0%BD</id>", "%d0%bd</id>"),
        "NotHtml": ("Once:", "Once:\ufdd0"),
    }
    for name, (right, wrong) in spoiled.items():
        assert right in tidy
        (found, *_) = atom_warnings(tidy.replace(right, wrong).encode(), address)
        assert f"[{name}]" in found


def test_no_golden_file_is_left_without_its_case() -> None:
    expected = {f"{name}.{kind}" for name in CASES for kind in RENDERERS}
    assert {path.name for path in GOLDEN.iterdir()} == expected
