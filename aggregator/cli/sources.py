"""Commands on the sources that there are: listed, paused, removed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

import typer

from aggregator.cli.context import open_store, reading_store, settings_of
from aggregator.cli.lines import say, talk
from aggregator.cli.printing import AsJson, print_json, print_table
from aggregator.clock import utc_now
from aggregator.model import Source
from aggregator.settings import PollSettings, format_duration
from aggregator.store import sources, websub
from aggregator.store.database import Store
from aggregator.store.websub import Standing

_MINUTE = timedelta(minutes=1)

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
    stale: Annotated[
        bool, typer.Option("--stale", help="Only those that answer, but say nothing new.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the sources."""
    settings = settings_of(context)
    with reading_store(settings) as store:
        everyone = store.read_now(sources.list_sources)
        standings = store.read_now(websub.standings)
    now = utc_now()
    look = _Look(settings.poll, now, now - settings.poll.stale_after, standings)
    found = [
        source
        for source in everyone
        if (source.failures or not failing) and (look.is_stale(source) or not stale)
    ]
    if not everyone:
        talk("there are no sources yet: begin with `aggregator add-source URL`")
    elif not found:
        said = "answers without news for long" if stale else "fails"
        talk(f"no source {said}")
    if as_json:
        print_json([look.described(source) for source in found])
        return
    columns = (
        "id",
        "title",
        "kind",
        "outlet",
        "categories",
        "entries",
        "every",
        "next poll",
        "state",
        "url",
    )
    print_table(columns, [look.row(source) for source in found])


@dataclass(frozen=True)
class _Look:
    """How sources are shown.

    Who answers and has said nothing new since `stale_before` is stale.
    `standings` are the subscriptions at hubs by source.
    """

    poll: PollSettings
    now: datetime
    stale_before: datetime
    standings: Mapping[int, Standing]

    def is_stale(self, source: Source) -> bool:
        """Return whether a source answers well and yields nothing: silence is easily missed."""
        heard = source.last_new_at or source.observed_at
        answers = source.enabled and not source.failures and heard is not None
        return answers and heard is not None and heard < self.stale_before

    def described(self, source: Source) -> Mapping[str, object]:
        names = (
            "id url kind title outlet role categories interval next_poll_at last_success_at "
            "failures last_error entries enabled full_text first_url last_new_at cut_off"
        )
        described = {name: getattr(source, name) for name in names.split()}
        return described | {
            "interval": self._interval(source),
            "stale": self.is_stale(source),
            "websub": self._subscription(source),
        }

    def _subscription(self, source: Source) -> Mapping[str, object] | None:
        found = self.standings.get(source.id)
        return asdict(found) | {"until": source.pushed_until} if found else None

    def _push(self, source: Source) -> str:
        """Return what the hub does for the source, empty where there is none."""
        found = self.standings.get(source.id)
        if found is None:
            return ""
        if source.pushed_until is not None and source.pushed_until > self.now:
            return f"; pushed until {source.pushed_until:%Y-%m-%d %H:%M}"
        return f"; hub: {found.reason or 'asked'}"

    def row(self, source: Source) -> tuple[object, ...]:
        state = source.last_error or ("ok" if source.last_success_at else "not polled yet")
        if source.cut_off and not source.failures:
            state = "ok, but its document is cut off: the end is missing"
        if self.is_stale(source):
            since = source.last_new_at or source.observed_at
            state = f"stale: nothing new since {since:%Y-%m-%d}"
        due = f"{source.next_poll_at:%Y-%m-%d %H:%M}" if source.next_poll_at else ""
        return (
            source.id,
            source.title or source.url,
            source.kind or "",
            source.outlet,
            " ".join(source.categories),
            source.entries,
            format_duration(self._interval(source)),
            due if source.enabled else "paused",
            f"{state}{self._push(source)}",
            source.url,
        )

    def _interval(self, source: Source) -> timedelta:
        """Return our own interval, to the minute where it is by the source's rhythm."""
        if source.interval or source.pace is None:
            return self.poll.within_bounds(source.interval or self.poll.interval)
        return max(round(source.pace / _MINUTE), 1) * _MINUTE


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
