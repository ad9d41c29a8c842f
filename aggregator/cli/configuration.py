"""Commands on the configuration: checked, and the sentence encoder that it names fetched."""

from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.context import config_folder, settings_of
from aggregator.cli.lines import counted, say, talk
from aggregator.cli.printing import AsJson, print_json
from aggregator.equipment import try_equipment
from aggregator.errors import ParseError, SettingsError, UsageError
from aggregator.settings import ignored_variables, load_settings
from aggregator.settings.places import STARTER_SOURCES
from aggregator.stories.given import checked_url


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("check-config")(check_config)
    app.command("fetch-model")(fetch_model)


def check_config(context: typer.Context, as_json: AsJson = False) -> None:
    """Check the configuration: every fault with its file and line."""
    try:
        settings = load_settings(config_folder(context))
        try_equipment(settings)
        if settings.folder is not None:
            _check_sources(settings.folder / STARTER_SOURCES)
    except SettingsError as error:
        if as_json:
            print_json({"valid": False, "faults": str(error).splitlines()})
            raise typer.Exit(2) from error
        raise
    for remark in ignored_variables():
        talk(remark)
    if as_json:
        categories = [category.slug for category in settings.categories]
        print_json({"valid": True, "folder": settings.folder, "categories": categories})
        return
    where = settings.folder or "the built-in defaults"
    rules = counted(len(settings.categories), "category", "categories")
    say(f"the configuration is sound: {where}, {rules}")


def _check_sources(path: Path) -> None:
    """Look at the list of sources to begin with, which may be missing.

    Raises:
        SettingsError: what the daemon would make the best of, every fault on a line of its own.
    """
    from aggregator.intake.opml import fault_in, parse_opml  # noqa: PLC0415 - for this command alone

    faults = []
    try:
        body = path.read_bytes()
        faults += [fault] if (fault := fault_in(body)) else []
        for outline in parse_opml(body):
            try:
                checked_url(outline.url)
            except UsageError as error:
                faults.append(str(error))
    except FileNotFoundError:
        return
    except OSError as error:
        faults = [f"cannot be read: {error.strerror}"]
    except ParseError as error:
        faults = [str(error)]
    if faults:
        raise SettingsError("\n".join(f"{path}: {fault}" for fault in faults))


def fetch_model(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="OWNER/NAME", help="Else the one in the settings.")
    ] = "",
) -> None:
    """Download a sentence encoder from the Hugging Face hub, for semantic.model."""
    from aggregator.intake import hub  # noqa: PLC0415 - for this command alone

    settings = settings_of(context)
    wanted = name or settings.semantic.model
    if not wanted:
        message = "which model? Name one, or set semantic.model"
        raise UsageError(message)
    say(f"{wanted} is in {hub.fetch_model(settings, wanted)}")
