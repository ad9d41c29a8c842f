"""The command line: commands from signatures, results on stdout, talk on stderr."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from aggregator import __version__
from aggregator.cli import service, sources, stories
from aggregator.cli.common import Context, talk
from aggregator.errors import AggregatorError, UsageError

app = typer.Typer(
    name="aggregator",
    help="A news aggregator daemon that republishes every story exactly once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
service.add_to(app)
sources.add_to(app)
stories.add_to(app)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if wanted:
        sys.stdout.write(f"aggregator {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The configuration folder; else AGGREGATOR_CONFIG, ./config, /etc/aggregator.",
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback prints and ends
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Keep what stands before the command for the command."""
    context.obj = Context(config)


def main() -> None:
    """Run the command line; exit 0 done, 1 failed, 2 wrong usage or configuration."""
    try:
        app()
    except UsageError as error:
        _end(error, 2)
    except AggregatorError as error:
        _end(error, 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read us has seen enough; nothing is left to be flushed to nobody.
        sys.stderr.close()
        sys.exit(1)


def _end(error: AggregatorError, code: int) -> None:
    for line in str(error).splitlines():
        talk(f"error: {line}")
    sys.exit(code)
