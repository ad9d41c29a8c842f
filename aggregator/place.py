"""Place: give every article that waits its place in a story.

One editor at a time, among all processes: two who look at once would each
begin the same story.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from aggregator.lexicon import general_terms
from aggregator.logs import get_logger
from aggregator.model import Kind
from aggregator.settings import Settings
from aggregator.store import placings, readings, rulings, standings
from aggregator.store.database import Session, Store
from aggregator.store.placings import Placing, Unplaced
from aggregator.stories.fingerprint import Fingerprint, fingerprint
from aggregator.stories.identity import story_uri, tagging_entity
from aggregator.stories.index import Index
from aggregator.stories.lead import is_named_as_original
from aggregator.stories.matching import THRESHOLD, Placed, matching_story

logger = get_logger(__name__)

BATCH = 200
# Those of a few days long past are more than a small window holds. With as many, no look-alikes of
# the days in question were joined in the newsrooms; with 86, four of a hundred.
OF_OLD = 500


@dataclass(frozen=True, slots=True)
class Placements:
    """How many articles a batch placed, by kind."""

    kinds: Counter[Kind]

    @property
    def total(self) -> int:
        """Return how many articles got a place."""
        return self.kinds.total()


class Editor:
    """Decides who tells which story; keeps an index of the window in memory.

    The index is a cache of the database: before each batch it takes in what
    other processes placed, so a restart or a second editor changes nothing.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._forget_everything()

    def _forget_everything(self) -> None:
        self._index = Index(general_terms())
        self._sequence = 0

    def place(self, now: datetime, *, wait: bool = True) -> Placements:
        """Apply the operator's rulings, then place one batch; blocks while another edits.

        Raises:
            RefusedError: another edits, and we are not to `wait`.
        """
        with self._store.lock("editor", wait=wait):
            self._apply_rulings(now)
            try:
                return self._place_batch(now)
            except BaseException:
                # What was not written must not be matched with.
                self._forget_everything()
                raise

    def place_anew(self, now: datetime) -> Placements:
        """Take back the places of stories that have not appeared, and give all that wait one."""
        kinds: Counter[Kind] = Counter()
        with self._store.lock("editor"):
            self._apply_rulings(now)
            self._forget_everything()
            self._store.write_now(standings.take_back)
            while (batch := self._place_batch(now)).total:
                kinds += batch.kinds
        return Placements(kinds)

    def rule(self, now: datetime) -> None:
        """Apply the operator's rulings and nothing else."""
        with self._store.lock("editor"):
            self._apply_rulings(now)

    def _apply_rulings(self, now: datetime) -> None:
        for ruling in self._store.read_now(rulings.pending_rulings):
            uri, key = self._mint(now)
            apply = partial(rulings.apply_ruling, ruling=ruling, uri=uri, key=key, now=now)
            story_id = self._store.write_now(apply)
            logger.info("ruling.applied", verb=ruling.verb, story=story_id)

    def _place_batch(self, now: datetime) -> Placements:
        oldest = now - self._settings.match.window
        self._index.forget(oldest)
        decided = self._store.read_now(partial(self._decide, oldest=oldest, now=now))
        if not decided:
            return Placements(Counter())
        record = partial(
            placings.record_placings,
            placings=decided,
            now=now,
            hold=self._settings.publish.hold,
        )
        kinds = Counter(self._store.write_now(record))
        logger.info("batch.placed", **{str(kind): count for kind, count in kinds.items()})
        return Placements(kinds)

    def _decide(self, session: Session, oldest: datetime, now: datetime) -> Sequence[Placing]:
        self._catch_up(session, oldest)
        begun: dict[int, int] = {}
        return [
            self._decide_one(session, waiting, begun, now)
            for waiting in placings.unplaced(session, BATCH)
        ]

    def _catch_up(self, session: Session, oldest: datetime) -> None:
        for placed in placings.placed_since(session, self._sequence, oldest):
            found = stored_fingerprint(session, placed.entry_id, placed.fingerprint)
            self._index.add(found, placed.entry_id)
            self._sequence = placed.sequence

    def _decide_one(
        self, session: Session, waiting: Unplaced, begun: dict[int, int], now: datetime
    ) -> Placing:
        """Return where an article belongs; `begun` holds the stories of this batch."""
        found = stored_fingerprint(session, waiting.entry_id, waiting.fingerprint)
        candidates = self._candidates(session, found, begun)
        verdict = matching_story(
            found,
            candidates,
            weigh=self._index.weigh,
            threshold=self._settings.match.threshold or THRESHOLD,
            among=self._among(found),
        )
        self._index.add(found, waiting.entry_id)
        begun[waiting.entry_id] = (
            -waiting.entry_id if verdict.story_id is None else verdict.story_id
        )
        members = [each.fingerprint for each in candidates if each.story_id == verdict.story_id]
        uri, key = self._mint(now)
        return Placing(waiting.entry_id, verdict, uri, key, original=_is_original(found, members))

    def _among(self, found: Fingerprint) -> int:
        """Return how many articles the candidates were chosen among."""
        window = len(self._index)
        return window if found.told_day is None else max(window, OF_OLD)

    def _candidates(
        self, session: Session, found: Fingerprint, begun: dict[int, int]
    ) -> Sequence[Placed]:
        """Return what to compare with: from the index, and beyond its window by exact keys."""
        prints = {
            entry_id: self._index.fingerprint(entry_id)
            for entry_id in self._index.candidates(found)
        }
        for entry_id, stored in placings.holders_of(session, found.sought_keys):
            if entry_id not in prints:
                prints[entry_id] = stored_fingerprint(session, entry_id, stored)
        stories = placings.stories_of(session, _not_in(prints, begun)) | begun
        return [
            Placed(entry_id, stories[entry_id], print_)
            for entry_id, print_ in prints.items()
            if entry_id in stories
        ]

    def _mint(self, now: datetime) -> tuple[str, str]:
        """Return a new story's permanent id and key."""
        entity = tagging_entity(self._settings.publish.base_url, now)
        key = uuid4().hex[:20]
        return story_uri(entity, key), key


def stored_fingerprint(session: Session, entry_id: int, stored: bytes) -> Fingerprint:
    """Return the stored fingerprint, computed anew where an older version wrote it."""
    return Fingerprint.from_bytes(stored) or fingerprint(readings.load_article(session, entry_id))


def _is_original(found: Fingerprint, members: Sequence[Fingerprint]) -> bool:
    """Return whether the members of a story name an article as their original, and none other."""
    return is_named_as_original(found, members) and not any(
        is_named_as_original(member, members) for member in members
    )


def _not_in(prints: Iterable[int], begun: dict[int, int]) -> list[int]:
    return [entry_id for entry_id in prints if entry_id not in begun]
