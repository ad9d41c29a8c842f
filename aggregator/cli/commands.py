"""Which commands there are, and where: what a command does not need does not hold it up.

A module is imported when a command of its own is called for; the help of the program
needs none of them.
"""

import gc
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

# Typer's own context and command; it does not name their types.
Internal = Any

# Which module has which commands, each with the first line of its help; in the order of the help.
MODULES: Mapping[str, Mapping[str, str]] = {
    "run": {
        "run": "Poll, read, place, publish and serve until told to end; "
        "SIGHUP reads the settings again.",
    },
    "worker": {
        "worker": "Poll and read beside a daemon, on PostgreSQL only, until told to end; "
        "SIGHUP as for run.",
    },
    "update": {"update": "Take one whole round now, through to the published files."},
    "publish": {
        "publish": "Write the feeds that changed; stories whose hold is over appear.",
    },
    "configuration": {
        "check-config": "Check the configuration: every fault with its file and line.",
        "fetch-model": "Download a sentence encoder from the Hugging Face hub, for semantic.model.",
    },
    "keeping": {
        "backup": "Copy the database into a file, while the daemon works; the copy is checked.",
        "restore": "Put a backup in the database's place, and write all feeds anew; "
        "the daemon must not run.",
        "prune": "Let go of the texts of stories past their retention, now; archives and ids stay.",
    },
    "doctor": {
        "doctor": "Examine database, versions, disk, clock, permissions; "
        "exit 1 where something is wrong.",
    },
    "demo": {
        "demo": "Show a sample newsroom, polled, deduplicated and published; needs no network.",
    },
    "add_source": {"add-source": "Take on a source: look at it once and store what it says."},
    "sources": {
        "list-sources": "List the sources.",
        "remove-source": "Stop polling a source for good; its entries keep their stories.",
        "pause-source": "Stop polling a source until it is resumed.",
        "resume-source": "Poll a paused source again, at once.",
    },
    "opml": {
        "import-opml": "Take on the sources of an OPML file; folders become categories.",
        "export-opml": "Print the sources, or the feeds that we publish, as OPML.",
    },
    "search": {
        "search": "Find published stories by the words of their tellings, newest first.",
        "test-rule": "Show what a category's rule would select of the stories that appeared "
        "in the window.",
    },
    "stories": {
        "stories": "List the published stories that appeared last, newest first.",
        "merge": "Make two stories one, for good: the older published id lives.",
        "split": "Take an entry out of its story, for good: it begins one of its own.",
        "ledger": "Account for every entry; exit 1 where the sums disagree.",
    },
    "explain": {
        "explain": "Tell why an entry stands where it stands; of a story, why each of its "
        "entries does.",
    },
    "recluster": {
        "recluster": "Compare the stories as they stand with what matching would say today.",
    },
    "evaluate": {
        "evaluate": "Measure matching on labelled documents, in the order of the file, in one "
        "open window.",
    },
}


# What is parsed for these has its processes: they start while the command is imported.
PARSING = {"update"}


class Commands(TyperGroup):
    """The commands, as the help lists them until one is called for."""

    def __init__(self, **attributes: Internal) -> None:
        super().__init__(**attributes)
        for names in MODULES.values():
            self.commands.update(
                {name: TyperCommand(name, help=summary) for name, summary in names.items()}
            )

    def resolve_command(self, ctx: Internal, args: list[str]) -> Internal:
        """Return the command that is called for, ready to be run."""
        for module, names in MODULES.items():
            if args[0] in names:
                if args[0] in PARSING:
                    import_module("aggregator.intake.lifetime").start_early()
                part = typer.Typer()
                import_module(f"aggregator.cli.{module}").add_to(part)
                self.commands.update(get_group(part).commands)
        # What is imported for a command has been by now, and stays: no collection looks through it.
        gc.freeze()
        gc.enable()
        return super().resolve_command(ctx, args)
