"""The command that shows a sample newsroom."""

from contextlib import ExitStack
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Annotated

import typer

from aggregator.cli.context import settings_of
from aggregator.cli.lines import counted, say, talk
from aggregator.cli.loop import run_loop
from aggregator.cli.printing import AsJson, print_json, print_table, progress_bar
from aggregator.cli.run import serve
from aggregator.cli.update import folded
from aggregator.clock import utc_now
from aggregator.demo.newsroom import Newsroom
from aggregator.demo.newsroom import load as load_newsroom
from aggregator.demo.site import Site
from aggregator.demo.tour import Tour, demo_settings, free_port, tour
from aggregator.errors import RefusedError
from aggregator.settings import Settings

DEMO_PORT = 8080


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("demo")(show_demo)


def show_demo(
    context: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65_535, help=f"Where it is served; else {DEMO_PORT} or a free one."
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop after the first round.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a sample newsroom, polled, deduplicated and published; needs no network."""
    settings = settings_of(context)
    served_at = _demo_port(port, once=once)
    newsroom = load_newsroom()
    folder = Path(mkdtemp(prefix="aggregator-demo-"))
    with ExitStack() as ending, Site(newsroom, now=utc_now()) as site:
        ending.callback(rmtree, folder, ignore_errors=True)
        settings = demo_settings(settings, folder, site, served_at)
        with progress_bar() as progress:
            shown = run_loop(tour(settings, newsroom, site, utc_now, progress))
        if as_json:
            address = None if once else settings.publish.base_url
            print_json(_what_was_done(newsroom, shown, settings) | {"address": address})
        else:
            _say_what_was_done(newsroom, shown)
            say(f"The feeds lie in {settings.publish.directory}")
        if once:
            ending.pop_all()  # what was published stays to be looked at
            (talk if as_json else say)(f"The folder {folder} stays until you remove it")
            return
        if not as_json:
            _say_where_to_look(settings)
        talk("")
        run_loop(serve(settings, lambda: settings))


def _demo_port(wanted: int | None, *, once: bool) -> int:
    """Return where the demo is served, or `once` would be: as wanted, else where nobody listens."""
    if wanted is None:
        port = free_port(DEMO_PORT)
        if port != DEMO_PORT and not once:
            talk(f"port {DEMO_PORT} is in use: the demo is served on {port} instead")
        return port
    if free_port(wanted) != wanted:
        message = f"--port {wanted}: cannot listen there; name another, or none"
        raise RefusedError(message)
    return wanted


def _what_was_done(newsroom: Newsroom, shown: Tour, settings: Settings) -> dict[str, object]:
    report = shown.report
    return {
        "outlets": len(newsroom.outlets),
        "entries": sum(len(story.tellings) for story in shown.stories),
        "copies": report.copies,
        "retellings": report.retellings,
        "feeds": settings.publish.directory,
        "stories": [
            {
                "title": story.title,
                "outlet": story.lead.outlet,
                "tellings": len(story.tellings),
                "categories": story.categories,
            }
            for story in shown.stories
        ],
    }


def _say_what_was_done(newsroom: Newsroom, shown: Tour) -> None:
    report = shown.report
    told = sum(len(story.tellings) for story in shown.stories)
    say(
        f"{len(newsroom.outlets)} outlets published {told} entries; they tell "
        f"{counted(len(shown.stories), 'story', 'stories')}. {folded(report)} "
        "were folded into the stories they tell:"
    )
    rows = [
        (len(story.tellings), story.lead.outlet, story.title, " ".join(story.categories))
        for story in shown.stories
    ]
    print_table(("tellings", "led by", "story", "categories"), rows)


def _say_where_to_look(settings: Settings) -> None:
    base = settings.publish.base_url
    say(f"While the demo runs, read pages at {base}/, subscribe to {base}/feeds/all.atom")
