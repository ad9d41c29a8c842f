"""Commands on the service: run, a round by hand, publishing."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from aggregator.cli.context import Context, settings_of, utc_now
from aggregator.cli.desk import at_desk
from aggregator.cli.loop import run_loop
from aggregator.cli.printing import AsJson, counted, print_json, progress_bar, say, talk
from aggregator.daemon import Daemon
from aggregator.desk import Desk
from aggregator.dispatch import Dispatch
from aggregator.errors import UsageError
from aggregator.logs import configure_logs
from aggregator.publish import Publisher
from aggregator.round import STEPS, Report, run_round
from aggregator.settings import Settings, load_settings
from aggregator.store import sources
from aggregator.store.database import Store
from aggregator.worker import heed_signals, work_beside

RUNS = "Poll, read, place, publish and serve until told to end; SIGHUP reads the settings again."


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("run", help=RUNS)(run)
    app.command("worker")(worker)
    app.command("update")(update)
    app.command("publish")(publish)


def run(context: typer.Context) -> None:
    """Run the daemon."""
    folder = context.ensure_object(Context).config
    settings = load_settings(folder)
    configure_logs(settings.log.level, settings.log.format)
    run_loop(serve(settings, partial(load_settings, folder)))


def worker(context: typer.Context) -> None:
    """Poll and read beside a daemon, on PostgreSQL only, until told to end; SIGHUP as for run."""
    folder = context.ensure_object(Context).config
    settings = load_settings(folder)
    configure_logs(settings.log.level, settings.log.format)

    async def work() -> None:
        await work_beside(settings, utc_now, heed_signals(), partial(load_settings, folder))

    run_loop(work())


async def serve(settings: Settings, reload: Callable[[], Settings]) -> None:
    """Run a daemon until it is told to end; `reload` returns the settings as they are by then."""
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
        try:
            with progress_bar() as progress:
                return await run_round(
                    desk, dispatch, wanted, only=only, force=force, progress=progress
                )
        finally:
            # Before connections end: what is cut off is handed back, and blamed on no source.
            await dispatch.stop(timedelta())

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
        f"{counted(report.stories_new, 'new story', 'new stories')}, {folded(report)}; "
        f"{counted(report.stories_total, 'story', 'stories')} in all"
    )
    say(
        f"{counted(report.feeds_written, 'feed')} written; "
        f"the whole round took {report.seconds['total']} s"
    )


def folded(report: Report) -> str:
    """Return what was folded into stories that were there, in words."""
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
