"""Another encoder reads the window anew: no article is compared by vectors of two."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from newsdesk import NOON, Press, SteppedClock, Telling, changed, listening
from sqlalchemy import delete, select, update
from test_read import announce, read_now
from tiny_encoder import make_encoder

from aggregator.desk import Desk, open_desk
from aggregator.dispatch import Dispatch
from aggregator.embed import PAGE, Embedder
from aggregator.intake.encoder import embed
from aggregator.round import run_round
from aggregator.settings import Settings
from aggregator.store.database import Store
from aggregator.store.tables import ExactKeyRow, FingerprintRow
from aggregator.stories.meaning import Meaning, text_to_embed
from aggregator.stories.stored import from_bytes

FEED = "https://quay.example/feed"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_encoder(tmp_path / "encoder")


@pytest.fixture
async def semantic_desk(
    settings: Settings, store: Store, clock: SteppedClock, folder: Path
) -> AsyncIterator[Desk]:
    named = changed(settings, semantic={"model": str(folder)})
    async with open_desk(named, store, clock) as desk:
        yield desk


def meanings_in(store: Store) -> dict[int, Meaning | None]:
    wanted = select(FingerprintRow.entry_id, FingerprintRow.fingerprint)
    rows = store.read_now(lambda session: session.execute(wanted).all())
    found = {entry_id: from_bytes(stored) for entry_id, stored in rows}
    return {entry_id: print_.meaning if print_ else None for entry_id, print_ in found.items()}


def keys_in(store: Store) -> set[tuple[int, str]]:
    wanted = select(ExactKeyRow.entry_id, ExactKeyRow.key)
    rows = store.read_now(lambda session: session.execute(wanted).all())
    return {(entry_id, key) for entry_id, key in rows}


def reel(number: int, published_days_ago: int = 1) -> Telling:
    published = NOON - timedelta(days=published_days_ago)
    return Telling(f"reel-{number}", f"Reel {number}", f"Bridge {number} holds.", None, published)


async def test_an_article_is_embedded_as_it_is_read(semantic_desk: Desk, folder: Path) -> None:
    announce(semantic_desk, None, content="<p>Fuel for the convoy.</p>")
    article = await read_now(semantic_desk)
    (meaning,) = meanings_in(semantic_desk.store).values()
    assert meaning == embed(folder, text_to_embed("Depot opens", article.text))


async def test_what_no_encoder_has_read_is_embedded_before_placing(
    semantic_desk: Desk, store: Store, clock: SteppedClock, folder: Path
) -> None:
    press, count = Press(store, clock), PAGE + 3
    entry_ids = press.says(FEED, *(reel(number) for number in range(count)))
    (older,) = press.says(FEED, reel(count, published_days_ago=20))
    dispatch = Dispatch(semantic_desk)
    with listening() as events:
        await run_round(semantic_desk, dispatch, ["place"])
        (told,) = [event for event in events() if event["event"] == "window.embedded"]
    assert told["articles"] == count
    found = meanings_in(store)
    assert found.pop(older) is None
    texts = {at: text_to_embed(f"Reel {n}", f"Bridge {n} holds.") for n, at in enumerate(entry_ids)}
    assert found == {entry_id: embed(folder, text) for entry_id, text in texts.items()}
    assert await dispatch.embed() == 0
    await dispatch.stop(timedelta())


async def test_another_encoder_reads_anew_and_what_an_older_version_wrote_becomes_legible(
    semantic_desk: Desk, store: Store, clock: SteppedClock, settings: Settings, tmp_path: Path
) -> None:
    entry_ids = Press(store, clock).says(FEED, reel(1), reel(2))
    dispatch = Dispatch(semantic_desk)
    await run_round(semantic_desk, dispatch, ["place"])
    await dispatch.stop(timedelta())
    before = meanings_in(store)
    illegible = update(FingerprintRow).where(FingerprintRow.entry_id == entry_ids[0])
    keys = keys_in(store)
    store.write_now(lambda session: session.execute(illegible.values(fingerprint=b"\0")))
    forgotten = delete(ExactKeyRow).where(ExactKeyRow.entry_id == entry_ids[0])
    store.write_now(lambda session: session.execute(forgotten))
    other = make_encoder(tmp_path / "other", seed=2)
    async with open_desk(changed(settings, semantic={"model": str(other)}), store, clock) as desk:
        dispatch = Dispatch(desk)
        assert await dispatch.embed() == 2
        assert await dispatch.embed() == 0
        await dispatch.stop(timedelta())
    after = meanings_in(store)
    assert {meaning and meaning.model for meaning in after.values()} == {embed(other, "").model}
    assert after != before
    assert keys_in(store) == keys


async def test_what_the_encoder_has_read_is_passed_over(
    semantic_desk: Desk, store: Store, clock: SteppedClock
) -> None:
    Press(store, clock).says(FEED, *(reel(number) for number in range(PAGE + 1)))
    counts = []
    for _ in range(2):
        embedder = Embedder(semantic_desk)
        while not embedder.done:
            counts.append(await embedder.step())
    assert counts == [PAGE, 1, 0]


async def test_without_an_encoder_nothing_is_embedded(
    desk: Desk, store: Store, clock: SteppedClock
) -> None:
    Press(store, clock).says(FEED, reel(1))
    dispatch = Dispatch(desk)
    assert await dispatch.embed() == 0
    await run_round(desk, dispatch, ["place"])
    assert set(meanings_in(store).values()) == {None}
    await dispatch.stop(timedelta())
