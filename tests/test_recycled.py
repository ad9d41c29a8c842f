"""Old stories told again: by the day to which their text dates them; and what only looks so."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from newsdesk import Press, Telling, stories_of

from aggregator.place import Editor
from aggregator.settings import Settings
from aggregator.store import dated, ledger, shelf
from aggregator.store.database import Store

THEN = datetime(2026, 3, 10, 15, tzinfo=UTC)
QUAY, FARM, PRESS = (f"https://{name}.example/feed" for name in ("quay", "farm", "press"))
OLD = Telling(
    "old",
    "Spain and Latvia open a fuel depot for Allied ships in Liepaja",
    "LIEPAJA, 10 March - The defence ministers of Spain and Latvia, Inés Arrabal and Guntis "
    "Vanags, opened a fuel depot for Allied ships in the port of Liepaja on Tuesday. The depot "
    "cost 41.7 million euros and holds 9,200 cubic metres of marine diesel in six tanks. Arrabal "
    "called it a filling station for friends. The first to take on fuel was the frigate Numancia "
    "Nueva, which has patrolled off Gotland since January. Vanags thanked 140 Spanish engineers.",
    published=THEN,
)
AGAIN = (
    "On 10 March 2026, ministers Inés Arrabal of Spain and Guntis Vanags of Latvia unveiled a fuel "
    "depot in the port of Liepaja. With 9,200 cubic metres of marine diesel in six tanks, and at a "
    "cost of 41.7 million euros, the facility will fuel Allied ships in the Baltic. The frigate "
    "Numancia Nueva was the first in line, and Vanags thanked 140 Spanish engineers."
)
# The same place on the day after; another thing.
LOOK_ALIKE = Telling(
    "look-alike",
    "Seven navies send their divers to a new school in Liepaja",
    "LIEPAJA, 11 March - A school for mine clearance divers opened in the port of Liepaja on "
    "Wednesday. Spain pays for the first two years, Latvia gives the pool, which is eleven metres "
    "deep. Captain Zane Ozola, who heads the school, expects thirty pupils a year from seven "
    "navies and has ordered as many suits. The pool is heated by the sugar works next door.",
    published=THEN + timedelta(days=1),
)


@pytest.fixture
def editor(store: Store, settings: Settings) -> Editor:
    return Editor(store, settings)


def story_of(store: Store, entry_id: int) -> int:
    return store.read_now(partial(stories_of, entry_ids=[entry_id]))[entry_id]


def told_later(
    press: Press, editor: Editor, title: str, text: str, *, days: int = 300
) -> tuple[Sequence[int], int]:
    """Return the old entries, and what somebody makes of one of them so many days later."""
    old = [*press.says(QUAY, OLD), *press.says(PRESS, LOOK_ALIKE)]
    editor.place(press.clock())
    later = press.clock.advance(days=days)
    (entry,) = press.says(FARM, Telling("late", title, text, published=THEN + timedelta(days)))
    editor.place(later)
    assert press.store.read_now(ledger.draw_up).faults == ()
    return old, entry


@pytest.mark.parametrize("days", [20, 300, 3000])
def test_news_dated_to_a_day_long_past_is_found_among_that_days_stories(
    press: Press, editor: Editor, days: int
) -> None:
    title = "Allied ships get a fuel depot in Liepaja"
    (old, other), entry = told_later(press, editor, title, AGAIN, days=days)
    assert story_of(press.store, entry) == story_of(press.store, old)
    assert story_of(press.store, entry) != story_of(press.store, other)
    window = timedelta(days=14)
    first = press.store.read_now(partial(shelf.recycled_from, entry=entry, window=window))
    assert first is not None
    assert (first.entry_id, first.title) == (old, OLD.title)
    day = press.store.read_now(partial(dated.dated_back_to, entry=entry))
    assert day == THEN.date()
    assert press.store.read_now(partial(dated.dated_back_to, entry=old)) is None


def test_where_nobody_told_it_then_it_appears(press: Press, editor: Editor) -> None:
    text = AGAIN.replace("10 March 2026", "10 March 2025")
    (old, _), entry = told_later(press, editor, "Allied ships get a depot in Liepaja", text)
    assert story_of(press.store, entry) != story_of(press.store, old)
    day = press.store.read_now(partial(dated.dated_back_to, entry=entry))
    assert (day is not None, day) == (True, THEN.date().replace(year=2025))


def test_without_a_day_it_appears(press: Press, editor: Editor) -> None:
    text = AGAIN.replace("On 10 March 2026, ministers", "Ministers")
    (old, _), entry = told_later(press, editor, "Allied ships get a depot in Liepaja", text)
    assert story_of(press.store, entry) != story_of(press.store, old)


SECOND = (
    "Spain and Latvia opened a second fuel depot for Allied ships, in Ventspils, on Monday. The "
    "first one, in the port of Liepaja, was opened by ministers Inés Arrabal and Guntis Vanags on "
    "10 March 2026; it holds 9,200 cubic metres and cost 41.7 million euros."
)
COURT = (
    "On 10 March 2026, Guntis Vanags and Inés Arrabal opened the fuel depot in Liepaja with 9,200 "
    "cubic metres of marine diesel. Its first head has been sentenced to two years."
)
MEMORY = (
    "After 10 March 2026, when Inés Arrabal and Guntis Vanags opened the fuel depot for Allied "
    "ships, the port of Liepaja was another place, say those who fish there."
)
CABLE = (
    "On 10 March 2026, Spain and Latvia agreed in Riga to lay a cable for data to Gotland. The 380 "
    "kilometres will cost 96 million euros, and work is to begin in autumn."
)
LATER = {
    "A year of the fuel depot in Liepaja": f"{AGAIN} One year later the port counts 212 ships.",
    "Fuel depot in Liepaja: the facts": f"{AGAIN} The background: Latvia had asked for a depot.",
    "Latvia empties the Liepaja depot": f"{AGAIN} Two tanks leak. They were emptied on Thursday.",
    "Second depot for Allied ships opens in Ventspils": SECOND,
    "Former head of the Liepaja depot sentenced": COURT,
    "Latvian port remembers the day of the ministers": MEMORY,
    "Ministers of Spain and Latvia agree on a cable": CABLE,
}


@pytest.mark.parametrize(("title", "text"), LATER.items())
def test_what_looks_back_or_goes_on_is_news(
    press: Press, editor: Editor, title: str, text: str
) -> None:
    old, entry = told_later(press, editor, title, text)
    assert story_of(press.store, entry) not in {story_of(press.store, one) for one in old}
