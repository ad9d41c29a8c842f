"""Recluster: what matching would say today of the stories that stand.

A published story stays as its readers know it, whatever is said here; one
that nobody has seen yet may be placed anew.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from aggregator.lexicon import general_terms
from aggregator.place import Editor
from aggregator.settings import Settings
from aggregator.store import rulings, standings
from aggregator.store.database import Session, Store
from aggregator.store.standings import Standing
from aggregator.stories.fingerprint import Fingerprint
from aggregator.stories.stream import compare_stream, sort_stream
from aggregator.window import matching_model, stored_fingerprint

T = TypeVar("T")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Move:
    """An entry that matching would put elsewhere today.

    `to` is the id of the story that it would tell, None where it would begin
    one; `score` what it would be placed with.
    """

    standing: Standing
    to: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Reclustering:
    """The stories of the window as they stand, and as matching would have them today."""

    threshold: float
    entries: int
    stories: int
    stories_found: int
    moves: Sequence[Move]


def recluster(
    store: Store, settings: Settings, since: datetime, progress: Progress
) -> Reclustering:
    """Return what matching would say of the entries published since; nothing is changed.

    Entries on which an operator ruled stay where they are.
    """
    standing, prints = store.read_now(partial(_standing, since=since))
    model = matching_model(settings)
    compared = compare_stream(prints, general_terms(), window=settings.match.window)
    watched = _watched(compared, len(prints), progress)
    found, verdicts = sort_stream(watched, model=model)
    homes = _homes([each.story_id for each in standing], found)
    elsewhere = [
        each.entry_id
        for each, group in zip(standing, found, strict=True)
        if homes.get(group) != each.story_id
    ]
    ruled = store.read_now(partial(_ruled, entry_ids=elsewhere))
    uris = {each.story_id: each.uri for each in standing}
    moves: list[Move] = []
    # Stories as they would be: those that stand by their id, new ones by what was found.
    today: set[tuple[str, int]] = set()
    for each, group, verdict in zip(standing, found, verdicts, strict=True):
        home = each.story_id if each.entry_id in ruled else homes.get(group)
        today.add(("found", group) if home is None else ("stands", home))
        if home != each.story_id:
            moves.append(Move(each, None if home is None else uris[home], verdict.score))
    return Reclustering(model.threshold, len(standing), len(uris), len(today), moves)


def place_unpublished(store: Store, settings: Settings, found: Reclustering, now: datetime) -> int:
    """Place the entries of stories that nobody has seen yet anew; return how many.

    Nothing happens where none of them would move.
    """
    unseen = [move for move in found.moves if not move.standing.published]
    if not unseen:
        return 0
    return Editor(store, settings).place_anew(now).total


def _standing(session: Session, since: datetime) -> tuple[Sequence[Standing], list[Fingerprint]]:
    standing = standings.standing_since(session, since)
    return standing, [
        stored_fingerprint(session, each.entry_id, each.fingerprint) for each in standing
    ]


def _ruled(session: Session, entry_ids: Iterable[int]) -> set[int]:
    return {entry_id for entry_id in entry_ids if rulings.ruled_on(session, entry_id)}


def _watched(items: Iterable[T], total: int, progress: Progress) -> Iterator[T]:
    for done, item in enumerate(items, start=1):
        yield item
        progress("match", done, total)


def _homes(stories: Sequence[int], groups: Sequence[int]) -> dict[int, int]:
    """Return for each group the story that it most is; no story is the home of two."""
    shared = Counter(zip(groups, stories, strict=True))
    homes: dict[int, int] = {}
    for group, story in sorted(shared, key=lambda pair: (-shared[pair], pair)):
        if group not in homes and story not in homes.values():
            homes[group] = story
    return homes
