"""The command that compares the stories as they stand with what matching would say today."""

from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from aggregator.cli.context import reading_store, settings_of
from aggregator.cli.lines import counted, say
from aggregator.cli.printing import AsJson, print_json, print_table, progress_bar
from aggregator.clock import utc_now
from aggregator.errors import UsageError
from aggregator.recluster import Move, Reclustering, place_unpublished
from aggregator.recluster import recluster as find_moves
from aggregator.settings import Settings, parse_duration


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("recluster")(recluster)


def recluster(
    context: typer.Context,
    since: Annotated[
        str | None,
        typer.Option(metavar="3d|DATE", help="Entries published since; else match.window."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look, and change nothing.")] = False,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Instead of the one in the settings.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare the stories as they stand with what matching would say today.

    Only stories that were not published yet are changed, and none with --dry-run.
    """
    settings, now = settings_of(context), utc_now()
    if threshold is not None:
        match = settings.match.model_copy(update={"threshold": threshold})
        settings = settings.model_copy(update={"match": match})
    start = _start(since, settings, now)
    with reading_store(settings) as store:
        with progress_bar() as progress:
            found = find_moves(store, settings, start, progress)
        placed = 0 if dry_run else place_unpublished(store, settings, found, now)
    if as_json:
        print_json(_document(found, placed))
        return
    say(
        f"{counted(found.entries, 'entry', 'entries')} stand in "
        f"{counted(found.stories, 'story', 'stories')}; at a threshold of {found.threshold:.3f} "
        f"it would be {found.stories_found} today"
    )
    if found.moves:
        columns = ("entry", "title", "stands in", "would tell", "score", "published")
        print_table(columns, [_row(move) for move in found.moves])
    say(
        f"{counted(len(found.moves), 'entry', 'entries')} would stand elsewhere; "
        f"{counted(placed, 'entry', 'entries')} placed anew"
    )


def _start(since: str | None, settings: Settings, now: datetime) -> datetime:
    if since is None:
        return now - settings.match.window
    try:
        return datetime.combine(date.fromisoformat(since), time(), UTC)
    except ValueError:
        pass
    try:
        return now - parse_duration(since)
    except (ValueError, OverflowError) as error:
        message = f"--since {since!r}: neither a date, as in 2026-11-01, nor a duration, as in 3d"
        raise UsageError(message) from error


def _row(move: Move) -> tuple[object, ...]:
    standing = move.standing
    return (
        standing.entry_id,
        standing.title,
        standing.uri,
        move.to or "a story of its own",
        f"{move.score:.3f}",
        "yes" if standing.published else "no",
    )


def _document(found: Reclustering, placed: int) -> dict[str, object]:
    return {
        "threshold": found.threshold,
        "entries": found.entries,
        "stories": found.stories,
        "stories_found": found.stories_found,
        "placed_anew": placed,
        "moves": [
            {
                "entry_id": move.standing.entry_id,
                "title": move.standing.title,
                "story": move.standing.uri,
                "to": move.to,
                "score": move.score,
                "published": move.standing.published,
            }
            for move in found.moves
        ],
    }
