"""Placing: every article gets one place, whoever edits, and however often they are restarted."""

import multiprocessing
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from articles import BRIDGE, DEPOT, lightly_edited
from newsdesk import NOON, Press, SteppedClock, Telling, changed, listening, stories_of
from sqlalchemy import delete, func, select, update
from sqlalchemy import text as sql

from aggregator.errors import StoreError
from aggregator.lexicon import general_terms
from aggregator.model import Credit, Kind
from aggregator.place import Editor
from aggregator.settings import Settings
from aggregator.store import ledger, placings, prints, rulings, shelf
from aggregator.store.database import Session, Store
from aggregator.store.tables import ExactKeyRow, FingerprintRow, StoryRow, TellingRow
from aggregator.stories.stored import from_bytes
from aggregator.stories.stream import compare_stream, sort_stream

QUAY, PIER = "https://quay.example/feed", "https://pier.example/feed"
EARLIER = NOON - timedelta(hours=1)
SHORTENED = DEPOT.rpartition("Fishermen")[0]
DEPOT_TITLE, BRIDGE_TITLE = "Fuel depot opens in Bar", "Pontoon bridge near Loznica holds"


@pytest.fixture
def editor(store: Store, settings: Settings) -> Editor:
    return Editor(store, settings)


def depot(key: str = "depot", text: str = DEPOT, published: datetime = EARLIER) -> Telling:
    return Telling(key, DEPOT_TITLE, text, published=published)


def bridge(key: str = "bridge", published: datetime = EARLIER) -> Telling:
    return Telling(key, BRIDGE_TITLE, BRIDGE, published=published)


def story_of(store: Store, entry_id: int) -> int:
    return store.read_now(partial(stories_of, entry_ids=[entry_id]))[entry_id]


def tellings_in(store: Store) -> Sequence[tuple[int, int, str]]:
    """Return entry, story and kind of every telling, in the order of placing."""
    query = select(TellingRow.entry_id, TellingRow.story_id, TellingRow.kind)
    rows = store.read_now(lambda session: session.execute(query.order_by(TellingRow.id)).all())
    return [(entry_id, story_id, kind) for entry_id, story_id, kind in rows]


def stories_in(store: Store) -> int:
    count = select(func.count()).select_from(StoryRow)
    return store.read_now(lambda session: session.scalar(count)) or 0


def newsreel(number: int) -> Telling:
    """Return a story of its own, told like no other."""
    syllables = ("rano", "velo", "miku", "tasi", "poro", "lune", "gadi", "seko")
    words = [f"{syllable}{number}" for syllable in syllables]
    return Telling(f"reel-{number}", " ".join(words[:4]), " ".join(words * 8))


def test_an_original_its_copy_and_another_story(press: Press, editor: Editor) -> None:
    first, other = press.says(QUAY, depot(), bridge())
    placed = editor.place(press.clock())
    assert (placed.total, placed.kinds[Kind.ORIGINAL]) == (2, 2)
    (copy,) = press.says(PIER, depot("copy", published=NOON))
    assert editor.place(press.clock()).kinds == Counter({Kind.COPY: 1})
    assert story_of(press.store, copy) == story_of(press.store, first)
    assert story_of(press.store, other) != story_of(press.store, first)


def test_what_names_its_original_in_a_caption_retells_it(press: Press, editor: Editor) -> None:
    (first,) = press.says(QUAY, depot())
    spun = Telling(
        "spun",
        "Diesel now waits where ships once queued",
        "Nine thousand cubic metres of it, says the port, and no more barges from Italy. " * 8,
        captions=(f"{DEPOT_TITLE} \N{EN DASH} Quay",),
        published=NOON,
    )
    (second,) = press.says(PIER, spun)
    placed = editor.place(press.clock())
    assert placed.kinds == Counter({Kind.ORIGINAL: 1, Kind.RETELLING: 1})
    assert story_of(press.store, first) == story_of(press.store, second)


LINK = "https://quay.example/2026/depot"
CREDIT = Credit("Quay", "quay.example", url=LINK)


def spun(key: str = "spun", subject: str = "depot", **facts: Any) -> Telling:  # noqa: ANN401
    """Return what a farm makes of a story about something in Bar."""
    text = f"A new era dawns in Bar with the {subject}, and Ranka Stojovic looks on in wonder. " * 8
    title = f"Why everybody in Bar talks of the {subject}"
    return Telling(key, title, text, **{"published": NOON} | facts)


def test_what_credits_its_original_retells_it(press: Press, editor: Editor) -> None:
    (first,) = press.says(QUAY, replace(depot(), link=LINK))
    (second,) = press.says(PIER, spun(credits=(CREDIT,)))
    assert editor.place(press.clock()).kinds == Counter({Kind.ORIGINAL: 1, Kind.RETELLING: 1})
    assert story_of(press.store, first) == story_of(press.store, second)


def test_an_original_long_past_is_found_by_the_line_that_credits_it(
    press: Press, editor: Editor
) -> None:
    (first,) = press.says(QUAY, replace(depot(), link=LINK))
    editor.place(press.clock())
    later = press.clock.advance(days=300)
    (second,) = press.says(PIER, spun(credits=(CREDIT,), published=later))
    editor.place(later)
    assert story_of(press.store, first) == story_of(press.store, second)


@pytest.mark.parametrize(
    "boilerplate",
    [
        Credit("Quay"),
        Credit("Quay", "quay.example"),
        Credit("Quay", "quay.example", firm=False),
        Credit("Ministry of Defence", firm=False),
        CREDIT,
    ],
    ids=["name", "front-page", "source", "office", "an-article"],
)
def test_what_stands_on_every_page_of_an_outlet_joins_no_stories(
    press: Press, editor: Editor, boilerplate: Credit
) -> None:
    press.says(QUAY, replace(depot(), link=LINK))
    election = Telling("election", "A council for the upper Vardar", VOTE, published=NOON)
    press.says(PIER, *(replace(page, credits=(boilerplate,)) for page in (election, bridge())))
    editor.place(press.clock())
    assert stories_in(press.store) == 3


VOTE = (
    "Voters in the upper valley of the Vardar chose a new council on Sunday, and the counting of "
    "ballots went on until dawn in a school gymnasium that smelled of rubber mats. Turnout reached "
    "sixty-one per cent. The list of Elena Markovska won nine seats of seventeen; two went to a "
    "party of beekeepers that nobody had counted on. The losing mayor congratulated her by post."
)


def test_a_late_original_is_known_as_the_original(press: Press, editor: Editor) -> None:
    (farm,) = press.says(PIER, spun(credits=(CREDIT,), published=EARLIER))
    editor.place(press.clock())
    (original,) = press.says(QUAY, replace(depot(published=NOON), link=LINK))
    assert editor.place(press.clock()).kinds == Counter({Kind.RETELLING: 1})
    kinds = {entry_id: kind for entry_id, _, kind in tellings_in(press.store)}
    assert kinds == {farm: Kind.RETELLING, original: Kind.ORIGINAL}
    assert press.store.read_now(ledger.draw_up).faults == ()


def test_an_original_that_is_named_is_not_replaced(press: Press, editor: Editor) -> None:
    title = "Engineers hand over a fuel depot in Bar"
    caption = f"{title} \N{EN DASH} Quay"
    (original,) = press.says(QUAY, Telling("depot", title, DEPOT, published=EARLIER))
    press.says(PIER, spun(captions=(caption,)))
    editor.place(press.clock())
    later = press.clock.advance(hours=1)
    (copy,) = press.says("https://ferry.example/feed", Telling("c", title, DEPOT, published=later))
    editor.place(later)
    kinds = {entry_id: kind for entry_id, _, kind in tellings_in(press.store)}
    assert (kinds[original], kinds[copy]) == (Kind.ORIGINAL, Kind.COPY)


def test_in_one_batch_the_earlier_one_is_the_original(press: Press, editor: Editor) -> None:
    (copy,) = press.says(PIER, depot("copy", published=NOON))
    (first,) = press.says(QUAY, depot(published=NOON - timedelta(hours=5)))
    editor.place(press.clock())
    kinds = {entry_id: kind for entry_id, _, kind in tellings_in(press.store)}
    assert kinds == {first: Kind.ORIGINAL, copy: Kind.COPY}


def test_the_evidence_names_the_story_that_the_batch_began(press: Press, editor: Editor) -> None:
    (first,) = press.says(QUAY, depot())
    (copy,) = press.says(PIER, depot("copy", published=NOON))
    editor.place(press.clock())
    verdict = press.store.read_now(partial(placings.verdict_on, entry_id=copy))
    assert verdict is not None
    story = story_of(press.store, first)
    assert [(seen.entry_id, seen.story_id) for seen in verdict.candidates] == [(first, story)]


def test_what_shows_two_stories_to_be_one_holds_for_the_rest_of_the_batch(
    press: Press, editor: Editor
) -> None:
    one, other = (" ".join(text.split()[:60]) for text in (DEPOT, BRIDGE))
    both = f"{DEPOT_TITLE}; {BRIDGE_TITLE}"
    mixed = " ".join(map(" ".join, zip(one.split()[:20], other.split()[:20], strict=True)))
    told = press.says(QUAY, Telling("depot", DEPOT_TITLE, one))
    told += press.says(PIER, Telling("bridge", BRIDGE_TITLE, other))
    told += press.says("https://ferry.example/feed", Telling("both", both, f"{one} {other}"))
    told += press.says("https://tug.example/feed", Telling("mixed", DEPOT_TITLE, mixed))
    assert editor.place(press.clock()).total == 4
    assert len({story_of(press.store, entry_id) for entry_id in told}) == 1


def test_nothing_waits_nothing_happens(press: Press, editor: Editor) -> None:
    assert editor.place(press.clock()).total == 0
    press.says(QUAY, depot())
    assert editor.place(press.clock()).total == 1
    assert editor.place(press.clock()).total == 0


def test_a_new_story_is_held(press: Press, editor: Editor) -> None:
    press.says(QUAY, depot())
    editor.place(press.clock())
    query = select(StoryRow.created_at, StoryRow.appear_at, StoryRow.uri, StoryRow.key)
    created, appears, uri, key = press.store.read_now(lambda session: session.execute(query).one())
    assert (created, appears - created) == (press.clock(), timedelta(minutes=5))
    assert uri == f"tag:news.example,{press.clock():%Y-%m-%d}:story/{key}"


@pytest.mark.parametrize("restarted", [False, True], ids=["one-editor", "restarted-each-batch"])
def test_a_restart_changes_no_answer(press: Press, settings: Settings, *, restarted: bool) -> None:
    editor = Editor(press.store, settings)
    for number in range(4):
        press.says(QUAY, newsreel(number), depot(f"depot-{number}"))
        press.says(PIER, newsreel(max(number - 1, 0)), bridge(f"bridge-{number}"))
        if restarted:
            editor = Editor(press.store, settings)
        editor.place(press.clock.advance(minutes=5))
    assert stories_in(press.store) == 6
    kinds = Counter(kind for _, _, kind in tellings_in(press.store))
    assert kinds == Counter({Kind.COPY: 9, Kind.ORIGINAL: 6})


@pytest.mark.parametrize("busy", [False, True])
def test_a_clock_that_was_ahead_takes_nothing_from_the_window(
    press: Press, editor: Editor, *, busy: bool
) -> None:
    """While it is, days that have left the window are forgotten; by a reworked text they are found.

    A copy would be found by its exact keys.
    """
    press.says(QUAY, depot())
    editor.place(press.clock())
    press.clock.advance(days=31)
    if busy:
        press.says(QUAY, newsreel(1))
    editor.place(press.clock())
    press.clock.advance(days=-31, minutes=5)
    press.says(PIER, depot("edited", lightly_edited(DEPOT)))
    editor.place(press.clock())
    assert stories_in(press.store) == 1 + busy


def test_restarts_change_no_score_while_days_leave_the_window(
    settings: Settings, tmp_path: Path
) -> None:
    settings = changed(settings, match={"window": timedelta(days=2)})
    once, often = (
        scores_over_a_week(f"sqlite:///{tmp_path / name}.db", settings, restarted=restarted)
        for name, restarted in (("once", False), ("often", True))
    )
    assert once == often
    assert len(once) == 7 * 8


def scores_over_a_week(url: str, settings: Settings, *, restarted: bool) -> Sequence[object]:
    """Return where everything went, and why, with news that come late, and more each day."""
    clock = SteppedClock()
    query = select(TellingRow.entry_id, TellingRow.story_id, TellingRow.score, TellingRow.evidence)
    with Store.open(url) as store:
        press, editor = Press(store, clock), Editor(store, settings)
        for day in range(7):
            now = clock.advance(days=1)
            late = depot(f"late-{day}", published=now - timedelta(days=1, hours=13))
            press.says(QUAY, replace(newsreel(day), published=now), bridge(f"b-{day}", now), late)
            shortened = replace(depot(f"short-{day}", SHORTENED), published=now)
            reels = (replace(newsreel(day - back), published=now) for back in range(4))
            press.says(PIER, shortened, *(replace(reel, key=f"{day}-{reel.key}") for reel in reels))
            if restarted:
                editor = Editor(store, settings)
            editor.place(now)
        return store.read_now(lambda session: session.execute(query.order_by(TellingRow.id)).all())


def place_everything(editor: Editor) -> int:
    placed = 0
    while batch := editor.place(NOON).total:
        placed += batch
    return placed


def flood(press: Press, stories: int) -> None:
    """Have three sources tell the same stories."""
    for outlet in ("one", "two", "three"):
        press.says(f"https://{outlet}.example/feed", *map(newsreel, range(stories)))


def test_two_editors_in_threads_double_nothing(
    press: Press, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.place.BATCH", 7)
    flood(press, stories=30)
    editors = [Editor(press.store, settings) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(place_everything, editors)) == 90
    assert_each_story_stands_once(press.store, stories=30)


def edit_elsewhere(settings: Settings) -> int:
    import aggregator.place  # noqa: PLC0415 - in the other process

    aggregator.place.BATCH = 7
    with Store.open(settings.database.url) as store:
        return place_everything(Editor(store, settings))


def test_two_editors_in_two_processes_double_nothing(press: Press, settings: Settings) -> None:
    flood(press, stories=30)
    with multiprocessing.get_context("spawn").Pool(2) as processes:
        placed = processes.map(edit_elsewhere, [settings] * 2, chunksize=1)
    assert sum(placed) == 90
    assert_each_story_stands_once(press.store, stories=30)


def assert_each_story_stands_once(store: Store, stories: int) -> None:
    assert stories_in(store) == stories
    tellings = tellings_in(store)
    assert len({entry_id for entry_id, _, _ in tellings}) == len(tellings) == stories * 3
    assert set(Counter(story for _, story, _ in tellings).values()) == {3}
    assert store.read_now(ledger.draw_up).faults == ()


def test_what_was_not_written_is_not_matched_with(press: Press, editor: Editor) -> None:
    press.says(QUAY, depot())
    press.store.write_now(lambda session: session.execute(sql(REFUSE)))
    with pytest.raises(StoreError, match="the disk is full"):
        editor.place(press.clock())
    assert (stories_in(press.store), tellings_in(press.store)) == (0, [])
    press.store.write_now(lambda session: session.execute(sql("DROP TRIGGER refuse")))
    press.says(PIER, depot("copy", published=NOON))
    assert editor.place(press.clock()).kinds == Counter({Kind.ORIGINAL: 1, Kind.COPY: 1})


REFUSE = """CREATE TRIGGER refuse BEFORE INSERT ON telling
BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"""


def test_a_merge_holds_before_the_batch_is_placed(press: Press, editor: Editor) -> None:
    first, other = press.says(QUAY, depot(), bridge())
    editor.place(press.clock())
    stories = [story_of(press.store, entry) for entry in (first, other)]
    rule = partial(rulings.rule_merge, story_id=stories[0], other_id=stories[1], now=NOON)
    press.store.write_now(rule)
    (copy,) = press.says(PIER, bridge("copy", published=NOON))
    editor.place(press.clock())
    assert {story_of(press.store, entry) for entry in (first, other, copy)} == {stories[0]}
    assert press.store.read_now(ledger.draw_up).faults == ()


def test_a_split_holds_before_the_batch_is_placed(press: Press, editor: Editor) -> None:
    (first,) = press.says(QUAY, depot())
    (second,) = press.says(PIER, depot("copy", published=NOON))
    editor.place(press.clock())
    former = story_of(press.store, first)
    rule = partial(rulings.rule_split, story_id=former, entry_id=second, now=NOON)
    press.store.write_now(rule)
    editor.rule(press.clock())
    assert story_of(press.store, first) == former
    assert story_of(press.store, second) != former
    assert stories_in(press.store) == 2
    editor.rule(press.clock())
    assert stories_in(press.store) == 2


def test_a_ruling_that_we_cannot_apply_keeps_no_article_from_its_place(
    press: Press, editor: Editor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours is told once, and the operator's word waits until we are mended."""
    one, two = *tell_one(press, editor, depot()), *tell_one(press, editor, bridge())
    first, second = story_of(press.store, one), story_of(press.store, two)
    rule = partial(rulings.rule_merge, story_id=first, other_id=second, now=press.clock())
    press.store.write_now(rule)

    def fail(*_: object, **__: object) -> int:
        raise IndexError

    with listening() as events, monkeypatch.context() as patch:
        patch.setattr(rulings, "apply_ruling", fail)
        late = press.says(QUAY, bridge())
        editor.place(press.clock())
        tell_one(press, editor, depot("later"))
    assert [event["event"] for event in events()].count("ruling.broken") == 1
    assert story_of(press.store, *late) == second
    Editor(press.store, settings).rule(press.clock())
    assert {story_of(press.store, entry) for entry in (one, two, *late)} == {first}


def tell_one(press: Press, editor: Editor, telling: Telling) -> Sequence[int]:
    entries = press.says(PIER, telling)
    editor.place(press.clock())
    return entries


def test_beyond_the_window_only_exact_keys_lead_back(
    press: Press, editor: Editor, settings: Settings
) -> None:
    (first,) = press.says(QUAY, depot())
    editor.place(press.clock())
    later = press.clock.advance(days=40)
    shortened = depot("short", SHORTENED, published=later)
    moved = Telling("moved", DEPOT_TITLE, link="https://quay.example/depot", published=later)
    near, same = press.says(PIER, shortened, moved)
    for whoever in (editor, Editor(press.store, settings)):
        whoever.place(later)
    assert story_of(press.store, near) != story_of(press.store, first)
    assert story_of(press.store, same) == story_of(press.store, first)


def test_a_headline_that_a_caption_names_leads_back_to_a_story_long_past(
    press: Press, editor: Editor
) -> None:
    title = "Engineers hand over a fuel depot in Bar"
    (first,) = press.says(QUAY, Telling("depot", title, DEPOT))
    editor.place(press.clock())
    later = press.clock.advance(days=400)
    spun = Telling(
        "spun",
        "Diesel now waits where ships once queued",
        "A new era dawns on the quay, and the whole region looks on in hope and wonder. " * 8,
        captions=(f"{title} \N{EN DASH} Quay",),
        published=later,
    )
    (recycled,) = press.says(PIER, spun)
    editor.place(later)
    assert story_of(press.store, recycled) == story_of(press.store, first)
    since = partial(shelf.recycled_from, window=timedelta(days=14))
    told = press.store.read_now(partial(since, entry=recycled))
    assert told is not None
    assert (told.entry_id, told.published, told.title) == (first, EARLIER, title)
    assert press.store.read_now(partial(since, entry=first)) is None
    assert press.store.read_now(partial(since, entry=999)) is None


def test_a_title_of_long_ago_may_be_borne_again(press: Press, editor: Editor) -> None:
    (first,) = press.says(QUAY, Telling("depot", "This week in pictures from Bar", DEPOT))
    editor.place(press.clock())
    later = press.clock.advance(days=7 * 5)
    again = Telling("again", "This week in pictures from Bar", BRIDGE, published=later)
    (news,) = press.says(QUAY, again)
    editor.place(later)
    assert story_of(press.store, news) != story_of(press.store, first)


def test_within_the_window_the_same_shortened_text_is_recognised(
    press: Press, editor: Editor
) -> None:
    (first,) = press.says(QUAY, depot())
    editor.place(press.clock())
    shortened = depot("short", SHORTENED, published=NOON)
    (near,) = press.says(PIER, shortened)
    editor.place(press.clock())
    assert story_of(press.store, near) == story_of(press.store, first)


def test_a_fingerprint_of_another_version_is_computed_anew(
    press: Press, settings: Settings
) -> None:
    (first,) = press.says(QUAY, depot())
    Editor(press.store, settings).place(press.clock())
    (copy,) = press.says(PIER, depot("copy", published=NOON))
    press.store.write_now(outdate_fingerprints)
    assert Editor(press.store, settings).place(press.clock()).kinds == Counter({Kind.COPY: 1})
    assert story_of(press.store, copy) == story_of(press.store, first)


def test_fingerprints_of_another_version_are_written_anew(
    press: Press, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.place.BATCH", 2)
    ids = press.says(QUAY, depot(), bridge(), newsreel(1))
    Editor(press.store, settings).place(press.clock())

    def look(session: Session) -> tuple[Mapping[int, bytes], list[tuple[str, int]]]:
        keys = session.execute(select(ExactKeyRow.key, ExactKeyRow.entry_id).order_by("key"))
        return dict(prints.fingerprints_of(session, ids)), [(key, entry) for key, entry in keys]

    before = press.store.read_now(look)
    press.store.write_now(outdate_fingerprints)
    press.store.write_now(lambda session: session.execute(delete(ExactKeyRow)))
    with listening() as events:
        Editor(press.store, settings).place(press.clock())
        renewed = [each for each in events() if each["event"] == "fingerprints.renewed"]
    assert press.store.read_now(look) == before
    assert [(each["count"], each["of"]) for each in renewed] == [(2, 3), (3, 3)]


def outdate_fingerprints(session: Session) -> None:
    session.execute(update(FingerprintRow).values(fingerprint=b"\x00of another time"))


def test_the_operators_threshold_decides(press: Press, settings: Settings) -> None:
    press.says(QUAY, depot())
    strict = Editor(press.store, changed(settings, match={"threshold": 0.999999}))
    strict.place(press.clock())
    shortened = depot("short", SHORTENED, published=NOON)
    (near,) = press.says(PIER, shortened)
    strict.place(press.clock())
    verdict = press.store.read_now(partial(placings.verdict_on, entry_id=near))
    assert verdict is not None
    assert verdict.threshold == 0.999999


@pytest.mark.parametrize("lang", ["en", "sr"])
def test_titles_alone_are_weighed_among_those_of_their_language(
    press: Press, settings: Settings, lang: str
) -> None:
    crowd = [replace(newsreel(number), text="", lang=lang) for number in range(90)]
    first = Telling("one", "Quorvat limbuxa tasseno prevoli", lang="en")
    second = replace(first, key="two", title="Prevoli tasseno quorvat")
    ids = [*press.says(QUAY, *crowd, first), *press.says(PIER, second)]
    Editor(press.store, settings).place(press.clock())
    verdict = press.store.read_now(partial(placings.verdict_on, entry_id=ids[-1]))
    stored = press.store.read_now(lambda session: list(prints.fingerprints_of(session, ids)))
    read = [found for _, form in stored if (found := from_bytes(form)) is not None]
    _, verdicts = sort_stream(compare_stream(read, general_terms()))
    assert verdict is not None
    assert verdict.score == verdicts[-1].score
