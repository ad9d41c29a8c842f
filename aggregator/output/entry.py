"""A story becomes an entry of a feed out; the same for every format."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from html import escape
from urllib.parse import quote, urlsplit, urlunsplit

from aggregator.model import Story, Telling
from aggregator.output.feed import OutCategory, OutEntry, OutFeed, OutLink, OutSource
from aggregator.output.languages import feed_language
from aggregator.output.legal import legal_line, legal_text, legal_url, normal_url
from aggregator.stories.provenance import original_of
from aggregator.stories.urls import canonical_url, source_name

UNTITLED = "(untitled)"
# A story stands in several feeds, and most of a feed stays as it was.
_KEPT = 2000
# No run of letters is begun twice: authors may be long.
_ADDRESS = re.compile(r"(?<![\w.+-])(mailto:)?[\w.+-]++@[\w-]++(\.[\w-]++)+")
_TOKEN = re.compile(r"(token|key|secret|auth|pass|sig)[^=&]*=", re.IGNORECASE)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def out_entries(feed: OutFeed, stories: Iterable[Story]) -> list[OutEntry]:
    """Return the stories as entries, newest published first, ties by id."""
    ordered = sorted(stories, key=lambda story: story.id)
    ordered.sort(key=lambda story: story.published, reverse=True)
    titles = tuple(feed.category_titles.items())
    return [out_entry(feed.base_url, titles, story) for story in ordered]


@lru_cache(maxsize=_KEPT)
def out_entry(base_url: str, titles: tuple[tuple[str, str], ...], story: Story) -> OutEntry:
    """Return the story as an entry, of whichever feed under this address.

    `titles` are those of the categories, by slug.

    Tellings placed after `story.updated` are linked, but not named in the
    body: readers compare bodies, and a late copy is no news to them.
    """
    page = story_page(base_url, story.key)
    alternate = legal_url(story.link) or page
    others = _beside(story.tellings, story, alternate)
    named = (
        [telling for telling in others if telling.placed_at <= story.updated]
        if story.named is None
        else _beside(story.named, story, alternate)
    )
    html, lang = legal_text(story.html), story.lang or ""
    return OutEntry(
        uri=legal_text(story.uri),
        title=legal_line(story.title) or UNTITLED,
        html=html if html.strip() else _pointer(story, alternate),
        published=story.published,
        updated=story.updated,
        authors=_authors(story),
        links=tuple(_links(story, alternate, others)),
        categories=tuple(_categories(base_url, dict(titles), story)),
        source=_source(story),
        rights=legal_line(story.rights or ""),
        lang=feed_language(lang) if _LANGUAGE_TAG.fullmatch(lang) else "",
        image=legal_url(story.image) or "",
        coda=_also_reported_by(named),
        page=page,
    )


def _beside(tellings: Iterable[Telling], story: Story, alternate: str) -> list[Telling]:
    """Return those that are other reports: not what a second source says of the lead's address."""
    return [
        telling
        for telling in tellings
        if telling.entry_id != story.lead_entry_id and legal_url(telling.url) != alternate
    ]


def story_page(base_url: str, key: str) -> str:
    """Return the address of a story's page."""
    return f"{base_url}/stories/{quote(key, safe='', errors='ignore')}"


def _lines(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(legal_line, texts))))


def _authors(story: Story) -> tuple[str, ...]:
    named = _lines(map(_without_address, story.authors))
    return named or (outlet_name(story.lead.outlet),)


def outlet_name(outlet: str) -> str:
    """Return an outlet as the author of what it tells; some are called by an address."""
    return legal_line(_without_address(outlet)) or UNTITLED


def _without_address(author: str) -> str:
    """Return who wrote it without an address of electronic mail: those are harvested."""
    name, found = _ADDRESS.subn(" ", author)
    return name.strip(" <>()[],;:-") if found else author


def _pointer(story: Story, alternate: str) -> str:
    """Return a body for what has none: a link, which never changes."""
    name = legal_line(story.lead.outlet) or UNTITLED
    return f'<p><a href="{escape(alternate)}">{escape(name)}</a></p>'


def _caption(telling: Telling) -> str:
    return f"{legal_line(telling.outlet)}: {legal_line(telling.title) or UNTITLED}"


def _links(story: Story, alternate: str, others: Sequence[Telling]) -> Iterator[OutLink]:
    """Yield the alternate, a related link for each other address, via for the originals'.

    An original may be a telling, or stand at an address that a telling reveals.
    """
    yield OutLink("alternate", alternate)
    seen = {("related", alternate), ("via", _key(alternate))}
    for rel, url, title in (*_relations(story, others), *_sources(story)):
        href = legal_url(url)
        if href is None:
            continue
        key = (rel, href if rel == "related" else _key(href))
        if key not in seen:
            seen.add(key)
            yield OutLink(rel, href, title)


def _relations(story: Story, others: Sequence[Telling]) -> Iterator[tuple[str, str | None, str]]:
    original = original_of(story)
    for telling in others:
        yield "related", telling.url, _caption(telling)
        if telling is original:
            yield "via", telling.url, _caption(telling)


def _sources(story: Story) -> Iterator[tuple[str, str | None, str]]:
    """Yield what tellings reveal of originals, which may be nobody's entry here."""
    for told in (telling.provenance for telling in story.tellings):
        if told:
            names = map(legal_line, (told.outlet, told.headline))
            yield "via", told.url, ": ".join(filter(None, names)) or UNTITLED


def _key(href: str) -> str:
    """Return what addresses of one article have in common."""
    return canonical_url(href) or href


def _categories(base_url: str, titles: Mapping[str, str], story: Story) -> Iterator[OutCategory]:
    for slug in story.categories:
        title = legal_line(titles.get(slug, ""))
        yield OutCategory(legal_line(slug), f"{base_url}/categories", title)
    yield from map(OutCategory, _lines(story.tags))


def _source(story: Story) -> OutSource | None:
    """Return the lead's source; a source's own `updated` is not known, so its entry's stands in."""
    uri = legal_url(_without_credentials(story.source_url))
    if uri is None:
        return None
    title = legal_line(source_name(story.source_title)) or UNTITLED
    return OutSource(normal_url(uri), title, story.lead.published)


def _without_credentials(url: str | None) -> str | None:
    """Return the address without what lets us in: no userinfo, no query that holds a token."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    query = "" if _TOKEN.search(parts.query) else parts.query
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query))


def _also_reported_by(tellings: Sequence[Telling]) -> str:
    if not tellings:
        return ""
    lines = "\n".join(dict.fromkeys(f'<li dir="auto">{_mention(t)}</li>' for t in tellings))
    return f"\n<p>Also reported by</p>\n<ul>\n{lines}\n</ul>"


def _mention(telling: Telling) -> str:
    href = legal_url(telling.url)
    # As it was called first: a headline that its source corrects is no other body of the story.
    caption = escape(_caption(replace(telling, title=telling.first_title or telling.title)))
    return f'<a href="{escape(href)}">{caption}</a>' if href else caption
