"""The command line: commands from signatures, results on stdout, talk on stderr."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from aggregator import __version__
from aggregator.cli.commands import Commands
from aggregator.cli.given import Given
from aggregator.cli.lines import say, talk
from aggregator.errors import AggregatorError, SettingsError, UsageError

app = typer.Typer(
    name="aggregator",
    cls=Commands,
    help="A news aggregator daemon that republishes every story exactly once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if wanted:
        say(f"aggregator {__version__}")
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
    context.obj = Given(config)


def main() -> None:
    """Run the command line; exit 0 done, 1 failed, 2 wrong usage or configuration."""
    _open_streams()
    try:
        _check_words(sys.argv[1:])
        sys.exit(_run())
    except typer.TyperException as error:
        _end(error.exit_code, *_misuse(error))
    except SettingsError as error:
        _end(2, *str(error).splitlines())
    except UsageError as error:
        _end(2, str(error))
    except AggregatorError as error:
        _end(1, str(error))
    except BrokenPipeError:
        # Whoever read us has seen enough.
        _drop_output()
        sys.exit(1)
    except OSError as error:
        _drop_output()
        where = f"{error.filename}: " if error.filename else ""
        _end(1, f"{where}{error.strerror or error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _open_streams() -> None:
    """Let what was closed before we began (`2>&-`) read nothing, and take words for nobody.

    Were its number left free, the next file opened would get what is meant for the stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - stays open
            setattr(sys, name, nowhere)


def _check_words(words: list[str]) -> None:
    """Refuse what is not text in the locale's encoding: no name of ours can hold it."""
    for word in words:
        if any("\ud800" <= letter <= "\udfff" for letter in word):
            message = f"the command line holds what is no text: {word!r}; write it in UTF-8"
            raise UsageError(message)


def _misuse(error: typer.TyperException) -> Iterator[str]:
    """Yield what is wrong with the command line, as a line; nothing where help was all to say."""
    text = " ".join(error.format_message().split()).rstrip(".").replace("Value error, ", "")
    if text:
        context = getattr(error, "ctx", None)
        help_ = f"; see `{context.command_path} --help`" if context else ""
        yield f"{text[0].lower()}{text[1:]}{help_}"


def _run() -> int:
    """Return the exit code that a command ends with."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a letter is no reason not to show the rest.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return app(standalone_mode=False) or 0
    finally:
        # Now, while it can still be told: at the end of the process nobody listens.
        sys.stdout.flush()


def _drop_output() -> None:
    """Let what stdout still holds go nowhere, or the interpreter would try again and complain."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _end(code: int, *reasons: str) -> NoReturn:
    for reason in reasons:
        talk(f"error: {reason}")
    sys.exit(code)
