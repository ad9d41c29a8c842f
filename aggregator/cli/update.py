"""The command that takes a round by hand."""

from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from aggregator.cli.desk import at_desk
from aggregator.cli.lines import counted, say, talk
from aggregator.cli.printing import AsJson, print_json, progress_bar
from aggregator.desk import Desk
from aggregator.dispatch import Dispatch
from aggregator.errors import UsageError
from aggregator.round import STEPS, Report, run_round
from aggregator.store import sources


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("update")(update)


def update(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="ID|URL", help="These sources, due or not.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="All sources, due or not.")] = False,
    steps: Annotated[
        str, typer.Option(metavar="poll,read,place,publish", help="Only these steps.")
    ] = ",".join(STEPS),
    as_json: AsJson = False,
) -> None:
    """Take one whole round now, through to the published files."""
    wanted = _steps(steps)

    async def work(desk: Desk) -> tuple[Report, bool]:
        only = [await _pollable(desk, name) for name in names] if names else None
        dispatch = Dispatch(desk)
        try:
            with progress_bar() as progress:
                report = await run_round(
                    desk, dispatch, wanted, only=only, force=force, progress=progress
                )
        finally:
            # Before connections end: what is cut off is handed back, and blamed on no source.
            await dispatch.stop(timedelta())
        return report, bool(report.sources or await desk.store.read(sources.known_urls))

    report, has_sources = at_desk(context, work)
    if not has_sources:
        talk("there are no sources yet: begin with `aggregator add-source URL`")
    elif "poll" in wanted and not report.sources:
        talk("no source is due yet; `--force` asks all of them now")
    if taken := report.sources - report.polled if "poll" in wanted else 0:
        polled = f"{counted(taken, 'source')} more {'is' if taken == 1 else 'are'} being polled"
        talk(f"{polled} by another process, which publishes what comes of it")
    for failure in report.failures:
        talk(failure)
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
