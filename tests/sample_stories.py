"""Stories and feeds to render, as small or as full as a test wants them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

from aggregator.model import Kind, Provenance, Story, Telling
from aggregator.output.atom import render_atom
from aggregator.output.entry import out_entries
from aggregator.output.feed import OutFeed

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
FEED = OutFeed(
    uri="tag:news.example,2026:feed/nato",
    title="NATO",
    self_url="https://news.example/feeds/nato.atom",
    html_url="https://news.example/categories/nato",
    base_url="https://news.example",
    updated=NOW,
    version="2026.11.0",
    category_titles={"nato": "NATO", "baltic": "The Baltic"},
)


class TellingFacts(TypedDict, total=False):
    title: str
    url: str | None
    outlet: str
    kind: Kind
    score: float
    published: datetime
    placed_at: datetime
    provenance: Provenance | None


class StoryFacts(TypedDict, total=False):
    title: str
    link: str | None
    html: str
    published: datetime
    updated: datetime
    lead_entry_id: int
    tellings: tuple[Telling, ...]
    categories: tuple[str, ...]
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    lang: str | None
    image: str | None
    rights: str | None
    source_title: str
    source_url: str | None


def telling(entry_id: int, **facts: Unpack[TellingFacts]) -> Telling:
    """Return a telling of the frigate's story, placed before it was published."""
    plain = Telling(
        entry_id=entry_id,
        title="Frigate joins the Baltic patrol",
        url=f"https://outlet{entry_id}.example/frigate",
        outlet=f"Outlet {entry_id}",
        kind=Kind.ORIGINAL if entry_id == 1 else Kind.COPY,
        score=1.0 if entry_id == 1 else 0.97,
        published=NOW - timedelta(minutes=30 - entry_id),
        placed_at=NOW - timedelta(minutes=20 - entry_id),
    )
    return replace(plain, **facts)


def story(number: int = 1, **facts: Unpack[StoryFacts]) -> Story:
    """Return a story with one telling, published at NOW."""
    plain = Story(
        id=number,
        uri=f"tag:news.example,2026:story/{number:04}",
        key=f"{number:04}",
        title="Frigate joins the Baltic patrol",
        link="https://outlet1.example/frigate",
        html="<p>A frigate has joined the patrol.</p>",
        published=NOW,
        updated=NOW,
        lead_entry_id=1,
        tellings=(telling(1),),
        categories=("nato",),
        source_title="Outlet 1 News",
        source_url="https://outlet1.example/rss",
    )
    return replace(plain, **facts)


def told_by_four() -> Story:
    """Return a story led by a copy, with its original, a retelling, and one that came late."""
    return story(
        title="Frigate joins “Baltic Sentry” & friends",
        link="https://outlet2.example/frigate?a=1&b=2",
        lead_entry_id=2,
        tellings=(
            telling(2, outlet="Harbour Post"),
            telling(1, outlet="Navy Press Office", title="HNoMS Example joins <Baltic> patrol"),
            telling(3, outlet="Coast Daily", kind=Kind.RETELLING, score=0.71, url=None),
            telling(4, outlet="Late Gazette", placed_at=NOW + timedelta(hours=2)),
        ),
        categories=("nato", "baltic"),
        authors=("Ana Marković", "J. Doe"),
        tags=("Navy", "Baltic Sea", "Navy"),
        lang="en-GB",
        rights="© Harbour Post",
        image="https://outlet2.example/frigate.jpg?w=1&h=2",
    )


def rendered_atom(feed: OutFeed, stories: Iterable[Story]) -> bytes:
    """Return the stories as the Atom document of a feed."""
    return render_atom(feed, out_entries(feed, stories))
