"""Commands on the service: run, a round by hand, publishing, the configuration, the demo."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Annotated

import typer

from aggregator.cli.common import (
    AsJson,
    Context,
    at_desk,
    counted,
    print_json,
    print_table,
    progress_bar,
    say,
    settings_of,
    talk,
    utc_now,
)
from aggregator.daemon import Daemon
from aggregator.demo.newsroom import Newsroom
from aggregator.demo.newsroom import load as load_newsroom
from aggregator.demo.site import Site
from aggregator.demo.tour import Tour, demo_settings, free_port, tour
from aggregator.desk import Desk
from aggregator.dispatch import Dispatch
from aggregator.errors import RefusedError, SettingsError, UsageError
from aggregator.logs import configure_logs
from aggregator.publish import Publisher
from aggregator.round import STEPS, Report, run_round
from aggregator.settings import Settings, load_settings
from aggregator.store import sources
from aggregator.store.database import Store

DEMO_PORT = 8080
RUNS = "Poll, read, place, publish and serve until told to end; SIGHUP reads the settings again."


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("run", help=RUNS)(run)
    app.command("update")(update)
    app.command("publish")(publish)
    app.command("check-config")(check_config)
    app.command("demo")(show_demo)


def run(context: typer.Context) -> None:
    """Run the daemon."""
    folder = context.ensure_object(Context).config
    settings = load_settings(folder)
    configure_logs(settings.log.level, settings.log.format)
    asyncio.run(_serve(settings, partial(load_settings, folder)))


async def _serve(settings: Settings, reload: Callable[[], Settings]) -> None:
    await Daemon(settings, reload).run(_invite)


def _invite(address: str) -> None:
    talk(f"reading pages at {address}/, feeds at {address}/feeds/all.atom; Ctrl-C ends")


def update(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[ID|URL]...", help="These sources, due or not.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="All sources, due or not.")] = False,
    steps: Annotated[
        str, typer.Option(metavar="poll,read,place,publish", help="Only these steps.")
    ] = ",".join(STEPS),
    as_json: AsJson = False,
) -> None:
    """Take one whole round now, through to the published files."""
    wanted = _steps(steps)

    async def work(desk: Desk) -> Report:
        only = [await _pollable(desk, name) for name in names] if names else None
        dispatch = Dispatch(desk)
        with progress_bar() as progress:
            report = await run_round(
                desk, dispatch, wanted, only=only, force=force, progress=progress
            )
        await dispatch.stop(timedelta())
        return report

    report = at_desk(context, work)
    for failure in report.failures:
        talk(f"failed: {failure}")
    if as_json:
        facts = asdict(report)
        del facts["failures"]
        print_json(facts)
        return
    say(
        f"{counted(report.polled, 'source')} polled: {report.not_modified} not modified, "
        f"{report.failed} failed; {report.entries_new} new of "
        f"{counted(report.entries_seen, 'entry', 'entries')}"
    )
    say(
        f"{counted(report.articles, 'article')} read; "
        f"{counted(report.stories_new, 'new story', 'new stories')}, {_folded(report)}; "
        f"{counted(report.stories_total, 'story', 'stories')} in all"
    )
    say(
        f"{counted(report.feeds_written, 'feed')} written; "
        f"the whole round took {report.seconds['total']} s"
    )


def _folded(report: Report) -> str:
    copies = counted(report.copies, "copy", "copies")
    return f"{copies}, {counted(report.retellings, 'retelling')}"


def _steps(text: str) -> tuple[str, ...]:
    wanted = tuple(step.strip() for step in text.split(","))
    for step in wanted:
        if step not in STEPS:
            message = f"--steps {step!r}: allowed: {', '.join(STEPS)}"
            raise UsageError(message)
    return wanted


async def _pollable(desk: Desk, name: str) -> int:
    source = await desk.store.read(partial(sources.find_source, name=name))
    if not source.enabled:
        message = f"source {name} is paused; `aggregator resume-source {name}` first"
        raise UsageError(message)
    return source.id


def publish(
    context: typer.Context,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Render every feed; files that already hold the same bytes are not touched.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the feeds that changed; stories whose hold is over appear."""
    settings = settings_of(context)
    with Store.open(settings.database.url) as store:
        done = Publisher(store, settings).publish(utc_now(), everything=everything)
    if as_json:
        print_json({"stories_appeared": done.appeared, "feeds_written": done.written})
        return
    appeared = counted(done.appeared, "story", "stories")
    say(f"{appeared} appeared, {counted(done.written, 'feed')} written")


def check_config(context: typer.Context, as_json: AsJson = False) -> None:
    """Check the configuration: every fault with its file and line."""
    folder = context.ensure_object(Context).config
    try:
        settings = load_settings(folder)
    except SettingsError as error:
        if as_json:
            print_json({"valid": False, "faults": str(error).splitlines()})
            raise typer.Exit(2) from error
        raise
    if as_json:
        categories = [category.slug for category in settings.categories]
        print_json({"valid": True, "folder": settings.folder, "categories": categories})
        return
    where = settings.folder or "the built-in defaults"
    rules = counted(len(settings.categories), "category", "categories")
    say(f"the configuration is sound: {where}, {rules}")


def show_demo(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Where the demo is served.")
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
            shown = asyncio.run(tour(settings, newsroom, site, utc_now, progress))
        if as_json:
            print_json(_what_was_done(newsroom, shown, settings))
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
        asyncio.run(_serve(settings, lambda: settings))


def _demo_port(wanted: int | None, *, once: bool) -> int:
    """Return where the demo is served: as wanted, else where nobody listens."""
    if once:
        return wanted or DEMO_PORT  # nobody will listen there
    if wanted is None:
        port = free_port(DEMO_PORT)
        if port != DEMO_PORT:
            talk(f"port {DEMO_PORT} is in use: the demo is served on {port} instead")
        return port
    if free_port(wanted) != wanted:
        message = f"--port {wanted}: cannot listen there; name another, or none"
        raise RefusedError(message)
    return wanted


def _what_was_done(newsroom: Newsroom, shown: Tour, settings: Settings) -> Mapping[str, object]:
    report = shown.report
    return {
        "outlets": len(newsroom.outlets),
        "entries": sum(len(story.tellings) for story in shown.stories),
        "copies": report.copies,
        "retellings": report.retellings,
        "feeds": settings.publish.directory,
        "address": settings.publish.base_url,
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
        f"{counted(len(shown.stories), 'story', 'stories')}. {_folded(report)} "
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
