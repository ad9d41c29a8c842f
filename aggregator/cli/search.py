"""Commands that look for stories: by words, and by what a category's rule would select."""

from functools import partial
from typing import Annotated

import typer

from aggregator.cli.context import reading_store, settings_of
from aggregator.cli.lines import counted, talk
from aggregator.cli.printing import AsJson, print_json
from aggregator.cli.story_lists import print_stories, story_facts
from aggregator.clock import utc_now
from aggregator.edition import document_of
from aggregator.press import found_stories
from aggregator.store import composed, drafts
from aggregator.stories.query import compile_query

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("search")(search)
    app.command("test-rule")(show_rule)


def search(
    context: typer.Context,
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help='Words that must all be there, "phrases", word*, -word, OR.'
        ),
    ],
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """Find published stories by the words of their tellings, newest first."""
    with reading_store(settings_of(context)) as store:
        found = store.read_now(partial(found_stories, query=query, limit=limit))
    if as_json:
        print_json([story_facts(story) for story in found])
        return
    print_stories(found)
    if not found:
        talk("no published story holds all of these words; frigate* finds frigates, too")


def show_rule(
    context: typer.Context,
    query: Annotated[
        str,
        typer.Argument(metavar="QUERY", help="A rule in Lucene's syntax, as in categories.toml."),
    ],
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """Show what a category's rule would select of the stories that appeared in the window."""
    rule = compile_query(query)
    settings = settings_of(context)
    since = utc_now() - settings.match.window
    with reading_store(settings) as store:
        leads = store.read_now(partial(drafts.leads_since, since=since))
        selected = [story for story, lead in leads.items() if rule.matches(document_of(lead))]
        found = store.read_now(partial(composed.load_stories, ids=selected))
    newest = sorted(found, key=lambda story: story.published, reverse=True)
    if as_json:
        print_json([story_facts(story) for story in newest[:limit]])
    else:
        print_stories(newest[:limit])
    talk(f"{len(found)} of {counted(len(leads), 'story', 'stories')} in the window")
