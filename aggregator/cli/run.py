"""The command that runs the daemon."""

import gc
from collections.abc import Callable
from functools import partial

import typer

from aggregator.cli.context import config_folder, warn_of_ignored_variables
from aggregator.cli.ending import ended_in_time
from aggregator.cli.lines import talk
from aggregator.cli.loop import run_loop
from aggregator.daemon import Daemon
from aggregator.logs import configure_logs
from aggregator.settings import Settings, load_settings

RUNS = "Poll, read, place, publish and serve until told to end; SIGHUP reads the settings again."


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("run", help=RUNS)(run)


def run(context: typer.Context) -> None:
    """Run the daemon."""
    folder = config_folder(context)
    settings = load_settings(folder)
    configure_logs(settings.log.level, settings.log.format)
    warn_of_ignored_variables()
    with ended_in_time() as begin:
        run_loop(serve(settings, partial(load_settings, folder), begin))


async def serve(
    settings: Settings, reload: Callable[[], Settings], on_end: Callable[[], None] = lambda: None
) -> None:
    """Run a daemon until it is told to end, of which `on_end` hears.

    `reload` returns the settings as they are by then.
    """
    # What was imported stays for good: to walk through it again and again, looking for cycles that
    # are no longer needed, stops all work for some eighty milliseconds each time.
    gc.freeze()
    await Daemon(settings, reload, on_end=on_end).run(_invite)


def _invite(address: str) -> None:
    talk(f"reading pages at {address}/, feeds at {address}/feeds/all.atom; Ctrl-C ends")
