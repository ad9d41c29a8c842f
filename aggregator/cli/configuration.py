"""Commands on the configuration: checked, and the sentence encoder that it names fetched."""

from typing import Annotated

import typer

from aggregator.cli.context import config_folder, settings_of
from aggregator.cli.lines import counted, say, talk
from aggregator.cli.printing import AsJson, print_json
from aggregator.equipment import try_equipment
from aggregator.errors import SettingsError, UsageError
from aggregator.settings import ignored_variables, load_settings


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("check-config")(check_config)
    app.command("fetch-model")(fetch_model)


def check_config(context: typer.Context, as_json: AsJson = False) -> None:
    """Check the configuration: every fault with its file and line."""
    try:
        settings = load_settings(config_folder(context))
        try_equipment(settings)
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


def fetch_model(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[OWNER/NAME]", help="Else the one in the settings.")
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
