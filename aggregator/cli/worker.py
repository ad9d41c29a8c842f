"""The command that polls beside a daemon."""

from collections.abc import Callable
from functools import partial

import typer

from aggregator.cli.context import config_folder, warn_of_ignored_variables
from aggregator.cli.ending import ended_in_time
from aggregator.cli.loop import run_loop
from aggregator.clock import utc_now
from aggregator.logs import configure_logs
from aggregator.settings import load_settings
from aggregator.worker import heed_signals, work_beside

RUNS = "Poll and read beside a daemon, on PostgreSQL only, until told to end; SIGHUP as for run."


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("worker", help=RUNS)(worker)


def worker(context: typer.Context) -> None:
    """Work beside the daemon."""
    folder = config_folder(context)
    settings = load_settings(folder)
    configure_logs(settings.log.level, settings.log.format)
    warn_of_ignored_variables()

    async def work(begin: Callable[[], None]) -> None:
        await work_beside(settings, utc_now, heed_signals(begin), partial(load_settings, folder))

    with ended_in_time() as begin:
        run_loop(work(begin))
