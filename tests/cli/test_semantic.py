"""A sentence encoder as an operator meets it: named, checked, and seen at work."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from console import SETTINGS, Console
from newsdesk import take_on
from tiny_encoder import make_encoder

from aggregator.demo.site import Site
from aggregator.store.database import Store
from aggregator.stories.weights import LEARNED, LEARNED_WITH_MEANING

NEWSROOM = Path(__file__).parents[2] / "benchmarks" / "newsrooms" / "arctic.jsonl"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_encoder(tmp_path / "encoder")


def name_model(console: Console, model: object) -> None:
    console.prepare(f'{SETTINGS}\n[semantic]\nmodel = "{model}"\n')


def test_a_model_that_works_is_sound(console: Console, folder: Path) -> None:
    name_model(console, folder)
    assert console("check-config", "--json").json["valid"]


@pytest.mark.parametrize("command", [("check-config",), ("update",), ("evaluate", NEWSROOM)])
def test_a_model_that_is_missing_is_said_in_a_line(
    console: Console, tmp_path: Path, command: tuple[object, ...]
) -> None:
    name_model(console, tmp_path / "gone")
    said = console(*command)
    assert said.code == 2
    assert said.complaint.startswith(f"semantic.model: no folder {tmp_path}/gone; name a folder")


def test_a_fault_of_the_model_is_a_fault_of_the_configuration(
    console: Console, folder: Path
) -> None:
    (folder / "tokenizer.json").unlink()
    name_model(console, folder)
    said = console("check-config", "--json")
    assert said.code == 2
    assert '"valid": false' in said.out
    assert "holds no tokenizer.json" in said.out


def test_the_doctor_finds_what_the_configuration_lacks(console: Console, tmp_path: Path) -> None:
    name_model(console, tmp_path / "gone")
    said = console("doctor", "--json")
    assert said.code == 1
    (finding,) = json.loads(said.out)["checks"]
    assert (finding["check"], finding["verdict"]) == ("settings", "error")
    assert finding["found"].startswith("semantic.model: no folder ")


def test_a_daemon_without_its_model_invites_nobody(console: Console, tmp_path: Path) -> None:
    name_model(console, tmp_path / "gone")
    said = console.apart("run", AGGREGATOR_SERVE__ADMIN="127.0.0.1:0")
    assert said.code == 2
    assert "reading pages" not in said.err
    assert said.err.splitlines()[-1].startswith("error: semantic.model: no folder ")


def test_news_is_measured_with_what_it_means(
    console: Console, folder: Path, tmp_path: Path
) -> None:
    news = tmp_path / "news.jsonl"
    news.write_text("".join(NEWSROOM.read_text().splitlines(keepends=True)[:20]))
    plain = console("evaluate", news, "--json").json
    name_model(console, folder)
    semantic = console("evaluate", news, "--json").json
    assert plain["threshold"] == LEARNED.threshold
    assert semantic["threshold"] == LEARNED_WITH_MEANING.threshold
    assert semantic["documents"] == plain["documents"] == 20
    steps = console("evaluate", news, "--sweep", "--json").json["sweep"]
    assert steps[0]["recall"] >= semantic["recall"] >= steps[-1]["recall"]


def test_what_was_placed_is_explained_by_what_it_means(
    console: Console, folder: Path, site: Site
) -> None:
    name_model(console, folder)
    with Store.open(f"sqlite:///{console.state}/aggregator.db") as store:
        for name in ("jhq-adria", "meridian-newswire"):
            url = site.feed_urls[name]
            take_on(store, datetime.now(UTC), url, outlet=f"{name}.example", full_text=False)
    report = console.apart("update", "--json").json
    assert report["copies"]
    tellings = [
        telling for told in console("stories", "--json").json for telling in told["tellings"]
    ]
    copy = next(telling for telling in tellings if telling["kind"] == "copy")
    (why,) = console("explain", copy["entry_id"], "--json").json
    best = why["candidates"][0]
    (signal,) = [signal for signal in best["signals"] if signal["name"] == "meaning"]
    assert 0.5 < signal["value"] <= 1.0
    assert signal["weight"] == LEARNED_WITH_MEANING.weights["meaning"]
    assert best["bias"] == LEARNED_WITH_MEANING.bias
    assert why["threshold"] == LEARNED_WITH_MEANING.threshold
    (line, *_) = [line for line in console("explain", copy["entry_id"]).lines if "meaning" in line]
    assert f"bias {LEARNED_WITH_MEANING.bias:g}" in line
