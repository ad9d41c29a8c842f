"""Commands on the sources that there are: listed, paused, removed."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from aggregator.cli.context import open_store, settings_of, utc_now
from aggregator.cli.printing import AsJson, print_json, print_table, say, talk
from aggregator.model import Source
from aggregator.store import sources
from aggregator.store.database import Store

SourceName = Annotated[str, typer.Argument(metavar="ID|URL", help="A source's id or address.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("list-sources")(list_sources)
    app.command("remove-source")(remove_source)
    app.command("pause-source")(pause_source)
    app.command("resume-source")(resume_source)


def list_sources(
    context: typer.Context,
    failing: Annotated[
        bool, typer.Option("--failing", help="Only those whose last poll failed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the sources."""
    settings = settings_of(context)
    with Store.open(settings.database.url) as store:
        found = store.read_now(partial(sources.list_sources, failing=failing))
    if not found and not failing:
        talk("there are no sources yet: begin with `aggregator add-source URL`")
    if as_json:
        print_json([_described(source, settings.poll.interval) for source in found])
        return
    columns = (
        "id",
        "title",
        "kind",
        "outlet",
        "categories",
        "entries",
        "next poll",
        "state",
        "url",
    )
    print_table(columns, [_row(source) for source in found])


def _described(source: Source, usual: timedelta) -> Mapping[str, object]:
    """Return what is listed of a source; `usual` is how often those are polled that say nothing."""
    names = (
        "id url kind title outlet role categories interval next_poll_at last_success_at failures "
        "last_error entries enabled full_text"
    )
    described = {name: getattr(source, name) for name in names.split()}
    return described | {"interval": source.interval or usual}


def _row(source: Source) -> tuple[object, ...]:
    state = source.last_error or ("ok" if source.last_success_at else "not polled yet")
    due = f"{source.next_poll_at:%Y-%m-%d %H:%M}" if source.next_poll_at else ""
    return (
        source.id,
        source.title or source.url,
        source.kind or "",
        source.outlet,
        " ".join(source.categories),
        source.entries,
        due if source.enabled else "paused",
        state,
        source.url,
    )


def remove_source(context: typer.Context, source: SourceName) -> None:
    """Stop polling a source for good; its entries keep their stories."""
    with open_store(context) as store:
        gone = store.read_now(partial(sources.find_removed, name=source))
        found = gone or _find(store, source)
        if not gone:
            store.write_now(partial(sources.remove_source, source=found, now=utc_now()))
    say(f"{'already removed:' if gone else 'removed'} source {found.id}: {found.title}")


def pause_source(context: typer.Context, source: SourceName) -> None:
    """Stop polling a source until it is resumed."""
    _enable(context, source, enabled=False)


def resume_source(context: typer.Context, source: SourceName) -> None:
    """Poll a paused source again, at once."""
    _enable(context, source, enabled=True)


def _enable(context: typer.Context, name: str, *, enabled: bool) -> None:
    with open_store(context) as store:
        found = _find(store, name)
        change = partial(sources.enable_source, source=found, now=utc_now(), enabled=enabled)
        changed = store.write_now(change)
    verb = "resumed" if enabled else "paused"
    say(f"{verb if changed else f'already {verb}:'} source {found.id}: {found.title}")


def _find(store: Store, name: str) -> Source:
    return store.read_now(partial(sources.find_source, name=name))
