"""Meanings come from a process of their own; what happens to it costs an article no more."""

from pathlib import Path

import child_tasks
import pytest
from newsdesk import changed, listening
from tiny_encoder import make_encoder

from aggregator.errors import ParseError, SettingsError
from aggregator.intake.embedding import open_embedding
from aggregator.intake.encoder import embed
from aggregator.settings import Settings

TEXT = "Fuel depot in Bar"


def naming(settings: Settings, model: Path) -> Settings:
    return changed(settings, semantic={"model": str(model)})


async def test_without_a_model_there_is_none(settings: Settings) -> None:
    async with open_embedding(settings) as embedding:
        assert embedding is None


async def test_a_process_gives_what_the_encoder_gives(settings: Settings, tmp_path: Path) -> None:
    folder = make_encoder(tmp_path)
    async with open_embedding(naming(settings, folder)) as embedding:
        assert embedding
        meaning = await embedding.of(TEXT)
        assert meaning == embed(folder, TEXT)
        assert meaning.model == embedding.model


async def test_what_is_wrong_with_a_model_is_known_at_once(
    settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="holds no model"):
        async with open_embedding(naming(settings, tmp_path)):
            pytest.fail("opened")


async def test_a_model_that_brings_its_process_down_is_refused(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.intake.embedding.embed", child_tasks.crash_on)
    with pytest.raises(SettingsError, match=r"cannot be used \(parser (crashed|lost)"):
        async with open_embedding(naming(settings, make_encoder(tmp_path))):
            pytest.fail("opened")


async def test_a_process_that_dies_is_replaced(settings: Settings, tmp_path: Path) -> None:
    folder = make_encoder(tmp_path)
    async with open_embedding(naming(settings, folder)) as embedding:
        assert embedding
        with pytest.raises(ParseError):
            await embedding._children.run(child_tasks.crash)
        assert await embedding.of(TEXT) == embed(folder, TEXT)


async def test_a_model_that_goes_away_costs_meanings_and_nothing_else(
    settings: Settings, tmp_path: Path
) -> None:
    folder = make_encoder(tmp_path)
    async with open_embedding(naming(settings, folder)) as embedding:
        assert embedding
        with pytest.raises(ParseError):
            await embedding._children.run(child_tasks.crash)
        (folder / "tokenizer.json").unlink()
        with listening() as events:
            assert await embedding.of(TEXT) is None
            assert [event["event"] for event in events()] == ["embedding.failed"]
