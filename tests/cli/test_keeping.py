"""The commands that keep the data safe, as an operator meets them."""

from pathlib import Path

from console import Console

from aggregator.starting import alone
from aggregator.store.database import Store


def published(console: Console) -> dict[str, bytes]:
    """Return the published files by name."""
    return {
        str(path.relative_to(console.feeds)): path.read_bytes()
        for path in console.feeds.rglob("*")
        if path.is_file()
    }


def test_from_a_backup_everything_comes_back(newsdesk: Console, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    before = published(newsdesk)
    listed = newsdesk("stories", "--json").json
    taken = newsdesk("backup", file, "--json").json
    assert taken["stories"] >= len(listed) > 0
    assert taken["bytes"] == file.stat().st_size
    (newsdesk.state / "aggregator.db").unlink()
    (newsdesk.feeds / "all.atom").unlink()
    (newsdesk.feeds / "nato.rss").write_text("what somebody else wrote")
    restored = newsdesk("restore", file, "--json").json
    assert restored["kept"] is None
    assert published(newsdesk) == before
    assert newsdesk("stories", "--json").json == listed
    # A category that the backup knows nothing of is filled all the same.
    with (newsdesk.config / "categories.toml").open("a") as rules:
        rules.write('[everything]\ntitle = "Everything"\nquery = "the OR a"\n')
    again = newsdesk("restore", file)
    assert b"</entry>" in published(newsdesk)["everything.atom"]
    assert again.code == 0, again.err
    assert "the database that was there is kept:" in again.lines[1]


def test_a_backup_counts_the_stories_that_stand(newsdesk: Console, tmp_path: Path) -> None:
    before = newsdesk("backup", tmp_path / "before.db", "--json").json["stories"]
    one, other, *_ = newsdesk("stories", "--json").json
    assert newsdesk("merge", one["key"], other["key"]).code == 0
    assert newsdesk("backup", tmp_path / "after.db", "--json").json["stories"] == before - 1


def test_a_backup_into_a_folder_that_is_missing(console: Console, tmp_path: Path) -> None:
    said = console("backup", tmp_path / "gone" / "backup.db")
    assert said.code == 1
    assert said.complaint.startswith(f"{tmp_path}/gone: no file can be made there: No such file")


def test_a_backup_says_what_it_holds(console: Console, tmp_path: Path) -> None:
    assert console("stories").code == 0
    said = console("backup", tmp_path / "b.db")
    assert "checked: 0 entries, 0 stories, schema" in said.out
    assert console("restore", tmp_path / "b.db").code == 0


def test_under_a_daemon_nothing_is_restored(console: Console, tmp_path: Path) -> None:
    assert console("stories").code == 0
    assert console("backup", tmp_path / "b.db").code == 0
    with Store.open(f"sqlite:///{console.state}/aggregator.db") as store, alone(store):
        refused = console("restore", tmp_path / "b.db")
    assert refused.code == 1
    assert "stop the daemon first" in refused.complaint


def test_pruning_says_what_it_did(newsdesk: Console) -> None:
    assert newsdesk("prune").lines[0] == "0 stories pruned, 0 feeds written"
    told = newsdesk("prune", "--json").json
    assert told["stories_pruned"] == told["feeds_written"] == 0
    assert told["bytes_reusable"] >= 0
