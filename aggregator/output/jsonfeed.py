"""JSON Feed 1.1."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from aggregator.output.feed import OutEntry, OutFeed
from aggregator.output.legal import legal_line, legal_text
from aggregator.output.markup import KEPT

MEDIA_TYPE = "application/feed+json"
UNTITLED = "(untitled)"
_ENCODER = json.JSONEncoder(ensure_ascii=False)
VERSION = "https://jsonfeed.org/version/1.1"


def render_json(feed: OutFeed, entries: Sequence[OutEntry]) -> bytes:
    """Return the feed as a JSON Feed; the same arguments give the same bytes."""
    document = {
        "version": VERSION,
        "title": legal_line(feed.title) or UNTITLED,
        "description": legal_line(feed.subtitle),
        "home_page_url": legal_text(feed.html_url),
        "feed_url": legal_text(feed.self_url),
        "hubs": [{"type": "WebSub", "url": legal_text(hub)} for hub in feed.hubs],
    }
    # An item a line: the quick encoder writes no indents, and changes are still easy to see.
    items = ",\n".join(map(_written, entries))
    head = _ENCODER.encode({**_stated(document), "items": []})
    return f"{head.removesuffix(']}')}\n{items}\n]}}\n".encode()


def _stated(members: Mapping[str, object]) -> dict[str, object]:
    """Return the members that have a value."""
    return {name: value for name, value in members.items() if value}


@lru_cache(maxsize=KEPT)
def _written(entry: OutEntry) -> str:
    return _ENCODER.encode(_item(entry))


def _item(entry: OutEntry) -> Mapping[str, object]:
    stated = _stated(
        {
            "id": entry.uri,
            "url": entry.alternate,
            "title": entry.title,
            "image": entry.image,
            "date_published": _rfc3339(entry.published),
            "date_modified": _rfc3339(entry.updated),
            "authors": [{"name": name} for name in entry.authors],
            # A category of ours may be called as a tag of the source's.
            "tags": list(dict.fromkeys(each.label or each.term for each in entry.categories)),
            "language": entry.lang,
            "_aggregator": _tellings(entry),
        }
    )
    return {**stated, "content_html": entry.content}


def _tellings(entry: OutEntry) -> Mapping[str, object]:
    """Return what JSON Feed has no member for, in an extension of ours."""
    links = [_stated({"rel": x.rel, "url": x.href, "title": x.title}) for x in entry.links[1:]]
    source = entry.source and {"url": entry.source.uri, "title": entry.source.title}
    return _stated({"links": links, "source": source, "rights": entry.rights})


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
