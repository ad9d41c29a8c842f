import json
from pathlib import Path

import pytest
from console import Console

NEWSROOMS = Path(__file__).parents[2] / "benchmarks" / "newsrooms"
LIMITS = {"precision": 0.98, "recall": 0.6, "f1": 0.75}


@pytest.mark.parametrize("name", ["adriatic", "arctic", "euxine"])
def test_a_newsroom_is_sorted_without_joining_lookalikes(
    console: Console, tmp_path: Path, name: str
) -> None:
    news, out = NEWSROOMS / f"{name}.jsonl", tmp_path / "out.jsonl"
    report = console("evaluate", news, "--assignments", out, "--json").json
    assert report["lost"] == 0.0
    assert all(report[key] >= least for key, least in LIMITS.items()), report
    rows = [json.loads(line) for line in news.read_text().splitlines()]
    placed = {row["id"]: row for row in map(json.loads, out.read_text().splitlines())}
    assert placed.keys() == {row["id"] for row in rows}
    stories = {row["id"]: row["story"] for row in rows}
    homes = {(stories[row["id"]], row["story"]) for row in placed.values()}
    pairs = json.loads((NEWSROOMS / f"{name}-lookalikes.json").read_text())
    for one, other, why in pairs:
        shared = {at for story, at in homes if story == one} & {
            at for story, at in homes if story == other
        }
        assert not shared, why
    for row in rows:
        if row["caption"] and " \u2013 " in row["caption"]:
            assert placed[row["id"]]["kind"] == "retelling", row["id"]


def test_a_report_for_people_and_the_curve(console: Console) -> None:
    said = console("evaluate", NEWSROOMS / "arctic.jsonl", "--sweep")
    assert said.code == 0
    assert said.lines[0].startswith("86 documents, 17 stories; found ")
    assert [line.partition(":")[0] for line in said.lines[1:6]] == [
        "B-cubed precision",
        "B-cubed recall",
        "B-cubed F1",
        "stories lost",
        "repeats",
    ]
    curve = [line.split("\t") for line in said.lines[7:]]
    assert [float(point[0]) for point in curve] == sorted(float(point[0]) for point in curve)
    recalls = [float(point[2]) for point in curve]
    assert recalls[0] > recalls[-1]


def test_documents_go_by_the_ids_that_they_came_with(console: Console, tmp_path: Path) -> None:
    news, out = tmp_path / "few.jsonl", tmp_path / "out.jsonl"
    rows = [{"id": each, "title": f"Quay {each}", "text": "", "story": 1} for each in (7, "7", "x")]
    news.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert console("evaluate", news, "--assignments", out, "--json").code == 0
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [7, "7", "x"]


def test_a_threshold_of_ones_own_overrides(console: Console, tmp_path: Path) -> None:
    lines = (NEWSROOMS / "arctic.jsonl").read_text().splitlines(keepends=True)
    news = tmp_path / "some.jsonl"
    news.write_text("".join(lines[:30]))
    strict = console("evaluate", news, "--threshold", "1", "--json").json
    assert strict["stories_found"] == strict["documents"]
    assert strict["threshold"] == 1.0
    assert console("evaluate", news, "--threshold", "0", "--json").json["threshold"] == 0.0
    assert "sweep" not in strict
    points = console("evaluate", news, "--sweep", "--json").json["sweep"]
    assert points[0].keys() == {"threshold", "precision", "recall", "f1", "lost", "repeats"}


def test_what_cannot_be_evaluated_is_said_in_a_line(console: Console, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    said = console("evaluate", empty)
    assert (said.code, said.err) == (1, f"error: {empty} holds no documents\n")
    news = NEWSROOMS / "arctic.jsonl"
    said = console("evaluate", news, "--assignments", tmp_path / "no" / "out")
    assert said.code == 1
    assert "cannot write" in said.err
