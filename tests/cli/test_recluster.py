import pytest
from console import Console


def test_what_stands_is_compared_with_what_matching_says_today(newsdesk: Console) -> None:
    report = newsdesk("recluster", "--dry-run", "--json").json
    assert report.keys() == {
        "threshold", "entries", "stories", "stories_found", "placed_anew", "moves"
    }  # fmt: skip
    assert (report["entries"], report["stories"], report["moves"]) == (55, 25, [])
    assert report["stories_found"] == 25
    strict = newsdesk("recluster", "--threshold", 1, "--since", "30d")
    assert strict.lines[0].startswith("55 entries stand in 25 stories; at a threshold of 1.000 ")
    moves = [line.split("\t") for line in strict.lines[1:-1]]
    count = len(moves)
    assert count > 10
    assert strict.lines[-1] == f"{count} entries would stand elsewhere; 0 entries placed anew"
    assert all(move[-1] == "yes" and move[3] == "a story of its own" for move in moves)
    assert newsdesk("recluster", "--json").json["moves"] == []


def test_a_day_to_begin_with(newsdesk: Console) -> None:
    assert newsdesk("recluster", "--since", "2020-01-01", "--json").json["entries"] == 55
    assert newsdesk("recluster", "--since", "2999-01-01", "--json").json["entries"] == 0


@pytest.mark.parametrize("since", ["soon", "2026-13-01", "9999999d"])
def test_a_since_that_is_none(console: Console, since: str) -> None:
    said = console("recluster", "--since", since)
    assert said.code == 2
    assert said.complaint.endswith("neither a date, as in 2026-11-01, nor a duration, as in 3d")
