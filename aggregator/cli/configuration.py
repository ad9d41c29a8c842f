"""The command that checks the configuration."""

import typer

from aggregator.cli.context import Context
from aggregator.cli.printing import AsJson, counted, print_json, say
from aggregator.errors import SettingsError
from aggregator.settings import load_settings


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("check-config")(check_config)


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
