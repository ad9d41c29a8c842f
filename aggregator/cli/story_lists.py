"""Stories as commands print them: a table for people, facts for programs."""

from collections.abc import Mapping, Sequence

from aggregator.cli.printing import print_table
from aggregator.model import Story, Telling


def print_stories(found: Sequence[Story]) -> None:
    """Print stories as a table."""
    rows = [
        (f"{s.published:%Y-%m-%d %H:%M}", s.title, s.lead.outlet, len(s.tellings), s.key)
        for s in found
    ]
    print_table(("published", "title", "outlet", "tellings", "story"), rows)


def story_facts(story: Story) -> Mapping[str, object]:
    """Return what is told of a story, as JSON can hold it."""
    return {
        "id": story.uri,
        "key": story.key,
        "title": story.title,
        "published": story.published,
        "updated": story.updated,
        "categories": story.categories,
        "outlets": story.outlets,
        "lead": told_as(story.lead),
        "tellings": [told_as(telling) for telling in story.tellings],
    }


def told_as(telling: Telling) -> Mapping[str, object]:
    """Return a telling as it is printed as JSON."""
    names = "entry_id url title outlet kind score published"
    return {name: getattr(telling, name) for name in names.split()}
