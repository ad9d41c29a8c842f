"""The command that takes on a source."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from difflib import get_close_matches
from functools import partial
from typing import Annotated

import typer

from aggregator.cli.categories import remark_on_categories
from aggregator.cli.context import settings_of
from aggregator.cli.desk import at_desk
from aggregator.cli.lines import OWN_FEED, counted, say, talk
from aggregator.cli.printing import AsJson, looking_at, print_json
from aggregator.discovery import Lead
from aggregator.errors import UsageError
from aggregator.model import Role, Source
from aggregator.settings import Settings, format_duration, parse_duration
from aggregator.settings.address import is_own_feed
from aggregator.store import editions
from aggregator.store.database import Store
from aggregator.stories.slugs import is_slug
from aggregator.subscribe import Subscription, Wish, subscribe

_LEADS: Mapping[Lead | None, str] = {
    Lead.LINKED: "the page names no feed; this one is among its links",
    Lead.GUESSED: "the page names no feed; this one stands where feeds usually do",
    Lead.NEAR: "the page names no feed; this one is what its site's front page names",
    Lead.LISTED: "the page names no feed; this one is listed in its robots.txt",
}

Categories = Annotated[
    list[str] | None,
    typer.Option("-C", "--category", metavar="SLUG", help="Its stories stand here; repeatable."),
]


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("add-source")(add_source)


def add_source(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="A feed, or a page that names one.")],
    category: Categories = None,
    name: Annotated[str | None, typer.Option(help="Its title; else what it says itself.")] = None,
    role: Annotated[Role, typer.Option(help="What its outlet is to the news.")] = Role.PRESS,
    interval: Annotated[
        str | None, typer.Option(metavar="15m", help="How often it is polled.")
    ] = None,
    full_text: Annotated[
        bool | None,
        typer.Option("--full-text/--no-full-text", help="Whether its articles' pages are read."),
    ] = None,
    only_new: Annotated[
        bool, typer.Option("--only-new", help="What it holds today is known, not news.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look, and store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take on a source: look at it once and store what it says."""
    slugs = tuple(_slug(slug) for slug in category or ())
    _refuse_misspelled(context, slugs)
    wish = Wish(
        url=url,
        categories=slugs,
        name=name,
        role=role,
        interval=_interval(interval),
        full_text=full_text,
        only_new=only_new,
    )
    with looking_at() as asking:
        found = at_desk(context, partial(subscribe, wish=wish, dry_run=dry_run, asking=asking))
    if found.added:
        settings = settings_of(context)
        if is_own_feed(settings, found.source.url):
            talk(f"it is a feed {OWN_FEED}")
        remark_on_categories(settings, wish.categories)
        _remark_on_interval(settings, wish.interval)
        if found.lead in _LEADS:
            talk(_LEADS[found.lead])
        if found.source.cut_off:
            talk("its document is cut off: of its last entry nothing is taken until that is whole")
        elif not found.entries:
            talk("it holds no entries: the feed is empty")
    else:
        _remark_on_wishes(found.source, _unmet(context, wish, found.source))
    if as_json:
        print_json(_subscription(found, dry_run=dry_run))
        return
    verb = ("would add" if dry_run else "added") if found.added else "already there:"
    number = f" {found.source.id}" if found.source.id else ""
    say(f"{verb} source{number}: {found.source.title} ({found.source.kind or 'not read yet'})")
    say(f"{counted(found.entries, 'entry', 'entries')} seen at {found.source.url}")
    for other in found.others:
        say(f"the page also names {other.url} {other.title}")


def _subscription(found: Subscription, *, dry_run: bool) -> Mapping[str, object]:
    return {
        "id": found.source.id or None,
        "url": found.source.url,
        "title": found.source.title,
        "kind": found.source.kind,
        "entries": found.entries,
        "added": found.added and not dry_run,
        "found": found.lead,
        "others": [asdict(other) for other in found.others],
    }


def _slug(text: str) -> str:
    if not is_slug(text):
        message = f"--category {text!r}: allowed: a-z, 0-9 and - between, and no reserved name"
        raise UsageError(message)
    return text


def _refuse_misspelled(context: typer.Context, slugs: tuple[str, ...]) -> None:
    """Refuse what looks like a category that is known.

    Raises:
        UsageError: a slug has no rule, is no source's so far, and is nearly another one.
    """
    settings = settings_of(context)
    known = {category.slug for category in settings.categories}
    if known.issuperset(slugs):
        return
    with Store.open(settings.database.url) as store:
        known.update(store.read_now(editions.given_slugs))
    for slug in slugs:
        near = [] if slug in known else get_close_matches(slug, sorted(known), n=1)
        if near:
            message = (
                f"no such category: {slug}; did you mean {near[0]}? "
                f"A new one of that name needs a rule in categories.toml"
            )
            raise UsageError(message)


def _interval(text: str | None) -> timedelta | None:
    if text is None:
        return None
    try:
        interval = parse_duration(text)
    except ValueError as error:
        message = f"--interval {text!r}: {error}"
        raise UsageError(message) from error
    if interval < timedelta(seconds=1):
        message = f"--interval {text!r}: at least a second, as in 15m"
        raise UsageError(message)
    return interval


def _unmet(context: typer.Context, wish: Wish, source: Source) -> list[str]:
    """Return the options on the command line that say what the source is not like."""
    holds = {
        "category": set(source.categories).issuperset(wish.categories),
        "name": source.title == wish.name,
        "role": source.role is wish.role,
        "interval": source.interval == wish.interval,
        "full_text": source.full_text is wish.full_text,
        "only_new": False,  # nothing tells afterwards
    }
    origins = {name: context.get_parameter_source(name) for name in holds if not holds[name]}
    return [
        f"--{'no-' if context.params[name] is False else ''}{name.replace('_', '-')}"
        for name, origin in origins.items()
        if origin is not None and origin.name == "COMMANDLINE"
    ]


def _remark_on_wishes(source: Source, options: Sequence[str]) -> None:
    if options:
        talk(
            f"source {source.id} is already there and stays as it is: {', '.join(options)} not "
            f"applied; to change it, `aggregator remove-source {source.id}` and add it again"
        )


def _remark_on_interval(settings: Settings, interval: timedelta | None) -> None:
    kept = None if interval is None else settings.poll.within_bounds(interval)
    if kept is not None and kept != interval:
        every = format_duration(kept)
        talk(f"polled every {every}: poll.min_interval and poll.max_interval allow no other")
