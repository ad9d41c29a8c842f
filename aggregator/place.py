"""Place: give every article that waits its place in a story.

One editor at a time, among all processes: two who look at once would each
begin the same story.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from aggregator.errors import AggregatorError
from aggregator.logs import get_logger
from aggregator.memory import uncollected
from aggregator.metrics import FAILURES, MATCH_SCORE
from aggregator.model import Kind
from aggregator.settings import Settings
from aggregator.store import placings, prints, readings, rulings, standings
from aggregator.store.database import Session, Store
from aggregator.store.placings import Placing
from aggregator.store.prints import Renewal
from aggregator.stories.fingerprint import fingerprint
from aggregator.stories.identity import story_uri, tagging_entity
from aggregator.stories.stored import MARK
from aggregator.window import Window, matching_model, renewal_of

logger = get_logger(__name__)

BATCH = 200


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
        self._model = matching_model(settings)
        self._broken: set[int] = set()  # rulings that we cannot apply, until we are mended
        self._forget_everything()

    def _forget_everything(self) -> None:
        self._window: Window | None = None

    def place(self, now: datetime, *, wait: bool = True) -> Placements:
        """Apply the operator's rulings, then place one batch; blocks while another edits.

        Raises:
            RefusedError: another edits, and we are not to `wait`.
        """
        with self._store.lock("editor", wait=wait):
            self._apply_rulings(now)
            if self._window is None and not self._store.read_now(prints.any_unplaced):
                return Placements(Counter())  # the window is not needed yet
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

    def renew(self, now: datetime) -> None:
        """Compute anew the fingerprints of the window that another version wrote."""
        with self._store.lock("editor"):
            self._renew(now - self._settings.match.window)

    def start_over(self) -> None:
        """Read the window anew before the next batch: fingerprints of it have changed."""
        with self._store.lock("editor"):
            self._forget_everything()

    def rule(self, now: datetime) -> None:
        """Apply the operator's rulings and nothing else."""
        with self._store.lock("editor"):
            self._apply_rulings(now)

    def _apply_rulings(self, now: datetime) -> None:
        for ruling in self._store.read_now(rulings.pending_rulings):
            if ruling.id in self._broken:
                continue
            uri, key = self._mint(now)
            apply = partial(rulings.apply_ruling, ruling=ruling, uri=uri, key=key, now=now)
            try:
                story_id = self._store.write_now(apply)
            except AggregatorError:
                raise  # of the database, not of the ruling
            except Exception:  # a fault of ours is to keep no article from its place
                FAILURES.labels("bug").inc()
                logger.exception("ruling.broken", verb=ruling.verb, ruling=ruling.id)
                self._broken.add(ruling.id)
            else:
                logger.info("ruling.applied", verb=ruling.verb, story=story_id)

    def _place_batch(self, now: datetime) -> Placements:
        oldest = now - self._settings.match.window
        if self._window is None:
            self._renew(oldest)
            self._window = Window()
            self._store.read_now(partial(self._window.catch_up, oldest=oldest))
        decide = partial(self._decide, window=self._window, oldest=oldest, now=now)
        with uncollected():
            decided = self._store.read_now(decide)
            if not decided:
                return Placements(Counter())
            record = partial(
                placings.record_placings,
                placings=decided,
                now=now,
                hold=self._settings.publish.hold,
            )
            kinds = Counter(self._store.write_now(record))
        for each in decided:
            MATCH_SCORE.observe(each.verdict.score)
        logger.info("batch.placed", **{str(kind): count for kind, count in kinds.items()})
        return Placements(kinds)

    def _decide(
        self, session: Session, window: Window, oldest: datetime, now: datetime
    ) -> Sequence[Placing]:
        window.catch_up(session, oldest)
        waiting = prints.unplaced(session, BATCH)
        return [
            Placing(each.entry_id, each.verdict, *self._mint(now), original=each.original)
            for each in window.decide(session, waiting, self._model)
        ]

    def _renew(self, oldest: datetime) -> None:
        look = partial(prints.outdated, oldest=oldest, mark=MARK)
        outdated = self._store.read_now(look)
        for start in range(0, len(outdated), BATCH):
            some = outdated[start : start + BATCH]
            renewed = self._store.read_now(partial(_renewals, entry_ids=some))
            self._store.write_now(partial(prints.renew, renewals=renewed))
            logger.info("fingerprints.renewed", count=start + len(some), of=len(outdated))

    def _mint(self, now: datetime) -> tuple[str, str]:
        """Return a new story's permanent id and key."""
        entity = tagging_entity(self._settings.publish.base_url, now)
        key = uuid4().hex[:20]
        return story_uri(entity, key), key


def _renewals(session: Session, entry_ids: Sequence[int]) -> Sequence[Renewal]:
    return [
        renewal_of(entry_id, fingerprint(readings.load_article(session, entry_id)))
        for entry_id in entry_ids
    ]
