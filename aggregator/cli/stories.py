"""Commands on stories: listed, merged, split, accounted for."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Annotated

import typer

from aggregator.cli.context import open_store, reading_store, settings_of
from aggregator.cli.lines import say, talk
from aggregator.cli.printing import AsJson, print_json
from aggregator.cli.story_lists import print_stories, story_facts
from aggregator.clock import utc_now
from aggregator.errors import NoSuchError
from aggregator.place import Editor
from aggregator.press import feed_titles
from aggregator.store import drafts, ledger, placings, rulings, shelf, sources
from aggregator.store.database import Session, Store
from aggregator.stories.fingerprint import link_keys
from aggregator.stories.slugs import ALL

FOLLOWS = (
    "feeds and `stories` follow at the next publish: `aggregator publish`, or within seconds where "
    "`aggregator run` is running"
)

StoryName = Annotated[str, typer.Argument(metavar="STORY", help="A story's id or page.")]
EntryName = Annotated[str, typer.Argument(metavar="ENTRY", help="An entry's id or address.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("stories")(stories)
    app.command("merge")(merge)
    app.command("split")(split)
    app.command("ledger")(show_ledger)


def stories(
    context: typer.Context,
    category: Annotated[
        str, typer.Option("-C", "--category", metavar="SLUG", help="Only those of one feed.")
    ] = ALL,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the published stories that appeared last, newest first."""
    settings = settings_of(context)
    with reading_store(settings) as store:
        _check_slug(category, feed_titles(store, settings))
        found = store.read_now(partial(shelf.live_stories, slug=category, limit=limit))
        _remark_on_the_rest(store, category, empty=not found)
    if as_json:
        print_json([story_facts(story) for story in found])
        return
    print_stories(found)


def _remark_on_the_rest(store: Store, category: str, *, empty: bool) -> None:
    """Say what is not shown, and where nothing is, what to do next."""
    if empty and category != ALL:
        talk(f"no story that is published stands in {category}; `aggregator stories` lists all")
    if held := store.read_now(drafts.count_held):
        more = "" if empty else " more"
        waiting = f"{held}{more} {'is' if held == 1 else 'are'} held back for copies to come in"
        talk(f"{waiting}; shown from the first publish after the hold")
    elif not empty or category != ALL:
        return
    elif store.read_now(sources.known_urls):
        talk("nothing is published yet: `aggregator update` takes a round, `aggregator run` stays")
    else:
        talk("nothing is published yet: begin with `aggregator add-source URL`")


def _check_slug(slug: str, known: Collection[str]) -> None:
    if slug not in known:
        message = f"no such category: {slug}; there are: {', '.join(known)}"
        raise NoSuchError(message)


def merge(
    context: typer.Context, one: StoryName, other: StoryName, as_json: AsJson = False
) -> None:
    """Make two stories one, for good: the older published id lives.

    `split` with the entry that led the other undoes it.
    """
    now = utc_now()
    with open_store(context) as store:
        first, second = _story_id(store, one), _story_id(store, other)
        ruled = store.write_now(
            partial(rulings.rule_merge, story_id=first, other_id=second, now=now)
        )
        if ruled:
            Editor(store, settings_of(context)).rule(now)
        survivor = _story_id(store, one)
        uri = store.read_now(partial(shelf.story_uri, story=survivor))
        merged = second if survivor == first else first
        led = store.read_now(partial(shelf.lead_of, story=merged))
    if as_json:
        undone_by = {"story": uri, "entry_id": led} if ruled and led is not None else None
        print_json({"story": uri, "merged": ruled, "undone_by_split": undone_by})
    else:
        say(f"{'merged into' if ruled else 'already one story:'} {uri}")
    if ruled:
        talk(FOLLOWS)
        if led is not None:
            talk(f"to undo it: `aggregator split {uri} {led}`")


def split(
    context: typer.Context, story: StoryName, entry: EntryName, as_json: AsJson = False
) -> None:
    """Take an entry out of its story, for good: it begins one of its own.

    The entry that leads a published story keeps its id: the others leave. One that led
    another story before a merge returns to that one, under the id that readers know.
    `merge` with what it left undoes it.
    """
    now = utc_now()
    with open_store(context) as store:
        story_id, entry_id = _story_id(store, story), _entry_id(store, entry)
        former = store.read_now(partial(shelf.story_uri, story=story_id))
        members = store.read_now(partial(shelf.members, story=story_id))
        apart = store.read_now(partial(_split_before, story_id=story_id, entry_id=entry_id))
        if not apart:
            rule = partial(rulings.rule_split, story_id=story_id, entry_id=entry_id, now=now)
            store.write_now(rule)
            Editor(store, settings_of(context)).rule(now)
        told = store.read_now(partial(_told_by, entry_ids=[entry_id, *members]))
    left = sorted(set(told.values()) - {former}) if told[entry_id] == former else []
    others = (each for each, uri in told.items() if uri != former and each != entry_id)
    along = [] if left or apart else sorted(others)
    parts = [former, *({told[entry_id]} - {former} or left)]
    if as_json:
        facts = {"entry_id": entry_id, "story": told[entry_id], "split": not apart}
        facts["undone_by_merge"] = None if apart else parts
        print_json(facts | {"others_now_tell": left, "along": along})
    else:
        say(f"entry {entry_id} {'already' if apart else 'now'} tells {told[entry_id]}")
    if not apart:
        if left:
            talk(f"it leads that story: the others left, and now tell {', '.join(left)}")
        if along:
            names = ", ".join(map(str, along))
            talk(f"with it went what stood beside it before the merge: {_entries(along)} {names}")
        talk(FOLLOWS)
        talk(f"to undo it: `aggregator merge {' '.join(parts)}`")


def _entries(ids: Collection[int]) -> str:
    return "entry" if len(ids) == 1 else "entries"


def _told_by(session: Session, entry_ids: Sequence[int]) -> dict[int, str]:
    """Return the id of the story that each entry tells."""
    verdicts = {entry_id: placings.verdict_on(session, entry_id) for entry_id in entry_ids}
    return {
        entry_id: shelf.story_uri(session, verdict.story_id)
        for entry_id, verdict in verdicts.items()
        if verdict is not None and verdict.story_id is not None
    }


def _split_before(session: Session, story_id: int, entry_id: int) -> bool:
    """Return whether the entry was taken out before; a lead keeps its story, alone."""
    members = shelf.members(session, story_id)
    apart = entry_id not in members or len(members) == 1
    return apart and rulings.ruled_on(session, entry_id)


def _story_id(store: Store, name: str) -> int:
    return store.read_now(partial(shelf.story_id, name=name))


def _entry_id(store: Store, name: str) -> int:
    found: Sequence[int] = store.read_now(partial(shelf.entry_ids, name=name, keys=link_keys(name)))
    if len(found) != 1:
        many = f"{len(found)} entries are called" if found else "no such entry:"
        message = f"{many} {name}; `aggregator stories --json` shows their ids"
        raise NoSuchError(message)
    return found[0]


def show_ledger(context: typer.Context, as_json: AsJson = False) -> None:
    """Account for every entry; exit 1 where the sums disagree."""
    with reading_store(settings_of(context)) as store:
        drawn = store.read_now(ledger.draw_up)
    names = "seen known new originals copies retellings unplaced unread waiting"
    facts = {name: getattr(drawn, name) for name in names.split()}
    if as_json:
        print_json(facts | {"holds": not drawn.faults, "faults": drawn.faults})
    else:
        say(f"seen {drawn.seen} = new {drawn.new} + known {drawn.known}")
        say(
            f"new {drawn.new} = originals {drawn.originals} + copies {drawn.copies} "
            f"+ retellings {drawn.retellings} + unplaced {drawn.unplaced}"
        )
        say(f"unplaced {drawn.unplaced} = unread {drawn.unread} + waiting {drawn.waiting}")
    for fault in drawn.faults:
        talk(f"the sums disagree: {fault}")
    if drawn.faults:
        raise typer.Exit(1)
