"""Commands on OPML: sources taken in and given out, the feeds that we publish."""

import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.categories import remark_on_categories
from aggregator.cli.context import reading_store, settings_of
from aggregator.cli.desk import at_desk
from aggregator.cli.lines import OWN_FEED, counted, say, talk
from aggregator.cli.printing import AsJson, print_json
from aggregator.errors import ParseError, RefusedError
from aggregator.model import Role, Source
from aggregator.output.opml import Outline, feed_outlines, render_opml
from aggregator.press import feed_titles
from aggregator.settings import Settings, format_duration
from aggregator.store import sources
from aggregator.store.database import Store
from aggregator.subscribe import import_sources

LARGEST_OPML = 50_000_000
# What is made of what a list states in words that mean nothing to us.
_INSTEAD = {
    "role": f"taken as {Role.PRESS}; there are {', '.join(Role)}",
    "interval": "left out; it is a number and a unit, as in 15m or 2h",
    "full-text": "left out; it is yes or no",
    "paused": "left out; it is yes or no",
}


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("import-opml")(import_opml)
    app.command("export-opml")(export_opml)


def import_opml(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="An OPML file, - for stdin.")],
    as_json: AsJson = False,
) -> None:
    """Take on the sources of an OPML file; folders become categories."""
    body = _read(file)
    try:
        imported = at_desk(context, partial(import_sources, body=body))
    except ParseError as error:
        reason = f"{file} is no OPML: an HTML page?" if _is_page(body) else f"{file}: {error}"
        raise RefusedError(reason) from error
    for url, reason in imported.refused:
        talk(f"left out: {reason if url in reason else f'{url}: {reason}'}")
    for name, words, count in imported.strange:
        talk(f"no such {name}: {words[:80]!r} ({counted(count, 'source')}), {_INSTEAD[name]}")
    if imported.own:
        talk(f"{counted(len(imported.own), 'of these is a feed', 'of these are feeds')} {OWN_FEED}")
    if imported.added:
        remark_on_categories(settings_of(context), imported.categories)
    if as_json:
        refused = [{"url": url, "reason": reason} for url, reason in imported.refused]
        print_json({"added": imported.added, "known": imported.known, "refused": refused})
        return
    say(f"{imported.added} added, {imported.known} already there, {len(imported.refused)} left out")


def _read(file: str) -> bytes:
    """Return what the file holds; of one without an end no more than it takes to see that."""
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as stream:
            body = stream.read(LARGEST_OPML + 1)
    except OSError as error:
        message = f"cannot read {file}: {error.strerror}"
        raise RefusedError(message) from error
    if len(body) > LARGEST_OPML:
        message = f"{file} is larger than {LARGEST_OPML // 1_000_000} MB: no list of sources"
        raise RefusedError(message)
    return body


def _is_page(body: bytes) -> bool:
    start = body[:1000].lower()
    return b"<html" in start or b"<!doctype html" in start


def export_opml(
    context: typer.Context,
    outputs: Annotated[
        bool, typer.Option("--outputs", help="The feeds that we publish, not the sources.")
    ] = False,
) -> None:
    """Print the sources, or the feeds that we publish, as OPML."""
    settings = settings_of(context)
    with reading_store(settings) as store:
        if outputs:
            base_url, titles = settings.publish.base_url, feed_titles(store, settings)
            title, outlines = "Published feeds", feed_outlines(base_url, titles)
        else:
            title, outlines = "Sources", _sources(store, settings)
    sys.stdout.buffer.write(render_opml(title, outlines))


def _sources(store: Store, settings: Settings) -> list[Outline]:
    return [
        Outline(
            title=source.title or source.url,
            xml_url=source.url,
            html_url=source.site_url,
            categories=source.categories,
            facts=_facts(source, settings),
        )
        for source in store.read_now(sources.list_sources)
    ]


def _facts(source: Source, settings: Settings) -> dict[str, str]:
    """Return what an import needs to make the same source of it."""
    interval = settings.poll.within_bounds(source.interval) if source.interval else None
    full_text = {None: "", True: "yes", False: "no"}[source.full_text]
    return {
        "role": source.role,
        "outlet": source.outlet,
        "interval": format_duration(interval) if interval else "",
        "full-text": full_text,
        "paused": "" if source.enabled else "yes",
    }
