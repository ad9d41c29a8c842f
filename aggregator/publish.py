"""Publish: let stories appear, choose what represents them, write the feeds that changed.

Every file is a pure function of the database and the settings, so publishing
may be late, repeated, interrupted or done by another process.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from aggregator import __version__
from aggregator.edition import Guidelines, edition_of
from aggregator.errors import StoreError
from aggregator.logs import get_logger
from aggregator.output.files import sweep
from aggregator.output.printer import Printer, digest_of
from aggregator.press import Press, Pressed, Shelves, lasting, open_press
from aggregator.settings import Settings
from aggregator.settings.hubs import hub_addresses
from aggregator.store import archives, editions, errands, facts, feeds, fulltext, health
from aggregator.store.database import Session, Store
from aggregator.store.editions import FIRST_ROUND
from aggregator.store.feeds import FeedState
from aggregator.stories.hubs import is_topic
from aggregator.stories.query import compile_query
from aggregator.stories.slugs import HEALTH, OUTPUTS

logger = get_logger(__name__)

DRAFTS = 500
NOTED_AT_ONCE = 100  # feeds: to render thousands takes a while, and who is ended loses no more
TURNS = 16  # rounds in which the files of all archives are looked at once
LAYOUT = "4"  # raised when the same stories are to be rendered otherwise


@dataclass(frozen=True, slots=True)
class Published:
    """What a round of publishing did: stories that appeared, feeds whose files changed."""

    appeared: int
    written: int


class _Listed:
    """The feeds that are remembered, as the database lists them, and the months of each."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = frozenset(text.split("\n"))
        self.months = archives.months(self.names)
        self.slugs = {name for name in self.names if name and not {".", "/"} & set(name)}
        self.slugs -= {HEALTH, OUTPUTS}


class Publisher:
    """Writes the feeds as the settings say.

    It keeps the compiled rules and, of what it read, what the next round most
    likely needs again. All of that may be forgotten at any time: a new one
    writes the same bytes.
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
        self._kept = Shelves()
        self._printer = Printer(settings.publish.directory)
        self._listed = _Listed("")
        self._gone: set[str] = set()
        # The month in which the archives that are open were opened.
        self._month = ""
        self._rounds = 0

    def publish(
        self, now: datetime, *, hold: bool = True, everything: bool = False, wait: bool = True
    ) -> Published:
        """Publish what changed; blocks while another process publishes.

        `hold` False: stories whose hold is not over appear as well.
        `everything`: feeds that did not change are rendered, too.

        Raises:
            RefusedError: another publishes, and we are not to `wait`.
            StoreError: a file cannot be written; it is still due, the others stand.
        """
        with self._store.lock("publisher", wait=wait):
            self._note_rules(now)
            first = self._store.read_now(editions.first_round_complete)
            appeared = self._edit(now, hold=hold and not first)
            self._archive(now)
            self._index()
            if first:
                lasting(self._store, FIRST_ROUND, now.isoformat(timespec="seconds"))
            written = self._render(now, everything=everything)
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
            return self._render(now, everything=False)

    def _note_rules(self, now: datetime) -> None:
        """Reconsider the categories of the window's stories where the rules have changed."""
        outlets = (str(self._guidelines.families), str(self._guidelines.min_outlets))
        rules = _digest(*(f"{c.slug} {c.query}" for c in self._settings.categories), *outlets)
        since = now - self._settings.match.window

        def work(session: Session) -> None:
            if facts.fact(session, "rules") != rules:
                editions.reconsider(session, since)
                facts.note(session, "rules", rules)

        if self._store.read_now(partial(facts.fact, name="rules")) != rules:
            self._store.write_now(work)

    def _edit(self, now: datetime, *, hold: bool) -> int:
        appeared = edited = 0
        query = partial(editions.drafts, now=now, limit=DRAFTS, hold=hold)
        more = True
        while more:
            drafts = self._store.read_now(query)
            more = len(drafts) == DRAFTS
            if drafts:
                made = [edition_of(draft, self._guidelines) for draft in drafts]
                record = partial(editions.record_editions, editions=made, now=now, edited=edited)
                appeared += self._store.write_now(record)
                edited += len(made)
        return appeared

    def _archive(self, now: datetime) -> None:
        """Move what is too much for the live feeds into the archives of this month."""
        month = f"{now.astimezone(UTC):%Y-%m}"
        limit = self._settings.publish.entries
        slugs = self._store.read_now(partial(archives.crowded, limit=limit))
        # What is opened after that is of this month at least.
        opened = {} if month == self._month else self._store.read_now(archives.open_archives)
        over = [slug for slug, newest in opened.items() if newest < month]

        def work(session: Session) -> None:
            for slug in over:
                archives.turn_month(session, slug, month)
            archives.archive_overflow(session, slugs, limit, month)

        if slugs or over:
            self._store.write_now(work)
        self._month = month

    def _index(self) -> None:
        """Let what was placed be found by who searches."""
        more = self._store.read_now(fulltext.is_behind)
        while more:
            taken = self._store.write_now(partial(fulltext.index_tellings, limit=DRAFTS))
            more = taken == DRAFTS

    def _render(self, now: datetime, *, everything: bool) -> int:
        if self._printer.is_new:
            self._sweep()
        listed = self._store.read_now(feeds.listed)
        if listed != self._listed.text:
            self._listed = _Listed(listed)
        press = open_press(self._store, self._settings, now, self._listed.months, self._kept)
        self._tell_of_gone(press.titles)
        look = self._look(press.titles)
        stale = self._store.read_now(partial(feeds.stale, look=look))
        names = press.names()
        stale |= {
            name for name in self._watched(names) if not self._printer.saw(press.files_of(name))
        }
        # Of health there is no telling without its newest turn.
        stale.add(HEALTH)
        known = self._listed.names
        due = [name for name in names if everything or name in stale or name not in known]
        # A round looks at thousands of files, and has to know more of few; the first one of all.
        asked = None if self._printer.is_new else due
        states = self._store.read_now(partial(feeds.states, names=asked))
        turn = self._store.read_now(health.newest_turn)
        states[HEALTH] = replace(states.get(HEALTH, FeedState(HEALTH)), revision=turn)
        wanted = [states.get(name, FeedState(name)) for name in due]
        if not everything:
            wanted = [state for state in wanted if not self._stands(press, state, look)]
        written = 0
        rendered: list[FeedState] = []
        digests: dict[str, str] = {}
        faults: list[StoreError] = []
        for (state, pressed), printed in self._printer.write(_pressed(press, wanted, faults)):
            if isinstance(printed, StoreError):
                faults.append(printed)
                continue
            written += printed.changed
            digests |= {name: each for name, each in printed.digests.items() if is_topic(name)}
            shown = replace(state, rendered_revision=state.revision, rendered_with=look)
            rendered.append(replace(shown, updated=pressed.updated, stamps=printed.stamps))
            if len(rendered) == NOTED_AT_ONCE:
                self._store.write_now(partial(self._note, shown=rendered, digests=digests, now=now))
                rendered, digests = [], {}
        if rendered:
            self._store.write_now(partial(self._note, shown=rendered, digests=digests, now=now))
        if faults:
            raise faults[0]
        return written

    def _stands(self, press: Press, state: FeedState, look: str) -> bool:
        """Return whether the files show what they should, and are as they were written."""
        files = press.files_of(state.name)
        return state.shows(look) and self._printer.finds(files, state.stamps)

    def _sweep(self) -> None:
        """Remove what was being written when another was killed; what stays is in nobody's way."""
        try:
            sweep(self._settings.publish.directory)
        except StoreError as error:
            logger.warning("leftovers.kept", reason=str(error))

    def _tell_of_gone(self, titles: Mapping[str, str]) -> None:
        """Say once which feeds belong to no category any more: their readers hear nothing else."""
        gone = self._listed.slugs - set(titles)
        for slug in sorted(gone - self._gone):
            logger.warning(
                "feed.no_category",
                slug=slug,
                advice="its files stay as they are: bring the category back or remove them",
            )
        self._gone = gone

    def _note(
        self,
        session: Session,
        shown: Sequence[FeedState],
        digests: Mapping[str, str],
        now: datetime,
    ) -> None:
        """Note what the files show, and in the same breath whom that is to be told."""
        feeds.mark_rendered(session, shown)
        if hub_addresses(self._settings):
            errands.announce(session, digests, self._settings.publish.hubs, now)

    def _look(self, titles: Mapping[str, str]) -> str:
        """Return what a rendering depends on beside the stories."""
        publish = self._settings.publish
        titled = (f"{slug} {title}" for slug, title in sorted(titles.items()))
        numbers = (str(publish.entries), str(publish.min_outlets))
        hubs = hub_addresses(self._settings)
        return _digest(LAYOUT, __version__, self._base_url, *numbers, *titled, *hubs)

    def _watched(self, names: Sequence[str]) -> list[str]:
        """Return the feeds at whose files a round looks: the first at all, then archives by turns.

        Only another's hand changes an archive that is not due, and there are thousands.
        """
        turn, first = self._rounds % TURNS, self._rounds == 0
        self._rounds += 1
        if first:
            return list(names)
        live = [name for name in names if "/" not in name]
        return live + [name for name in names[turn::TURNS] if "/" in name]

    @property
    def _base_url(self) -> str:
        return self._settings.publish.base_url


def _pressed(
    press: Press, states: Iterable[FeedState], faults: list[StoreError]
) -> Iterator[tuple[tuple[FeedState, Pressed], Mapping[str, bytes]]]:
    """Yield each of these feeds with its files; those that cannot be made leave why not."""
    for state in states:
        try:
            pressed = press.make(state)
        except StoreError as fault:
            faults.append(fault)
        else:
            yield (state, pressed), pressed.files


def _digest(*parts: str) -> str:
    return digest_of("\n".join(parts).encode(), 8)
