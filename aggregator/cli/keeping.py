"""Commands that keep the data safe and small: a backup, the way back, retention."""

from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.context import settings_of
from aggregator.cli.lines import counted, say
from aggregator.cli.printing import AsJson, print_json, progress_bar
from aggregator.clock import utc_now
from aggregator.prune import prune as let_go
from aggregator.publish import Publisher
from aggregator.store.backup import STANDING, back_up
from aggregator.store.backup import restore as put_back
from aggregator.store.database import Store


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("prune")(prune)


def backup(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Where to; in a folder it is named after the moment."),
    ],
    as_json: AsJson = False,
) -> None:
    """Copy the database into a file, while the daemon works; the copy is checked."""
    now = utc_now()
    with progress_bar() as progress:
        copied = back_up(settings_of(context).database.url, file, now, progress)
    entries, stories = copied.rows["entry"], copied.rows[STANDING]
    if as_json:
        print_json(
            {
                "file": copied.path,
                "bytes": copied.size,
                "schema": copied.version,
                "taken_at": now,
                "entries": entries,
                "stories": stories,
            }
        )
        return
    say(
        f"{copied.path}: {copied.size} bytes, checked: {counted(entries, 'entry', 'entries')}, "
        f"{counted(stories, 'story', 'stories')}, schema {copied.version}"
    )


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `backup` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Put a backup in the database's place, and write all feeds anew; the daemon must not run."""
    settings, now = settings_of(context), utc_now()
    with progress_bar() as progress:
        kept = put_back(settings.database.url, file, now, progress)
    with Store.open(settings.database.url) as store:
        # By today's rules: those of the backup's day may have been others.
        written = Publisher(store, settings).publish(now, wait=False).written
    if as_json:
        print_json({"restored": file, "kept": kept, "feeds_written": written})
        return
    say(f"restored from {file}; {counted(written, 'feed')} written")
    if kept:
        say(f"the database that was there is kept: {kept}")


def prune(context: typer.Context, as_json: AsJson = False) -> None:
    """Let go of the texts of stories past their retention, now; archives and ids stay."""
    settings, now = settings_of(context), utc_now()
    with Store.open(settings.database.url) as store:
        done = let_go(store, settings, now)
        written = Publisher(store, settings).write_feeds(now)
    if as_json:
        facts = {"stories_pruned": done.stories, "bytes_reusable": done.reusable}
        print_json(facts | {"feeds_written": written})
        return
    stories, feeds = counted(done.stories, "story", "stories"), counted(written, "feed")
    say(f"{stories} pruned, {feeds} written")
    if done.reusable:
        say(f"{done.reusable} bytes of the database's file are free for what comes")
