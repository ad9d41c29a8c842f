"""Publish: let stories appear, choose what represents them, write the feeds that changed.

Every file is a pure function of the database and the settings, so publishing
may be late, repeated, interrupted or done by another process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aggregator.edition import Guidelines, edition_of
from aggregator.logs import get_logger
from aggregator.memory import uncollected
from aggregator.output.printer import digest_of
from aggregator.press import lasting
from aggregator.rendering import Renderer
from aggregator.settings import Settings
from aggregator.store import archives, drafts, editions, facts, fulltext
from aggregator.store.database import Session, Store
from aggregator.store.editions import FIRST_ROUND, Edition
from aggregator.stories.query import compile_query

logger = get_logger(__name__)

DRAFTS = 500


@dataclass(frozen=True, slots=True)
class Published:
    """What a round of publishing did: stories that appeared, feeds whose files changed."""

    appeared: int
    written: int


class Publisher:
    """Writes the feeds as the settings say.

    It keeps the compiled rules and what the next round most likely needs
    again. All of that may be forgotten at any time: a new one writes the same
    bytes.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        families = settings.outlets.families
        self._guidelines = Guidelines(
            rules={c.slug: compile_query(c.query) for c in settings.categories},
            families={outlet: family[0] for family in families for outlet in family},
            min_outlets=settings.publish.min_outlets,
        )
        self._renderer = Renderer(store, settings)
        # The month in which the archives that are open were opened.
        self._month = ""

    def publish(
        self,
        now: datetime,
        *,
        hold: bool = True,
        everything: bool = False,
        wait: bool = True,
        ended: Callable[[], bool] = lambda: False,
    ) -> Published:
        """Publish what changed; blocks while another process publishes.

        `hold` False: stories whose hold is not over appear as well.
        `everything`: feeds that did not change are rendered, too. Once `ended`,
        the feeds that are not written yet stay due.

        Raises:
            RefusedError: another publishes, and we are not to `wait`.
            StoreError: a file cannot be written; it is still due, the others stand.
        """
        with self._store.lock("publisher", wait=wait), uncollected():
            rules, first = self._store.read_now(_beginning)
            self._note_rules(rules, now)
            appeared, edited = self._edit(now, hold=hold and not first)
            self._put_away(now)
            if first:
                lasting(self._store, FIRST_ROUND, now.isoformat(timespec="seconds"))
            written = self._renderer.write_due(now, everything=everything, ended=ended)
            if self._renderer.waiting:
                more, _ = self._edit(now, hold=hold, edited=edited)
                self._put_away(now)
                appeared += more
                written += self._renderer.write_due(now, ended=ended)
        if appeared or written:
            logger.info("feeds.published", appeared=appeared, written=written)
        return Published(appeared, written)

    def write_feeds(self, now: datetime) -> int:
        """Write the feeds that are missing or stale, as the database stands; return how many.

        Raises:
            RefusedError: another process publishes.
            StoreError: a file cannot be written.
        """
        with self._store.lock("publisher", wait=False):
            return self._renderer.write_due(now)

    def write_missing(self, now: datetime) -> int:
        """Write the feeds of which a file is missing; return how many.

        Raises:
            RefusedError: another process publishes.
            StoreError: a file cannot be written.
        """
        with self._store.lock("publisher", wait=False):
            return self._renderer.write_missing(now)

    def _note_rules(self, known: str | None, now: datetime) -> None:
        """Reconsider the categories of the window's stories where the rules are no longer these."""
        outlets = (str(self._guidelines.families), str(self._guidelines.min_outlets))
        rules = _digest(*(f"{c.slug} {c.query}" for c in self._settings.categories), *outlets)
        since = now - self._settings.match.window

        def work(session: Session) -> None:
            if facts.fact(session, "rules") != rules:
                editions.reconsider(session, since)
                facts.note(session, "rules", rules)

        if known != rules:
            self._store.write_now(work)

    def _edit(self, now: datetime, *, hold: bool, edited: int = 0) -> tuple[int, int]:
        """Edit what changed; return how many appeared, and how many were `edited` in this round."""
        appeared = 0
        query = partial(drafts.due, now=now, limit=DRAFTS, hold=hold)
        more = True
        while more:
            changed = self._store.read_now(query)
            more = len(changed) == DRAFTS
            if changed:
                made = [edition_of(draft, self._guidelines) for draft in changed]
                record = partial(_record, made=made, now=now, edited=edited)
                appeared += self._store.write_now(record)
                edited += len(made)
        return appeared, edited

    def _put_away(self, now: datetime) -> None:
        """Move what is too much for the live feeds into the archives, and index what is left."""
        month = archives.month_of(now)
        limit = self._settings.publish.entries
        slugs, behind = self._store.read_now(partial(_left, limit=limit))
        # What is opened after that is of this month at least.
        other = month != self._month
        turning = self._store.read_now(partial(archives.to_turn, month=month)) if other else []

        def work(session: Session) -> None:
            for slug in turning:
                archives.turn_month(session, slug, now)
            archives.archive_overflow(session, slugs, limit, now)

        if slugs or turning:
            self._store.write_now(work)
        self._month = month
        while behind:
            taken = self._store.write_now(partial(fulltext.index_tellings, limit=DRAFTS))
            behind = taken == DRAFTS


def _beginning(session: Session) -> tuple[str | None, bool]:
    """Return by which rules stories stand where they do, and whether the first round is due."""
    return facts.fact(session, "rules"), editions.first_round_complete(session)


def _record(session: Session, made: Sequence[Edition], now: datetime, edited: int) -> int:
    """Write the editions, and let what they tell be found as well; return how many appeared."""
    appeared = editions.record_editions(session, made, now, edited=edited)
    fulltext.index_tellings(session, DRAFTS)
    return appeared


def _left(session: Session, limit: int) -> tuple[list[str], bool]:
    """Return the live feeds that hold too much, and whether what was placed is to be indexed."""
    return archives.crowded(session, limit), fulltext.is_behind(session)


def _digest(*parts: str) -> str:
    return digest_of("\n".join(parts).encode(), 8)
