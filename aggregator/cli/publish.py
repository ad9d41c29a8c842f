"""The command that publishes."""

from typing import Annotated

import typer

from aggregator.cli.context import settings_of
from aggregator.cli.lines import counted, say, talk
from aggregator.cli.printing import AsJson, print_json
from aggregator.clock import utc_now
from aggregator.publish import Publisher
from aggregator.store.database import Store


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("publish")(publish)


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
    if everything:
        talk("every feed was rendered; files that held the same bytes already stay as they are")
