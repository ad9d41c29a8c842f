"""Rendering: the feeds that are due, made and written, and what their files show noted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice, takewhile

from aggregator import __version__
from aggregator.errors import StoreError
from aggregator.logs import get_logger
from aggregator.memory import let_go_of_the_young
from aggregator.output.files import sweep
from aggregator.output.printer import Printer, digest_of
from aggregator.press import Press, Pressed, Shelves, open_press
from aggregator.settings import Settings
from aggregator.settings.hubs import hub_addresses
from aggregator.store import archives, errands, feeds, health
from aggregator.store.database import Session, Store
from aggregator.store.feeds import FeedState
from aggregator.stories.hubs import is_topic
from aggregator.stories.slugs import HEALTH, OUTPUTS

logger = get_logger(__name__)

NOTED_AT_ONCE = 100  # feeds: to render thousands takes a while, and who is ended loses no more
TURNS = 16  # rounds in which the files of all archives are looked at once
FORETOLD_AT_ONCE = 4  # feeds: they are in memory
LAYOUT = "5"  # raised when the same stories are to be rendered otherwise


_Made = tuple[tuple[FeedState, Pressed], Mapping[str, bytes]]


class _Listed:
    """The feeds that are remembered, as the database lists them, and the months of each."""

    def __init__(self, text: str) -> None:
        self.text = text
        opened = {name: int(number) for name, number in map(str.split, text.splitlines())}
        self.names = opened.keys()
        self.months = archives.months(opened.items())
        self.slugs = {name for name in self.names if not {".", "/"} & set(name)}
        self.slugs -= {HEALTH, OUTPUTS}


@dataclass(frozen=True, slots=True)
class _Looks:
    """What a rendering depends on beside the stories, as a digest.

    An archive is to change no more: it knows neither titles nor settings by
    which the feeds of today change.
    """

    live: str
    archive: str

    def of(self, name: str) -> str:
        """Return the look of a feed."""
        return self.archive if "/" in name else self.live


@dataclass(frozen=True, slots=True)
class _Due:
    """The feeds that do not show what they should in their look; the newest `turn` of health."""

    looks: _Looks
    stale: frozenset[str]
    turn: int


class Renderer:
    """Keeps the files of the feeds as the database says; who calls it holds the publisher's lock.

    It keeps, of what it read, what the next round most likely needs again.
    All of that may be forgotten at any time: a new one writes the same bytes.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._kept = Shelves()
        self._printer = Printer(settings.publish.directory)
        self._listed = _Listed("")
        self._gone: set[str] = set()
        self._rounds = 0
        # Left for the edition of a story that changed meanwhile, and what its category had to come.
        self.waiting: set[str] = set()

    def write_due(
        self,
        now: datetime,
        *,
        everything: bool = False,
        ended: Callable[[], bool] = lambda: False,
    ) -> int:
        """Write the feeds that are missing or stale; return how many changed.

        `everything`: the others, too, but for archives that are past and stand.
        Once `ended`, those that are left stay due.

        Raises:
            StoreError: a file cannot be written; the others are.
        """
        if self._printer.is_new:
            self._sweep()
        press, due = self._begin(now)
        self._tell_of_gone(press.titles)
        names = press.names()
        altered = {n for n in self._watched(names) if not self._printer.saw(press.files_of(n))}
        # Of health there is no telling without its newest turn.
        stale = {HEALTH, *due.stale, *self.waiting, *altered}
        known = self._listed.names
        asked = [name for name in names if everything or name in stale or name not in known]
        # A round looks at thousands of files, and has to know more of few; the first one of all.
        query = partial(feeds.states, names=None if self._printer.is_new else asked)
        states = self._store.read_now(query)
        states[HEALTH] = replace(states.get(HEALTH, FeedState(HEALTH)), revision=due.turn)
        wanted = [states.get(name, FeedState(name)) for name in asked]
        wanted = [
            state
            for state in wanted
            if state.name in self.waiting
            or (everything and not press.is_past(state.name))
            or not self._stands(press, state, due.looks)
        ]
        wanted.sort(key=_turn)
        return self._print(press, due.looks, now, takewhile(lambda _: not ended(), wanted))

    def write_missing(self, now: datetime) -> int:
        """Write the feeds that lack a file, and what such may have let go; return how many.

        Raises:
            StoreError: a file cannot be written; the others are.
        """
        press, due = self._begin(now)
        names = press.names()
        missing = {name for name in names if not self._printer.has(press.files_of(name))}
        asked = [name for name in names if name in missing or (missing and name in due.stale)]
        states = self._store.read_now(partial(feeds.states, names=asked))
        known = [states.get(name, FeedState(name)) for name in asked]
        wanted = [state for state in known if state.name in missing or _turn(state) == 0]
        return self._print(press, due.looks, now, sorted(wanted, key=_turn))

    def _begin(self, now: datetime) -> tuple[Press, _Due]:
        """Return what makes the feeds that there are to be by now, and what is known to be due."""
        press = open_press(self._store, self._settings, now, kept=self._kept)
        looks = self._looks(press.titles)
        listed, due = self._store.read_now(partial(_remembered, looks=looks))
        if listed != self._listed.text:
            self._listed = _Listed(listed)
        return replace(press, months=self._listed.months), due

    def _print(
        self, press: Press, looks: _Looks, now: datetime, wanted: Iterable[FeedState]
    ) -> int:
        """Write these feeds and note what they show; return how many changed.

        Raises:
            StoreError: a file cannot be written; the others are.
        """
        written = 0
        rendered: list[FeedState] = []
        digests: dict[str, str] = {}
        faults: list[StoreError] = []
        self.waiting = set()
        making = self._foretold(_pressed(press, wanted, faults, self.waiting))
        for (state, pressed), printed in self._printer.write(making):
            if isinstance(printed, StoreError):
                faults.append(printed)
                continue
            written += printed.changed
            digests |= {name: each for name, each in printed.digests.items() if is_topic(name)}
            shown = replace(
                state, rendered_revision=state.revision, rendered_with=looks.of(state.name)
            )
            rendered.append(replace(shown, updated=pressed.updated, stamps=printed.stamps))
            if len(rendered) == NOTED_AT_ONCE:
                self._store.write_now(partial(self._note, shown=rendered, digests=digests, now=now))
                rendered, digests = [], {}
                let_go_of_the_young()
        if rendered:
            self._store.write_now(partial(self._note, shown=rendered, digests=digests, now=now))
        if faults:
            raise faults[0]
        return written

    def _foretold(self, made: Iterator[_Made]) -> Iterator[_Made]:
        """Yield each of these feeds with its files; what those state is noted before.

        Who is killed between a file and the note of it leaves a feed that readers
        know to be of that moment: it may not go back when what was so new leaves.
        """
        while some := list(islice(made, FORETOLD_AT_ONCE)):
            newest = {
                state.name: pressed.updated
                for (state, pressed), _ in some
                if pressed.updated and (state.updated is None or pressed.updated > state.updated)
            }
            if newest:
                self._store.write_now(partial(feeds.state_no_less, newest=newest))
            yield from some

    def _stands(self, press: Press, state: FeedState, looks: _Looks) -> bool:
        """Return whether the files show what they should, and are as they were written."""
        files = press.files_of(state.name)
        return state.shows(looks.of(state.name)) and self._printer.finds(files, state.stamps)

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

    def _looks(self, titles: Mapping[str, str]) -> _Looks:
        publish = self._settings.publish
        titled = (f"{slug} {title}" for slug, title in sorted(titles.items()))
        numbers = (str(publish.entries), str(publish.min_outlets))
        lasting = (LAYOUT, publish.base_url)
        present = (*lasting, __version__, *numbers, *titled, *hub_addresses(self._settings))
        return _Looks(*(digest_of("\n".join(parts).encode(), 8) for parts in (present, lasting)))

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


def _remembered(session: Session, looks: _Looks) -> tuple[str, _Due]:
    """Return how the database lists all feeds, and which of them are due."""
    stale = feeds.stale(session, (looks.live, looks.archive))
    return feeds.listed(session), _Due(looks, frozenset(stale), health.newest_turn(session))


def _turn(state: FeedState) -> int:
    """Return when a feed is rendered: what leaves a live feed stands in its archive before that.

    Archives that hold what they show are due by the thousand where they are at
    all, and change nothing that anybody waits for.
    """
    if "/" not in state.name:
        return 1
    return 2 if state.rendered_revision == state.revision else 0


def _pressed(
    press: Press, states: Iterable[FeedState], faults: list[StoreError], waiting: set[str]
) -> Iterator[_Made]:
    """Yield each of these feeds with its files; those that cannot be made leave why not.

    Where that is an archive its live feed is left as it is, with what was to go there.
    So it is where one is `waiting` for an edition: those after it wait as well.
    """
    failed, held_up = set[str](), set[str]()
    for state in states:
        slug = state.name.partition("/")[0].partition(".")[0]
        if slug in failed:
            continue
        try:
            pressed = None if slug in held_up else press.make(state)
        except StoreError as fault:
            faults.append(fault)
            failed.add(slug)
            continue
        if pressed is None:
            held_up.add(slug)
            waiting.add(state.name)
        else:
            yield (state, pressed), pressed.files
